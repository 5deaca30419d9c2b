"""The network stage by stage in the shape of the paper's Table 1, beside a baseline, as HTML and as rows for a file.

Rows are aligned by name; what one of the two networks lacks is a dash, and its whole cost is the difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from resnext_viz.complexity import NOTHING, Complexity, Cost, StageCost
from resnext_viz.figures.kit.choice import conv_name
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import exact, share, signed
from resnext_viz.layers import Block, StageWalk

MISSING = "–"


class StagePair(NamedTuple):
    """A stage of this network and of the baseline; None where one has no such stage."""

    name: str
    paper_name: str
    ours: StageCost | None
    theirs: StageCost | None

    @property
    def cost(self) -> Cost:
        """Of this network's stage, or nothing."""
        return self.ours.cost if self.ours else NOTHING

    @property
    def difference(self) -> Cost:
        """To the baseline's stage, or nothing."""
        return self.cost.minus(self.theirs.cost if self.theirs else NOTHING)


def stage_table(
    complexity: Complexity, baseline: Complexity, title: str, baseline_title: str, notes: Mapping[str, str]
) -> str:
    """The table; `notes` may hold what the paper says of the "network" and of the "baseline", for the last row."""
    head = tag(
        "tr",
        *[
            tag("th", words, scope="col", class_=class_)
            for words, class_ in (
                ("Stage", "rx-left"),
                ("Output", None),
                (baseline_title, "rx-left rx-baseline-column"),
                (title, "rx-left"),
                ("Params", None),
                ("MACs", None),
                ("Share of MACs", "rx-share-column"),
            )
        ],
    )
    rows = aligned_rows(complexity, baseline)
    most = max(row.cost.macs for row in rows)
    body = [_row(row, complexity, baseline, most) for row in rows]
    caption = f"{title} stage by stage, {exact(complexity.params)} params and {exact(complexity.macs)} MACs in all"
    table = tag(
        "table",
        tag("caption", caption),
        tag("thead", head),
        tag("tbody", *body, _total_row(complexity, baseline, notes)),
        class_="rx-table",
    )
    return tag("div", table, class_="rx-table-frame")


def stage_table_rows(complexity: Complexity, baseline: Complexity) -> list[dict[str, str | int | float | None]]:
    """The same table as plain values, one dict for each row and one for the total; what is missing is None."""
    rows = [
        {
            "stage": row.name,
            "paper_name": row.paper_name,
            "output_size": _plain_size(row.ours) if row.ours else None,
            "channels": row.ours.channels if row.ours else None,
            "template": _plain_template(complexity, row.name) if row.ours else None,
            "baseline_template": _plain_template(baseline, row.name) if row.theirs else None,
            **_plain_counts(row.cost, row.difference, complexity),
        }
        for row in aligned_rows(complexity, baseline)
    ]
    total = {
        "stage": "total",
        "paper_name": None,
        "output_size": None,
        "channels": None,
        "template": None,
        "baseline_template": None,
    }
    return [*rows, {**total, **_plain_counts(complexity.total, complexity.total.minus(baseline.total), complexity)}]


def aligned_rows(complexity: Complexity, baseline: Complexity) -> list[StagePair]:
    """Stem, every stage that either network has, and head."""
    ours = {row.name: row for row in complexity.by_stage}
    theirs = {row.name: row for row in baseline.by_stage}
    papers = {name: row.paper_name for name, row in (theirs | ours).items()}
    body = max(ours.keys() - {"head"}, theirs.keys() - {"head"}, key=len)
    names = [name for name in papers if name in body] + [name for name in papers if name == "head"]
    return [StagePair(name, papers[name], ours.get(name), theirs.get(name)) for name in names]


def _plain_counts(cost: Cost, difference: Cost, complexity: Complexity) -> dict[str, int | float]:
    return {
        **cost._asdict(),
        "share_of_macs": cost.macs / complexity.macs,
        **{f"{name}_difference": value for name, value in difference._asdict().items()},
    }


