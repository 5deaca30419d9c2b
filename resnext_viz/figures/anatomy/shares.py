"""Where MACs and params sit: one bar for each, by stage and in a stage by part, over a thin bar of the baseline.

A bar's length is the count; each quantity has one scale for the network and its baseline, starting at zero.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

from resnext_viz.complexity import Complexity, Cost, layers_cost
from resnext_viz.figures.kit.choice import PART_NAMES, part_costs
from resnext_viz.figures.kit.svg import Markup, document, group, rect, tag, text, text_width, variants
from resnext_viz.kit.number_format import exact, share
from resnext_viz.layers import Part
from resnext_viz.spec import Stem

BAR, THIN = 22.0, 7.0  # heights
ROW = 72.0  # from one quantity to the next
LABELLED = 34.0  # px a stage needs for a label
MARGIN = (86.0, 150.0)  # left of the bars, at least and at most
WIDE, NARROW = 1040.0, 736.0


class Segment(NamedTuple):
    """One part of one stage."""

    stage: str
    part: Part
    cost: Cost


class Track(NamedTuple):
    """Where a bar lies, and its pixels per unit."""

    left: float
    top: float
    height: float
    scale: float


def share_bars(complexity: Complexity, baseline: Complexity, baseline_title: str) -> str:
    """Bars of MACs and params, their legend, and a sentence with the finding, in two layouts."""
    finding = share_finding(complexity, baseline, baseline_title)
    drawings = [_drawing(complexity, baseline, baseline_title, finding, width) for width in (WIDE, NARROW)]
    return tag("div", variants(*drawings), tag("p", finding, class_="rx-caption"), class_="rx-shares")


def share_finding(complexity: Complexity, baseline: Complexity, baseline_title: str) -> str:
    """What the convolutions of the blocks do of the MACs, here and in the baseline."""
    shares = _macs_by_part(complexity)
    pair = shares.get(Part.REDUCE, 0) + shares.get(Part.EXPAND, 0)
    here = share(shares[Part.TRANSFORM], complexity.macs)
    if pair:
        only = "only " if 4 * shares[Part.TRANSFORM] < pair else ""
        sentence = (
            f"Reduce and expand, the 1×1 pair, do {share(pair, complexity.macs)} of the MACs; "
            f"{_transform_name(complexity)}, {only}{here}."
        )
    else:
        sentence = f"Of the MACs, {_transform_name(complexity)} does {here}."
    if complexity.walk == baseline.walk:
        return sentence
    there = share(_macs_by_part(baseline)[Part.TRANSFORM], baseline.macs)
    return f"{sentence} In {baseline_title} {_transform_name(baseline)} does {there}."


def segments(complexity: Complexity) -> list[Segment]:
    """Every part of every stage in order; their costs add up to the network's."""
    network = complexity.walk
    drawn = [Segment("stem", Part.STEM, layers_cost(network.stem))]
    for stage in network.stages:
        name = f"stage {stage.index + 1}"
        drawn += [Segment(name, part, cost) for part, cost in part_costs(stage).items()]
    if network.head:
        drawn.append(Segment("head", Part.HEAD, layers_cost(network.head)))
    return drawn


def _macs_by_part(complexity: Complexity) -> dict[Part, int]:
    sums: dict[Part, int] = {}
    for segment in segments(complexity):
        sums[segment.part] = sums.get(segment.part, 0) + segment.cost.macs
    return sums


def _transform_name(complexity: Complexity) -> str:
    spec = complexity.walk.spec
    kind = "grouped" if spec.cardinality > 1 else "plain"
    # A CIFAR stem is a plain 3x3 too, and has its own part of the bar.
    return f"the {kind} 3×3" + (" of the blocks" if spec.stem is not Stem.IMAGENET and kind == "plain" else "")


