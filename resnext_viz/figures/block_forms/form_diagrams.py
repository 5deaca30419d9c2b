"""The wiring of one bottleneck block in the paper's three forms, one SVG each, with path i at the same place in all.

Every path carries its number, so that pointing at one follows it through all three drawings and their tensors.
Source: arXiv 1611.05431, Fig. 3; where batch norm stands, footnote 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resnext_viz.block_forms.terms import FORM_NAMES, FormLetter
from resnext_viz.figures.block_forms.form_block import HAIRS_FROM, HAIRS_TO, LEFT, SPAN, FormBlock, Slot, convolutions
from resnext_viz.figures.kit.svg import Markup, circle, document, group, path, rect, tag, text, text_width
from resnext_viz.kit.number_format import exact
from resnext_viz.layers import Layer

WIDTH, HEIGHT = 332, 380
CENTRE, SHORTCUT_X = 153, 320
BOX, BOX_HEIGHT = 56, 34
INPUT, REDUCE, TRANSFORM, CONCAT, EXPAND, SUM, ADD, OUTPUT = 22, 66, 124, 169, 202, 271, 309, 345  # y of each
BAR, RADIUS = 9, 12
TEXT, SMALL = 13.5, 13  # px
SCALED = 17  # px of all letters where three forms stand in a narrow window: 12 px on the screen (forms.css)


def diagram(form: FormLetter, shown: FormBlock) -> Markup:
    """The wiring of one form as an SVG of `WIDTH` by `HEIGHT`."""
    middle = {"a": _sum_of_paths, "b": _early_concatenation, "c": _grouped}[form](shown)
    count = convolutions(form, shown.paths)
    finding = f"{exact(count)} convolutions; path {shown.followed} of {shown.paths} is followed from input to output"
    svg = document(
        WIDTH,
        HEIGHT,
        f"({form}) {FORM_NAMES[form]}",
        finding,
        [_shortcut(shown), *middle, *_ends(shown)],
        interactive=True,
    )
    return tag(
        "div", svg, class_="rx-f-diagram", data_group=f"form-{form}", role="radiogroup", aria_label="Path to follow"
    )


def _paths_of(shown: FormBlock, draw: Callable[[Slot], tuple[Markup, ...]], *, choosable: bool = True) -> list[Markup]:
    """A group for each path in a slot, in their order (arrow keys follow it), made by `draw(slot)`."""
    groups = []
    for slot in shown.slots:
        followed = slot.path == shown.followed
        hands = (
            {
                "role": "radio",
                "aria_label": f"Path {slot.path}",
                "aria_checked": str(followed).lower(),
                "data_choose": f"path:{slot.path}",
                "data_tip": _tip(shown, slot.path),
            }
            if choosable
            else {}
        )
        groups.append(
            group(
                *draw(slot),
                class_="rx-f-path rx-followed" if followed else "rx-f-path",
                data_path=str(slot.path),
                data_side=slot.side,
                **hands,
            )
        )
    return groups


def _tip(shown: FormBlock, number: int) -> str:
    d, c_in, c_out = exact(shown.path_width), exact(shown.reduce.c_in), exact(shown.expand.c_out)
    weights = shown.path_width * (shown.reduce.c_in + 9 * shown.path_width + shown.expand.c_out)
    return f"Path {number} of {shown.paths}|1×1 {c_in} → {d}, 3×3 {d} → {d}, 1×1 {d} → {c_out}|{exact(weights)} weights"


def _sum_of_paths(shown: FormBlock) -> list[Markup]:
    def draw(slot: Slot) -> tuple[Markup, ...]:
        return (
            path("M", slot.x, INPUT + BAR, "V", EXPAND + BOX_HEIGHT, *_to_sum(slot.x), class_="rx-f-line"),
            _number(slot),
            _box(slot.x, REDUCE, "reduce", _words(shown.reduce, shown.path_width)),
            _box(slot.x, TRANSFORM, "transform", _words(shown.transform, shown.path_width)),
            _box(slot.x, EXPAND, "expand", _words(shown.expand, shown.expand.c_out)),
        )

    hairs = [
        path("M", x, INPUT + BAR, "V", EXPAND + BOX_HEIGHT, *_to_sum(x), class_="rx-f-hair", data_path=str(number))
        for number, x in shown.hairs
    ]
    unseen = [
        group(
            path("M", x, INPUT + BAR, "V", EXPAND + BOX_HEIGHT, *_to_sum(x), class_="rx-f-only"),
            class_="rx-f-elided",
            data_path=str(number),
        )
        for number, x in shown.unseen
    ]
    after = "sum, then BN" if shown.has_shortcut else "sum, then BN, ReLU"
    return [
        *hairs,
        *unseen,
        *_paths_of(shown, draw),
        *_elided(shown),
        path("M", CENTRE, SUM + RADIUS, "V", ADD - RADIUS if shown.has_shortcut else OUTPUT, class_="rx-f-flow"),
        circle(CENTRE, SUM, RADIUS, class_="rx-f-node"),
        text(CENTRE, SUM + 6, "Σ", "rx-f-sign", "middle"),
        text(CENTRE + 22, SUM + 5, after, "rx-f-note"),
    ]


def _to_sum(x: float) -> tuple[str | float, ...]:
    bottom = EXPAND + BOX_HEIGHT
    return "C", x, bottom + 20, CENTRE, bottom, CENTRE, SUM - RADIUS


def _early_concatenation(shown: FormBlock) -> list[Markup]:
    def draw(slot: Slot) -> tuple[Markup, ...]:
        left, width = _segment(slot)
        return (
            path("M", slot.x, INPUT + BAR, "V", CONCAT, class_="rx-f-line"),
            path("M", slot.x, CONCAT + BAR, "V", EXPAND, class_="rx-f-only"),
            _number(slot),
            _box(slot.x, REDUCE, "reduce", _words(shown.reduce, shown.path_width)),
            _box(slot.x, TRANSFORM, "transform", _words(shown.transform, shown.path_width)),
            rect(left, CONCAT, width, BAR, class_="rx-f-solid"),
        )

    hairs = [
        path("M", x, INPUT + BAR, "V", CONCAT, class_="rx-f-hair", data_path=str(number)) for number, x in shown.hairs
    ]
    words = f"concatenate, {exact(shown.transform.c_out)}"
    label = CONCAT + BAR + 16
    return [
        *hairs,
        rect(LEFT, CONCAT, SPAN, BAR, class_="rx-f-box rx-f-transform"),
        *_paths_of(shown, draw),
        *_elided(shown),
        text(LEFT, label, words, "rx-f-note rx-f-if-middle rx-f-if-right rx-f-if-whole"),
        text(LEFT + SPAN, label, words, "rx-f-note rx-f-if-left", "end"),
        *_wide_box(EXPAND, "expand", shown.expand),
        *_while_followed(shown.hairs, CONCAT),
        *_while_followed(shown.unseen, INPUT + BAR),
        *_paths_of(shown, lambda slot: _segments(shown, slot, EXPAND), choosable=False),
        *_norm_after(shown),
    ]


def _grouped(shown: FormBlock) -> list[Markup]:
    def lines(slot: Slot) -> tuple[Markup, ...]:
        return (path("M", slot.x, INPUT + BAR, "V", EXPAND, class_="rx-f-line"), _number(slot))

    quiet = (shown.slots[-1].x + shown.slots[-2].x) / 2 if shown.paths > 1 else CENTRE + 60
    return [
        *_paths_of(shown, lines, choosable=False),
        *_wide_box(REDUCE, "reduce", shown.reduce),
        *_wide_box(TRANSFORM, "transform", shown.transform),
        *_wide_box(EXPAND, "expand", shown.expand),
        *_while_followed((*shown.hairs, *shown.unseen), INPUT + BAR),
        text(quiet, REDUCE + BOX_HEIGHT + 16, "BN, ReLU", "rx-f-note rx-f-clear", "middle"),
        text(quiet, TRANSFORM + BOX_HEIGHT + 26, "BN, ReLU", "rx-f-note rx-f-clear", "middle"),
        *_paths_of(shown, lambda slot: _segments(shown, slot, REDUCE, TRANSFORM, EXPAND)),
        *_norm_after(shown),
    ]


def _while_followed(paths: Sequence[tuple[int, float]], top: int) -> list[Markup]:
    """The ways of paths without a slot, from `top` on, through whatever all paths share; seen while followed."""
    return [
        group(
            path("M", x, top, "V", EXPAND + BOX_HEIGHT, class_="rx-f-only"), class_="rx-f-elided", data_path=str(number)
        )
        for number, x in paths
    ]


def _number(slot: Slot) -> Markup:
    """The path's number beside its line, "i = 3" while it is followed; the last slot has no room to its right."""
    words = (tag("tspan", "i = ", class_="rx-f-i"), exact(slot.path))
    x, anchor = (slot.x + 5, None) if slot.x < 250 else (slot.x - 5, "end")
    return tag("text", *words, x=x, y=INPUT + BAR + 23, class_="rx-f-number", text_anchor=anchor)


