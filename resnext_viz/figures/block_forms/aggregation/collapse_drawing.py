"""Fig. 4: C paths of two layers beside the one wide block they are, and what a bottleneck keeps apart.

Path i is at the same x in both drawings and has its outline in the weights. Source: arXiv 1611.05431, Fig. 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from resnext_viz.block_forms.terms import ACCEPTED_EPSILONS
from resnext_viz.figures.kit.svg import Markup, circle, document, group, path, rect, tag, text, text_width
from resnext_viz.kit.number_format import difference_text, exact, percent

Row = Mapping[str, Any]
CHANNELS = 64  # that come in and go out, as in the paper's figure
WIDTH, HEIGHT = 332, 404
LEFT, SPAN, CENTRE = 2, 302, 153
INPUT, FIRST, SECOND, SUM, ADD, OUTPUT = 22, 66, 124, 200, 240, 276  # y of each
TENSORS, TALL, BROAD = 322, 60.0, 100.0  # y of the weights, and their size
BOX, BOX_HEIGHT, BAR, RADIUS = 56, 34, 9, 12
MOST_IN_SLOTS = 5
SQUARE, DENSITY_HEIGHT = 150, 270  # of the drawing of what is not zero
FINEST = 1.5  # px: thinner slices of a tensor are drawn together


class _Slot(NamedTuple):
    """A path that is drawn with its boxes."""

    path: int
    x: float


def collapse_drawing(cardinality: int, width: int, followed: int) -> str:
    """HTML of the two wirings and of the weights that are not zero.

    Args:
        cardinality: C, at least 2.
        width: channels of one path.
        followed: path i, from 1.
    """
    figures = [
        ("Sum of two-layer paths", f"{exact(2 * cardinality)} convolutions", _paths(cardinality, width, followed)),
        ("One wide block", "2 convolutions", _wide(cardinality, width, followed)),
        ("Weights that are not zero", "", _densities(cardinality, width, followed)),
    ]
    return tag(
        "div",
        *(
            tag("figure", tag("figcaption", tag("b", title), tag("span", count)), drawing)
            for title, count, drawing in figures
        ),
        class_="rx-collapse",
    )


def collapse_table(rows: Sequence[Row]) -> str:
    """HTML of the measured differences between the two wirings.

    Args:
        rows: rows of `check-collapse --json`.
    """
    found = {(row["dtype"], row["mode"], row["what"]): row for row in rows}
    pairs = dict.fromkeys((row["dtype"], row["mode"]) for row in rows)
    heads = [
        tag("th", words, scope="col", class_="rx-left")
        for words in ("Dtype", "BN mode", "Output", "Gradient", "Result")
    ]
    body = []
    for dtype, mode in pairs:
        cells = [found[dtype, mode, what] for what in ("output", "gradient") if (dtype, mode, what) in found]
        equal = all(row["equal"] for row in cells)
        verdict = tag("b", "equal" if equal else "not equal")
        body.append(tag("tr", *(tag("td", words) for words in (dtype, mode, *map(_difference, cells), verdict))))
    caption = (
        f"Largest relative difference between the two, same random weights and statistics; up to "
        f"{ACCEPTED_EPSILONS} units in the last place, machine epsilons of the dtype, count as equal."
    )
    table = tag(
        "table", tag("caption", caption), tag("thead", tag("tr", *heads)), tag("tbody", *body), class_="rx-n-table"
    )
    return tag("div", table, class_="rx-n-frame")


def _difference(row: Row) -> str:
    if row["max_rel"] is None:
        return "not a number"
    return "0, bit for bit" if row["max_rel"] == 0 else difference_text(row["max_rel"])


def _slots(cardinality: int, followed: int) -> list[_Slot]:
    if cardinality <= MOST_IN_SLOTS:
        step = SPAN / cardinality
        return [_Slot(k + 1, LEFT + (k + 0.5) * step) for k in range(cardinality)]
    third = 3 if followed in (1, 2, cardinality) else followed
    return [_Slot(1, 30.0), _Slot(2, 95.0), _Slot(third, 160.0), _Slot(cardinality, 276.0)]


def _paths(cardinality: int, width: int, followed: int) -> Markup:
    slots = _slots(cardinality, followed)
    marks: list[Markup] = []
    for slot in slots:
        bottom = SECOND + BOX_HEIGHT
        marks.append(
            group(
                path(
                    "M",
                    slot.x,
                    INPUT + BAR,
                    "V",
                    bottom,
                    "C",
                    slot.x,
                    bottom + 20,
                    CENTRE,
                    bottom,
                    CENTRE,
                    SUM - RADIUS,
                    class_="rx-l-line",
                ),
                _number(slot, followed),
                *_box(slot.x, BOX, FIRST, f"3×3, {exact(width)}"),
                *_box(slot.x, BOX, SECOND, f"3×3, {CHANNELS}"),
                class_=_follow(slot.path, followed),
            )
        )
    if hidden := cardinality - len(slots):
        marks.append(text(218, FIRST + BOX_HEIGHT + 17, f"+ {exact(hidden)}", "rx-m rx-s", "middle"))
    marks += [
        circle(CENTRE, SUM, RADIUS, class_="rx-n-node"),
        text(CENTRE, SUM + 6, "Σ", "rx-n-sign", "middle"),
        text(CENTRE + 22, SUM + 5, "sum, then BN", "rx-m rx-s"),
        path("M", CENTRE, SUM + RADIUS, "V", ADD - RADIUS, class_="rx-n-flow"),
    ]
    tensors = _tensors(cardinality, followed, apart=True)
    finding = f"{cardinality} paths of two 3×3 convolutions with {width} channels between them are summed."
    return document(WIDTH, HEIGHT, "Sum of two-layer paths", finding, [*_ends(), *marks, *tensors])


def _wide(cardinality: int, width: int, followed: int) -> Markup:
    slots = _slots(cardinality, followed)
    own = next((slot for slot in slots if slot.path == followed), slots[0])
    marks = [
        path("M", CENTRE, INPUT + BAR, "V", ADD - RADIUS, class_="rx-n-flow"),
        *_box(CENTRE, SPAN, FIRST, f"3×3, {exact(cardinality * width)}", own.x),
        *_box(CENTRE, SPAN, SECOND, f"3×3, {CHANNELS}", own.x),
        text(CENTRE + 10, SUM + 5, "BN", "rx-m rx-s"),
    ]
    for y in (FIRST, SECOND):
        share = min(BOX, SPAN / cardinality)
        marks.append(group(rect(own.x - share / 2, y, share, BOX_HEIGHT, class_="rx-l-segment"), class_="rx-l-own"))
    finding = f"One block of two 3×3 convolutions with {cardinality * width} channels between them."
    return document(
        WIDTH, HEIGHT, "One wide block", finding, [*_ends(), *marks, *_tensors(cardinality, followed, apart=False)]
    )


def _box(x: float, width: float, y: float, words: str, avoid: float | None = None) -> list[Markup]:
    """A box with its label in the middle, or on the other side of what is to be seen there."""
    at, anchor = (x, "middle")
    if avoid is not None:
        at, anchor = (LEFT + 12, "start") if avoid > CENTRE - 20 else (LEFT + SPAN - 12, "end")
    size = "rx-n" if text_width(words, 13.5) <= width - 4 else "rx-s"
    return [rect(x - width / 2, y, width, BOX_HEIGHT, rx=4, class_="rx-l-box"), text(at, y + 22, words, size, anchor)]


def _number(slot: _Slot, followed: int) -> Markup:
    words = f"i = {exact(slot.path)}" if slot.path == followed else exact(slot.path)
    x, anchor = (slot.x + 5, None) if slot.x < 250 else (slot.x - 5, "end")
    return text(x, INPUT + BAR + 22, words, "rx-s rx-l-number", anchor)


def _follow(number: int, followed: int) -> str | None:
    return "rx-l-own" if number == followed else None


def _ends() -> list[Markup]:
    """Both maps, and the shortcut around the block."""
    right, start, x = LEFT + SPAN, INPUT + BAR / 2, 320
    return [
        rect(LEFT, INPUT, SPAN, BAR, rx=2, class_="rx-l-map"),
        text(LEFT, INPUT - 8, f"{CHANNELS}-d in"),
        path(
            "M",
            right,
            start,
            "H",
            x - 12,
            "Q",
            x,
            start,
            x,
            start + 12,
            "V",
            ADD - 12,
            "Q",
            x,
            ADD,
            x - 12,
            ADD,
            "H",
            CENTRE + RADIUS,
            class_="rx-l-shortcut",
        ),
        circle(CENTRE, ADD, RADIUS, class_="rx-n-node"),
        text(CENTRE, ADD + 6, "+", "rx-n-sign", "middle"),
        path("M", CENTRE, ADD + RADIUS, "V", OUTPUT, class_="rx-n-flow"),
        rect(LEFT, OUTPUT, SPAN, BAR, rx=2, class_="rx-l-map"),
        text(LEFT, OUTPUT + 25, f"{CHANNELS}-d out, after ReLU"),
    ]


def _tensors(cardinality: int, followed: int, *, apart: bool) -> list[Markup]:
    """The first layer's weights, paths as rows, and the second's, paths as columns; gaps separate tensors."""
    drawn = min(cardinality, int(TALL / FINEST))
    own, gap = (followed - 1) * drawn // cardinality, min(1.0, 20 / drawn) if apart else 0.0

    def tensor(x: float, *, rows: bool) -> list[Markup]:
        share = (TALL if rows else BROAD) / drawn

        def slice_of(k: int, class_: str) -> Markup:
            return (
                rect(x, TENSORS + k * share, BROAD, share - gap, class_=class_)
                if rows
                else rect(x + k * share, TENSORS, share - gap, TALL, class_=class_)
            )

        others = (
            [slice_of(k, "rx-l-slice") for k in range(drawn) if k != own]
            if apart
            else [rect(x, TENSORS, BROAD, TALL, class_="rx-l-slice")]
        )
        return [*others, slice_of(own, "rx-l-own-slice")]

    second = LEFT + BROAD + 50
    count = f"{exact(cardinality)} of " if apart else ""
    some = f", {drawn} drawn" if drawn < cardinality and apart else ""
    return [
        *tensor(LEFT, rows=True),
        *tensor(second, rows=False),
        text(LEFT, TENSORS + TALL + 16, f"{count}first 3×3{some}", "rx-m rx-s"),
        text(second, TENSORS + TALL + 16, f"{count}second 3×3{some}", "rx-m rx-s"),
    ]


def _densities(cardinality: int, width: int, followed: int) -> Markup:
    """The wide block's first 3×3, full, and a bottleneck's 3×3, C blocks on the diagonal."""
    drawn, inner = min(cardinality, int(SQUARE / FINEST)), exact(cardinality * width)
    size, own, right, top = SQUARE / drawn, (followed - 1) * drawn // cardinality, 178.0, 66.0
    blocks = [
        rect(right + k * size, top + k * size, size, size, class_="rx-l-own-slice" if k == own else "rx-l-slice")
        for k in range(drawn)
    ]
    marks = [
        rect(LEFT, top, SQUARE, SQUARE, class_="rx-l-slice"),
        rect(LEFT, top + own * size, SQUARE, size, class_="rx-l-own-slice"),
        rect(right, top, SQUARE, SQUARE, class_="rx-l-well"),
        *blocks,
        *_named(LEFT, "first 3×3 of the wide block", f"{inner} × {CHANNELS}", "100 %", "every path sees all"),
        *_named(
            right,
            "3×3 of a bottleneck",
            f"{inner} × {inner}",
            percent(1 / cardinality),
            f"1/C: {exact(width)} channels of {inner}",
        ),
    ]
    finding = f"All of the wide block’s weights, {percent(1 / cardinality)} of the bottleneck’s 3×3."
    return document(WIDTH, DENSITY_HEIGHT, "Weights that are not zero", finding, marks)


def _named(x: float, name: str, size: str, share: str, words: str) -> list[Markup]:
    """What stands above and below a matrix."""
    return [
        text(x, 30, name, "rx-m rx-s"),
        text(x, 52, size, "rx-s"),
        text(x, SQUARE + 88, share, "rx-b rx-l"),
        text(x, SQUARE + 106, words, "rx-m rx-s"),
    ]
