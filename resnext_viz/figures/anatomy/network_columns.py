"""What the network's drawing shows: its columns, and in each the plates with their sizes, strengths and words."""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from resnext_viz.complexity import Complexity, Cost, StageCost, layers_cost
from resnext_viz.figures.kit.choice import Hidden, block_at, folded
from resnext_viz.figures.kit.svg import text_width
from resnext_viz.kit.number_format import beside, exact, share, short
from resnext_viz.layers import Block
from resnext_viz.spec import map_size

TALLEST = 194.6  # px of the image's plate at the stem's usual image size
THINNEST = 3.0
VECTOR = (5.0, 92.0)  # the head's plate: classes have no map
CARET = "drawn below"
ALIKE = "alike"  # under the number of hidden blocks


class NetworkLayout(NamedTuple):
    """One of the two widths the drawing is made for."""

    width: float
    scale: float  # px per square root of a channel, where there is room
    gap: float  # between plates
    spacing: float  # between columns, at least
    label_image: bool


WIDE, NARROW = NetworkLayout(1040, 0.92, 4, 20, True), NetworkLayout(736, 0.68, 3, 14, False)


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


class NetworkColumn(NamedTuple):
    """The image, the stem, a stage or the head."""

    title: str
    subtitle: str
    counts: tuple[str, ...]
    marks: tuple[Plate | str, ...]  # strings stand for hidden blocks

    def marks_width(self, frame: NetworkLayout, scale: float) -> float:
        """Pixels that the plates take."""
        return sum(mark_width(mark, scale) for mark in self.marks) + frame.gap * (len(self.marks) - 1)

    def width(self, frame: NetworkLayout, scale: float, words: float) -> float:
        """Pixels that the plates and its words take."""
        return max(words, self.marks_width(frame, scale))

    def words_width(self) -> float:
        """Pixels that the widest of its words takes."""
        widths = [text_width(self.title, 14, bold=True), text_width(self.subtitle, 13)]
        widths += [text_width(line, 13.5 if row == 0 else 13) for row, line in enumerate(self.counts)]
        if any(isinstance(mark, Plate) and mark.chosen for mark in self.marks):
            widths.append(text_width(CARET, 13))
        return max(widths)


def mark_width(mark: Plate | str, scale: float) -> float:
    """Pixels that one mark of a column takes."""
    if isinstance(mark, str):
        return max(text_width(mark, 13, bold=True), text_width(ALIKE, 13)) + 6
    return mark.width(scale)


def network_columns(complexity: Complexity, chosen: tuple[int, int], frame: NetworkLayout) -> list[NetworkColumn]:
    """Image, stem, stages and head; `chosen` is a (stage, block) of this network."""
    network = complexity.walk
    strongest = max(
        layers_cost(block.layers).macs for stage in network.stages for block in (stage.first, stage.rest) if block
    )
    strongest = max(strongest, *(row.cost.macs for row in complexity.by_stage if not row.blocks), 1)
    per_root = TALLEST / sqrt(max(map_size(network.image_size).height, network.spec.default_image_size))
    largest = Cost(*map(max, zip(*(row.cost for row in complexity.by_stage), strict=True)))
    room = (frame.width - 6 * frame.spacing) / 7
    columns = [_image_column(complexity, per_root, frame, room)]
    for row in complexity.by_stage:
        subtitle = row.paper_name if not row.blocks else f"{row.paper_name} × {len(row.blocks)}"
        counts = (_shape(row, room), *_costs(row.cost, largest))
        if row.blocks:
            marks = _stage_plates(complexity, int(row.name.split()[1]), chosen, per_root, strongest)
        else:
            height = VECTOR[1] if row.name == "head" else per_root * sqrt(row.size_out.height)
            tip = _tip(row.name, row.cost, complexity.macs)
            marks = (Plate(row.channels, height, _strength(row.cost.macs, strongest), tip, vector=row.name == "head"),)
        columns.append(NetworkColumn(row.name, subtitle, counts, marks))
    return columns


def _image_column(complexity: Complexity, per_root: float, frame: NetworkLayout, room: float) -> NetworkColumn:
    network = complexity.walk
    shape = f"{network.spec.in_channels:,} × {map_size(network.image_size).product}"
    plate = Plate(1, per_root * sqrt(map_size(network.image_size).height), None, ("image", shape))
    fits = frame.label_image and text_width(shape, 13.5) <= room
    return NetworkColumn("image", "", (shape,) if fits else (), (plate,))


def _stage_plates(
    complexity: Complexity, number: int, chosen: tuple[int, int], per_root: float, strongest: int
) -> tuple[Plate | str, ...]:
    stage = complexity.walk.stages[number - 1]
    height = per_root * sqrt(stage.size_out.height)
    keep = (chosen[1],) if chosen[0] == number else ()
    marks: list[Plate | str] = []
    for item in folded(stage.depth, keep):
        if isinstance(item, Hidden):
            marks.append(f"+ {item.blocks}")
            continue
        block = block_at(complexity.walk, (number, item))
        cost = layers_cost(block.layers)
        marks.append(
            Plate(
                stage.c_out,
                height,
                _strength(cost.macs, strongest),
                _tip(f"stage {number}, block {item}", cost, complexity.macs),
                (number, item),
                _arc(block),
                chosen=chosen == (number, item),
            )
        )
    return tuple(marks)


def _arc(block: Block) -> str | None:
    return "projection" if block.projection else "identity" if block.identity else None


def _strength(macs: int, strongest: int) -> float:
    return 8 + 70 * macs / strongest


def _tip(name: str, cost: Cost, all_macs: int) -> tuple[str, ...]:
    return (
        name,
        f"{exact(cost.params)} params",
        f"{exact(cost.macs)} MACs",
        f"{exact(cost.acts)} acts",
        f"{share(cost.macs, all_macs)} of MACs",
    )


def _shape(row: StageCost, room: float) -> str:
    if row.name == "head":
        return f"{row.channels:,} classes"
    full = f"{row.channels:,} × {row.size_out.product}"
    return full if text_width(full, 13.5) <= room else f"{short(row.channels, 1)} × {row.size_out.product}"


def _costs(cost: Cost, largest: Cost) -> tuple[str, str]:
    """MACs and params on the scale of the network's largest part, so that columns compare at a glance."""
    return f"{beside(cost.macs, largest.macs, 3)} MACs", f"{beside(cost.params, largest.params)} params"
