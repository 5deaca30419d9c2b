"""Where two networks differ: a table of signed numbers with bars to both sides of zero, its last row their sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from resnext_viz.comparison import Comparison, Pair, Place, TermKind
from resnext_viz.complexity import Cost
from resnext_viz.figures.kit.choice import PART_NAMES
from resnext_viz.figures.kit.quote import quote
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import exact, signed, signed_percent
from resnext_viz.layers import Part
from resnext_viz.names import preset
from resnext_viz.paper import FOOTNOTE_5
from resnext_viz.spec import StrideOn

KIND_NAMES = {
    **{TermKind(part): name for part, name in PART_NAMES.items() if part is not Part.HEAD},
    TermKind.NORM: "batch norm",
    TermKind.FC: "fc",
}
STRIDE_NAMES = {StrideOn.CONV3X3: "3×3 (v1.5)", StrideOn.CONV1X1: "1×1 (v1)"}
_QUANTITIES: tuple[tuple[str, Callable[[Cost], int]], ...] = (
    ("params", lambda cost: cost.params),
    ("MACs", lambda cost: cost.macs),
    ("acts", lambda cost: cost.acts),
)


class View(StrEnum):
    """What the rows are."""

    PLACES = "places"
    KINDS = "kinds"
    TERMS = "terms"


class ComparisonRow(NamedTuple):
    """One row: its name, a remark, the pair, and whether it is a part of the row above that is a sum."""

    name: str
    remark: str
    pair: Pair
    is_part: bool = False


def place_words(place: Place, pair: Comparison) -> str:
    """`stage 2, other 3 blocks (conv3)`: with how many there are, where both networks have as many."""
    depths = {
        counts.walk.stages[place.stage - 1].depth
        for counts in (pair.ours, pair.theirs)
        if 0 < place.stage <= len(counts.walk.stages)
    }
    if not place.others or len(depths) > 1:
        return place.name
    others = depths.pop() - 1
    return f"stage {place.stage}, other {f'{others} blocks' if others > 1 else 'block'}"


def comparison_rows(pair: Comparison, view: View) -> list[ComparisonRow]:
    """The rows of a view; those that are no part of another sum to the total.

    Terms without any difference are left out, since they are most and say nothing.
    """
    if view is View.KINDS:
        return [ComparisonRow(KIND_NAMES[kind], "", each) for kind, each in pair.by_kind.items()]
    rows: list[ComparisonRow] = []
    for place, each in pair.by_place.items():
        rows.append(ComparisonRow(place_words(place, pair), place.paper_name, each))
        if view is View.TERMS:
            rows += [
                ComparisonRow(KIND_NAMES[kind], "", term, True)
                for (where, kind), term in pair.terms.items()
                if where == place and any(term.difference)
            ]
    return rows


def comparison_table(pair: Comparison, view: View, title: str, other: str) -> str:
    """The table and its finding.

    Args:
        pair: what is compared.
        view: what the rows are.
        title: of the one network.
        other: of the network that is subtracted.
    """
    rows = comparison_rows(pair, view)
    most = [
        max([1, *(abs(count(row.pair.difference)) for row in (*rows, ComparisonRow("", "", pair.total)))])
        for _, count in _QUANTITIES
    ]
    head = tag(
        "tr",
        tag("th", "Where", scope="col", class_="rx-left"),
        *(
            cell
            for name, _ in _QUANTITIES
            for cell in (tag("th", f"{name[:1].upper()}{name[1:]}", scope="col"), tag("td"))
        ),
    )
    body = [_row(row, most) for row in rows]
    body.append(_row(ComparisonRow("Total", f"{title} − {other}", pair.total), most, "rx-cost-total"))
    table = tag("table", tag("thead", head), tag("tbody", *body), class_="rx-cost-table rx-cost-differences")
    findings = filter(None, (comparison_finding(pair, title, other), stride_finding(pair)))
    return tag(
        "div",
        tag("div", table, class_="rx-cost-frame"),
        *(tag("p", words, class_="rx-caption") for words in findings),
        _footnote(pair),
        class_="rx-cost",
    )


def _row(row: ComparisonRow, most: Sequence[int], class_: str | None = None) -> Markup:
    cells: list[Markup] = []
    for (unit, count), largest in zip(_QUANTITIES, most, strict=True):
        difference = count(row.pair.difference)
        tip = f"{row.name}|{exact(count(row.pair.ours))} {unit} here|{exact(count(row.pair.theirs))} {unit} there"
        cells += [
            tag("td", signed(difference) if difference else "0", data_tip=tip),
            tag("td", _bar(difference, largest), class_="rx-cost-signed"),
        ]
    remark = tag("small", row.remark) if row.remark else ""
    name = tag("th", row.name, remark, scope="row", class_=f"rx-left{' rx-cost-part' if row.is_part else ''}")
    return tag("tr", name, *cells, class_=class_)


def _bar(difference: int, largest: int) -> Markup:
    """From zero in the middle to its side."""
    half = 46 * abs(difference) / largest
    side = "left" if difference >= 0 else "right"
    return tag("div", tag("i", style=f"{side}:50%;width:{half:.2f}%"))


def comparison_finding(pair: Comparison, title: str, other: str) -> str:
    """The whole difference, and how much of it the stages' first blocks give."""
    total, first, rest = (each.difference for each in (pair.total, pair.first_blocks, pair.elsewhere))
    if not any(total):
        return f"{title} and {other} cost the same."
    return (
        f"{title} beside {other}: {_plain(total.params)} params{_share(total.params, pair.total.theirs.params)}, "
        f"{_plain(total.macs)} MACs{_share(total.macs, pair.total.theirs.macs)}. The first blocks of the stages give "
        f"{_plain(first.params)} params and {_plain(first.macs)} MACs, all else {_plain(rest.params)} params "
        f"and {_plain(rest.macs)} MACs."
    )


