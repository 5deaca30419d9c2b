"""Every tool's number beside ours: as a table with strips that add up, as formulas in words, and as rows for a file."""

from __future__ import annotations

from collections.abc import Sequence

from resnext_viz.conventions import WORDS, Skipped, Term, ToolCount
from resnext_viz.figures.counting.tool_runs import ShownRun, run_line
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import MINUS, exact, percent, short, signed, signed_percent

NARROWEST_LABEL = 0.13  # of a strip's width: what the longest label needs at 800 px
_UNSCALED = {"projection_macs", "grouped_macs", "linear_map_macs"}  # far more than all else that a strip shows
READABLE = 10_000  # below it a size is written out


def formula(count: ToolCount) -> str:
    """How the number follows from ours: `our MACs + 2 × 14,400,512 batch norm + 100,352 average pool`."""
    return " ".join(formula_parts(count))


def formula_parts(count: ToolCount) -> list[str]:
    """The formula's first piece, ours, and its summands with their signs."""
    per_mac = count.tool.per_mac
    return ["our MACs" if per_mac == 1 else f"{per_mac} × our MACs", *map(_summand, count.beyond)]


def _summand(term: Term) -> str:
    """`+ 2 × 14,400,512 batch norm`."""
    times = f"{abs(term.times)} × " if abs(term.times) > 1 else ""
    return f"{'+' if term.value > 0 else MINUS} {times}{exact(term.amount)} {term.words}"


def difference_percent(count: ToolCount) -> str:
    """The difference to our MACs as a share of them: `+0.68 %`, `< 0.01 %`, or nothing."""
    if not count.difference:
        return ""
    part = count.difference / count.tallies.macs
    return "< 0.01 %" if abs(part) < 0.0001 else signed_percent(part, 2)


def skipped_names(count: ToolCount) -> str:
    """What the tool leaves out: `ReLU, max pool, 16 additions`; empty if it leaves out nothing."""
    return ", ".join(_name(skipped) for skipped in count.skipped)


def skipped_words(count: ToolCount) -> str:
    """What the tool leaves out, and how much that is beside our MACs: `16 additions: 5.5 M elements, 0.13 %`."""
    elements = sum(skipped.elements for skipped in count.skipped)
    if not elements:
        return ""
    amount = exact(elements) if elements < READABLE else short(elements, 1)
    part = elements / count.tallies.macs
    return f"{skipped_names(count)}: {amount} elements, {percent(part, 2) if part >= 0.0001 else '< 0.01 %'}"


def _name(skipped: Skipped) -> str:
    if skipped.times is None:
        return skipped.what
    return f"{skipped.times} additions" if skipped.times > 1 else "1 addition"


def tool_rows(counts: Sequence[ToolCount]) -> list[dict[str, str | int]]:
    """One dict for each tool; the columns after `difference` are its terms and add up to `total`."""
    names = [name for name in WORDS if any(name in count.tool.weights for count in counts)]
    return [
        {"tool": count.tool.title, "its_name_for_it": count.tool.unit, "total": count.total,
         "difference": count.difference,
         **{name: sum(term.value for term in count.terms if term.tally == name) for name in names},
         "skipped": skipped_words(count)}
        for count in counts
    ]  # fmt: skip


def tool_table(counts: Sequence[ToolCount], run: ShownRun | None = None) -> str:
    """HTML of the tools in their order: the number, its difference to ours, what makes it, and what a run printed."""
    head = tag(
        "tr",
        tag("th", "Tool", scope="col", class_="rx-left"),
        tag("th", "Its number", scope="col"),
        tag("th", "Difference to ours", scope="col"),
        tag("th", "How it follows from our MACs", scope="col", class_="rx-left"),
    )
    scaled = [[term.value for term in count.beyond if term.tally not in _UNSCALED] for count in counts]
    most = max(sum(value for value in values if value > 0) for values in scaled)
    caption = f"What each tool prints for a network of {exact(counts[0].tallies.macs)} MACs"
    table = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", *(_row(count, most, run) for count in counts)),
        class_="rx-tools",
    )
    return tag("div", table, class_="rx-tools-frame")


def _row(count: ToolCount, most: int, run: ShownRun | None) -> Markup:
    tool = count.tool
    skipped = skipped_words(count).replace(" %", "\u00a0%")
    return tag(
        "tr",
        tag("th", tool.title, tag("small", tool.unit), scope="row", class_="rx-left"),
        tag("td", exact(count.total), tag("small", short(count.total))),
        tag("td", signed(count.difference), tag("small", difference_percent(count))),
        tag(
            "td",
            _strip(count, most),
            _formula(count),
            tag("small", " ".join(filter(None, (tool.why, tool.source, skipped and f"Skips {skipped}.")))),
            run_line(tool.key, run),
            class_="rx-left",
        ),
    )


def _formula(count: ToolCount) -> Markup:
    """The formula, broken between its summands only."""
    base, *summands = formula_parts(count)
    return tag("span", base, *(markup(" ", tag("span", summand)) for summand in summands), class_="rx-tools-formula")


def _strip(count: ToolCount, most: int) -> Markup:
    """The terms beyond ours, to one scale for all tools; where a multiply-add is two, a broken piece before them."""
    again = count.tallies.macs * (count.tool.per_mac - 1)
    terms = count.beyond
    tips = [f"our MACs again: {exact(again)}, not to scale"] if again else []
    tips += map(_in_full, terms)
    if not tips:
        return markup()
    pieces = [tag("i", "ours again", class_="rx-tools-again", data_tip=tips[0])] if again else []
    pieces += [_piece(term, most) for term in terms]
    return tag(
        "span",
        *pieces,
        class_="rx-tools-strip",
        role="img",
        tabindex="0",
        data_tip="|".join([f"{count.tool.title}: {signed(count.difference)}", *tips]),
        aria_label=f"Beyond our MACs: {'; '.join(tips)}",
    )


def _in_full(term: Term) -> str:
    """`batch norm: 14,400,512 × 2 = 28,801,024`."""
    product = f"{exact(term.amount)} × {term.times} = " if term.times > 1 else ""
    return f"{term.words}: {product}{exact(term.value)}"


def _piece(term: Term, most: int) -> Markup:
    if term.tally in _UNSCALED:
        label = f"{'less ' * (term.value < 0)}{term.words}"
        return tag("i", label, class_="rx-tools-again rx-tools-broken", data_tip=f"{_in_full(term)}, not to scale")
    width = abs(term.value) / most
    label = f"{term.words} ×{term.times}" if term.times > 1 else term.words
    return tag(
        "i",
        label if width >= NARROWEST_LABEL else "",
        style=f"width:{100 * width:.3f}%",
        data_tip=_in_full(term),
        class_="rx-tools-piece" if term.value > 0 else "rx-tools-piece rx-tools-less",
    )
