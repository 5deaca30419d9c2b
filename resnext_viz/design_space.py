"""Equal cost: the polynomial in C and d behind every count, the d that keeps a budget, and the paper's Table 2.

With all other options fixed, every count of a block is a + b·C·d + c·C·d² + e·(C·d)² (e only where the output follows
C·d), and a network is linear in its numbers of blocks. The coefficients are read off the walk at a few points, exactly;
nothing here knows a channel count. Source: arXiv 1611.05431, Eq. 4, Table 2 and section 3.4.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from resnext_viz.complexity import Complexity, complexity
from resnext_viz.layers import Layer, Op, Walk, walk
from resnext_viz.paper import TABLE_2
from resnext_viz.spec import LIMITS, BlockKind, ImageSize, MapSize, ResNeXtSpec, check_image_size, map_size


class Quantity(StrEnum):
    """What is held equal while C and d are traded."""

    BLOCK_PARAMS = "block_params"  # weights of one block of stage 1, Eq. 4
    PARAMS = "params"
    MACS = "macs"


class Polynomial(NamedTuple):
    """a + b·C·d + c·C·d² + e·(C·d)², exact in whole numbers."""

    a: int
    b: int
    c: int
    e: int

    def at(self, cardinality: int, base_width: float) -> float:
        """Its value; an int where `base_width` is one."""
        width = cardinality * base_width
        return self.a + self.b * width + self.c * width * base_width + self.e * width * width

    def plus(self, other: Polynomial, times: int = 1) -> Polynomial:
        return Polynomial(*(mine + times * theirs for mine, theirs in zip(self, other, strict=True)))


ZERO = Polynomial(0, 0, 0, 0)


class CountTerm(NamedTuple):
    """The share of all counts that one kind of block has in maps of one size.

    Total = Σ over terms of (blocks of that kind) · polynomial · (places of the map), params without places.
    """

    stage: int | None  # None for stem and head, which stand once
    first: bool  # the first block of its stage; otherwise each of the others
    halvings: int | None  # of the image's side, in the map written to; None for one place
    params: Polynomial
    macs: Polynomial  # for each place of the map
    acts: Polynomial  # for each place of the map


@lru_cache(maxsize=256)
def count_terms(spec: ResNeXtSpec) -> tuple[CountTerm, ...]:
    """The terms behind every count of `spec`, whatever its C, d and image size, and any number of blocks per stage."""
    probes = ((1, 1), (1, 2)) if spec.block is BlockKind.BASIC else ((1, 1), (1, 2), (2, 1), (2, 2))
    two_each = (2,) * len(spec.depths)
    sums = [_sums_by_place(walk(replace(spec, depths=two_each, cardinality=c, base_width=d), 64)) for c, d in probes]
    return tuple(
        CountTerm(*place, *(_through([each[place][i] for each in sums]) for i in range(3))) for place in sums[0]
    )


def _sums_by_place(network: Walk) -> dict[tuple[int | None, bool, int | None], list[int]]:
    """Params, and MACs and acts for one place of the map, by (stage, first block or not, halvings)."""
    sums: dict[tuple[int | None, bool, int | None], list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(layers: Iterable[Layer], stage: int | None, first: bool) -> None:
        for layer in layers:
            if layer.weights:
                halvings = None if layer.op is Op.LINEAR else layer.halvings
                for i, count in enumerate((layer.params, layer.weights, layer.c_out)):
                    sums[stage, first, halvings][i] += count

    add(network.stem, None, True)
    for stage in network.stages:
        add(stage.first.layers, stage.index, True)
        if stage.rest:
            add(stage.rest.layers, stage.index, False)
    add(network.head, None, True)
    return sums


def _through(values: list[int]) -> Polynomial:
    """The polynomial through its values at (C, d) = (1, 1), (1, 2) and, where C may differ, (2, 1), (2, 2)."""
    if len(values) == 2:  # C = 1: what is in C·d² cannot be told from (C·d)², and is not there
        slope = values[1] - values[0]
        return Polynomial(values[0] - slope, slope, 0, 0)
    at_11, at_12, at_21, at_22 = values
    c = (at_12 - at_21) // 2
    u, v, w = at_11 - c, at_21 - 2 * c, at_22 - 8 * c  # a + b·x + e·x² at x = C·d = 1, 2, 4
    e = (w - 3 * v + 2 * u) // 6
    b = v - u - 3 * e
    return Polynomial(u - b - e, b, c, e)


def total_polynomial(spec: ResNeXtSpec, quantity: Quantity, image_size: ImageSize | None = None) -> Polynomial:
    """The polynomial in C and d of one count of `spec`; its depths, options and the image size are fixed.

    Raises:
        SpecError: `image_size` is out of range.
    """
    if quantity is Quantity.BLOCK_PARAMS:  # without batch norm, as in Eq. 4: as many as MACs for one place
        return next(term.macs for term in count_terms(spec) if term.stage == 0 and not term.first)
    return count_polynomials(spec, image_size)[0 if quantity is Quantity.PARAMS else 1]


def count_polynomials(
    spec: ResNeXtSpec, image_size: ImageSize | None = None
) -> tuple[Polynomial, Polynomial, Polynomial]:
    """The polynomials of params, MACs and acts of the whole network, summed from the terms as the browser does."""
    size = spec.default_image_size if image_size is None else check_image_size(image_size)
    params = macs = acts = ZERO
    for term in count_terms(spec):
        blocks = 1 if term.stage is None or term.first else spec.depths[term.stage] - 1
        places = 1 if term.halvings is None else map_behind(size, term.halvings).places
        params = params.plus(term.params, blocks)
        macs = macs.plus(term.macs, blocks * places)
        acts = acts.plus(term.acts, blocks * places)
    return params, macs, acts


def map_behind(image_size: ImageSize, halvings: int) -> MapSize:
    """The map after that many halvings, each rounding up."""
    size = map_size(image_size)
    for _ in range(halvings):
        size = size.halved()
    return size


def solve_base_width(polynomial: Polynomial, budget: float, cardinality: int) -> float | None:
    """The real d > 0 at which `polynomial` meets `budget` with C = `cardinality`; None if even d → 0 costs more."""
    square = polynomial.c * cardinality + polynomial.e * cardinality**2
    linear = polynomial.b * cardinality
    missing = budget - polynomial.a
    if missing <= 0:
        return None
    # 2m/(b + √(b² + 4am)) is the positive root without cancellation, and holds for a = 0 too.
    return 2 * missing / (linear + math.sqrt(linear**2 + 4 * square * missing))


def nearest_base_width(exact: float | None) -> int:
    """The allowed whole d nearest to `exact` (halves go up)."""
    low, high = LIMITS["base_width"]
    return low if exact is None else max(low, min(high, math.floor(exact + 0.5)))


class EqualCostRow(NamedTuple):
    """One point of the line of equal cost."""

    cardinality: int
    exact: float | None  # the real d
    base_width: int  # the nearest whole one
    off: float  # what that costs more (or, negative, less) than the budget, as a share of it
    complexity: Complexity


def equal_cost_row(
    spec: ResNeXtSpec, quantity: Quantity, budget: int, cardinality: int, image_size: ImageSize | None = None
) -> EqualCostRow:
    """`spec` with C = `cardinality` and the d that keeps `quantity` nearest to `budget`.

    Raises:
        SpecError: that C does not fit the spec.
    """
    polynomial = total_polynomial(spec, quantity, image_size)
    exact = solve_base_width(polynomial, budget, cardinality)
    base_width = nearest_base_width(exact)
    network = replace(spec, cardinality=cardinality, base_width=base_width)
    off = polynomial.at(cardinality, base_width) / budget - 1
    return EqualCostRow(cardinality, exact, base_width, off, complexity(network, image_size))


@dataclass(frozen=True)
class Table2Row:
    """One column of the paper's Table 2, computed: a block of stage 1 (256-d in and out) on its 56x56 map."""

    cardinality: int
    base_width: int
    exact_base_width: float  # the real d that costs what the 1x64d block does
    group_conv_width: int
    params: int
    macs: int

    def to_dict(self) -> dict[str, Any]:
        """The row as the command line prints it."""
        names = ("cardinality", "base_width", "group_conv_width", "params", "macs")
        return {name: getattr(self, name) for name in names}


def table2() -> tuple[Table2Row, ...]:
    """The paper's Table 2 from the walk: each C with the d that rounding the solver's gives."""
    template = ResNeXtSpec()
    weights = total_polynomial(template, Quantity.BLOCK_PARAMS)
    exact = {c: solve_base_width(weights, weights.at(1, 64), c) for c, *_ in TABLE_2}
    return tuple(_table2_row(template, c, d) for c, d in exact.items() if d is not None)


def _table2_row(template: ResNeXtSpec, cardinality: int, exact: float) -> Table2Row:
    base_width = nearest_base_width(exact)
    stage = walk(replace(template, cardinality=cardinality, base_width=base_width)).stages[0]
    block = stage.blocks[1]
    return Table2Row(
        cardinality,
        base_width,
        exact,
        stage.width,
        sum(layer.weights for layer in block.layers),
        sum(layer.macs for layer in block.layers),
    )
