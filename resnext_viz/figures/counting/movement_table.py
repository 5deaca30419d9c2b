"""Why equal MACs are not equal time, as HTML: what two networks write and move, and how long they were measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from resnext_viz.comparison import Comparison, Movement, Workload
from resnext_viz.comparison.movement import TILE_CHANNELS, VECTOR_LANES
from resnext_viz.figures.kit.choice import PART_NAMES
from resnext_viz.figures.kit.svg import Markup, tag
from resnext_viz.kit.number_format import byte_size, exact, percent, signed_percent
from resnext_viz.layers import Part

ELEMENT_BYTES = {"float32": 4, "bfloat16": 2}
SAME_COST = 0.1  # share of the MACs up to which two networks cost "the same"
MISSING = "–"


class MovementRow(NamedTuple):
    """One row: what is compared, as both networks have it, and the ratio where there is one."""

    name: str
    ours: str
    theirs: str
    ratio: float | None = None


def quantities(pair: Comparison, ours: Movement, theirs: Movement) -> list[MovementRow]:
    """All that is computed, in order."""
    both = (ours, theirs)
    images = ours.batch_size
    macs, acts = [
        [images * count for count in counts]
        for counts in ((pair.ours.macs, pair.theirs.macs), (pair.ours.acts, pair.theirs.acts))
    ]
    rows = [
        _counted("MACs", *macs),
        _counted("Activations written", *acts),
        _bytes("Moved by convolutions and fc", *(each.convolutions.bytes_moved for each in both)),
        _bytes("Moved by batch norm, ReLU, additions", *(each.elementwise_bytes for each in both)),
        _intensity("MACs for each byte, convolutions and fc", *(each.convolutions for each in both)),
        *(
            _intensity(f"MACs for each byte, {PART_NAMES[part]}", *(each.by_part.get(part) for each in both))
            for part in _parts(ours, theirs)
        ),
    ]
    if ours.group_widths or theirs.group_widths:
        rows += [
            _widths(
                "Channels of a group, stage by stage",
                *([exact(width.channels) for width in each.group_widths] for each in both),
            ),
            _widths(
                f"Lanes filled, of {VECTOR_LANES} in a 512-bit vector",
                *([percent(width.vector_fill, 0) for width in each.group_widths] for each in both),
            ),
            _widths(
                f"Filled, of a tensor core’s {TILE_CHANNELS} channels",
                *([percent(width.tile_fill, 0) for width in each.group_widths] for each in both),
            ),
        ]
    return [*rows, _counted("Tensor operations", ours.operations, theirs.operations)]


def _parts(ours: Movement, theirs: Movement) -> list[Part]:
    there = ours.by_part.keys() | theirs.by_part.keys()
    return [part for part in Part if part in there]


def _counted(name: str, ours: int, theirs: int) -> MovementRow:
    return MovementRow(name, exact(ours), exact(theirs), ours / theirs)


def _bytes(name: str, ours: int, theirs: int) -> MovementRow:
    return MovementRow(name, byte_size(ours), byte_size(theirs), ours / theirs)


def _intensity(name: str, ours: Workload | None, theirs: Workload | None) -> MovementRow:
    ratio = ours.intensity / theirs.intensity if ours and theirs else None
    return MovementRow(name, _written(ours), _written(theirs), ratio)


def _written(load: Workload | None) -> str:
    return f"{load.intensity:.1f}" if load else MISSING


def _widths(name: str, ours: Sequence[str], theirs: Sequence[str]) -> MovementRow:
    def told(words: Sequence[str]) -> str:
        return words[0] if len(set(words)) == 1 else ", ".join(words) or MISSING

    return MovementRow(name, told(ours), told(theirs))


def cells_of(row: MovementRow) -> tuple[str, str, str]:
    """Both values and the ratio, as text."""
    return row.ours, row.theirs, "" if row.ratio is None else f"{row.ratio:,.2f}"


def is_same_cost(pair: Comparison) -> bool:
    """Whether the MACs differ so little that another time needs another reason."""
    return abs(pair.ours.macs / pair.theirs.macs - 1) <= SAME_COST


def movement_rows(ours: Movement, theirs: Movement, title: str, other: str) -> list[dict[str, Any]]:
    """MACs and bytes of both networks, part by part, as rows for a file."""
    return [
        {"network": name, "part": part.value, **load._asdict(), "macs_per_byte": load.intensity}
        for name, each in ((title, ours), (other, theirs))
        for part, load in each.by_part.items()
    ]


def movement_table(pair: Comparison, ours: Movement, theirs: Movement, title: str, other: str) -> str:
    """The table of quantities, bars of MACs for each byte, and the finding."""
    head = tag(
        "tr",
        *(
            tag("th", words, scope="col", class_=class_)
            for words, class_ in (("One forward pass", "rx-left"), (title, None), (other, None), ("Ratio", None))
        ),
    )
    rows = [row for row in quantities(pair, ours, theirs) if not row.name.startswith("MACs for each byte, ")]
    body = [
        tag("tr", tag("th", row.name, scope="row", class_="rx-left"), *(tag("td", cell) for cell in cells_of(row)))
        for row in rows
    ]
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="rx-cost-table")
    return tag(
        "div",
        tag("div", table, class_="rx-cost-frame"),
        _intensities(ours, theirs, title, other),
        tag("p", movement_finding(pair, ours, theirs, title, other), class_="rx-caption"),
        class_="rx-cost",
    )


def _intensities(ours: Movement, theirs: Movement, title: str, other: str) -> Markup:
    """Two bars for each part: this network filled, the other open."""
    sides = [(title, ours, "rx-cost-bar"), (other, theirs, "rx-cost-bar rx-cost-open")]
    most = max(load.intensity for _, each, _ in sides for load in each.by_part.values())
    rows = []
    for part in _parts(ours, theirs):
        bars, words = [], []
        for name, each, class_ in sides:
            load = each.by_part.get(part)
            share = load.intensity / most if load else 0.0
            bars.append(tag("i", class_=class_, style=f"width:{100 * share:.2f}%", data_tip=_tip(name, part, load)))
            words.append(_written(load))
        rows.append(
            tag(
                "tr",
                tag("th", PART_NAMES[part], scope="row", class_="rx-left"),
                tag("td", *bars, class_="rx-cost-barred rx-cost-twin"),
                *(tag("td", word) for word in words),
            )
        )
    head = tag(
        "tr",
        *(
            tag("th", words, scope="col", class_=class_)
            for words, class_ in (("MACs for each byte moved", "rx-left"), ("", None), (title, None), (other, None))
        ),
    )
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="rx-cost-table")
    return tag("div", table, class_="rx-cost-frame")


def _tip(name: str, part: Part, load: Workload | None) -> str:
    if load is None:
        return f"{name}|has no {PART_NAMES[part]}"
    return f"{name}, {PART_NAMES[part]}|{exact(load.macs)} MACs|{exact(load.bytes_moved)} bytes moved"


def movement_finding(pair: Comparison, ours: Movement, theirs: Movement, title: str, other: str) -> str:
    """What of all that may make the one network slower, in one or two sentences."""
    acts, others = pair.ours.acts, pair.theirs.acts
    more = "as many activations as" if acts == others else f"{signed_percent(acts / others - 1)} activations beside"
    here, there = (each.by_part.get(Part.TRANSFORM) for each in (ours, theirs))
    started = (
        f"Both start {exact(ours.operations)} tensor operations"
        if ours.operations == theirs.operations
        else f"They start {exact(ours.operations)} and {exact(theirs.operations)} tensor operations"
    )
    intensity = ""
    if here and there:
        intensity = f" Its 3×3 does {here.intensity:.1f} MACs for each byte moved, the other’s {there.intensity:.1f}"
        narrower = ours.walk.stages[0].group_width < theirs.walk.stages[0].group_width
        intensity += ": narrow groups wait for memory." if narrower and here.intensity < there.intensity else "."
    return (
        f"{started}. {title} writes {more} {other}; on GPUs time follows activations better "
        f"than MACs (Radosavovic et al. 2020).{intensity}"
    )


class Timing(NamedTuple):
    """A measured batch: images, the medians of both in milliseconds, and of how many rounds; None not measured yet."""

    batch: int
    ours_ms: float | None
    theirs_ms: float | None
    rounds: int = 0


def timing_table(timings: Sequence[Timing], title: str, other: str, where: str) -> str:
    """Measured times, or dashes; `where` names device, engine and threads."""
    head = tag(
        "tr",
        *(
            tag("th", words, scope="col", class_=class_)
            for words, class_ in (
                ("Measured, forward pass", "rx-left"),
                (title, None),
                (other, None),
                ("Ratio of times", None),
                ("Median of", None),
            )
        ),
    )
    body = [_timing_row(each) for each in timings]
    table = tag(
        "table",
        tag("caption", where, class_="rx-cost-caption"),
        tag("thead", head),
        tag("tbody", *body),
        class_="rx-cost-table",
    )
    return tag("div", tag("div", table, class_="rx-cost-frame"), class_="rx-cost")


def _timing_row(timing: Timing) -> Markup:
    name = f"{timing.batch} image{'s' if timing.batch > 1 else ''}"
    if timing.ours_ms is None or timing.theirs_ms is None:
        cells = [MISSING] * 4
    else:
        cells = [
            f"{timing.ours_ms:,.1f} ms",
            f"{timing.theirs_ms:,.1f} ms",
            f"{timing.ours_ms / timing.theirs_ms:.2f}",
            f"{timing.rounds} rounds",
        ]
    return tag("tr", tag("th", name, scope="row", class_="rx-left"), *(tag("td", cell) for cell in cells))
