"""The grouped 3×3 as one matrix, channels out by channels in: C blocks on the diagonal, blank where there is no weight.

The longer side is always 256 px; the blocks are to scale. Blocks under 3 px merge into one band.
"""

from __future__ import annotations

from typing import NamedTuple

from resnext_viz.figures.kit.svg import Markup, group, path, rect, tag, text, text_width
from resnext_viz.kit.number_format import exact, short
from resnext_viz.layers import Layer

SIDE = 256.0
SMALLEST = 3.0  # of a block that is drawn for itself
MARKED = 5.0  # of path i's block in a band
LINE = 16.0  # between lines of a label


class Box(NamedTuple):
    """A rectangle in the matrix's own pixels."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)


class Label(NamedTuple):
    """Lines of words at a place."""

    lines: tuple[str, ...]
    x: float
    y: float  # first baseline
    anchor: str
    leader: tuple[str | float, ...] = ()

    @property
    def box(self) -> Box:
        """What it covers, with a little air."""
        width = max(text_width(words, 13, bold=True) for words in self.lines)
        left = self.x if self.anchor == "start" else self.x - width
        return Box(left - 3, self.y - 12, left + width + 3, self.y + 4 + LINE * (len(self.lines) - 1))

    def drawn(self, class_: str) -> list[Markup]:
        """One text mark for each line."""
        return [text(self.x, self.y + LINE * row, words, class_, self.anchor) for row, words in enumerate(self.lines)]


def matrix_drawing(layer: Layer, followed: int, x: float, y: float) -> Markup:
    """The matrix of one layer with its upper left corner at (x, y), and path `followed` marked in it."""
    scale = SIDE / max(layer.c_in, layer.c_out)
    if layer.groups == 1:
        full = rect(
            0,
            0,
            max(2.0, layer.c_in * scale),
            max(2.0, layer.c_out * scale),
            class_="rx-fill-transform",
            data_tip=f"one group|{exact(layer.weights)} weights",
        )
        return group(_well(), full, transform=_at(x, y))
    size = SIDE / layer.groups
    label = _path_label(layer, followed, size)
    marks = [_well(), *_blocks(layer.groups, followed, size)]
    taken = [label.box] if label else []
    for words, places in ((f"groups = {exact(layer.groups)}", _GROUPS_PLACES), ("blank: no weight", _BLANK_PLACES)):
        note = next((note for place in places if _free(note := Label((words,), *place), size, taken)), None)
        if note:
            taken.append(note.box)
            marks += note.drawn("rx-m rx-s rx-through")
    if label:
        marks.append(
            group(
                path(*label.leader, class_="rx-leader-line"),
                *label.drawn("rx-b rx-s rx-accent"),
                class_="rx-leader rx-followed",
                data_path=str(followed),
                data_kept=True,
            )
        )
    return group(*marks, transform=_at(x, y))


_GROUPS_PLACES = ((12.0, 244.0, "start"), (244.0, 24.0, "end"), (12.0, 200.0, "start"))
_BLANK_PLACES = (
    (244.0, 74.0, "end"),
    (244.0, 24.0, "end"),
    (244.0, 110.0, "end"),
    (12.0, 200.0, "start"),
    (12.0, 244.0, "start"),
)


def _at(x: float, y: float) -> str:
    return f"translate({x:g} {y:g})"


def _well() -> Markup:
    return rect(0, 0, SIDE, SIDE, class_="rx-well")


def _blocks(groups: int, followed: int, size: float) -> list[Markup]:
    if size >= SMALLEST:
        cells = [_cell(number, followed, size) for number in range(1, groups + 1) if number != followed]
        return [*cells, _cell(followed, followed, size)]
    width = max(size, 1.0)
    low = SIDE - width
    band = tag(
        "path",
        class_="rx-fill-transform",
        data_tip=f"{exact(groups)} blocks",
        d=f"M0 0H{width:.2f}L{SIDE:g} {low:.2f}V{SIDE:g}H{low:.2f}L0 {width:.2f}Z",
    )
    at = min((followed - 1) * size, SIDE - MARKED)
    return [band, rect(at, at, MARKED, MARKED, class_="rx-cell rx-followed", data_path=str(followed), data_kept=True)]


def _cell(number: int, followed: int, size: float) -> Markup:
    at = (number - 1) * size
    return rect(
        at,
        at,
        size,
        size,
        class_="rx-cell rx-followed" if number == followed else "rx-cell",
        data_path=str(number),
        data_kept=number == followed,
        data_tip=f"path {number}",
    )


def _on_diagonal(box: Box, size: float) -> bool:
    """Whether a box meets a block."""
    first, last = int(max(box.top, 0) / size), int(min(box.bottom, SIDE - 0.01) / size)
    return box.left < (last + 1) * size and box.right > first * size


def _free(label: Label, size: float, taken: list[Box]) -> bool:
    box = label.box
    inside = box.left >= 0 and box.right <= SIDE and box.top >= 0 and box.bottom <= SIDE
    return inside and not _on_diagonal(box, size) and not any(box.meets(other) for other in taken)


def _path_label(layer: Layer, followed: int, size: float) -> Label | None:
    """Path i's label where no block is: to the right, to the left, or under its block."""
    side = layer.c_in // layer.groups
    shape = f"{exact(side)}×{exact(side)}×3×3"
    at = (followed - 1) * size
    end, middle = min(at + (size if size >= SMALLEST else MARKED), SIDE), at + size / 2
    for lines in (
        (f"path {exact(followed)}: {shape} weights",),
        (f"path {exact(followed)}:", f"{shape} weights"),
        (f"path {exact(followed)}:", shape, "weights"),
        (f"path {exact(followed)}",),
    ):
        drop = LINE * (len(lines) - 1) / 2
        y = min(max(middle + 4 - drop, 14.0), SIDE - 8 - 2 * drop)
        # A line of words is higher than a small block, so it may have to stand clear of the next block too.
        rights = (max(end + 16, y + 12, 98.0), max(end + 16, y + 12), end + size + 16)
        lefts = (min(at - 16, y - 20), at - size - 16)
        candidates = [Label(lines, x, y, "start", ("M", end + 3, middle, "H", x - 6)) for x in rights]
        candidates += [Label(lines, x, y, "end", ("M", at - 3, middle, "H", x + 6)) for x in lefts]
        candidates += [
            Label(lines, 10, low, "start", ("M", middle, end + 3, "V", low - 14))
            for low in range(int(end) + 26, 246, 4)
        ]
        for label in candidates:
            below = label.y > end + 20
            if _free(label, size, []) and (not below or label.box.left <= middle <= label.box.right):
                return label
    return None


def matrix_words(layer: Layer) -> tuple[str, str]:
    """Title and caption of the matrix."""
    kind = "The grouped 3×3" if layer.groups > 1 else "The 3×3"
    out, into = exact(layer.c_out), exact(layer.c_in)
    caption = f"{out} channels out (rows) × {into} in (columns)"
    if text_width(caption, 13) > SIDE:
        caption = f"{short(layer.c_out, 1)} out (rows) × {short(layer.c_in, 1)} in (columns)"
    return f"{kind} as one matrix", caption
