"""The weight tensors of one block in one form: what is cut into C tensors, what is one, and where path i lies in them.

Rows are output channels, columns input channels. A gap is the edge of a tensor; what is not covered has no weight.
Every tensor is drawn at one size, whatever its shape, so that the three forms can be compared slice by slice.
"""

from __future__ import annotations

from typing import Literal

from resnext_viz.block_forms.terms import FormLetter
from resnext_viz.figures.block_forms.form_block import FormBlock
from resnext_viz.figures.block_forms.form_diagrams import WIDTH
from resnext_viz.figures.kit.svg import Markup, document, group, path, rect, text, text_width
from resnext_viz.kit.number_format import exact

HEIGHT = 174
SIDE, SHORT = 110.0, 64.0  # the side along C·d, and the other one
TOP = 26
REDUCE_X, TRANSFORM_X, EXPAND_X = 2.0, 94.0, 220.0
THINNEST = 3.0  # px: thinner slices are drawn several to one
THICK = 9.0  # px: from here on path i is outlined, below it is filled
SMALL = 13

Place = tuple[float, float, float, float]  # x, y, width, height

_NAMES = ("reduce", "transform", "expand")
_PLACES = ((REDUCE_X, 82.0), (TRANSFORM_X, 118.0), (EXPAND_X, 112.0))


