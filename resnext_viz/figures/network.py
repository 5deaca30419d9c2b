"""The network from image to classes: one plate for each block, its size from the map, its strength from its MACs.

Plate height is the square root of the map's side, plate width the square root of the channels, fill strength the
block's MACs between 8 and 78 % of ink. Arcs are shortcuts: solid for a projection, dashed for an identity.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from resnext_viz.complexity import Complexity, Cost, StageCost, layers_cost
from resnext_viz.figures.choice import Hidden, block_at, folded, within
from resnext_viz.figures.numbers import beside, exact, share, short
from resnext_viz.figures.svg import Markup, document, group, path, rect, tag, text, text_width, variants
from resnext_viz.layers import Block
from resnext_viz.spec import Stem

MIDDLE = 150.0  # y of the flow line
TALLEST = 194.6  # px of the image's plate at the stem's usual image size
THINNEST = 3.0
VECTOR = (5.0, 92.0)  # the head's plate: classes have no map
CARET = "drawn below"


class Frame(NamedTuple):
    """One of the two widths the drawing is made for."""

    width: float
    scale: float  # px per square root of a channel, where there is room
    gap: float  # between plates
    spacing: float  # between columns, at least
    label_image: bool


WIDE, NARROW = Frame(1040, 0.92, 4, 20, True), Frame(736, 0.68, 3, 14, False)


class Plate(NamedTuple):
    """One block, or a layer that stands alone."""

    channels: int
    height: float
    strength: float | None  # percent of ink; None is not filled
    tip: tuple[str, ...]
    block: tuple[int, int] | None = None  # what clicking it chooses
    arc: str | None = None  # projection, identity
    chosen: bool = False
    vector: bool = False

    def width(self, scale: float) -> float:
        """Its width in pixels at `scale` pixels per square root of a channel."""
        return VECTOR[0] if self.vector else max(THINNEST, scale * sqrt(self.channels))


class Column(NamedTuple):
    """The image, the stem, a stage or the head."""

    title: str
    subtitle: str
    counts: tuple[str, ...]
    marks: tuple[Plate | str, ...]  # strings stand for hidden blocks

    def marks_width(self, frame: Frame, scale: float) -> float:
        """Pixels that the plates take."""
        return sum(_mark_width(mark, scale) for mark in self.marks) + frame.gap * (len(self.marks) - 1)

    def width(self, frame: Frame, scale: float) -> float:
        """Pixels that the plates and the words take."""
        words = [text_width(self.title, 14, bold=True), text_width(self.subtitle, 12.5)]
        words += [text_width(line, 13.5 if line == self.counts[0] else 12.5) for line in self.counts]
        if any(isinstance(mark, Plate) and mark.chosen for mark in self.marks):
            words.append(text_width(CARET, 12.5))
        return max(*words, self.marks_width(frame, scale))


def network_drawing(complexity: Complexity, chosen: tuple[int, int]) -> str:
    """The whole network in a wide and a narrow layout; `chosen` is (stage, block), both from 1."""
    return variants(_drawing(complexity, chosen, WIDE), _drawing(complexity, chosen, NARROW))


def network_finding(complexity: Complexity) -> str:
    """One sentence: where most MACs and most params sit."""
    rows = complexity.by_stage
    macs, params = max(rows, key=lambda row: row.cost.macs), max(rows, key=lambda row: row.cost.params)
    return (f"Of all parts {macs.name} does the most MACs, {share(macs.cost.macs, complexity.macs)}; "
            f"{params.name} holds the most params, {share(params.cost.params, complexity.params)}.")


def _drawing(complexity: Complexity, chosen: tuple[int, int], frame: Frame) -> Markup:
    spec = complexity.walk.spec
    columns = _columns(complexity, within(complexity.walk, chosen), frame)
    scale = _fitting_scale(columns, frame)
    widths = [column.width(frame, scale) for column in columns]
    spacing = (frame.width - sum(widths)) / (len(columns) - 1)
    # A CIFAR stem keeps the image's side, so the caret of its first stage hangs lower.
    counts_y = 300.0 if spec.stem is Stem.CIFAR else 272.0
    marks: list[Markup] = []
    words: list[Markup] = []
    flow_from: float | None = None
    left = 0.0
    for column, width in zip(columns, widths, strict=True):
        middle = left + width / 2
        words += _words(column, middle, counts_y)
        half = column.marks_width(frame, scale) / 2
        if flow_from is not None:
            words += _flow(flow_from + 7, middle - half - 7)
        marks += _marks(column, middle - half, frame, scale, (left, left + width))
        flow_from = middle + half
        left += width + spacing
    plates = group(*marks, data_group="plates", role="radiogroup", aria_label="Blocks of the network")
    return document(frame.width, counts_y + 44, "The network from image to classes", network_finding(complexity),
                    [*words, plates], interactive=True)


def _columns(complexity: Complexity, chosen: tuple[int, int], frame: Frame) -> list[Column]:
    network = complexity.walk
    strongest = max(layers_cost(block.layers).macs for stage in network.stages
                    for block in (stage.first, stage.rest) if block)
    strongest = max(strongest, *(row.cost.macs for row in complexity.by_stage if not row.blocks), 1)
    per_root = TALLEST / sqrt(max(network.image_size, network.spec.default_image_size))
    largest = Cost(*map(max, zip(*(row.cost for row in complexity.by_stage), strict=True)))
    room = (frame.width - 6 * frame.spacing) / 7
    columns = [_image_column(complexity, per_root, frame, room)]
    for row in complexity.by_stage:
        subtitle = row.paper_name if not row.blocks else f"{row.paper_name} × {len(row.blocks)}"
        counts = (_shape(row, room), *_costs(row.cost, largest))
        if row.blocks:
            marks = _stage_plates(complexity, int(row.name.split()[1]), chosen, per_root, strongest)
        else:
            height = VECTOR[1] if row.name == "head" else per_root * sqrt(row.size_out)
            tip = _tip(row.name, row.cost, complexity.macs)
            marks = (Plate(row.channels, height, _strength(row.cost.macs, strongest), tip, vector=row.name == "head"),)
        columns.append(Column(row.name, subtitle, counts, marks))
    return columns


def _image_column(complexity: Complexity, per_root: float, frame: Frame, room: float) -> Column:
    network = complexity.walk
    shape = f"{network.spec.in_channels:,} × {network.image_size:,}²"
    plate = Plate(1, per_root * sqrt(network.image_size), None, ("image", shape))
    fits = frame.label_image and text_width(shape, 13.5) <= room
    return Column("image", "", (shape,) if fits else (), (plate,))


def _stage_plates(
    complexity: Complexity, number: int, chosen: tuple[int, int], per_root: float, strongest: int
) -> tuple[Plate | str, ...]:
    stage = complexity.walk.stages[number - 1]
    height = per_root * sqrt(stage.size_out)
    keep = (chosen[1],) if chosen[0] == number else ()
    marks: list[Plate | str] = []
    for item in folded(stage.depth, keep):
        if isinstance(item, Hidden):
            marks.append(f"× {item.blocks}")
            continue
        block = block_at(complexity.walk, (number, item))
        cost = layers_cost(block.layers)
        marks.append(Plate(
            stage.c_out, height, _strength(cost.macs, strongest),
            _tip(f"stage {number}, block {item}", cost, complexity.macs), (number, item), _arc(block),
            chosen=chosen == (number, item),
        ))
    return tuple(marks)


def _arc(block: Block) -> str | None:
    return "projection" if block.projection else "identity" if block.identity else None


def _strength(macs: int, strongest: int) -> float:
    return 8 + 70 * macs / strongest


def _tip(name: str, cost: Cost, all_macs: int) -> tuple[str, ...]:
    return (name, f"{exact(cost.params)} params", f"{exact(cost.macs)} MACs", f"{exact(cost.acts)} acts",
            f"{share(cost.macs, all_macs)} of MACs")


def _shape(row: StageCost, room: float) -> str:
    if row.name == "head":
        return f"{row.channels:,} classes"
    full = f"{row.channels:,} × {row.size_out:,}²"
    return full if text_width(full, 13.5) <= room else f"{short(row.channels, 1)} × {row.size_out:,}²"


def _costs(cost: Cost, largest: Cost) -> tuple[str, str]:
    """MACs and params on the scale of the network's largest part, so that columns compare at a glance."""
    return f"{beside(cost.macs, largest.macs, 3)} MACs", f"{beside(cost.params, largest.params)} params"