def _words(layer: Layer, channels: int) -> tuple[str, ...]:
    """The label of a narrow box: kernel, channels, and the stride where there is one, on as many lines as it takes."""
    kernel = f"{layer.kernel}×{layer.kernel}"
    label = f"{kernel}, {exact(channels)}"
    if layer.stride > 1:
        return label, f"stride {layer.stride}"
    return (label,) if text_width(label, SMALL) <= BOX - 4 else (f"{kernel},", exact(channels))


def _box(x: float, y: float, part: str, lines: tuple[str, ...]) -> Markup:
    box = rect(x - BOX / 2, y, BOX, BOX_HEIGHT, rx=4, class_=f"rx-f-box rx-f-{part}")
    if len(lines) == 1:
        class_ = next(
            (
                class_
                for class_, size in ((None, TEXT), ("rx-f-small", SMALL))
                if text_width(lines[0], size, bold=True) <= BOX - 4
            ),
            "rx-f-tight",
        )
        together = text(x, y + 22, lines[0], class_, "middle")
        if text_width(lines[0], SCALED, bold=True) <= BOX - 2:
            return group(box, together)
        return group(box, group(together, class_="rx-f-roomy"), group(*_split(x, y, lines), class_="rx-f-scaled"))
    return group(box, *(text(x, y + 15 + 14 * k, words, "rx-f-tight", "middle") for k, words in enumerate(lines)))


