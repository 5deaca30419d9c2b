"""What is dialled: the state that every page shares and every link holds, and what the browser counts with.

In a link: `net` (any name `parse` understands), `size` (image side), `vs` (the baseline's name), `lock` (macs or
params).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from resnext_viz.complexity import Complexity, complexity
from resnext_viz.design_space import (
    CountTerm,
    Quantity,
    count_terms,
    nearest_base_width,
    solve_base_width,
    total_polynomial,
)
from resnext_viz.errors import SpecError
from resnext_viz.names import PRESETS, TITLES, name_of, parse, remarks_of, title_of
from resnext_viz.spec import (
    BLOCK_LIMITS,
    IMAGE_LIMITS,
    LIMITS,
    BlockKind,
    ResNeXtSpec,
    Stem,
    StrideOn,
    check_image_size,
)

START_NAME = "resnext50_32x4d"
BASELINE_NAME = "resnet50"
LOCKS = {"macs": Quantity.MACS, "params": Quantity.PARAMS}
PRESET_GROUPS = (
    ("50 layers", ("resnet50", "resnext50_2x40d", "resnext50_4x24d", "resnext50_8x14d", "resnext50_32x4d")),
    ("101 layers", ("resnet101", "resnext101_2x40d", "resnext101_4x24d", "resnext101_8x14d", "resnext101_32x4d")),
    ("Twice the cost and more", ("resnet101_1x100d", "resnext101_2x64d", "resnext101_64x4d", "resnext101_32x8d",
                                 "resnet152", "resnet200", "resnext152_64x4d", "resnet50_1x128d", "resnet101_1x128d")),
    ("Two-layer blocks", ("resnet18", "resnet34")),
    ("CIFAR", ("resnet29_cifar10", "resnext29_2x64d_cifar10", "resnext29_4x64d_cifar10", "resnext29_8x64d_cifar10",
               "resnext29_16x64d_cifar10", "resnext29_32x4d_cifar10", "resnext29_8x64d_cifar100",
               "resnext29_8x112d_cifar10_x14", "resnext20_4x32d_cifar10", "resnext38_2x24d_cifar100_x2",
               "resnext20_4x32d_cifarpool10_x1", "resnet20_1x71d_cifarpool10_x1")),
    ("Mistakes and parts", ("resnext50_32x4d_bias_out2cd", "resnext50_32x4d_features")),
)  # fmt: skip
STEM_WORDS = {Stem.IMAGENET: "7×7, stride 2", Stem.CIFAR: "3×3, CIFAR", Stem.CIFAR_POOL: "3×3, pool"}
STRIDE_WORDS = {StrideOn.CONV3X3: "3×3", StrideOn.CONV1X1: "1×1"}


@dataclass(frozen=True)
class Dialled:
    """One setting of the dials."""

    spec: ResNeXtSpec = field(default_factory=lambda: parse(START_NAME))
    image_size: int = 224
    baseline: ResNeXtSpec = field(default_factory=lambda: parse(BASELINE_NAME))
    lock: str | None = None  # what is kept near the baseline's while C moves: a key of LOCKS

    def __post_init__(self) -> None:
        check_image_size(self.image_size)
        if self.lock not in (None, *LOCKS):
            raise SpecError("lock", self.lock, f"use {' or '.join(LOCKS)}, or leave it out")
        if self.lock:
            object.__setattr__(self, "spec", self._settled(LOCKS[self.lock]))

    def _settled(self, quantity: Quantity) -> ResNeXtSpec:
        budget = total_polynomial(self.baseline, quantity, self.image_size)
        exact = solve_base_width(
            total_polynomial(self.spec, quantity, self.image_size),
            budget.at(self.baseline.cardinality, self.baseline.base_width),
            self.spec.cardinality,
        )
        return replace(self.spec, base_width=nearest_base_width(exact))

    @property
    def complexity(self) -> Complexity:
        return counted(self.spec, self.image_size)

    @property
    def baseline_complexity(self) -> Complexity:
        return counted(self.baseline, self.image_size)

    @property
    def title(self) -> str:
        return title_of(self.spec)

    @property
    def baseline_title(self) -> str:
        return title_of(self.baseline)

    def to_query(self) -> dict[str, str]:
        """The link's parameters; `from_query` gives the same state back."""
        query = {"net": name_of(self.spec), "size": str(self.image_size), "vs": name_of(self.baseline)}
        return query | ({"lock": self.lock} if self.lock else {})

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Dialled:
        """The state of a link; what it leaves out is at its default, what it does not know is passed over.

        Raises:
            SpecError: a value that does not fit.
        """
        spec = parse(query.get("net", START_NAME))
        size = query.get("size")
        return cls(
            spec,
            spec.default_image_size if size is None else check_image_size(size),
            parse(query.get("vs", BASELINE_NAME)),
            query.get("lock") or None,
        )

    @classmethod
    def from_browser(cls, state: Mapping[str, Any]) -> Dialled:
        """The state that the dials sent.

        Raises:
            SpecError: a value that does not fit; the browser is not trusted.
        """
        return cls(
            ResNeXtSpec.from_dict(state.get("spec", {})),
            check_image_size(state.get("image_size")),
            parse(state.get("baseline", BASELINE_NAME)),
            state.get("lock"),
        )

    def to_browser(self) -> dict[str, Any]:
        return {"spec": self.spec.to_dict(), "image_size": self.image_size,
                "baseline": name_of(self.baseline), "lock": self.lock}