def _fitting_scale(columns: list[Column], frame: Frame) -> float:
    """The largest scale up to the frame's at which all columns stand beside each other."""
    room = frame.width - frame.spacing * (len(columns) - 1)

    def fits(scale: float) -> bool:
        return sum(column.width(frame, scale) for column in columns) <= room

    if fits(frame.scale):
        return frame.scale
    low, high = 0.0, frame.scale
    for _ in range(12):
        scale = (low + high) / 2
        low, high = (scale, high) if fits(scale) else (low, scale)
    return low


def _mark_width(mark: Plate | str, scale: float) -> float:
    return text_width(mark, 12.5) + 4 if isinstance(mark, str) else mark.width(scale)


def _words(column: Column, middle: float, counts_y: float) -> list[Markup]:
    words = [text(middle, 16, column.title, "rx-b rx-t", "middle")]
    if column.subtitle:
        words.append(text(middle, 33, column.subtitle, "rx-m rx-s", "middle"))
    for row, line in enumerate(column.counts):
        words.append(text(middle, counts_y + (0, 19, 36)[row], line, "rx-n" if row == 0 else "rx-m rx-s", "middle"))
    return words


def _flow(start: float, end: float) -> list[Markup]:
    """An arrow between two columns, if there is room for one."""
    if end - start < 9:
        return []
    return [path("M", start, MIDDLE, "H", end, "M", end - 5, MIDDLE - 3, "L", end, MIDDLE, "L", end - 5, MIDDLE + 3,
                 class_="rx-flow")]