def _split(x: float, y: float, lines: tuple[str, ...]) -> list[Markup]:
    """A label's words below one another."""
    words = lines[0].split(", ")
    return [text(x, y + 15 + 14 * k, word, "rx-f-tight", "middle") for k, word in enumerate(words)]


def _segment(slot: Slot) -> tuple[float, float]:
    """Left edge and width of a path's share of a wide box: as wide as its boxes, so that the eye goes straight down."""
    return (LEFT, SPAN) if slot.side == "whole" else (slot.x - BOX / 2, BOX)


def _segments(shown: FormBlock, slot: Slot, *tops: int) -> tuple[Markup, ...]:
    left, width = _segment(slot)
    kernels = {REDUCE: "1×1, ", TRANSFORM: "3×3, ", EXPAND: "1×1, "} if slot.side == "whole" else {}
    fits = text_width(exact(shown.path_width), TEXT, bold=True) <= BOX - 6
    class_ = "rx-f-in-segment" if fits else "rx-f-in-segment rx-f-small"
    parts: list[Markup] = []
    for top in tops:
        channels = shown.expand.c_out if kernels and top == EXPAND else shown.path_width
        parts += [
            rect(left, top, width, BOX_HEIGHT, class_="rx-f-segment"),
            text(slot.x, top + 22, kernels.get(top, "") + exact(channels), class_, "middle"),
        ]
    return tuple(parts)


def _wide_box(y: int, part: str, layer: Layer) -> list[Markup]:
    """A box of all paths together; its label moves aside for the segment of the followed path."""
    stride = f", stride {layer.stride}" if layer.stride > 1 else ""
    first = f"{layer.kernel}×{layer.kernel}, {exact(layer.c_out)}"
    second = ((f"groups = {exact(layer.groups)}" if layer.groups > 1 else "") + stride).removeprefix(", ")
    tip = f"{part}|{first}{', ' + second if second else ''}|{exact(layer.weights)} weights"
    parts = [rect(LEFT, y, SPAN, BOX_HEIGHT, rx=4, class_=f"rx-f-box rx-f-{part}", data_tip=tip)]
    left, right = LEFT + 12, LEFT + SPAN - 10
    parts += _lines(left, y, (first,), "rx-f-if-middle")
    if second:
        parts += _lines(right, y, tuple(second.split(", ")), "rx-f-if-middle", "end")
    together = f"{first}, {second}" if second else first
    lines = (together,) if text_width(together, TEXT) <= 140 else (first, second)
    parts += _lines(left, y, lines, "rx-f-if-right")
    parts += _lines(right, y, lines, "rx-f-if-left", "end")
    return parts


