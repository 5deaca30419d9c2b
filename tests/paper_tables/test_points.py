"""The points of the charts: errors as published, costs as other tools count them, nothing invented."""

import torchvision.models

from resnext_viz.names import name_of
from resnext_viz.paper_tables.points import (
    FIG_7_WITHOUT_ERRORS,
    TORCHVISION_TOP1_ACCURACY,
    cifar_points,
    cifar_sizes_without_errors,
    paper_points,
    torchvision_points,
)

# arXiv 1611.05431v2, Tables 3 and 4.
PAPER = {
    "resnet50": 23.9, "resnext50_2x40d": 23.0, "resnext50_4x24d": 22.6, "resnext50_8x14d": 22.3,
    "resnext50_32x4d": 22.2, "resnet101": 22.0, "resnext101_2x40d": 21.7, "resnext101_4x24d": 21.4,
    "resnext101_8x14d": 21.3, "resnext101_32x4d": 21.2, "resnet200": 21.7, "resnet101_1x100d": 21.3,
    "resnext101_2x64d": 20.7, "resnext101_64x4d": 20.4,
}  # fmt: skip


def test_the_papers_points_are_those_of_its_tables() -> None:
    points = paper_points()
    assert {name_of(point.spec): point.top1_error for point in points} == PAPER
    assert len(points) == len(PAPER)
    wide = next(point for point in points if name_of(point.spec) == "resnet101_1x100d")
    assert (wide.params, wide.macs, wide.source) == (85_611_336, 15_272_862_720, "Table 4")  # fvcore
    assert all(point.is_paper for point in points)


def test_torchvisions_are_what_its_own_records_say() -> None:
    points = {(name_of(point.spec), point.source): point for point in torchvision_points()}
    assert len(points) == len(TORCHVISION_TOP1_ACCURACY) == 9
    for (name, source), point in points.items():
        builder = name.replace("resnext101_", "ResNeXt101_").replace("resnext50_", "ResNeXt50_").replace(
            "resnet", "ResNet").replace("x4d", "X4D").replace("x8d", "X8D")  # fmt: skip
        weights = getattr(torchvision.models, f"{builder}_Weights")[f"IMAGENET1K_{source.removeprefix('torchvision ')}"]
        assert point.top1_error == round(100 - weights.meta["_metrics"]["ImageNet-1K"]["acc@1"], 3)
        assert point.params == weights.meta["num_params"]
        assert abs(point.macs / 1e9 - weights.meta["_ops"]) < 0.001
        assert not point.is_paper


def test_cifar_has_table_7s_errors_and_exact_sizes() -> None:
    tens, hundreds = cifar_points(10), cifar_points(100)
    assert [(point.params, point.error) for point in tens] == [
        (36_479_194, 4.17), (34_426_698, 3.65), (68_155_210, 3.58),
    ]  # fmt: skip
    # The head of 100 classes: 90·640 + 90 more in the Wide ResNet, 90·1024 + 90 in a ResNeXt-29.
    assert [(point.params, point.error) for point in hundreds] == [
        (36_479_194 + 57_690, 20.50), (34_518_948, 17.77), (68_247_460, 17.31),
    ]  # fmt: skip


def test_the_rest_of_fig_7_has_sizes_only() -> None:
    assert cifar_sizes_without_errors(10) == (
        ("1×64d", 4914250), ("2×64d", 9130314), ("4×64d", 17562442), ("1×128d", 13775178), ("1×192d", 27280970),
        ("1×256d", 45431626),
    )  # fmt: skip
    with_errors = {(point.spec.cardinality, point.spec.base_width) for point in cifar_points(10) if point.spec}
    assert not with_errors & set(FIG_7_WITHOUT_ERRORS)
