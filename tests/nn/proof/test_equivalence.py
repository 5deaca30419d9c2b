"""The check of the three forms: it passes where they are equal, and it fails where they are not."""

import json
from collections.abc import Callable
from itertools import islice

import pytest
import torch
from torch import Tensor, nn

from resnext_viz.block_forms.terms import Form, Mode
from resnext_viz.errors import UserError
from resnext_viz.layers import Block
from resnext_viz.nn.network import Residual
from resnext_viz.nn.proof.equivalence import (
    Check,
    Dtype,
    block_of,
    check_block,
    check_forms,
    compare,
    estimate_macs,
    input_shape,
    planned,
)
from resnext_viz.nn.proof.form_run import What, largest_difference, random_block
from resnext_viz.nn.proof.forms import Path, SumOfPaths, to_form
from resnext_viz.nn.proof.relu_sides import agree_sides
from resnext_viz.spec import BlockKind, ResNeXtSpec, StrideOn

NARROW = ResNeXtSpec((2, 1), cardinality=4, base_width=4)
IMAGE = 64


def test_rows_have_the_promised_shape_and_order() -> None:
    rows = list(check_forms(NARROW, IMAGE))
    assert [row.block for row in rows[::36]] == ["layer1.0", "layer1.1", "layer2.0"]
    plan = planned()
    assert len(plan) == 3 * 2 * 2 * 3
    assert [(row.dtype, row.mode, row.what, row.forms) for row in rows] == 3 * [tuple(row) for row in plan]
    first = json.loads(json.dumps(rows[0].to_dict(), allow_nan=False))
    promised = {"forms": "A-B", "dtype": "float64", "mode": "train", "what": "output", "equal": True}
    assert first.items() >= promised.items()
    assert {"max_abs", "max_rel", "block", "input_shape", "kinks"} <= first.keys()


@pytest.mark.parametrize(
    "spec",
    [
        NARROW,
        NARROW.with_options(conv_bias=True, stride_on=StrideOn.CONV1X1),
        NARROW.with_options(shortcut=False),
        NARROW.with_options(cardinality=1, base_width=64),
        NARROW.with_options(cardinality=24, base_width=1),
        NARROW.with_options(output_rule="width", conv_bias=True),
    ],
    ids=["4x4d", "bias and stride on 1x1", "no shortcut", "one path", "paths of one channel", "output follows width"],
)
def test_forms_are_equal_in_every_dtype_and_mode(spec: ResNeXtSpec) -> None:
    rows = list(check_forms(spec, IMAGE, seed=5))
    assert [row for row in rows if not row.equal] == []
    assert all(row.kinks == 0 for row in rows if row.dtype is Dtype.FLOAT64)
    if spec.cardinality > 1:
        assert any(row.max_abs > 0 for row in rows)  # something was compared


def test_resnext_50_is_equal_in_full_size() -> None:
    rows = list(check_block(ResNeXtSpec(cardinality=32, base_width=4), 1, 2, dtypes=["float32"], modes=["train"]))
    assert [row.input_shape for row in rows] == 6 * [(2, 256, 56, 56)]
    assert all(row.equal for row in rows)


def test_the_same_seed_gives_the_same_figures() -> None:
    def figures(seed: int) -> list[Check]:
        return list(check_block(NARROW, 1, 1, IMAGE, dtypes=["float32"], modes=["train"], seed=seed))

    assert figures(1) == figures(1) != figures(2)


def test_gradients_of_bfloat16_need_agreed_sides() -> None:
    (row, *_) = (row for row in check_block(NARROW, 1, 1, 224, dtypes=["bfloat16"]) if row.what is What.GRADIENT)
    assert row.kinks > 100
    assert row.equal


Fault = Callable[[SumOfPaths, list[Path]], None]


def rows_with(fault: Fault) -> list[Check]:
    """What the check says when form A has `fault`."""
    block = block_of(NARROW.with_options(conv_bias=True), 2, 1, IMAGE)
    grouped = random_block(block, seed=2)
    forms = [to_form(grouped, form) for form in Form]
    form_a = forms[0]
    assert isinstance(form_a, SumOfPaths)
    fault(form_a, [path for path in form_a.paths if isinstance(path, Path)])
    return list(compare(forms, input_shape(block), Dtype.FLOAT64, Mode.TRAIN))


def verdicts_with(fault: Fault) -> dict[tuple[str, What], bool]:
    return {(row.forms, row.what): row.equal for row in rows_with(fault)}


def swap_two_expansions(_form_a: SumOfPaths, paths: list[Path]) -> None:
    paths[0].conv3, paths[1].conv3 = paths[1].conv3, paths[0].conv3


def normalise_inside_each_path(_form_a: SumOfPaths, paths: list[Path]) -> None:
    for path in paths:
        path.register_forward_hook(lambda _module, _inputs, y: nn.functional.batch_norm(y, None, None, training=True))


def forget_one_path(_form_a: SumOfPaths, paths: list[Path]) -> None:
    paths[2].register_forward_hook(lambda _module, _inputs, y: 0 * y)


def add_the_bias_in_every_path(form_a: SumOfPaths, paths: list[Path]) -> None:
    bias = form_a.bias
    assert bias is not None
    for path in paths[1:]:
        path.register_forward_hook(lambda _module, _inputs, y: y + bias[:, None, None])


