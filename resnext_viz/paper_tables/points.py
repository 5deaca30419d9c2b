"""Published errors beside exact costs: what the charts of the Paper page show, and nothing that nobody measured.

The paper's errors are those of Tables 3, 4 and 7. torchvision's are of weights trained by other recipes, so they are
kept apart: 100 minus the top-1 accuracy that its documentation states.
Source: torchvision 0.29.2, the weights' own records.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from resnext_viz.complexity import complexity
from resnext_viz.names import name_of, parse, title_of
from resnext_viz.paper import TABLE_3, TABLE_4, TABLE_7
from resnext_viz.paper_tables.error_rates import network
from resnext_viz.paper_tables.wide_resnet import wide_resnet_params
from resnext_viz.spec import ResNeXtSpec

TORCHVISION_TOP1_ACCURACY = {  # in percent, by network and version of its weights
    ("resnet50", "V1"): 76.13, ("resnet50", "V2"): 80.858,
    ("resnet101", "V1"): 77.374, ("resnet101", "V2"): 81.886,
    ("resnext50_32x4d", "V1"): 77.618, ("resnext50_32x4d", "V2"): 81.198,
    ("resnext101_32x8d", "V1"): 79.312, ("resnext101_32x8d", "V2"): 82.834,
    ("resnext101_64x4d", "V1"): 83.246,
}  # fmt: skip
# C×d of the ResNeXt-29s whose sizes Fig. 7 draws, and whose errors stand in the picture only.
FIG_7_WITHOUT_ERRORS = ((1, 64), (2, 64), (4, 64), (1, 128), (1, 192), (1, 256))


class ErrorPoint(NamedTuple):
    """A network of the family with its cost on one 224x224 image and a published top-1 error in percent."""

    spec: ResNeXtSpec
    params: int
    macs: int
    top1_error: float
    source: str  # "Table 3", "Table 4", or "torchvision V1", "torchvision V2"

    @property
    def is_paper(self) -> bool:
        return self.source.startswith("Table")

    @property
    def title(self) -> str:
        return title_of(self.spec)

    def to_dict(self) -> dict[str, Any]:
        """The point as the command line prints it."""
        return {"network": name_of(self.spec)} | {name: getattr(self, name) for name in self._fields[1:]}


def paper_points() -> tuple[ErrorPoint, ...]:
    """The ImageNet-1K networks of Tables 3 and 4, each once."""
    rows = {tuple(row[:3]): (row.top1_error, "Table 3") for row in TABLE_3}
    for row in TABLE_4:
        rows.setdefault((row.layers, row.cardinality, row.base_width), (row.top1_error, "Table 4"))
    return tuple(_point(network(*map(int, key)), *published) for key, published in rows.items())


def torchvision_points() -> tuple[ErrorPoint, ...]:
    """What torchvision publishes of its weights for networks of the family; another recipe than the paper's."""
    return tuple(
        _point(parse(name), round(100 - accuracy, 3), f"torchvision {version}")
        for (name, version), accuracy in TORCHVISION_TOP1_ACCURACY.items()
    )


def _point(spec: ResNeXtSpec, error: float, source: str) -> ErrorPoint:
    return ErrorPoint(spec, complexity(spec).params, complexity(spec).macs, error, source)


class CifarPoint(NamedTuple):
    """A network of Table 7 with its params for that many classes, and its test error in percent."""

    name: str
    spec: ResNeXtSpec | None  # None for the Wide ResNet
    params: int
    error: float


def cifar_points(classes: int) -> tuple[CifarPoint, ...]:
    """Table 7 on CIFAR-10 or CIFAR-100."""
    points = []
    for row in TABLE_7:
        spec = network(*row.network).with_options(num_classes=classes) if row.network else None
        params = complexity(spec).params if spec else wide_resnet_params(28, 10, classes)
        points.append(CifarPoint(row.name, spec, params, row.cifar10_error if classes == 10 else row.cifar100_error))
    return tuple(points)


def cifar_sizes_without_errors(classes: int) -> tuple[tuple[str, int], ...]:
    """Names and params of the networks in Fig. 7 whose errors cannot be recovered."""
    specs = [network(29, *pair).with_options(num_classes=classes) for pair in FIG_7_WITHOUT_ERRORS]
    return tuple((f"{spec.cardinality}×{spec.base_width}d", complexity(spec).params) for spec in specs)
