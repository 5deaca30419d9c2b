"""Every tool's number beside ours: as a table with strips that add up, as formulas in words, and as rows for a file."""

from __future__ import annotations

from collections.abc import Sequence

from resnext_viz.conventions import OURS, WORDS, Skipped, Term, ToolCount
from resnext_viz.figures.numbers import MINUS, exact, percent, short, signed, signed_percent
from resnext_viz.figures.svg import Markup, markup, tag

NARROWEST_LABEL = 0.13  # of a strip's width: what the longest label needs at 800 px
READABLE = 10_000  # below it a size is written out


def formula(count: ToolCount) -> str:
    """How the number follows from ours: `our MACs + 2 × 14,400,512 batch norm + 100,352 average pool`."""
    per_mac = count.tool.per_mac
    base = "our MACs" if per_mac == 1 else f"{per_mac} × our MACs"
    return base + "".join(f" {'+' if term.value > 0 else MINUS} {term_words(term)}" for term in beyond(count))


def beyond(count: ToolCount) -> tuple[Term, ...]:
    """What the number has beyond our MACs, each counted as often as the tool counts a multiply-add; or lacks."""
    per_mac = count.tool.per_mac
    terms = []
    for name in WORDS:
        times = count.tool.weights.get(name, 0) - per_mac * OURS.get(name, 0)
        term = Term(name, getattr(count.tallies, name), times)
        if term.value:
            terms.append(term)
    return tuple(terms)


def term_words(term: Term) -> str:
    """`2 × 14,400,512 batch norm`, without its sign."""
    times = abs(term.times)
    return f"{f'{times} × ' if times > 1 else ''}{exact(term.amount)} {term.words}"


def difference_percent(count: ToolCount) -> str:
    """The difference to our MACs as a share of them: `+0.68 %`, `< 0.01 %`, or nothing."""
    part = count.difference / count.tallies.macs if count.tallies.macs else 0.0
    if not count.difference:
        return ""
    return "< 0.01 %" if abs(part) < 0.0001 else signed_percent(part, 2)


def skipped_words(count: ToolCount, sizes: bool = True) -> str:
    """What the tool leaves out, with its size against our MACs or without; empty if it leaves out nothing."""
    named = [(skipped, _name(skipped)) for skipped in count.skipped]
    if not sizes:
        return ", ".join(name for _, name in named)
    return ", ".join(f"{name} ({_size(skipped, count.tallies.macs)})" for skipped, name in named)


def _name(skipped: Skipped) -> str:
    if skipped.times is None:
        return skipped.what
    return f"{skipped.times} additions" if skipped.times > 1 else "1 addition"


def _size(skipped: Skipped, macs: int) -> str:
    amount = exact(skipped.amount) if skipped.amount < READABLE else short(skipped.amount, 1)
    part = skipped.amount / macs if macs else 1.0
    return f"{amount} {skipped.unit}, {percent(part, 2) if part >= 0.0001 else '< 0.01 %'}"


def tool_rows(counts: Sequence[ToolCount]) -> list[dict[str, str | int]]:
    """One dict for each tool; the columns after `difference` are its terms and add up to `total`."""
    return [
        {"tool": count.tool.title, "its_name_for_it": count.tool.unit, "total": count.total,
         "difference": count.difference,
         **{name: sum(term.value for term in count.terms if term.tally == name) for name in WORDS},
         "skipped": skipped_words(count)}
        for count in counts
    ]  # fmt: skip


def tool_table(counts: Sequence[ToolCount]) -> str:
    """HTML of the tools in their order: the number, its difference to ours, and what makes it."""
    heads = (("Tool", "rx-left"), ("Its number", ""), ("To our MACs", ""), ("How it follows from our MACs", "rx-left"))
    head = tag("tr", *(tag("th", words, scope="col", class_=class_ or None) for words, class_ in heads))
    most = max(sum(max(term.value, 0) for term in beyond(count)) for count in counts)
    caption = f"What each tool prints for a network of {exact(counts[0].tallies.macs)} MACs"
    table = tag("table", tag("caption", caption), tag("thead", head),
                tag("tbody", *(_row(count, most) for count in counts)), class_="rx-tools")
    return tag("div", table, class_="rx-tools-frame")


def _row(count: ToolCount, most: int) -> Markup:
    tool = count.tool
    skipped = skipped_words(count)
    return tag(
        "tr",
        tag("th", tool.title, tag("small", tool.unit), scope="row", class_="rx-left"),
        tag("td", exact(count.total), tag("small", short(count.total))),
        tag("td", signed(count.difference), tag("small", difference_percent(count))),
        tag("td", _strip(count, most), tag("span", formula(count), class_="rx-tools-formula"),
            tag("small", f"{tool.why} {tool.source}".strip(), f" Skips {skipped}." if skipped else " Skips nothing."),
            class_="rx-left"),
    )


def _strip(count: ToolCount, most: int) -> Markup:
    """The terms beyond ours, to one scale for all tools; where a multiply-add is two, a broken piece before them."""
    again = count.tool.per_mac - 1
    pieces = [_again(count.tallies.macs * again)] if again else []
    pieces += [_piece(term, most) for term in beyond(count)]
    if not pieces:
        return markup()
    return tag("span", *pieces, class_="rx-tools-strip", role="group",
               aria_label=f"Beyond our MACs: {signed(count.difference)}")


def _again(macs: int) -> Markup:
    tip = f"multiply-adds a second time|{exact(macs)}|not to scale"
    return tag("span", "our MACs again", class_="rx-tools-again", data_tip=tip, tabindex="0", role="img",
               aria_label=tip.replace("|", ", "))


def _piece(term: Term, most: int) -> Markup:
    width = abs(term.value) / most if most else 0.0
    times = f"{exact(term.amount)} elements × {abs(term.times)} = " if abs(term.times) > 1 else ""
    sign = "" if term.value > 0 else MINUS
    tip = f"{term.words}|{times}{sign}{exact(abs(term.value))}" + ("" if term.value > 0 else "|left out")
    label = f"{term.words} ×{term.times}" if term.times > 1 else term.words
    return tag(
        "span", label if width >= NARROWEST_LABEL else "", style=f"width:{100 * width:.3f}%", data_tip=tip,
        class_="rx-tools-piece" if term.value > 0 else "rx-tools-piece rx-tools-less", tabindex="0", role="img",
        aria_label=tip.replace("|", ", "),
    )
