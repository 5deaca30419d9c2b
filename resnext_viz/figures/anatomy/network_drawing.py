"""The network from image to classes: one plate for each block, its size from the map, its strength from its MACs.

Plate height is the square root of the map's side, plate width the square root of the channels, fill strength the
block's MACs between 8 and 78 % of ink. Arcs are shortcuts: solid for a projection, dashed for an identity.
"""

from __future__ import annotations

from resnext_viz.complexity import Complexity
from resnext_viz.figures.anatomy.network_columns import (
    ALIKE,
    CARET,
    NARROW,
    THINNEST,
    WIDE,
    NetworkColumn,
    NetworkLayout,
    Plate,
    mark_width,
    network_columns,
)
from resnext_viz.figures.kit.choice import within
from resnext_viz.figures.kit.svg import Markup, document, group, path, rect, tag, text, text_width, variants
from resnext_viz.kit.number_format import share
from resnext_viz.spec import Stem

MIDDLE = 150.0  # y of the flow line


def network_drawing(complexity: Complexity, chosen: tuple[int, int]) -> str:
    """The whole network in a wide and a narrow layout; `chosen` is (stage, block), both from 1."""
    return variants(_drawing(complexity, chosen, WIDE), _drawing(complexity, chosen, NARROW))


def network_finding(complexity: Complexity) -> str:
    """One sentence: where most MACs and most params sit."""
    rows = complexity.by_stage
    macs, params = max(rows, key=lambda row: row.cost.macs), max(rows, key=lambda row: row.cost.params)
    return (
        f"Of all parts {macs.name} does the most MACs, {share(macs.cost.macs, complexity.macs)}; "
        f"{params.name} holds the most params, {share(params.cost.params, complexity.params)}."
    )


def _drawing(complexity: Complexity, chosen: tuple[int, int], frame: NetworkLayout) -> Markup:
    spec = complexity.walk.spec
    columns = network_columns(complexity, within(complexity.walk, chosen), frame)
    words = [column.words_width() for column in columns]
    scale = _fitting_scale(columns, words, frame)
    widths = [column.width(frame, scale, least) for column, least in zip(columns, words, strict=True)]
    spacing = (frame.width - sum(widths)) / (len(columns) - 1)
    # A CIFAR stem keeps the image's side, so the caret of its first stage hangs lower.
    counts_y = 300.0 if spec.stem is Stem.CIFAR else 272.0
    marks: list[Markup] = []
    around: list[Markup] = []
    flow_from: float | None = None
    left = 0.0
    for column, width in zip(columns, widths, strict=True):
        middle = left + width / 2
        around += _words(column, middle, counts_y)
        half = column.marks_width(frame, scale) / 2
        if flow_from is not None:
            around += _flow(flow_from + 7, middle - half - 7)
        marks += _marks(column, middle - half, frame, scale, (left, left + width))
        flow_from = middle + half
        left += width + spacing
    plates = group(*marks, data_group="plates", role="radiogroup", aria_label="Blocks of the network")
    return document(
        frame.width,
        counts_y + 44,
        "The network from image to classes",
        network_finding(complexity),
        [*around, plates],
        interactive=True,
    )


def _fitting_scale(columns: list[NetworkColumn], words: list[float], frame: NetworkLayout) -> float:
    """The largest scale up to the frame's at which all columns stand beside each other."""
    room = frame.width - frame.spacing * (len(columns) - 1)

    def fits(scale: float) -> bool:
        widths = [column.width(frame, scale, least) for column, least in zip(columns, words, strict=True)]
        return sum(widths) <= room

    if fits(frame.scale):
        return frame.scale
    low, high = 0.0, frame.scale
    for _ in range(12):
        scale = (low + high) / 2
        low, high = (scale, high) if fits(scale) else (low, scale)
    return low


def _words(column: NetworkColumn, middle: float, counts_y: float) -> list[Markup]:
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
    return [
        path(
            "M",
            start,
            MIDDLE,
            "H",
            end,
            "M",
            end - 5,
            MIDDLE - 3,
            "L",
            end,
            MIDDLE,
            "L",
            end - 5,
            MIDDLE + 3,
            class_="rx-flow",
        )
    ]


def _marks(
    column: NetworkColumn, left: float, frame: NetworkLayout, scale: float, bounds: tuple[float, float]
) -> list[Markup]:
    drawn: list[Markup] = []
    for mark in column.marks:
        width = mark_width(mark, scale)
        if isinstance(mark, str):
            drawn += [
                text(left + width / 2, MIDDLE - 2, mark, "rx-b", "middle"),
                text(left + width / 2, MIDDLE + 13, ALIKE, "rx-m rx-s", "middle"),
            ]
        else:
            drawn += _plate(mark, left, width, bounds)
        left += width + frame.gap
    return drawn


def _plate(plate: Plate, left: float, width: float, bounds: tuple[float, float]) -> list[Markup]:
    height = max(plate.height, THINNEST)
    top = MIDDLE - height / 2
    fill = f"color-mix(in srgb,var(--rx-ink) {plate.strength:.0f}%,var(--rx-bg))" if plate.strength else "var(--rx-bg)"
    classes = "rx-plate" + (" rx-image" if plate.strength is None else "") + (" rx-chosen" if plate.chosen else "")
    choice = (
        {
            "data_choose": f"{plate.block[0]}.{plate.block[1]}",
            "role": "radio",
            "aria_checked": str(plate.chosen).lower(),
            "aria_label": ", ".join(plate.tip),
        }
        if plate.block
        else {}
    )
    drawn = [
        rect(
            left,
            top,
            width,
            height,
            rx=min(1.5, width / 2),
            class_=classes,
            style=f"fill:{fill}",
            data_tip="|".join(plate.tip),
            **choice,
        )
    ]
    if plate.arc:
        rise = min(11.0, 2 + 0.7 * width)
        drawn.append(
            path(
                "M",
                left + 1,
                top - 2,
                "C",
                left + 1,
                top - 2 - rise,
                left + width - 1,
                top - 2 - rise,
                left + width - 1,
                top - 2,
                class_=f"rx-arc rx-{plate.arc}",
            )
        )
    if plate.chosen:
        drawn += _caret(left + width / 2, top + height + 6, bounds)
    return drawn


def _caret(x: float, y: float, bounds: tuple[float, float]) -> list[Markup]:
    half = text_width(CARET, 13) / 2
    middle = min(max(x, bounds[0] + half), bounds[1] - half)
    return [
        tag("path", d=f"M{x - 5:.1f} {y + 7:.1f}L{x:.1f} {y:.1f}L{x + 5:.1f} {y + 7:.1f}Z", class_="rx-caret"),
        text(middle, y + 20, CARET, "rx-m rx-s", "middle"),
    ]