def _drawing(complexity: Complexity, baseline: Complexity, baseline_title: str, finding: str, width: float) -> Markup:
    title_width = text_width(baseline_title, 13) + 10
    named = baseline_title if title_width <= MARGIN[1] else "baseline"
    left = max(MARGIN[0], title_width if named is baseline_title else 0.0)
    ours, theirs = segments(complexity), segments(baseline)
    quantities: tuple[tuple[str, Callable[[Cost], int]], ...] = (
        ("MACs", lambda cost: cost.macs),
        ("params", lambda cost: cost.params),
    )
    marks: list[Markup] = []
    for row, (unit, count) in enumerate(quantities):
        top = 19 + row * ROW
        scale = (width - left) / max(count(complexity.total), count(baseline.total))
        marks += [
            text(0, top + 15, unit[0].upper() + unit[1:], "rx-b rx-t"),
            text(0, top + 34, named, "rx-m rx-s", data_tip=f"baseline|{baseline_title}"),
        ]
        marks += _bar(ours, count, unit, Track(left, top, BAR, scale))
        marks += _bar(theirs, count, unit, Track(left, top + 27, THIN, scale), baseline_title)
        marks += _labels(ours, count, Track(left, top - 7, 0, scale), width)
    legend = _legend({segment.part for segment in (*ours, *theirs)}, left if width == WIDE else 0.0, 19 + 2 * ROW - 8)
    return document(width, 19 + 2 * ROW + 12, "Shares of MACs and params", finding, [*marks, *legend])


def _bar(
    drawn: list[Segment], count: Callable[[Cost], int], unit: str, track: Track, network: str = ""
) -> list[Markup]:
    total = sum(count(segment.cost) for segment in drawn)
    marks: list[Markup] = []
    edges: list[Markup] = []
    x = track.left
    for _, stage in groupby(drawn, key=lambda segment: segment.stage):
        start = x
        for segment in stage:
            amount = count(segment.cost)
            part = PART_NAMES[segment.part]
            name = segment.stage if segment.stage == part else f"{segment.stage}, {part}"
            lines = (network, name, f"{exact(amount)} {unit}", f"{share(amount, total)} of {unit}")
            marks.append(
                rect(
                    x,
                    track.top,
                    amount * track.scale,
                    track.height,
                    class_=f"rx-fill-{segment.part}",
                    data_part=segment.part.value,
                    data_tip="|".join(filter(None, lines)),
                )
            )
            x += amount * track.scale
        if start > track.left and x - start > 4:
            edges.append(rect(start - 0.75, track.top - 1, 1.5, track.height + 2, class_="rx-keyline"))
    return [group(*marks, class_="rx-baseline" if network else None), *edges]


def _labels(drawn: list[Segment], count: Callable[[Cost], int], track: Track, right: float) -> list[Markup]:
    """Stage labels over the bar: the widest stages first, each where it does not touch another, else none."""
    total = sum(count(segment.cost) for segment in drawn)
    spans: list[tuple[float, float, str]] = []
    x = track.left
    for name, stage in groupby(drawn, key=lambda segment: segment.stage):
        amount = sum(count(segment.cost) for segment in stage)
        spans.append((x, x + amount * track.scale, f"{name} · {share(amount, total)}"))
        x += amount * track.scale
    taken: list[tuple[float, float]] = []
    labels: list[Markup] = []
    for start, end, label in sorted(spans, key=lambda span: span[0] - span[1]):
        width = text_width(label, 13)
        if end - start < LABELLED:
            break
        for low in (start, end - width):
            free = all(low + width + 10 < other_low or other_high + 10 < low for other_low, other_high in taken)
            if free and low >= 0 and low + width <= right:
                taken.append((low, low + width))
                side = (low, "start") if low == start else (end, "end")
                labels.append(text(side[0], track.top, label, "rx-s", side[1]))
                break
    return labels


def _legend(parts: set[Part], left: float, y: float) -> list[Markup]:
    marks: list[Markup] = []
    for part in Part:
        if part in parts:
            name = PART_NAMES[part]
            width = 17 + text_width(name, 13)
            marks.append(
                group(
                    rect(left, y - 7, width + 8, 25, class_="rx-hit"),
                    rect(left, y, 11, 11, class_=f"rx-fill-{part}"),
                    text(left + 17, y + 10, name, "rx-s"),
                    class_="rx-legend",
                    data_fade=part.value,
                )
            )
            left += width + 26
    return marks
