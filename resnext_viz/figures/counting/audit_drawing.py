"""An audit as HTML: the answer, its stages beside what they should be, and every finding with its cost and its cure.

What deviates is marked by a sign, "≠" and what it should be, and by a shaded cell. Paths and names come from
strangers; they are escaped by `tag`.
"""

from __future__ import annotations

from collections.abc import Iterator

from resnext_viz.auditing.audit import Audit, left_over_words
from resnext_viz.auditing.checks.mistakes import Finding
from resnext_viz.auditing.stage_rows import StageCell, StageRow, stage_rows
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import exact, short, signed
from resnext_viz.names import title_of
from resnext_viz.reading.reader import in_words

_COLUMNS = ("Stage", "Blocks", "First 1×1", "3×3, C", "Last 1×1", "d", "C·d", "Output", "Stride", "Projections",
            "Params")  # fmt: skip
_GROUPS = (3, "Groups")  # columns under one heading, and that heading


def audit_drawing(audit: Audit, subject: str) -> str:
    """HTML of the whole audit.

    Args:
        audit: what was found.
        subject: what was audited, in a few words.
    """
    parts = [_answer(audit, subject)]
    if audit.is_family:
        parts += [_table(audit), *_findings(audit)]
    return tag("div", *parts, _small_print(audit), class_="rx-audit")


def _answer(audit: Audit, subject: str) -> Markup:
    figures = [_figure("Params, counted on its tensors", audit.params)]
    if audit.counted:
        if audit.unaccounted:
            figures.append(_figure("Params in layers whose MACs are counted", audit.counted.params))
        figures.append(_figure(f"MACs, one image of {audit.image_size}×{audit.image_size} px", audit.counted.macs))
    if audit.difference is not None and audit.target is not None and audit.mistakes:
        words = f"Difference to {title_of(audit.target)}"
        figures.append(_difference(f"{words}, params", audit.difference.params))
        figures.append(_difference(f"{words}, MACs", audit.difference.macs))
    return markup(
        tag("p", tag("span", subject), tag("b", audit.verdict), class_="rx-audit-verdict"),
        tag("dl", *figures, class_="rx-audit-figures"),
    )


def _figure(words: str, count: int | None) -> Markup:
    if count is None:
        return tag("div", tag("dt", words), tag("dd", "not known yet"))
    return tag("div", tag("dt", words), tag("dd", short(count), tag("small", exact(count))))


def _difference(words: str, count: int) -> Markup:
    rounded = ("+" if count > 0 else "") + short(count) if count else "same"
    return tag("div", tag("dt", words), tag("dd", rounded, tag("small", signed(count))))


def _table(audit: Audit) -> Markup:
    span, title = _GROUPS
    above = tag(
        "tr",
        tag("td", colspan="2"),
        tag("th", title, colspan=str(span), scope="colgroup"),
        tag("td", colspan=str(len(_COLUMNS) - 2 - span)),
        class_="rx-audit-groups",
    )
    head = tag(
        "tr",
        *(tag("th", name, scope="col", class_=None if number else "rx-left") for number, name in enumerate(_COLUMNS)),
    )
    rows = stage_rows(audit)
    off = sum(cell.there is not None for row in rows for cell in row.cells)
    caption = f"Stage by stage; {off} cells deviate" if off else "Stage by stage; every cell is as it should be"
    table = tag("table", tag("caption", caption), tag("thead", above, head), tag("tbody", *map(_row, rows)))
    return tag("div", table, class_="rx-audit-frame")


def _row(row: StageRow) -> Markup:
    name = tag("th", row.name.capitalize(), tag("small", row.paper_name), scope="row", class_="rx-left")
    return tag("tr", name, *map(_cell, row.cells))


def _cell(cell: StageCell) -> Markup:
    if cell.there is None:
        return tag("td", cell.here)
    return tag("td", tag("b", cell.here), tag("small", f"≠ {cell.there}"), class_="rx-audit-off")


def _findings(audit: Audit) -> Iterator[Markup]:
    if audit.mistakes:
        together: tuple[Markup, ...] = ()
        if audit.difference is not None and len(audit.mistakes) > 1:
            words = (
                f"Together {signed(audit.difference.params)} params and {signed(audit.difference.macs)} MACs: "
                "each is mended in turn, so they add up."
            )
            together = (tag("p", words, class_="rx-audit-together"),)
        yield tag("ol", *map(_finding, audit.mistakes), class_="rx-audit-findings")
        yield from together
    if audit.remarks:
        yield tag("h3", "Worth knowing, and no mistake")
        yield tag("ul", *map(_finding, audit.remarks), class_="rx-audit-findings")


def _finding(finding: Finding) -> Markup:
    name = finding.mistake.value
    where = (tag("code", in_words(finding.where)),) if finding.where else ()
    cost: tuple[Markup, ...] = ()
    if finding.effect:
        cost = (
            tag(
                "p",
                f"{signed(finding.effect.params)} params",
                tag("br"),
                f"{signed(finding.effect.macs)} MACs",
                class_="rx-audit-cost",
            ),
        )
    words = tag(
        "div",
        tag("h4", name[:1].upper() + name[1:]),
        tag("p", *where, class_="rx-audit-where"),
        tag("p", tag("b", finding.here), " instead of ", tag("b", finding.there), "."),
        tag("p", finding.remedy),
        tag("p", finding.source, class_="rx-audit-source"),
    )
    return tag("li", words, *cost)


def _small_print(audit: Audit) -> Markup:
    sentences = [*audit.reading.unread]
    if left_over_words(audit):
        sentences.insert(0, left_over_words(audit))
    if audit.nearest and audit.nearest[1] and audit.claimed is None:
        name, differences = audit.nearest
        words = "; ".join(f"{each.option} {each.here}, there {each.there}" for each in differences)
        sentences.insert(0, f"Closest known network: {name} ({words}).")
    return tag("p", " ".join(sentences), class_="rx-caption") if sentences else markup()