def scale_one_gradient_by_a_millionth(_form_a: SumOfPaths, paths: list[Path]) -> None:
    paths[0].conv2.weight.register_hook(lambda gradient: gradient * (1 + 1e-6))


@pytest.mark.parametrize("fault", [swap_two_expansions, normalise_inside_each_path, forget_one_path])
def test_a_wrong_form_is_found_out(fault: Fault) -> None:
    verdicts = verdicts_with(fault)
    assert not verdicts["A-B", What.OUTPUT]
    assert not verdicts["A-C", What.OUTPUT]
    assert not verdicts["A-C", What.GRADIENT]
    assert verdicts["B-C", What.OUTPUT]
    assert verdicts["B-C", What.GRADIENT]


def test_a_bias_in_every_path_shows_in_the_running_mean_alone() -> None:
    """In train mode batch norm takes any bias away again: only its running mean tells, so it is compared too."""
    verdicts = verdicts_with(add_the_bias_in_every_path)
    assert not verdicts["A-C", What.OUTPUT]
    assert verdicts["B-C", What.OUTPUT]


def test_a_wrong_weight_gradient_is_found_out() -> None:
    verdicts = verdicts_with(scale_one_gradient_by_a_millionth)
    assert verdicts["A-C", What.OUTPUT]
    assert not verdicts["A-C", What.GRADIENT]


def test_a_wrong_input_gradient_is_found_out() -> None:
    """Each form's gradients gather in an input of its own, in float64 too, where a cast hands the same tensor on."""

    def half_as_much_again(_form_a: SumOfPaths, paths: list[Path]) -> None:
        paths[0].register_forward_pre_hook(lambda _module, inputs: (1.5 * inputs[0] - 0.5 * inputs[0].detach(),))

    verdicts = verdicts_with(half_as_much_again)
    assert verdicts["A-C", What.OUTPUT]
    assert not verdicts["A-C", What.GRADIENT]
    assert verdicts["B-C", What.GRADIENT]


def test_only_rounding_moves_a_relu_input_to_the_other_side() -> None:
    reference = [torch.tensor([1.0, 1e-9, -1e-9, 0.5])]
    agreed, kinks = agree_sides([torch.tensor([1.0, -1e-9, 1e-9, -0.5])], reference, tolerance=1e-6)
    assert kinks == 2
    assert agreed[0].tolist() == [True, True, False, False]


def test_relative_difference_is_to_the_larger_tensor_and_worst_of_all() -> None:
    def both(a: float, b: float) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        return (
            {"small": torch.tensor([1e-3, a]), "large": torch.tensor([100.0])},
            {"small": torch.tensor([1e-3, b]), "large": torch.tensor([101.0])},
        )

    assert largest_difference(*both(4.0, 2.0)) == (2.0, 0.5)
    assert largest_difference(*both(2.0, 4.0)) == (2.0, 0.5)
    assert largest_difference({"x": torch.zeros(3)}, {"x": torch.zeros(3)}) == (0.0, 0.0)
    assert largest_difference(*both(float("nan"), 0.0)) == (float("inf"), float("inf"))


def test_an_overflow_is_not_equal_and_no_number_in_json() -> None:
    infinite = float("inf")
    row = Check("layer1.0", (2, 4, 7, 7), "A-B", Dtype.FLOAT32, Mode.EVAL, What.OUTPUT, infinite, infinite, 0)
    assert not row.equal
    assert row.to_dict()["max_rel"] is None


def test_iterating_computes_only_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    forwards = []
    forward = Residual.forward

    def counted(self: Residual, x: Tensor) -> Tensor:
        forwards.append(x.dtype)
        return forward(self, x)

    monkeypatch.setattr(Residual, "forward", counted)
    assert len(list(islice(check_block(NARROW, 1, 1, IMAGE), 3))) == 3
    assert forwards == 3 * [torch.float64]


def test_large_maps_shrink_and_huge_blocks_are_refused() -> None:
    def block(cardinality: int, base_width: int, stage: int) -> Block:
        return block_of(ResNeXtSpec(cardinality=cardinality, base_width=base_width), stage, 1)

    assert input_shape(block(32, 4, 1)) == (2, 64, 56, 56)
    assert 7 <= input_shape(block(64, 8, 2))[-1] < 56
    assert input_shape(block(32, 4, 4))[-1] == 14
    assert estimate_macs(block(64, 8, 2), planned()) <= 6 * 3 * 3 * 1_000_000_000
    for refused in (block(1024, 1024, 1), block(1, 1024, 4)):
        with pytest.raises(UserError, match="weights; a check takes up to"):
            input_shape(refused)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stage": 3}, "stage is 3; this network has stages 1 to 2"),
        ({"block": 3}, "block is 3; stage 1 of this network has blocks 1 to 2"),
        ({"dtypes": ["float16"]}, "dtype is 'float16'; use float64, float32, bfloat16"),
        ({"modes": ["test"]}, "mode is 'test'; use train, eval"),
        ({"device": "tpu"}, "device is 'tpu'; use auto"),
    ],
)
def test_nonsense_is_refused_in_words_at_once(options: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        check_block(NARROW, **{"stage": 1, "block": 1, **options})  # type: ignore[arg-type]  # nonsense on purpose


def test_a_basic_network_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="only a bottleneck has three forms"):
        check_forms(ResNeXtSpec(block=BlockKind.BASIC, expansion=1))
