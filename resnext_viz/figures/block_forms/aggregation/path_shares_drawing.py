"""[A₁ A₂][B₁; B₂] = A₁B₁ + A₂B₂ as a picture with numbers: one output element, cut at path i, and every path's share.

Each path's numbers are in the drawing, and those of the path under the pointer are seen, so that pointing at any slice
or box of the page shows what that path adds. Of very many paths only path i has its numbers.
Source: arXiv 1611.05431, section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from resnext_viz.figures.kit.svg import Markup, document, group, line, markup, rect, tag, text, variants
from resnext_viz.kit.number_format import MINUS, difference_text, exact

HEIGHT = 196
WIDE, NARROW = 1040, 736
MOST_WITH_NUMBERS = 128  # paths
THICKEST = 44.0  # px of a bar
THINNEST = 3.0  # where they would be thinner, one stands for several paths
NOT_COMPUTED = "–"
_TOP, _ROW, _COLUMN, _THICK = 34, 112, 84, 14  # y of the bars; lengths of a row and a column, and their thickness
_CHART_TOP, _CHART_BOTTOM = 34, 150
_NUMBER, _WORDS = 152, 174  # baselines


class Shares(NamedTuple):
    """One output element of the expanding 1x1."""

    channel: int
    shares: Sequence[float]  # path 1 first
    bias: float
    product: float  # as one 1x1 over all paths computes it


def path_shares_drawing(found: Shares | None, followed: int, paths: int) -> str:
    """HTML of the picture for a wide and a narrow page; dashes where nothing is computed (yet).

    Args:
        found: the numbers of the chosen block.
        followed: path i, from 1.
        paths: C.
    """
    drawn = variants(_drawing(found, followed, paths, WIDE), _drawing(found, followed, paths, NARROW))
    return markup(tag("div", drawn, tag("p", _caption(found, paths), class_="rx-s-caption"), class_="rx-s-frame"))


def _drawing(found: Shares | None, followed: int, paths: int, width: int) -> Markup:
    step = 176 if width == WIDE else 158
    xs = [0.0, step, 2.0 * step]
    chart = 3.0 * step + 24
    parts = [*_matrices(xs, step), *_paths(found, followed, paths, xs), *_hits(paths, xs[0], followed)]
    parts += [
        text(xs[0], _NUMBER, decimal(found.product) if found else NOT_COMPUTED, "rx-l rx-b"),
        text(xs[0], _WORDS, "one 1×1, as in (b), (c)", "rx-s rx-m"),
    ]
    parts += _chart(found, followed, paths, chart, width - chart)
    finding = "Nothing computed yet."
    if found:
        own, others = _parts(found, followed)
        finding = f"Path {followed} adds {decimal(own)}, the others {decimal(others)}, both {decimal(found.product)}."
    return document(width, HEIGHT, "One output element, split at path i", finding, parts, interactive=True)


def _matrices(xs: Sequence[float], step: float) -> list[Markup]:
    """The three products of a row and a column, and the signs between them."""
    parts = []
    for x, words in zip(xs, ("[A₁ A₂][B₁; B₂]", "A₁B₁", "A₂B₂"), strict=True):
        parts.append(text(x, 18, words, "rx-t rx-s-algebra"))
        kind = "rx-s-blank" if words == "A₁B₁" else ""
        parts += [
            rect(x, _TOP, _ROW, _THICK, class_=f"rx-s-row {kind}"),
            rect(x + _ROW + 8, _TOP, _THICK, _COLUMN, class_=f"rx-s-column {kind}"),
        ]
    middle = (step - _ROW - 8 - _THICK) / 2
    parts += [text(x - middle, _TOP + 32, sign, "rx-l", "middle") for x, sign in zip(xs[1:], "=+", strict=True)]
    return parts


def _paths(found: Shares | None, followed: int, paths: int, xs: Sequence[float]) -> list[Markup]:
    """For each path a group that is seen while the path is followed: its slices, and the numbers split there."""
    if paths > MOST_WITH_NUMBERS:
        return [group(*_split(found, followed, paths, xs), class_="rx-s-fixed")]
    return [
        group(
            *_split(found, number, paths, xs),
            data_path=str(number),
            class_="rx-s-path rx-followed" if number == followed else "rx-s-path",
        )
        for number in range(1, paths + 1)
    ]


def _split(found: Shares | None, number: int, paths: int, xs: Sequence[float]) -> list[Markup]:
    own, others = _parts(found, number) if found else (None, None)
    words = f"{exact(paths - 1)} other {'path' if paths == 2 else 'paths'}" if paths > 1 else "no other path"
    if found and found.bias:
        words += " and the bias"
    (x1, w1), (y1, h1) = _place(number, paths, _ROW), _place(number, paths, _COLUMN)
    parts: list[Markup] = []
    for x, class_ in zip(xs, ("rx-s-own", "rx-s-own", "rx-s-hole"), strict=True):
        parts += [
            rect(x + x1, _TOP, w1, _THICK, class_=class_),
            rect(x + _ROW + 8, _TOP + y1, _THICK, h1, class_=class_),
        ]
    return [
        *parts,
        text(xs[1], _NUMBER, decimal(own), "rx-l rx-b rx-s-accent"),
        text(xs[1], _WORDS, f"path i = {number}", "rx-s rx-s-accent"),
        text(xs[2], _NUMBER, decimal(others), "rx-l rx-b"),
        text(xs[2], _WORDS, words, "rx-s rx-m"),
    ]


def _place(number: int, paths: int, length: float) -> tuple[float, float]:
    """Offset and thickness of a path's slice along a side; at least 2 px, to be seen."""
    thick = max(2.0, length / paths)
    return min((number - 1) * length / paths, length - thick), thick


