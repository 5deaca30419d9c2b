"""One block as its C paths between two maps, with its true channel numbers, sums and shortcut (the paper's Fig. 3a).

Up to six paths are drawn with boxes; above, paths 1 to 4 and C, and each other path as one hairline (up to 60, then
every k-th). Path i, the followed one, takes the place of the third if it has no row of its own.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil
from typing import NamedTuple

from resnext_viz.figures.kit.svg import Markup, circle, group, markup, path, rect, tag, text, text_width
from resnext_viz.kit.number_format import exact, short
from resnext_viz.layers import Block, Layer, Part

MIDDLE, TOP, BOTTOM = 220.0, 84.0, 356.0  # the flow line and the ends of the two maps
ROWS = (92.0, 130.0, 168.0, 206.0, 348.0)  # y of the rows above six paths
HAIRS = (232.0, 322.0)
MOST_ROWS, MOST_HAIRS = 6, 60
SPREAD = {1: 0.0, 2: 96.0, 3: 76.0, 4: 64.0, 5: 57.0, 6: 51.2}  # between rows, up to six paths
TITLES = {Part.REDUCE: "reduce 1×1", Part.EXPAND: "expand 1×1"}


class BlockLayout(NamedTuple):
    """Where things stand from left to right, in one of the two widths."""

    bar: float  # left edge of the map that comes in
    box: float  # width of a box
    pitch: float  # between the middles of two columns
    centre: float  # middle of all columns
    total: float  # left edge of the sums
    add: float  # middle of the "+"
    out: float  # left edge of the map that goes out
    right: float

    def columns(self, count: int) -> list[float]:
        """The middle of each column of boxes."""
        return [self.centre + (column - (count - 1) / 2) * self.pitch for column in range(count)]

    @property
    def sigma(self) -> float:
        """The middle of the "Σ"."""
        return self.add - 42


WIDE = BlockLayout(bar=36, box=96, pitch=136, centre=384, total=612, add=676, out=722, right=775)
NARROW = BlockLayout(bar=30, box=92, pitch=126, centre=354, total=568, add=632, out=678, right=736)


class Paths(NamedTuple):
    """Which paths get a row and which a hairline: (number, y)."""

    total: int
    followed: int  # path i
    rows: list[tuple[int, float]]
    hairs: list[tuple[int, float]]
    hidden: int  # paths without a row


def arrange_paths(count: int, followed: int) -> Paths:
    """The rows and hairlines of `count` paths."""
    followed = min(max(followed, 1), count)
    if count <= MOST_ROWS:
        spread = SPREAD[count]
        rows = [(number, MIDDLE + (number - (count + 1) / 2) * spread) for number in range(1, count + 1)]
        return Paths(count, followed, rows, [], 0)
    third = 3 if followed in {1, 2, 4, count} else followed
    rows = list(zip((1, 2, third, 4, count), ROWS, strict=True))
    others = [number for number in range(1, count + 1) if number not in {1, 2, third, 4, count}]
    drawn = others[:: ceil(len(others) / MOST_HAIRS)]
    step = (HAIRS[1] - HAIRS[0]) / len(drawn)
    hairs = [(number, HAIRS[0] + (place + 0.5) * step) for place, number in enumerate(drawn)]
    return Paths(count, followed, rows, hairs, len(others))


def path_channels(layer: Layer, paths: int) -> tuple[int, int]:
    """Channels that one path's share of a layer reads and writes."""
    if layer.part is Part.REDUCE:
        return layer.c_in, layer.c_out // paths
    if layer.part is Part.EXPAND:
        return layer.c_in // paths, layer.c_out
    return layer.c_in // paths, layer.c_out // paths


def first_fitting(room: float, size: float, *candidates: str, bold: bool = False) -> str:
    """The first candidate that is at most `room` pixels wide, else the last."""
    return next((words for words in candidates if text_width(words, size, bold) <= room), candidates[-1])


def paths_drawing(block: Block, paths: Paths, frame: BlockLayout) -> list[Markup]:
    """The marks from the map that comes in to the map that goes out."""
    columns = frame.columns(len(block.main))
    tip = _tip(block, paths.total)
    rows = [_row(block, paths, row, columns, frame, tip) for row in paths.rows]
    hairs = [_hair(number, y, frame, tip) for number, y in paths.hairs]
    last = rows.pop() if hairs else markup()
    choices = {"data_group": "paths", "role": "radiogroup", "aria_label": "Paths"} if paths.total > 1 else {}
    followed_y = dict(paths.rows)[paths.followed]
    # Once more on top of the other paths' lines, which all meet at both ends.
    over = (
        [
            path(
                *_line(block, paths.total, followed_y, columns, frame),
                class_="rx-line rx-over rx-followed",
                data_path=str(paths.followed),
                data_kept=True,
            )
        ]
        if paths.total > 1
        else []
    )
    return [
        group(*rows, *hairs, last, **choices),
        *over,
        *_pill(paths, frame),
        *_headings(block, paths.total, columns, frame),
        *_maps(block, frame),
        *_shortcut(block, frame),
        *_nodes(block, paths.total, frame),
    ]


