"""Tables 3 to 8 and the one on shortcuts: the paper's measurements, cited, beside the counts of their networks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from resnext_viz.complexity import complexity
from resnext_viz.design_space import table2
from resnext_viz.names import parse
from resnext_viz.paper import (
    TABLE_1,
    TABLE_3,
    TABLE_3_GMACS,
    TABLE_4,
    TABLE_4_GMACS,
    TABLE_5,
    TABLE_6,
    TABLE_7,
    TABLE_8,
    TABLE_SHORTCUTS,
    Errors,
    Table3Row,
    Table4Row,
    Table5Row,
    Table7Row,
)
from resnext_viz.paper_tables.cells import (
    BILLION,
    MILLION,
    Cell,
    Column,
    PaperTable,
    TableRow,
    cited,
    network_name,
    rounded,
    setting,
)
from resnext_viz.paper_tables.costs import params_reason, params_without_norm
from resnext_viz.paper_tables.wide_resnet import wide_resnet_params
from resnext_viz.spec import ResNeXtSpec

_NETWORK = (Column("Network", is_words=True), Column("Setting", is_words=True))
_COUNTS = (Column("Params", is_ours=True), Column("MACs", is_ours=True))
_TOP1, _TOP5 = Column("Top-1 error", "%"), Column("Top-5 error", "%")
_MULTIPLY_ADDS = "The paper calls them FLOPs, “in # of multiply-adds”: these are MACs."
_WIDER_BEFORE_STRIDE = "the first block of each stage is wider before it halves the map (footnote 5)"


def network(layers: int, cardinality: int, base_width: int) -> ResNeXtSpec:
    """A network of the paper: for ImageNet, or for CIFAR-10 where it has 29 layers."""
    family = "resnet" if cardinality == 1 else "resnext"
    return parse(f"{family}{layers}_{cardinality}x{base_width}d{'_cifar10' if layers == 29 else ''}")


def _head(layers: int, cardinality: int, base_width: int, remark: str = "") -> tuple[Cell, Cell]:
    spec = network(layers, cardinality, base_width)
    family = "ResNet" if cardinality == 1 else "ResNeXt"
    return network_name(f"{family}-{layers}{remark}", spec), setting(cardinality, base_width, spec)


def _counts(spec: ResNeXtSpec) -> tuple[Cell, Cell]:
    return Cell(computed=complexity(spec).params), Cell(computed=complexity(spec).macs)


def table_3() -> PaperTable:
    """Cardinality against width at preserved complexity."""
    return PaperTable(
        "3",
        "Error on ImageNet-1K with cardinality traded against width, at the cost of ResNet-50 and ResNet-101.",
        (*_NETWORK, Column("Multiply-adds"), _TOP1, _COUNTS[0]),
        tuple(map(_table_3_row, TABLE_3)),
        (
            f"The cost is preserved block by block; over whole networks the MACs rise by up to {_most_over():.1f} %.",
            _MULTIPLY_ADDS,
        ),
    )


def _table_3_row(row: Table3Row) -> TableRow:
    spec, gmacs = network(*row[:3]), TABLE_3_GMACS[row.layers]
    macs = rounded(f"∼{gmacs}×10⁹", gmacs, BILLION, complexity(spec).macs, _over(row))
    return TableRow((*_head(*row[:3]), macs, cited(row.top1_error), Cell(computed=complexity(spec).params)), spec)


def _over(row: Table3Row) -> str:
    """Why a network costs more than the caption says."""
    macs, base = (complexity(network(row.layers, *pair)).macs for pair in ((row.cardinality, row.base_width), (1, 64)))
    more = f"{macs / BILLION:.2f}×10⁹, {100 * (macs / base - 1):.1f} % more than ResNet-{row.layers}: "
    if (row.cardinality, row.base_width) == (8, 14):
        exact = next(each.exact_base_width for each in table2() if each.cardinality == row.cardinality)
        return f"{more}its exact d of {exact:.2f} is rounded up to {row.base_width}, and {_WIDER_BEFORE_STRIDE}."
    if (row.layers, row.cardinality) == (50, 32):
        return f"{more}{_WIDER_BEFORE_STRIDE}; Table 1 itself prints {TABLE_1['resnext50_32x4d'].gmacs}×10⁹."
    return f"{more}{_WIDER_BEFORE_STRIDE}."


def _most_over() -> float:
    def ratio(row: Table3Row) -> float:
        return complexity(network(*row[:3])).macs / complexity(network(row.layers, 1, 64)).macs

    return 100 * (max(map(ratio, TABLE_3)) - 1)


def table_4() -> PaperTable:
    """What twice the complexity buys: depth, width or cardinality."""
    return PaperTable(
        "4",
        "Error on ImageNet-1K when the cost of ResNet-101 is doubled: deeper, wider, or with more paths.",
        (*_NETWORK, Column("Complexity, of ResNet-101"), Column("Multiply-adds"), _TOP1, _TOP5, _COUNTS[0]),
        tuple(map(_table_4_row, TABLE_4)),
        (
            "A slip of the text: “32×4d ResNet-101 (21.2%)” should read ResNeXt-101, as the table has it.",
            "Another slip: the text says that 21.2%/5.6% stand in Table 3; they stand here, and Table 3 has no top-5.",
            _MULTIPLY_ADDS,
        ),
    )


def _table_4_row(row: Table4Row) -> TableRow:
    spec = network(row.layers, row.cardinality, row.base_width)
    macs, base = complexity(spec).macs, complexity(network(101, 1, 64)).macs
    ratio = rounded(f"{row.complexity}×", row.complexity, 1, macs / base, places=0)
    gmacs = TABLE_4_GMACS if row.complexity == 2 else None
    total = rounded(f"∼{gmacs}×10⁹", gmacs, BILLION, macs, places=0) if gmacs else Cell(computed=macs)
    remark = ", wider" if row.base_width == 100 else ""
    head = _head(row.layers, row.cardinality, row.base_width, remark)
    return TableRow(
        (*head, ratio, total, cited(row.top1_error), cited(row.top5_error), Cell(computed=complexity(spec).params)),
        spec,
    )


def table_shortcuts() -> PaperTable:
    """What removing the shortcuts does."""
    columns = (
        *_NETWORK,
        Column("Top-1 error with residual", "%"),
        Column("Top-1 error without residual", "%"),
        *_COUNTS,
    )
    rows = [
        TableRow(
            (*_head(*row[:3]), cited(row.with_residual), cited(row.without_residual), *_counts(network(*row[:3]))),
            network(*row[:3]),
        )
        for row in TABLE_SHORTCUTS
    ]
    subject = "Error on ImageNet-1K with and without residual connections; the table has no number."
    return PaperTable("shortcuts", subject, columns, tuple(rows), ("Params and MACs are those with shortcuts.",))


def table_5() -> PaperTable:
    """State-of-the-art models on single crops."""
    columns = (
        Column("Network", is_words=True),
        Column("224×224 top-1 error", "%"),
        Column("224×224 top-5 error", "%"),
        Column("Larger crop"),
        Column("Larger top-1 error", "%"),
        Column("Larger top-5 error", "%"),
        *_COUNTS,
    )
    return PaperTable(
        "5",
        "Error on ImageNet-1K on single crops, beside other networks of the time.",
        columns,
        tuple(map(_table_5_row, TABLE_5)),
        ("Params and MACs at 224×224. The Inceptions are no networks of this family and are not counted here.",),
    )


def _table_5_row(row: Table5Row) -> TableRow:
    spec = network(*row.network) if row.network else None
    side = Cell(f"{row.side}×{row.side}", None, "○") if row.large else Cell()
    name = network_name(row.name, spec) if spec else Cell(row.name)
    counts = _counts(spec) if spec else (Cell(), Cell())
    return TableRow((name, *_cited(row.small), side, *_cited(row.large), *counts), spec)


def _cited(errors: Errors | None) -> tuple[Cell, Cell]:
    return (cited(errors.top1), cited(errors.top5)) if errors else (Cell(), Cell())


def table_6() -> PaperTable:
    """Trained on ImageNet-5K."""
    columns = (
        *_NETWORK,
        Column("5K-way top-1 error", "%"),
        Column("5K-way top-5 error", "%"),
        Column("1K-way top-1 error", "%"),
        Column("1K-way top-5 error", "%"),
        *_COUNTS,
    )
    rows = []
    for row in TABLE_6:
        spec = network(*row[:3]).with_options(num_classes=5000)
        rows.append(TableRow((*_head(*row[:3]), *_cited(row.of_5000), *_cited(row.of_1000), *_counts(spec)), spec))
    return PaperTable(
        "6",
        "Error of networks trained on ImageNet-5K (6.8 million images).",
        columns,
        tuple(rows),
        ("Params and MACs are those of a head with 5,000 classes.",),
    )


def table_7() -> PaperTable:
    """CIFAR-10 and CIFAR-100."""
    columns = (
        Column("Network", is_words=True),
        Column("Params"),
        Column("CIFAR-10 error", "%"),
        Column("CIFAR-100 error", "%"),
        Column("MACs at 32×32", is_ours=True),
    )
    return PaperTable(
        "7",
        "Test error on CIFAR, the mean of ten runs.",
        columns,
        tuple(map(_table_7_row, TABLE_7)),
        (
            _without_norm(),
            "Wide ResNet is WRN-28-10, no network of this family: it is counted from its own published layout.",
            f"Params are those for 10 classes; a head with 100 adds {_more_classes():,} to a ResNeXt-29.",
            "Fig. 7 draws more networks. Their errors stand in the picture only and cannot be recovered: left out.",
        ),
    )


def _table_7_row(row: Table7Row) -> TableRow:
    params = partial(rounded, f"{row.params_millions}M", row.params_millions, MILLION)
    errors = (cited(row.cifar10_error, 2), cited(row.cifar100_error, 2))
    if row.network is None:
        return TableRow((Cell(row.name), params(wide_resnet_params(28, 10, 10)), *errors, Cell()))
    spec = network(*row.network)
    why = params_reason(spec, f"{row.params_millions}")
    return TableRow(
        (
            network_name(row.name, spec),
            params(complexity(spec).params, why),
            *errors,
            Cell(computed=complexity(spec).macs),
        ),
        spec,
    )


def _more_classes() -> int:
    tens = (complexity(parse(f"resnext29_8x64d_cifar{classes}")).params for classes in (100, 10))
    return next(tens) - next(tens)


def _without_norm() -> str:
    specs = [
        parse(name) for name in ("resnet50", "resnext50_32x4d", "resnext29_8x64d_cifar10", "resnext29_16x64d_cifar10")
    ]
    counts = ", ".join(f"{params_without_norm(spec) / MILLION:.1f}" for spec in specs)
    return f"Without batch norm, Tables 1 and 7 are met throughout: {counts} million."


def table_8() -> PaperTable:
    """Detection on COCO."""
    columns = (*_NETWORK, Column("AP at IoU 0.5", "%"), Column("AP", "%"), *_COUNTS)
    rows: Sequence[TableRow] = [
        TableRow(
            (*_head(*row[:3]), cited(row.ap_at_half), cited(row.ap), *_counts(network(*row[:3]))), network(*row[:3])
        )
        for row in TABLE_8
    ]
    return PaperTable(
        "8",
        "Detection on COCO minival with Faster R-CNN, average precision.",
        columns,
        tuple(rows),
        ("Params and MACs are those of the classifier at 224×224, without the detector.",),
    )