def _row(row: StagePair, complexity: Complexity, baseline: Complexity, most: int) -> Markup:
    size = row.ours.size_out if row.ours else None
    paper_name = "pool, fc" if row.name == "head" else row.paper_name
    name = tag("th", row.name.capitalize(), _small(paper_name), scope="row", class_="rx-left")
    output = tag("td", str(size) if size else MISSING)
    if not row.ours:
        absent = tag("span", MISSING, class_="rx-absent")
        counts = [tag("td", absent, _small(signed(value))) for value in row.difference[:2]]
        return tag(
            "tr",
            name,
            output,
            _baseline_cell(row, baseline),
            tag("td", absent, class_="rx-left"),
            *counts,
            tag("td", absent),
        )
    return tag(
        "tr",
        name,
        output,
        _baseline_cell(row, baseline),
        tag("td", _template(complexity, row.name), class_="rx-left"),
        _count_cell(row.cost.params, row.difference.params),
        _count_cell(row.cost.macs, row.difference.macs),
        _share_cell(row.cost.macs, complexity.macs, most),
    )


def _baseline_cell(row: StagePair, baseline: Complexity) -> Markup:
    if not row.theirs:
        return tag("td", MISSING, class_="rx-left rx-baseline-column")
    other_size = row.ours is not None and row.ours.size_out != row.theirs.size_out
    note = (_small(f"at {row.theirs.size_out}"),) if other_size else ()
    return tag("td", _template(baseline, row.name), *note, class_="rx-left rx-baseline-column")


def _total_row(complexity: Complexity, baseline: Complexity, notes: Mapping[str, str]) -> Markup:
    difference = complexity.total.minus(baseline.total)
    return tag(
        "tr",
        tag("th", "Total", scope="row", class_="rx-left"),
        tag("td"),
        tag("td", notes.get("baseline", ""), class_="rx-left rx-note rx-baseline-column"),
        tag("td", notes.get("network", ""), class_="rx-left rx-note"),
        _count_cell(complexity.params, difference.params),
        _count_cell(complexity.macs, difference.macs),
        tag("td", "100 %"),
        class_="rx-total",
    )


def _count_cell(count: int, difference: int) -> Markup:
    return tag("td", exact(count), _small(signed(difference)))


def _plain_size(stage: StageCost) -> int | str:
    size = stage.size_out
    return size.height if size.is_square else f"{size.height}x{size.width}"


def _small(words: str) -> Markup:
    return tag("small", words)


def _share_cell(macs: int, total: int, most: int) -> Markup:
    bar = tag("i", style=f"width:{100 * macs / most:.2f}%")
    return tag("td", tag("div", tag("span", bar), tag("b", share(macs, total)), class_="rx-share"))


def _stage(complexity: Complexity, name: str) -> StageWalk:
    return complexity.walk.stages[int(name.removeprefix("stage ")) - 1]


def _lines(block: Block) -> list[tuple[str, str]]:
    """Kernel and channels of each convolution of a block."""
    return [(f"{layer.kernel}×{layer.kernel}", exact(layer.c_out)) for layer in block.main]


def _template(complexity: Complexity, name: str) -> Markup:
    """What Table 1 writes for a stage: the layers of its blocks in brackets, times the number of blocks."""
    network = complexity.walk
    if name == "stem":
        pools = tuple(_small(f"then {conv_name(layer)}") for layer in network.stem[1:])
        return markup(conv_name(network.stem[0]), *pools)
    if name == "head":
        return markup(f"{exact(network.spec.num_classes)}-d fc")
    stage = _stage(complexity, name)
    cells: list[Markup] = []
    for layer, (kernel, channels) in zip(stage.first.main, _lines(stage.first), strict=True):
        groups = tag("em", f"C = {exact(layer.groups)}") if layer.groups > 1 else markup()
        cells += [tag("span", kernel), tag("span", channels, groups)]
    return markup(tag("span", *cells, class_="rx-template"), tag("span", f"× {stage.depth}", class_="rx-times"))


def _plain_template(complexity: Complexity, name: str) -> str:
    network = complexity.walk
    if name == "stem":
        return "; ".join(conv_name(layer) for layer in network.stem)
    if name == "head":
        return f"global average pool; {exact(network.spec.num_classes)}-d fc"
    stage = _stage(complexity, name)
    groups = f" (C = {network.spec.cardinality})" if network.spec.cardinality > 1 else ""
    lines = _lines(stage.first)
    layers = ", ".join(f"{kernel} {channels}{groups if kernel == '3×3' else ''}" for kernel, channels in lines)
    return f"[{layers}] × {stage.depth}"