def _tip(block: Block, count: int) -> str:
    chain = [path_channels(layer, count) for layer in block.main]
    channels = " → ".join(exact(number) for number in (chain[0][0], *(pair[1] for pair in chain)))
    return f"{channels} channels|{exact(sum(layer.weights for layer in block.main) // count)} weights"


def _line(block: Block, count: int, y: float, columns: list[float], frame: BlockLayout) -> list[str | float]:
    """A path's line, which stops at its boxes."""
    start, half = frame.bar + 12, frame.box / 2
    end = frame.sigma - 13 if count > 1 else frame.add - 13 if has_shortcut(block) else frame.out
    if count == 1:
        steps: list[str | float] = ["M", start, y, "H", columns[0] - half]
    else:
        steps = ["M", start, MIDDLE, "C", start + 46, MIDDLE, start + 24, y, start + 80, y, "H", columns[0] - half]
    for left, right in pairwise(columns):
        steps += ["M", left + half, y, "H", right - half]
    last = columns[-1] + half
    if count == 1:
        return [*steps, "M", last, y, "H", end]
    turn = end - 49
    return [*steps, "M", last, y, "H", turn, "C", turn + 38, y, turn + 20, MIDDLE, end, MIDDLE]


def _row(
    block: Block, paths: Paths, row: tuple[int, float], columns: list[float], frame: BlockLayout, tip: str
) -> Markup:
    number, y = row
    height = 40.0 if paths.total == 1 else 28.0
    # The whole row answers, the gaps between its boxes too.
    left = columns[0] - frame.box / 2 - 70
    hit = rect(left, y - 18, columns[-1] + frame.box / 2 + 10 - left, 36, rx=4, class_="rx-hit")
    marks = [hit, path(*_line(block, paths.total, y, columns, frame), class_="rx-line")]
    for layer, x in zip(block.main, columns, strict=True):
        kernel, channels = f"{layer.kernel}×{layer.kernel}", path_channels(layer, paths.total)[1]
        candidates = (f"{kernel}, {exact(channels)}", f"{kernel}, {short(channels, 1)}", kernel)
        words = first_fitting(frame.box - 8, 14, *candidates, bold=True)
        box = rect(x - frame.box / 2, y - height / 2, frame.box, height, rx=4, class_=f"rx-box rx-tint-{layer.part}")
        marks += [box, text(x, y + 4.5, words, "rx-t", "middle")]
    if paths.total == 1:
        return group(*marks, class_="rx-path", data_tip=tip)
    name = tag(
        "text",
        tag("tspan", "path i = ", class_="rx-when-followed"),
        exact(number),
        x=columns[0] - frame.box / 2 - 10,
        y=y - 6 if y < MIDDLE + 20 else y + 15,
        class_="rx-m rx-s rx-path-name",
        text_anchor="end",
    )
    return _choice(number, paths.followed, "rx-path", tip, [*marks, name])


def _hair(number: int, y: float, frame: BlockLayout, tip: str) -> Markup:
    start, end = frame.bar + 12, frame.sigma - 13
    turn = end - 49
    line = path(
        "M",
        start,
        MIDDLE,
        "C",
        start + 46,
        MIDDLE,
        start + 24,
        y,
        start + 80,
        y,
        "H",
        turn,
        "C",
        turn + 38,
        y,
        turn + 20,
        MIDDLE,
        end,
        MIDDLE,
        class_="rx-line",
    )
    hit = rect(start + 70, y - 1.5, turn - start - 60, 3, class_="rx-hit")
    return _choice(number, 0, "rx-hair", tip, [line, hit])


def _choice(number: int, followed: int, class_: str, tip: str, marks: list[Markup]) -> Markup:
    chosen = number == followed
    return group(
        *marks,
        class_=f"{class_} rx-followed" if chosen else class_,
        data_path=str(number),
        data_kept=chosen,
        data_choose=f"path:{number}",
        data_tip=f"path {number}|{tip}",
        role="radio",
        aria_checked=str(chosen).lower(),
        aria_label=f"path {number}",
    )


