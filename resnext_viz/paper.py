"""What the paper prints: its eight tables and the unnumbered one on shortcuts, as data.

Source: Xie et al., Aggregated Residual Transformations for Deep Neural Networks, arXiv 1611.05431v2.
Error rates and average precisions are the paper's own, in percent, cited and never recomputed.
"""

from __future__ import annotations

from typing import NamedTuple


class Table1Row(NamedTuple):
    """One row of Table 1: a stage, the size of its output map, and what it consists of in both networks."""

    stage: str
    output: str
    resnet: str
    resnext: str


TABLE_1_ROWS = (
    Table1Row("conv1", "112×112", "7×7, 64, stride 2", "7×7, 64, stride 2"),
    Table1Row(
        "conv2",
        "56×56",
        "3×3 max pool, stride 2; [1×1, 64; 3×3, 64; 1×1, 256] ×3",
        "3×3 max pool, stride 2; [1×1, 128; 3×3, 128, C=32; 1×1, 256] ×3",
    ),
    Table1Row("conv3", "28×28", "[1×1, 128; 3×3, 128; 1×1, 512] ×4", "[1×1, 256; 3×3, 256, C=32; 1×1, 512] ×4"),
    Table1Row("conv4", "14×14", "[1×1, 256; 3×3, 256; 1×1, 1024] ×6", "[1×1, 512; 3×3, 512, C=32; 1×1, 1024] ×6"),
    Table1Row("conv5", "7×7", "[1×1, 512; 3×3, 512; 1×1, 2048] ×3", "[1×1, 1024; 3×3, 1024, C=32; 1×1, 2048] ×3"),
    Table1Row("head", "1×1", "global average pool, 1000-d fc, softmax", "global average pool, 1000-d fc, softmax"),
)


class Table1Total(NamedTuple):
    """The last rows of Table 1: params in millions and multiply-adds in billions, as printed."""

    params_millions: float
    gmacs: float


FOOTNOTE_5 = (  # of ResNeXt-50 (32x4d) beside ResNet-50
    "The marginally smaller number of parameters and marginally higher FLOPs are mainly caused by the blocks where the "
    "map sizes change."
)
FOOTNOTE_6 = (
    "With BN, for the equivalent form in Fig. 3(a), BN is employed after aggregating the transformations and before "
    "adding to the shortcut."
)
EQUIVALENT = "strictly equivalent, when BN and ReLU are appropriately addressed"  # of the forms in Fig. 3, section 4
WHY_FORM_C = "(c) because it is more succinct and faster"  # section 4
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
TABLE_3_GMACS = {50: 4.1, 101: 7.8}  # "∼4.1 billion FLOPs" and "∼7.8 billion FLOPs", for all networks of that depth


class Table4Row(NamedTuple):
    """One row of Table 4: errors as in Table 3, at the complexity of ResNet-101 and at twice that."""

    complexity: int  # "1×" or "2×"
    layers: int
    cardinality: int
    base_width: int
    top1_error: float
    top5_error: float


TABLE_4 = (
    Table4Row(1, 101, 1, 64, 22.0, 6.0),
    Table4Row(1, 101, 32, 4, 21.2, 5.6),
    Table4Row(2, 200, 1, 64, 21.7, 5.8),
    Table4Row(2, 101, 1, 100, 21.3, 5.7),  # "ResNet-101, wider"
    Table4Row(2, 101, 2, 64, 20.7, 5.5),
    Table4Row(2, 101, 64, 4, 20.4, 5.3),
)
TABLE_4_GMACS = 15  # "∼15 billion FLOPs" for 2×


class ShortcutRow(NamedTuple):
    """One row of the table without a number: top-1 error with and without residual connections."""

    layers: int
    cardinality: int
    base_width: int
    with_residual: float
    without_residual: float


TABLE_SHORTCUTS = (ShortcutRow(50, 1, 64, 23.9, 31.2), ShortcutRow(50, 32, 4, 22.2, 26.1))


class Errors(NamedTuple):
    """Top-1 and top-5 error in percent."""

    top1: float
    top5: float


class Table5Row(NamedTuple):
    """One row of Table 5: single crops of ImageNet-1K validation, 224x224 and a larger one; None is not printed."""

    name: str
    network: tuple[int, int, int] | None  # layers, C and d, where it is of this family
    small: Errors | None
    side: int  # of the larger crop: 320, or 299 for the Inceptions
    large: Errors | None


TABLE_5 = (
    Table5Row("ResNet-101", (101, 1, 64), Errors(22.0, 6.0), 320, None),
    Table5Row("ResNet-200", (200, 1, 64), Errors(21.7, 5.8), 320, Errors(20.1, 4.8)),
    Table5Row("Inception-v3", None, None, 299, Errors(21.2, 5.6)),
    Table5Row("Inception-v4", None, None, 299, Errors(20.0, 5.0)),
    Table5Row("Inception-ResNet-v2", None, None, 299, Errors(19.9, 4.9)),
    Table5Row("ResNeXt-101 (64×4d)", (101, 64, 4), Errors(20.4, 5.3), 320, Errors(19.1, 4.4)),
)


class Table6Row(NamedTuple):
    """One row of Table 6: trained on ImageNet-5K, error in 5,000 classes and in the 1,000 of ImageNet-1K."""

    layers: int
    cardinality: int
    base_width: int
    of_5000: Errors
    of_1000: Errors


TABLE_6 = (
    Table6Row(50, 1, 64, Errors(45.5, 19.4), Errors(27.1, 8.2)),
    Table6Row(50, 32, 4, Errors(42.3, 16.8), Errors(24.4, 6.6)),
    Table6Row(101, 1, 64, Errors(42.4, 16.9), Errors(24.2, 6.8)),
    Table6Row(101, 32, 4, Errors(40.1, 15.1), Errors(22.2, 5.7)),
)


class Table7Row(NamedTuple):
    """One row of Table 7: params in millions and CIFAR test errors, the mean of ten runs."""

    name: str
    network: tuple[int, int, int] | None  # layers, C and d, where it is of this family
    params_millions: float
    cifar10_error: float
    cifar100_error: float


TABLE_7 = (
    Table7Row("Wide ResNet", None, 36.5, 4.17, 20.50),
    Table7Row("ResNeXt-29, 8×64d", (29, 8, 64), 34.4, 3.65, 17.77),
    Table7Row("ResNeXt-29, 16×64d", (29, 16, 64), 68.1, 3.58, 17.31),
)


class Table8Row(NamedTuple):
    """One row of Table 8: average precision of Faster R-CNN on COCO minival, at IoU 0.5 and over all."""

    layers: int
    cardinality: int
    base_width: int
    ap_at_half: float
    ap: float


TABLE_8 = (
    Table8Row(50, 1, 64, 47.6, 26.5),
    Table8Row(50, 32, 4, 49.7, 27.5),
    Table8Row(101, 1, 64, 51.1, 29.8),
    Table8Row(101, 32, 4, 51.9, 30.0),
)
