"""Tables 1 and 2 recomputed: what the networks and one block of them consist of, and what they cost."""

from __future__ import annotations

from dataclasses import replace

from resnext_viz.complexity import Complexity, complexity
from resnext_viz.design_space import Quantity, Table2Row, solve_base_width, table2, total_polynomial
from resnext_viz.layers import Layer, StageWalk
from resnext_viz.names import parse
from resnext_viz.paper import (
    TABLE_1,
    TABLE_1_ROWS,
    TABLE_2,
    TABLE_2_GMACS,
    TABLE_2_THOUSAND_PARAMS,
    Table1Row,
    Table2Column,
)
from resnext_viz.paper_tables.cells import BILLION, MILLION, Cell, Column, PaperTable, TableRow, rounded, whole, words
from resnext_viz.spec import ResNeXtSpec

_LEFT_OUT = 16  # the C that Table 2 skips


def params_without_norm(spec: ResNeXtSpec) -> int:
    """Weights and biases of convolutions and the linear layer: what the paper's printed params fit."""
    return complexity(spec).params - sum(2 * layer.c_out for layer in complexity(spec).layers if layer.norm)


def params_reason(spec: ResNeXtSpec, printed: str) -> str:
    """Why a network has more params than printed."""
    without = params_without_norm(spec)
    norm = complexity(spec).params - without
    return (
        f"{complexity(spec).params:,} rounds to {complexity(spec).params / MILLION:.1f} million. Without batch "
        f"norm’s {norm:,} it is {without:,}, which rounds to {printed}."
    )


def table_1() -> PaperTable:
    """Stages, map sizes, channels and totals of ResNet-50 and ResNeXt-50 (32×4d)."""
    networks = [complexity(parse(name)) for name in TABLE_1]
    rows = [TableRow((Cell(row.stage), *_stage_cells(row, index, *networks))) for index, row in enumerate(TABLE_1_ROWS)]
    totals = [*zip(TABLE_1.values(), networks, strict=True)]
    params = [
        rounded(
            f"{total.params_millions}×10⁶",
            total.params_millions,
            MILLION,
            network.params,
            params_reason(network.walk.spec, f"{total.params_millions}"),
        )
        for total, network in totals
    ]
    macs = [rounded(f"{total.gmacs}×10⁹", total.gmacs, BILLION, network.macs) for total, network in totals]
    columns = (
        Column("Stage", is_words=True),
        Column("Output", is_words=True),
        Column("ResNet-50", is_words=True),
        Column("ResNeXt-50 (32×4d)", is_words=True),
    )
    return PaperTable(
        "1",
        "The two networks stage by stage, and their totals.",
        columns,
        (*rows, TableRow((Cell("params"), Cell(), *params)), TableRow((Cell("multiply-adds"), Cell(), *macs))),
        ("The paper calls the last row FLOPs, “in # of multiply-adds”: these are MACs.",),
    )


def _stage_cells(row: Table1Row, index: int, *networks: Complexity) -> tuple[Cell, ...]:
    size = [_stage_size(network, index) for network in networks]
    resnet, resnext = (_stage_words(network, index) for network in networks)
    return words(row.output, size[0]), words(row.resnet, resnet), words(row.resnext, resnext)


def _stage_size(network: Complexity, index: int) -> str:
    part = network.by_stage[index]
    return str(part.size_out)


def _stage_words(network: Complexity, index: int) -> str:
    """One cell of Table 1, written from the walk as the paper writes it."""
    conv, pool = network.walk.stem
    if index == 0:
        return f"{conv.kernel}×{conv.kernel}, {conv.c_out}, stride {conv.stride}"
    if index > len(network.walk.stages):
        return f"global average pool, {network.walk.head[-1].c_out}-d fc, softmax"
    blocks = _blocks_words(network.walk.stages[index - 1])
    return f"{pool.kernel}×{pool.kernel} max pool, stride {pool.stride}; {blocks}" if index == 1 else blocks


def _blocks_words(stage: StageWalk) -> str:
    def layer_words(layer: Layer) -> str:
        groups = f", C={layer.groups}" if layer.groups > 1 else ""
        return f"{layer.kernel}×{layer.kernel}, {layer.c_out}{groups}"

    return f"[{'; '.join(map(layer_words, stage.first.main))}] ×{stage.depth}"


def table_2() -> PaperTable:
    """C against d at the cost of one block of conv2, with the exact d."""
    columns = (
        Column("Cardinality C"),
        Column("Width of one path d"),
        Column("Width of group conv, C·d"),
        Column("Params of the block"),
        Column("Multiply-adds of the block"),
        Column("d, exact", is_ours=True),
    )
    rows = [_table_2_row(paper, row) for paper, row in zip(TABLE_2, table2(), strict=True)]
    return PaperTable(
        "2",
        "The trade of cardinality against width, at the cost of one block of conv2.",
        columns,
        tuple(rows),
        (_left_out(),),
    )


def _table_2_row(paper: Table2Column, row: Table2Row) -> TableRow:
    per_cent = row.params / table2()[0].params - 1
    name = f"{paper.cardinality}×{paper.base_width}d"
    why = (
        f"{row.params:,} rounds to {row.params / 1000:.0f}k: the exact d is {row.exact_base_width:.2f}, and {name} "
        f"costs {100 * per_cent:.1f} % more than 1×64d."
    )
    return TableRow(
        (
            whole(paper.cardinality, row.cardinality),
            whole(paper.base_width, row.base_width),
            whole(paper.group_conv_width, row.group_conv_width),
            rounded(f"∼{TABLE_2_THOUSAND_PARAMS}k", TABLE_2_THOUSAND_PARAMS, 1000, row.params, why, places=0),
            rounded(f"∼{TABLE_2_GMACS}×10⁹", TABLE_2_GMACS, BILLION, row.macs, places=2),
            Cell(computed=row.exact_base_width),
        ),
        replace(ResNeXtSpec(), cardinality=row.cardinality, base_width=row.base_width),
    )


def _left_out() -> str:
    weights = total_polynomial(ResNeXtSpec(), Quantity.BLOCK_PARAMS)
    budget = weights.at(1, 64)
    exact = solve_base_width(weights, budget, _LEFT_OUT) or 0.0
    low, high = (weights.at(_LEFT_OUT, int(exact) + step) / budget - 1 for step in (0, 1))
    return (
        f"C = {_LEFT_OUT} is skipped. Its exact d is {exact:.2f}: d = {int(exact) + 1} costs {100 * high:.1f} % "
        f"more params than 1×64d, d = {int(exact)} costs {-100 * low:.1f} % fewer."
    )