@lru_cache(maxsize=64)
def counted(spec: ResNeXtSpec, image_size: int) -> Complexity:
    """The counts of a network, one copy for all pages and visitors."""
    return complexity(spec, image_size)


def browser_model(dialled: Dialled) -> dict[str, Any]:
    """All that the dials and the headline need to count and to speak, as JSON types."""
    spec, baseline = dialled.spec, dialled.baseline
    basic = spec.block is BlockKind.BASIC
    return {
        "dialled": dialled.to_browser(),
        "terms": _terms(replace(spec, cardinality=1, base_width=1)),
        "baseline": {"title": title_of(baseline), "spec": baseline.to_dict(), "terms": _terms(baseline)},
        "titles": {kind: title + remarks_of(spec) for kind, title in TITLES.items()},
        "blockLayers": (spec.layer_count - 2) // sum(spec.depths),
        "limits": {**LIMITS, "cardinality": (1, 1) if basic else LIMITS["cardinality"],
                   "depths": BLOCK_LIMITS, "image_size": IMAGE_LIMITS},
        "reasons": {"cardinality": "Two-layer blocks allow only 1: C paths would collapse to one wide block."} if basic
        else {},
        "choices": {
            "stem": [[stem.value, words] for stem, words in STEM_WORDS.items()],
            "stride_on": [[stride.value, words] for stride, words in STRIDE_WORDS.items()],
        },
        "presets": _presets(name_of(baseline)),
        "start": Dialled().to_browser(),
    }


@lru_cache(maxsize=64)
def _terms(spec: ResNeXtSpec) -> list[dict[str, Any]]:
    return [_term(term) for term in count_terms(spec)]


def _term(term: CountTerm) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in term._asdict().items()}


@lru_cache(maxsize=16)
def _presets(baseline: str) -> list[dict[str, Any]]:
    rows = [_preset(name, group, PRESETS[name]) for group, names in PRESET_GROUPS for name in names]
    if all(row["name"] != baseline for row in rows):
        rows.append(_preset(baseline, "From the link", parse(baseline)))
    return rows


def _preset(name: str, group: str, spec: ResNeXtSpec) -> dict[str, Any]:
    usual = _usual_options()
    changed = {option: value for option, value in spec.to_dict().items() if value != usual[option]}
    return {"name": name, "group": group, "title": title_of(spec), "changed": changed,
            "image_size": spec.default_image_size}


def _usual_options() -> dict[str, Any]:
    """What a preset's options are where it does not say otherwise; `start` tells the browser."""
    return Dialled().spec.to_dict()
