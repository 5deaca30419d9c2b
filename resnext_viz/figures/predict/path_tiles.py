"""Which paths of a block say a class: a tile for each path, a sentence with what happens without some, and ranked bars.

Labels come from strangers: `tag` escapes every one of them. What is chosen in the tiles is `path:5=3`: path 5, and
behind the sign how often something was chosen before, so that the same tile can be chosen again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from resnext_viz.figures.kit.svg import Markup, document, group, line, markup, number, path, rect, tag, text, variants
from resnext_viz.kit.number_format import MINUS, exact, percent

MOST_TILES, MOST_BARS = 64, 16
FEW_PATHS, MANY_PATHS = 8, 32  # larger tiles up to the one, small ones on a narrow page above the other
CELL, LEAST_SIDE = 10.0, 0.9  # of a tile's own units: a cell, and the smallest square that is drawn
EDGE = 4.0  # around the cells
WIDE, NARROW = 1040.0, 358.0  # the latter is what a phone of 390 px has between its margins
ROW, GUTTER, LABEL, VALUE = 24.0, 40.0, 64.0, 56.0  # of the bars: a row, between columns, room for words
NAMED_PATHS = 4  # as many are named in the sentence; of more, only the count


@dataclass(frozen=True)
class PathTile:
    """One path of the block.

    Attributes:
        path: its number, from 1.
        change: of the class's probability (0 to 1) when this path alone is off.
        cells: what it adds to the class's score, by place, row by row; below 0 it takes away.
        share: of what the block's paths put out together, 0 to 1; can be below 0.
        off: whether it is switched off.
    """

    path: int
    change: float
    cells: Sequence[Sequence[float]]
    share: float
    off: bool = False

    @property
    def total(self) -> float:
        return sum(map(sum, self.cells))


class Moved(NamedTuple):
    """A class's probability with all paths on, and with some off."""

    label: str
    before: float
    after: float


def points(change: float, places: int = 1) -> str:
    """A change of a probability in percentage points: `−15.6`, `+0.4`, `0.0`."""
    text_ = f"{100 * abs(change):.{places}f}"
    return text_ if float(text_) == 0 else ("+" if change > 0 else MINUS) + text_


def paths_off_words(off: Sequence[int]) -> str:
    """`path 5 off`, `paths 5 and 7 off`, `6 paths off`."""
    if len(off) > NAMED_PATHS:
        return f"{exact(len(off))} paths off"
    names = [str(each) for each in sorted(off)]
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"path{'s' if len(off) > 1 else ''} {listed} off"


def path_tiles(tiles: Sequence[PathTile], label: str, turn: int, place_words: str) -> str:
    """HTML of the tiles, the path first whose absence takes most from the class, and of what they mean.

    Args:
        tiles: all paths of the block.
        label: of the class that is asked about.
        turn: how often something was chosen before.
        place_words: what one cell stands for, as a sentence.
    """
    shown = _shown(tiles)
    places = _places(tiles)
    largest = max((abs(value) for tile in tiles for row in tile.cells for value in row), default=0.0)
    size = " rx-w-few" if len(shown) <= FEW_PATHS else " rx-w-many" if len(shown) > MANY_PATHS else ""
    buttons = [_tile(tile, label, largest, places, turn) for tile in shown]
    grid = tag(
        "div",
        *buttons,
        class_="rx-w-tiles" + size,
        data_group="paths",
        role="group",
        aria_label=f"Paths by what “{label}” loses without them",
    )
    missing = len(tiles) - len(shown)
    more = f" {exact(missing)} more paths change it less and are not drawn." if missing else ""
    caption = (
        f"Under a tile: its path’s number, and the change of “{label}” in percentage points when that alone is off. "
        f"Filled squares add to its score, hollow ones take away.{more}"
    )
    words = f"The area of a square is the amount, on one scale for all tiles. {place_words}"
    exactly = tag("details", tag("summary", "How the squares are computed"), tag("p", words, class_="rx-caption"))
    return tag("div", grid, tag("p", caption, class_="rx-caption", data_uncovered=""), exactly, class_="rx-w-frame")


def off_sentence(off: Sequence[int], moved: Moved, other: Moved | None) -> str:
    """HTML of what happens without some paths; with all on, of how to find out.

    Args:
        off: numbers of the paths that are off.
        moved: the class that is asked about.
        other: another class that gains or loses most, if there is one.
    """
    if not off:
        invitation = "Click a tile to switch its path off and see what the network says without it."
        return tag("p", invitation, class_="rx-w-off", role="status", data_uncovered="")
    also = markup(" and ", _moved(other)) if other and not _stays(other) else markup()
    return tag(
        "p",
        "With ",
        tag("b", paths_off_words(off)),
        ", ",
        _moved(moved),
        also,
        ".",
        class_="rx-w-off",
        role="status",
        data_uncovered="",
    )


def change_bars(tiles: Sequence[PathTile], label: str) -> str:
    """SVG of the largest changes as bars from 0, ranked as the tiles are, in two layouts."""
    ranked = sorted(sorted(tiles, key=lambda tile: -abs(tile.change))[:MOST_BARS], key=_rank)
    most = max(tiles, key=lambda tile: abs(tile.change))
    finding = f"Path {most.path} alone changes it most, by {points(most.change, _places(tiles))} percentage points."
    name = f"Change of “{label}” by path"
    return variants(_bars(ranked, name, finding, WIDE, columns=2), _bars(ranked, name, finding, NARROW, columns=1))