def _parts(found: Shares, number: int) -> tuple[float, float]:
    own = found.shares[number - 1]
    return own, math.fsum(found.shares) - own + found.bias


def _bundles(paths: int, room: float) -> list[range]:
    """Which paths each mark stands for: one, until marks would be too thin."""
    each = max(1, math.ceil(THINNEST * paths / room))
    return [range(first, min(first + each, paths + 1)) for first in range(1, paths + 1, each)]


def _hits(paths: int, x: float, followed: int) -> list[Markup]:
    """Where the pointer finds the paths in the whole row and column."""
    parts = []
    for bundle in _bundles(paths, _COLUMN):
        number = followed if followed in bundle else bundle[0]
        for along, wide in ((_ROW, True), (_COLUMN, False)):
            at, size = (bundle[0] - 1) * along / paths, len(bundle) * along / paths
            place = (x + at, _TOP, size, _THICK) if wide else (x + _ROW + 8, _TOP + at, _THICK, size)
            parts.append(rect(*place, class_="rx-s-hit", data_path=str(number)))
    return parts


def _chart(found: Shares | None, followed: int, paths: int, x: float, room: float) -> list[Markup]:
    """A bar for each path's share, from the zero line."""
    parts = [text(x, 18, "What each path adds", "rx-t")]
    bundles = _bundles(paths, room)
    values = [math.fsum(found.shares[number - 1] for number in bundle) if found else 0.0 for bundle in bundles]
    low, high = min(0.0, *values), max(0.0, *values)
    scale = (_CHART_BOTTOM - _CHART_TOP) / ((high - low) or 1.0)
    zero = _CHART_TOP + high * scale if found else (_CHART_TOP + _CHART_BOTTOM) / 2
    marks = []
    for bundle, value in zip(bundles, values, strict=True):
        number = followed if followed in bundle else bundle[0]
        left, wide = x + (bundle[0] - 1) * room / paths, len(bundle) * room / paths
        thick = min(wide - min(3.0, 0.25 * wide), THICKEST)
        top = zero - max(value, 0.0) * scale
        name = f"path {bundle[0]}" if len(bundle) == 1 else f"paths {bundle[0]} to {bundle[-1]}"
        hands = {
            "data_path": str(number),
            "data_choose": f"path:{number}",
            "role": "radio",
            "aria_checked": str(number == followed).lower(),
            "aria_label": f"{name}: {decimal(value)}",
            "data_tip": f"{name.capitalize()}|adds {decimal(value) if found else NOT_COMPUTED}",
        }
        marks.append(
            group(
                rect(left, _CHART_TOP, wide, _CHART_BOTTOM - _CHART_TOP, class_="rx-s-hit"),
                rect(left + (wide - thick) / 2, top, thick, abs(value) * scale, class_="rx-s-bar"),
                class_="rx-s-share rx-followed" if number == followed else "rx-s-share",
                **hands,
            )
        )
    parts.append(group(*marks, data_group="shares", role="radiogroup", aria_label="Path to follow"))
    parts.append(line(x, zero, x + room, zero, class_="rx-s-zero"))
    parts.append(text(x, _WORDS, "path 1", "rx-s rx-m"))
    if paths > 1:
        parts.append(text(x + room, _WORDS, f"path {exact(paths)}", "rx-s rx-m", "end"))
    return parts


def decimal(value: float | None) -> str:
    """`−0.2041`."""
    return NOT_COMPUTED if value is None else f"{value:.4f}".replace("-", MINUS)


def _caption(found: Shares | None, paths: int) -> str:
    """What the element is, and how near both ways of computing it are."""
    if found is None:
        return "A row of the last 1×1, times the channels that all paths hold at one place."
    off = abs(math.fsum(found.shares) + found.bias - found.product)
    near = "bit for bit" if off == 0 else f"up to {difference_text(off)}"
    all_paths = f"all {exact(paths)} paths" if paths > 1 else "the one path"
    return (
        f"Output channel {exact(found.channel)} of the last 1×1 at one place, before BN: A is its row of the "
        f"weight, B the channels of {all_paths} there. Random weights, float64, four decimals shown; "
        f"the shares of (a) add up to the product of (b) and (c) {near}."
    )
