"""What the paper prints: the tables this project recomputes or cites, as data.

Source: Xie et al., Aggregated Residual Transformations for Deep Neural Networks, arXiv 1611.05431v2.
Error rates are the paper's own, cited and never recomputed.
"""

from __future__ import annotations

from typing import NamedTuple


class Table1Total(NamedTuple):
    """The last rows of Table 1: params in millions and multiply-adds in billions, as printed."""

    params_millions: float
    gmacs: float


TABLE_1 = {"resnet50": Table1Total(25.5, 4.1), "resnext50_32x4d": Table1Total(25.0, 4.2)}


class Table2Column(NamedTuple):
    """One column of Table 2 (template of conv2, 1x64d to 32x4d)."""

    cardinality: int
    base_width: int
    group_conv_width: int


TABLE_2 = (
    Table2Column(1, 64, 64),
    Table2Column(2, 40, 80),
    Table2Column(4, 24, 96),
    Table2Column(8, 14, 112),
    Table2Column(32, 4, 128),
)
TABLE_2_THOUSAND_PARAMS = 70  # "∼70k" for every column
TABLE_2_GMACS = 0.22  # "∼0.22" for every column


class Table3Row(NamedTuple):
    """One row of Table 3: top-1 error on ImageNet-1K validation, single 224x224 crop, in percent."""

    layers: int
    cardinality: int
    base_width: int
    top1_error: float


TABLE_3 = (
    Table3Row(50, 1, 64, 23.9),
    Table3Row(50, 2, 40, 23.0),
    Table3Row(50, 4, 24, 22.6),
    Table3Row(50, 8, 14, 22.3),
    Table3Row(50, 32, 4, 22.2),
    Table3Row(101, 1, 64, 22.0),
    Table3Row(101, 2, 40, 21.7),
    Table3Row(101, 4, 24, 21.4),
    Table3Row(101, 8, 14, 21.3),
    Table3Row(101, 32, 4, 21.2),
)