def _lines(x: float, y: float, lines: tuple[str, ...], class_: str, anchor: str | None = None) -> list[Markup]:
    if len(lines) == 1:
        return [text(x, y + 22, lines[0], f"rx-f-words {class_}", anchor)]
    return [text(x, y + 15 + 14 * k, words, f"rx-f-words rx-f-tight {class_}", anchor) for k, words in enumerate(lines)]


def _elided(shown: FormBlock) -> list[Markup]:
    if not shown.elided:
        return []
    words = f"+ {exact(shown.elided)}"
    width = text_width(words, SMALL) + 12
    x, y = (HAIRS_FROM + HAIRS_TO) / 2, REDUCE + BOX_HEIGHT + (TRANSFORM - REDUCE - BOX_HEIGHT) / 2
    return [
        rect(x - width / 2, y - 11, width, 22, rx=11, class_="rx-f-pill"),
        text(x, y + 4.5, words, "rx-f-note", "middle"),
    ]


def _norm_after(shown: FormBlock) -> list[Markup]:
    end = ADD - RADIUS if shown.has_shortcut else OUTPUT
    words = "BN" if shown.has_shortcut else "BN, ReLU"
    return [
        path("M", CENTRE, EXPAND + BOX_HEIGHT, "V", end, class_="rx-f-flow"),
        text(CENTRE + 10, SUM + 5, words, "rx-f-note"),
    ]


def _shortcut(shown: FormBlock) -> Markup:
    """The way around the block: dashed for an identity, solid with its 1×1 for a projection, none without shortcut."""
    if not shown.has_shortcut:
        return group()
    right, start = LEFT + SPAN, INPUT + BAR / 2
    projection = shown.block.projection
    way = path(
        "M",
        right,
        start,
        "H",
        SHORTCUT_X - 12,
        "Q",
        SHORTCUT_X,
        start,
        SHORTCUT_X,
        start + 12,
        "V",
        ADD - 12,
        "Q",
        SHORTCUT_X,
        ADD,
        SHORTCUT_X - 12,
        ADD,
        "H",
        CENTRE + RADIUS,
        class_="rx-f-shortcut" if projection else "rx-f-shortcut rx-f-identity",
    )
    if projection is None:
        return group(way, data_tip="shortcut|identity: the input as it is, no weights")
    stride = f", stride {projection.stride}" if projection.stride > 1 else ""
    words = f"1×1, {exact(projection.c_out)}{stride}, BN"
    length = text_width(words, SCALED) + 8
    middle = (REDUCE + EXPAND + BOX_HEIGHT) / 2
    box = rect(SHORTCUT_X - 10, middle - length / 2, 20, length, rx=4, class_="rx-f-box rx-f-projection")
    label = text(0, 4.5, words, "rx-f-small", "middle", transform=f"translate({SHORTCUT_X} {middle:g}) rotate(-90)")
    return group(way, box, label, data_tip=f"shortcut|projection {words}|{exact(projection.weights)} weights")


def _ends(shown: FormBlock) -> list[Markup]:
    before, after = shown.reduce, shown.expand
    parts = [
        rect(LEFT, INPUT, SPAN, BAR, rx=2, class_="rx-f-map"),
        text(LEFT, INPUT - 8, f"{exact(before.c_in)}-d in, {before.size_in}", "rx-f-words"),
        rect(LEFT, OUTPUT, SPAN, BAR, rx=2, class_="rx-f-map"),
        text(
            LEFT,
            OUTPUT + 26,
            f"{exact(after.c_out)}-d out, {after.size_out}, after ReLU",
            "rx-f-words",
        ),
    ]
    if shown.has_shortcut:
        parts += [
            path("M", CENTRE, ADD + RADIUS, "V", OUTPUT, class_="rx-f-flow"),
            circle(CENTRE, ADD, RADIUS, class_="rx-f-node"),
            text(CENTRE, ADD + 6, "+", "rx-f-sign", "middle"),
        ]
    return parts