def _share(difference: int, whole: int) -> str:
    return f" ({signed_percent(difference / whole)})" if whole else ""


def _plain(difference: int) -> str:
    return signed(difference) if difference else "0"


def stride_finding(pair: Comparison) -> str | None:
    """Both counts with the stride on either convolution, and whether the order turns round; None without a 1x1."""
    if not pair.strides:
        return None
    counts = "; ".join(
        f"on the {STRIDE_NAMES[each.stride_on]} {exact(each.ours)} against {exact(each.theirs)} MACs, "
        f"{_plain(each.ours - each.theirs)}"
        for each in pair.strides
    )
    first, second = (each.ours - each.theirs for each in pair.strides)
    turned = " So the order turns round." if first * second < 0 else ""
    return f"With the stride of bottlenecks, in both, {counts}.{turned}"


def _footnote(pair: Comparison) -> Markup:
    """What the paper says of these two networks, if it does, and that it holds."""
    there = (preset("resnext50_32x4d"), preset("resnet50"))
    if (pair.ours.walk.spec, pair.theirs.walk.spec) != there:
        return markup()
    changing = pair.where_maps_change.difference
    holds = (
        f"Footnote 5 of the paper. It holds: the three blocks where the map sizes change give "
        f"{_plain(changing.params)} params and {_plain(changing.macs)} MACs, more than the whole difference."
    )
    return quote(FOOTNOTE_5, holds)


def comparison_file(pair: Comparison) -> list[dict[str, Any]]:
    """Every term as a row for a file, and the total."""
    rows = [(place.name, place.paper_name, kind.value, each) for (place, kind), each in pair.terms.items()]
    return [
        {
            "place": place,
            "paper_name": paper_name,
            "kind": kind,
            **{
                f"{side}_{name}": count
                for side, cost in (("this", each.ours), ("other", each.theirs))
                for name, count in cost._asdict().items()
            },
            **{f"{name}_difference": count for name, count in each.difference._asdict().items()},
        }
        for place, paper_name, kind, each in (*rows, ("total", "", "", pair.total))
    ]