def _marks(column: Column, left: float, frame: Frame, scale: float, bounds: tuple[float, float]) -> list[Markup]:
    drawn: list[Markup] = []
    for mark in column.marks:
        width = _mark_width(mark, scale)
        if isinstance(mark, str):
            drawn.append(text(left + width / 2, MIDDLE + 4, mark, "rx-m rx-s", "middle"))
        else:
            drawn += _plate(mark, left, width, bounds)
        left += width + frame.gap
    return drawn


def _plate(plate: Plate, left: float, width: float, bounds: tuple[float, float]) -> list[Markup]:
    height = max(plate.height, THINNEST)
    top = MIDDLE - height / 2
    fill = f"color-mix(in srgb,var(--rx-ink) {plate.strength:.0f}%,var(--rx-bg))" if plate.strength else "var(--rx-bg)"
    classes = "rx-plate" + (" rx-image" if plate.strength is None else "") + (" rx-chosen" if plate.chosen else "")
    choice = {
        "data_choose": f"{plate.block[0]}.{plate.block[1]}", "role": "radio", "aria_checked": str(plate.chosen).lower(),
        "aria_label": ", ".join(plate.tip),
    } if plate.block else {}
    drawn = [rect(left, top, width, height, rx=min(1.5, width / 2), class_=classes, style=f"fill:{fill}",
                  data_tip="|".join(plate.tip), **choice)]
    if plate.arc:
        rise = min(11.0, 2 + 0.7 * width)
        drawn.append(path("M", left + 1, top - 2, "C", left + 1, top - 2 - rise, left + width - 1, top - 2 - rise,
                          left + width - 1, top - 2, class_=f"rx-arc rx-{plate.arc}"))
    if plate.chosen:
        drawn += _caret(left + width / 2, top + height + 6, bounds)
    return drawn


def _caret(x: float, y: float, bounds: tuple[float, float]) -> list[Markup]:
    half = text_width(CARET, 12.5) / 2
    middle = min(max(x, bounds[0] + half), bounds[1] - half)
    return [tag("path", d=f"M{x - 5:.1f} {y + 7:.1f}L{x:.1f} {y:.1f}L{x + 5:.1f} {y + 7:.1f}Z", class_="rx-caret"),
            text(middle, y + 20, CARET, "rx-m rx-s", "middle")]