def _shown(tiles: Sequence[PathTile]) -> list[PathTile]:
    """Those that change most, and all that are off, in the order in which they are drawn."""
    by_size = sorted(tiles, key=lambda tile: (not tile.off, -abs(tile.change), tile.path))
    return sorted(by_size[: max(MOST_TILES, sum(tile.off for tile in tiles))], key=_rank)


def _places(tiles: Sequence[PathTile]) -> int:
    """Decimals of the changes: more where all are small, as in a network that is very sure."""
    largest = max((100 * abs(tile.change) for tile in tiles), default=1.0)
    return 1 if largest >= 1 else 2 if largest >= 0.1 else 3


def _rank(tile: PathTile) -> tuple[float, int]:
    return tile.change, tile.path


def _tile(tile: PathTile, label: str, largest: float, places: int, turn: int) -> Markup:
    rows, columns = len(tile.cells), max(map(len, tile.cells), default=0)
    side = CELL * max(rows, columns) + 2 * EDGE
    picture = tag(
        "svg",
        *_squares(tile, largest),
        _cross(side) if tile.off else markup(),
        viewBox=f"0 0 {number(side)} {number(side)}",
        aria_hidden="true",
    )
    speaks = "for" if tile.total >= 0 else "against"
    tip = "|".join(
        (
            f"Path {tile.path}{', off' if tile.off else ''}",
            f"Without it alone: {points(tile.change, places)} percentage points",
            f"By itself it speaks {speaks} “{_one_line(label)}”: {_score(tile.total)} to its score; "
            "what later blocks make of it counts, too",
            f"{percent(tile.share)} of what the paths put out together",
        )
    )
    name = f"{tile.path} off" if tile.off else f"{tile.path}"
    return tag(
        "button",
        picture,
        tag("b", name),
        tag("span", points(tile.change, places)),
        type="button",
        class_="rx-w-tile" + (" rx-w-crossed" if tile.off else ""),
        aria_pressed=str(tile.off).lower(),
        aria_label=f"Path {tile.path} off: {points(tile.change, places)} percentage points",
        data_tip=tip,
        data_choose=f"path:{tile.path}={turn}",
    )


def _squares(tile: PathTile, largest: float) -> list[Markup]:
    """All filled squares as one mark, all hollow ones as another."""
    filled: list[str | float] = []
    hollow: list[str | float] = []
    for row, values in enumerate(tile.cells):
        for column, value in enumerate(values):
            side = CELL * (abs(value) / largest) ** 0.5 if largest else 0.0
            if side < LEAST_SIDE:
                continue
            left, top = (EDGE + CELL * (at + 0.5) - side / 2 for at in (column, row))
            steps = filled if value > 0 else hollow
            steps += ["M", left, top, "h", side, "v", side, "h", -side, "z"]
    return [path(*steps, class_=name) for steps, name in ((filled, "rx-w-for"), (hollow, "rx-w-against")) if steps]


def _cross(side: float) -> Markup:
    return line(0, side, side, 0, class_="rx-w-cross")


def _one_line(label: str) -> str:
    """A label for a readout, where `|` begins a line."""
    return label.replace("|", "/")


def _score(total: float) -> str:
    return f"{'+' if total >= 0 else MINUS}{abs(total):.2f}"


def _stays(moved: Moved) -> bool:
    return percent(moved.before) == percent(moved.after)


def _moved(moved: Moved) -> Markup:
    if _stays(moved):
        return markup(f"“{moved.label}” stays at {percent(moved.before)}")
    verb = "rises" if moved.after > moved.before else "falls"
    return markup(f"“{moved.label}” {verb} from {percent(moved.before)} to {percent(moved.after)}")


def _bars(ranked: Sequence[PathTile], name: str, finding: str, width: float, *, columns: int) -> Markup:
    """Columns of rows, each read down before the next."""
    column = (width - GUTTER * (columns - 1)) / columns
    rows = -(-len(ranked) // columns)
    low = min(0.0, *(tile.change for tile in ranked))
    high = max(0.0, *(tile.change for tile in ranked))
    scale = (column - LABEL - 2 * VALUE) / ((high - low) or 1.0)
    places = _places(ranked)
    marks = [
        _bar(tile, (number_ // rows) * (column + GUTTER), ROW * (number_ % rows), scale, low, places)
        for number_, tile in enumerate(ranked)
    ]
    return document(width, ROW * rows, name, finding, marks)


def _bar(tile: PathTile, left: float, top: float, scale: float, low: float, places: int) -> Markup:
    zero = left + LABEL + VALUE - low * scale
    length = abs(tile.change) * scale
    to_right = tile.change >= 0
    start, end = (zero, zero + length + 6) if to_right else (zero - length, zero - length - 6)
    return group(
        text(left, top + 16, f"Path {tile.path}", "rx-s"),
        rect(start, top + 6, length, 12, class_="rx-w-bar"),
        line(zero, top, zero, top + ROW, class_="rx-w-zero"),
        text(end, top + 16, points(tile.change, places), "rx-s", "start" if to_right else "end"),
        class_="rx-w-barred" if tile.off else None,
    )