def slices_per_mark(paths: int) -> int:
    """How many neighbouring paths one mark stands for: 1 until the slices would be thinner than `THINNEST`."""
    return max(1, -(-int(paths * THINNEST) // int(SIDE)))


def tensor_shapes(form: FormLetter, shown: FormBlock) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Number of tensors and their shape (out, in[, 3, 3]) for reduce, transform, expand; 1×1 kernels are left out."""
    c, d, wide = shown.paths, shown.path_width, shown.transform.c_out
    c_in, c_out = shown.reduce.c_in, shown.expand.c_out
    split = {"a": (True, True, True), "b": (True, True, False), "c": (False, False, False)}[form]
    return (
        (c, (d, c_in)) if split[0] else (1, (wide, c_in)),
        (c, (d, d, 3, 3)) if split[1] else (1, (wide, d, 3, 3)),
        (c, (c_out, d)) if split[2] else (1, (c_out, wide)),
    )


def tensors(form: FormLetter, shown: FormBlock) -> Markup:
    """The three tensors of one form side by side, each with its true count and shape."""
    shapes = tensor_shapes(form, shown)
    parts = [text(x, 12, name, "rx-t-name") for (x, _), name in zip(_PLACES, _NAMES, strict=True)]
    parts += [_rows(shown, shapes[0][0] > 1), _diagonal(shown, shapes[1][0] > 1), _columns(shown, shapes[2][0] > 1)]
    for (x, room), (count, shape) in zip(_PLACES, shapes, strict=True):
        parts += _caption(x, room, count, shape)
    spoken = "; ".join(
        f"{name} {exact(count)} of {_shape(shape)}" for name, (count, shape) in zip(_NAMES, shapes, strict=True)
    )
    return document(WIDTH, HEIGHT, f"Weight tensors of form ({form})", spoken, parts)


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(exact, shape))


def _caption(x: float, room: float, count: int, shape: tuple[int, ...]) -> list[Markup]:
    """`32 of 4×256` on one line, or on as many as a long shape needs."""
    pieces = [f"{exact(count)} of ", exact(shape[0]), *(f"×{exact(size)}" for size in shape[1:])]
    lines = [""]
    for piece in pieces:
        if lines[-1] and text_width(lines[-1] + piece, SMALL) > room:
            lines.append("")
        lines[-1] += piece
    return [text(x, TOP + SIDE + 19 + 14.5 * k, words.strip(), "rx-f-note") for k, words in enumerate(lines)]


def _marks(shown: FormBlock) -> list[tuple[int, float, float]]:
    """(path, offset, thickness) along the side of C·d: one for each path, or for each bundle of thin ones."""
    each = slices_per_mark(shown.paths)
    pitch = SIDE / shown.paths
    return [(first + 1, first * pitch, min(each, shown.paths - first) * pitch) for first in range(0, shown.paths, each)]


def _slice(shown: FormBlock, number: int, place: Place, class_: str) -> Markup:
    """One path's slice; outlined inside its edge where it is thick enough, filled where it is not."""
    x, y, width, height = place
    bundle = slices_per_mark(shown.paths)
    followed = number <= shown.followed < number + bundle
    state = " rx-followed" if followed else ""
    attributes = {"data_path": str(shown.followed if followed else number)}
    if min(width, height) < THICK:
        return rect(x, y, width, height, class_=class_ + " rx-t-thin" + state, **attributes)
    outline = [rect(x + 1.5, y + 1.5, width - 3, height - 3, class_=name) for name in ("rx-t-keyline", "rx-t-outline")]
    return group(rect(x, y, width, height, class_=class_), *outline, class_="rx-t-thick" + state, **attributes)


def _gap(thickness: float) -> float:
    return min(2.0, thickness * 0.3)


def _rows(shown: FormBlock, split: bool) -> Markup:
    parts = [] if split else [rect(REDUCE_X, TOP, SHORT, SIDE, class_="rx-t-reduce")]
    for number, offset, thickness in _marks(shown):
        gap = _gap(thickness) if split and shown.paths > 1 else 0.0
        parts.append(
            _slice(
                shown,
                number,
                (REDUCE_X, TOP + offset + gap / 2, SHORT, thickness - gap),
                "rx-t-reduce" if split else "rx-t-part rx-t-reduce",
            )
        )
    return group(*parts, _arrow(REDUCE_X + SHORT + 3, TOP + _middle(shown), "left", shown))


def _columns(shown: FormBlock, split: bool) -> Markup:
    parts = [] if split else [rect(EXPAND_X, TOP, SIDE, SHORT, class_="rx-t-expand")]
    for number, offset, thickness in _marks(shown):
        gap = _gap(thickness) if split and shown.paths > 1 else 0.0
        parts.append(
            _slice(
                shown,
                number,
                (EXPAND_X + offset + gap / 2, TOP, thickness - gap, SHORT),
                "rx-t-expand" if split else "rx-t-part rx-t-expand",
            )
        )
    return group(*parts, _arrow(EXPAND_X + _middle(shown), TOP + SHORT + 3, "up", shown))


def _diagonal(shown: FormBlock, split: bool) -> Markup:
    parts = [rect(TRANSFORM_X, TOP, SIDE, SIDE, class_="rx-t-well rx-t-apart" if split else "rx-t-well")]
    for number, offset, thickness in _marks(shown):
        gap = _gap(thickness) if split and shown.paths > 1 else 0.0
        side = thickness - gap
        parts.append(
            _slice(
                shown, number, (TRANSFORM_X + offset + gap / 2, TOP + offset + gap / 2, side, side), "rx-t-transform"
            )
        )
    if shown.paths > 1:  # one block fills the square; the arrow of its neighbour points out path i
        half, middle = SIDE / shown.paths / 2, _middle(shown)
        if shown.followed <= shown.paths / 2:
            parts.append(_arrow(TRANSFORM_X + middle + half + 4, TOP + middle, "left", shown))
        else:
            parts.append(_arrow(TRANSFORM_X + middle - half - 4, TOP + middle, "right", shown))
    return group(*parts)


def _middle(shown: FormBlock) -> float:
    """Where the middle of path i lies along the side of C·d."""
    return (shown.followed - 0.5) * SIDE / shown.paths


def _arrow(x: float, y: float, points: Literal["up", "left", "right"], shown: FormBlock) -> Markup:
    """A small arrow head at (x, y) with "i" behind it; it goes while another path is followed by the pointer."""
    hands = {"class_": "rx-t-arrow rx-followed", "data_path": str(shown.followed)}
    if points == "up":
        head = path("M", x, y, "l", -3, 5.5, "h", 6, "z")
        return group(head, text(x, y + 18, "i", None, "middle"), **hands)
    way = 1 if points == "left" else -1
    head = path("M", x, y, "l", 5.5 * way, -3, "v", 6, "z")
    return group(head, text(x + 9 * way, y + 4.5, "i", None, "start" if way > 0 else "end"), **hands)