def _pill(paths: Paths, frame: BlockLayout) -> list[Markup]:
    if not paths.hidden:
        return []
    words = f"{exact(paths.hidden)} more path{'s' if paths.hidden > 1 else ''}"
    bundle = ceil(paths.hidden / MOST_HAIRS)
    tip = f"{words}|one line for {bundle} paths" if bundle > 1 else f"{words}|one line each"
    width, y = text_width(words, 13) + 32, sum(HAIRS) / 2
    return [
        rect(frame.centre - width / 2, y - 12.5, width, 25, rx=12, class_="rx-pill", data_tip=tip),
        text(frame.centre, y + 4.5, words, "rx-m rx-through", "middle"),
    ]


def _headings(block: Block, count: int, columns: list[float], frame: BlockLayout) -> list[Markup]:
    marks: list[Markup] = []
    basic = len(block.main) == 2
    for place, (layer, x) in enumerate(zip(block.main, columns, strict=True)):
        title = ("first 3×3", "second 3×3")[place] if basic else TITLES.get(layer.part, "transform 3×3")
        before, after = path_channels(layer, count)
        flow, brief = f"{exact(before)} → {exact(after)}", f"{short(before, 1)} → {short(after, 1)}"
        stride = f", stride {layer.stride}" if layer.stride > 1 else ""
        unit = "channel" if after == 1 else "channels"
        words = first_fitting(
            frame.pitch - 6,
            13,
            f"{flow} {unit}{stride}",
            f"{flow}{stride}",
            f"{brief}{stride}",
            f"stride {layer.stride}",
        )
        tip = f"{title}{stride}|{flow} channels in each path|{exact(layer.c_in)} → {exact(layer.c_out)} in all"
        marks += [text(x, 50, title, "rx-b rx-t", "middle", data_tip=tip), text(x, 67, words, "rx-m rx-s", "middle")]
    return marks


def _maps(block: Block, frame: BlockLayout) -> list[Markup]:
    marks: list[Markup] = []
    before, after = block.main[0], block.main[-1]
    ends = ((frame.bar, before.c_in, before.size_in, "in"), (frame.out, after.c_out, after.size_out, "out"))
    for left, channels, size, way in ends:
        words, sides = f"{exact(channels)}-d {way}", str(size)
        widest = max(text_width(words, 14), text_width(sides, 13)) / 2
        x = min(max(left + 6, widest), frame.right - widest)
        marks += [
            rect(left, TOP, 12, BOTTOM - TOP, rx=2, class_="rx-map"),
            text(x, 376, words, "rx-t", "middle"),
            text(x, 392, sides, "rx-m rx-s", "middle"),
        ]
    return marks


def has_shortcut(block: Block) -> bool:
    """Whether anything is added to the sum of the paths."""
    return block.identity or block.projection is not None


def shortcut_words(block: Block) -> str:
    """What the shortcut is, with its params."""
    layer = block.projection
    if layer is None:
        return "shortcut: identity, 0 params" if block.identity else "no shortcut"
    stride = f", stride {layer.stride}" if layer.stride > 1 else ""
    return f"shortcut: 1×1 projection{stride}, {exact(layer.params)} params"


def _shortcut(block: Block, frame: BlockLayout) -> list[Markup]:
    words = shortcut_words(block)
    if not has_shortcut(block):
        return [text(frame.centre, 19, words, "rx-m", "middle")]
    left, half = frame.bar + 6, text_width(words, 13) / 2 + 12
    kind = "projection" if block.projection else "identity"
    layer = block.projection
    tip = f"{words}|{exact(layer.macs)} MACs" if layer else words
    line = path(
        "M",
        left,
        TOP,
        "V",
        26,
        "Q",
        left,
        14,
        left + 12,
        14,
        "H",
        frame.centre - half,
        "M",
        frame.centre + half,
        14,
        "H",
        frame.add - 12,
        "Q",
        frame.add,
        14,
        frame.add,
        26,
        "V",
        MIDDLE - 13,
        class_=f"rx-skip rx-skip-{kind}",
        data_tip=tip,
    )
    return [line, text(frame.centre, 19, words, None, "middle")]


def _nodes(block: Block, count: int, frame: BlockLayout) -> list[Markup]:
    symbols = [(frame.sigma, "Σ")] if count > 1 else []
    symbols += [(frame.add, "+")] if has_shortcut(block) else []
    marks: list[Markup] = []
    for x, symbol in symbols:
        marks += [circle(x, MIDDLE, 13, class_="rx-node"), text(x, MIDDLE + 6, symbol, "rx-symbol", "middle")]
    stops = [x for x, _ in symbols]
    for start, end in zip(stops, [*(x - 13 for x in stops[1:]), frame.out], strict=False):
        marks.append(path("M", start + 13, MIDDLE, "H", end, class_="rx-sum-line"))
    return [*marks, text(frame.add, MIDDLE + 34, "then ReLU", "rx-m rx-s", "middle")]
