"""What is dialled: the state that every page shares and every link holds, and what the browser counts with.

The browser gets texts of JSON: what the dials offer, which never changes, a model of what is dialled, and the part of
the model that the headline needs.

In a link: `net` (any name `parse` understands), `size` (side of the image, or height x width), `vs` (the baseline's
name), `lock` (macs or params).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
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
from resnext_viz.names import (
    PRESET_GROUPS,
    PRESETS,
    TITLES,
    idea_kind,
    listed_titles,
    name_of,
    parse,
    remarks_of,
    title_of,
)
from resnext_viz.spec import (
    BLOCK_LIMITS,
    IMAGE_LIMITS,
    LIMITS,
    BlockKind,
    ImageSize,
    ResNeXtSpec,
    Stem,
    StrideOn,
    check_image_size,
    map_size,
    size_text,
)
from resnext_viz.ui.kit.link_keys import PRIVATE

START_NAME = "resnext50_32x4d"
BASELINE_NAME = "resnet50"
HEADLINE_NEEDS = ("dialled", "terms", "baseline", "titles", "idea", "blockLayers", "limits")  # of the model
LINK_KEYS = ("net", "size", "vs", "lock")  # the lock last: it is judged with the others
LOCKS = {"macs": Quantity.MACS, "params": Quantity.PARAMS}
STEM_WORDS = {Stem.IMAGENET: "7×7, stride 2", Stem.CIFAR: "3×3, CIFAR", Stem.CIFAR_POOL: "3×3, pool"}
STRIDE_WORDS = {StrideOn.CONV3X3: "3×3", StrideOn.CONV1X1: "1×1"}


@dataclass(frozen=True)
class Dialled:
    """One setting of the dials."""

    spec: ResNeXtSpec = field(default_factory=lambda: parse(START_NAME))
    image_size: ImageSize = 224
    baseline: ResNeXtSpec = field(default_factory=lambda: parse(BASELINE_NAME))
    lock: str | None = None  # what is kept near the baseline's while C moves: a key of LOCKS

    def __post_init__(self) -> None:
        object.__setattr__(self, "image_size", check_image_size(self.image_size))
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
    def side(self) -> int | None:
        """The side of the image if it is square, for what can be had of squares only."""
        return self.image_size if isinstance(self.image_size, int) else None

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
        query = {"net": name_of(self.spec), "size": size_text(self.image_size), "vs": name_of(self.baseline)}
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
    def from_link(cls, query: Mapping[str, str]) -> tuple[Dialled, dict[str, SpecError]]:
        """The state of a link that anybody may have written, and by key what in it does not fit and is left out."""
        fitting: dict[str, str] = {}
        refused = {}
        for key in filter(query.__contains__, LINK_KEYS):
            try:
                cls.from_query(fitting | {key: query[key]})
                fitting[key] = query[key]
            except SpecError as error:
                refused[key] = error
        return cls.from_query(fitting), refused

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

    def named(self, part: object, text: object) -> Dialled:
        """This setting with what a name stands for as its "network", on the image of its stem, or as its "baseline".

        Raises:
            SpecError: the name is not understood, or there is no such part.
        """
        spec = parse(text)  # type: ignore[arg-type]  # the browser may send anything
        if part == "baseline":
            return replace(self, baseline=spec)
        if part == "network":
            return replace(self, spec=spec, image_size=spec.default_image_size, lock=None)
        raise SpecError("part", part, "use network or baseline")

    def to_browser(self) -> dict[str, Any]:
        return {
            "spec": self.spec.to_dict(),
            "image_size": map_size(self.image_size).to_json(),
            "baseline": name_of(self.baseline),
            "lock": self.lock,
        }


@lru_cache(maxsize=64)
def counted(spec: ResNeXtSpec, image_size: ImageSize) -> Complexity:
    """The counts of a network, one copy for all pages and visitors."""
    return complexity(spec, image_size)


@lru_cache(maxsize=64)
def dials_text(dialled: Dialled) -> str:
    """The model for the dials as JSON, one copy for all visitors."""
    return compact_json(browser_model(dialled))


@lru_cache(maxsize=64)
def headline_text(dialled: Dialled) -> str:
    """The part of the model that the headline needs, as JSON."""
    model = browser_model(dialled)
    return compact_json({name: model[name] for name in HEADLINE_NEEDS})


@cache
def offer_text() -> str:
    """What the dials offer, as JSON."""
    return compact_json(offer())


def compact_json(data: dict[str, Any] | None) -> str:
    """JSON in as few letters as will do."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def browser_model(dialled: Dialled) -> dict[str, Any]:
    """All that the dials and the headline need of what is dialled to count and to speak, as JSON types."""
    spec, baseline = dialled.spec, dialled.baseline
    basic = spec.block is BlockKind.BASIC
    return {
        "dialled": dialled.to_browser(),
        "terms": _terms(replace(spec, cardinality=1, base_width=1)),
        "baseline": {
            "title": title_of(baseline),
            "spec": baseline.to_dict(),
            "image_size": baseline.default_image_size,
            "terms": _terms(baseline),
        },
        "titles": {kind: title + remarks_of(spec) for kind, title in TITLES.items()},
        "idea": idea_kind(spec),
        "blockLayers": (spec.layer_count - 2) // sum(spec.depths),
        "limits": {
            **LIMITS,
            "cardinality": (1, 1) if basic else LIMITS["cardinality"],
            "depths": BLOCK_LIMITS,
            "image_size": IMAGE_LIMITS,
        },
        "reasons": {"cardinality": "Two-layer blocks allow only 1: C paths would collapse to one wide block."}
        if basic
        else {},
    }


@lru_cache(maxsize=64)
def _terms(spec: ResNeXtSpec) -> list[dict[str, Any]]:
    return [_term(term) for term in count_terms(spec)]


def _term(term: CountTerm) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in term._asdict().items()}


def offer() -> dict[str, Any]:
    """What never changes, as JSON types: presets, choices, where a reset goes, what a copied link leaves out."""
    return {
        "presets": [_preset(name, group) for group, names in PRESET_GROUPS.items() for name in names],
        "choices": {
            "stem": [[stem.value, words] for stem, words in STEM_WORDS.items()],
            "stride_on": [[stride.value, words] for stride, words in STRIDE_WORDS.items()],
        },
        "start": Dialled().to_browser(),
        "private": PRIVATE,
    }


def _preset(name: str, group: str) -> dict[str, Any]:
    spec, usual = PRESETS[name], Dialled().spec.to_dict()  # `start` tells the browser what is usual
    changed = {option: value for option, value in spec.to_dict().items() if value != usual[option]}
    return {
        "name": name,
        "group": group,
        "title": listed_titles()[name],
        "changed": changed,
        "image_size": spec.default_image_size,
    }
