"""How to mend each mistake, and its sources: the paper, and a public thread about it where there is one."""

from __future__ import annotations

from typing import NamedTuple

from resnext_viz.auditing.checks.mistakes import Mistake

_PAPER = "arXiv 1611.05431"


class Advice(NamedTuple):
    """What to do, and a source."""

    remedy: str
    source: str


ADVICE: dict[Mistake, Advice] = {
    Mistake.STAGES: Advice(
        "Build as many stages as the network has: four for ImageNet, three for CIFAR.",
        f"{_PAPER}, Table 1 and section 5.3",
    ),
    Mistake.CIFAR_STAGES: Advice(
        "Leave out the fourth stage: the paper's CIFAR networks have three.",
        f"{_PAPER}, section 5.3; kuangliu/pytorch-cifar#125",
    ),
    Mistake.DEPTHS: Advice("Set the blocks of each stage.", f"{_PAPER}, Table 1"),
    Mistake.BLOCK: Advice(
        "Use the bottleneck: with two layers, C paths collapse to one wide block.", f"{_PAPER}, section 3.3, Fig. 4"
    ),
    Mistake.STEM: Advice(
        "ImageNet: 7×7 of stride 2 to 64 channels and a 3×3 max pool; CIFAR: one 3×3 to 64 channels.",
        f"{_PAPER}, Table 1 and section 5.3",
    ),
    Mistake.GROUPS_ON_1X1: Advice(
        "Give groups=C to the 3×3 (conv2) and to no other convolution.",
        f"{_PAPER}, Fig. 3(c); miraclewkf/ResNeXt-PyTorch#3",
    ),
    Mistake.TWO_LAYER_GROUPS: Advice(
        "Use bottlenecks where you want groups: paths of two layers are together one wide block, and groups on both "
        "3×3s only make them sparse.",
        f"{_PAPER}, section 3.3, Fig. 4",
    ),
    Mistake.SWAPPED: Advice(
        "Swap the two arguments: groups=C, width_per_group=d. 32×4d is 32 paths of width 4.",
        f"{_PAPER}, Table 2; d2l-ai/d2l-en#2730",
    ),
    Mistake.FORGOTTEN: Advice(
        "Pass groups=C to the 3×3: Conv2d(width, width, 3, groups=C, ...).",
        f"{_PAPER}, Fig. 3(c); StickCui/PyTorch-SE-ResNet#1, dmlc/gluon-cv#205",
    ),
    Mistake.GROUPS_GROW: Advice(
        "Pass groups=C itself in every stage; width // C is a path's width, not their number.",
        f"{_PAPER}, Table 1 (C=32 in every stage); d2l-ai/d2l-en#2730",
    ),
    Mistake.GROUPS_VARY: Advice(
        "Use one C in every block; only the width of a path doubles with the stage.",
        f"{_PAPER}, Table 1 (C=32 in every stage)",
    ),
    Mistake.CARDINALITY: Advice("Set the groups of every 3×3 to C.", f"{_PAPER}, section 5.1"),
    Mistake.WIDTH_STAYS: Advice(
        "Double the width with the stage: width = C·d·2ˢ for s = 0, 1, 2, 3.", f"{_PAPER}, section 3.1, rule (ii)"
    ),
    Mistake.WIDTH_VARIES: Advice("Give all blocks of a stage one width, C·d·2ˢ.", f"{_PAPER}, section 3.1, rule (i)"),
    Mistake.WIDTH: Advice(
        "width = int(planes * base_width / 64) * C, with planes = 64·2ˢ.",
        f"{_PAPER}, Table 2; prlz77/ResNeXt.pytorch#14, pytorch/vision#880",
    ),
    Mistake.OUTPUT_WIDTH: Advice(
        "Let a block put out 256·2ˢ, whatever C and d are: expand to planes * 4.",
        f"{_PAPER}, Table 1; titu1994/Keras-ResNeXt#6, #15",
    ),
    Mistake.OUTPUT_D: Advice(
        "Let a block put out 256·2ˢ, whatever C and d are: expand to planes * 4, not d * 4.",
        f"{_PAPER}, Table 1; titu1994/Keras-ResNeXt#6",
    ),
    Mistake.OUTPUT: Advice(
        "Let a block of stage s put out 64·expansion·2ˢ channels; expansion is 4 in the paper.", f"{_PAPER}, Table 1"
    ),
    Mistake.STRIDE_1X1: Advice(
        "Give stride=2 to the 3×3 (conv2) of a stage's first block, not to its first 1×1.",
        f"{_PAPER}, section 4; pytorch/vision#191",
    ),
    Mistake.STRIDE: Advice(
        "Halve the map in the first block of stages 2, 3, 4, on the 3×3 and the projection.",
        f"{_PAPER}, Table 1 and section 4",
    ),
    Mistake.KERNEL: Advice("Use 1×1, 3×3, 1×1.", f"{_PAPER}, Table 1"),
    Mistake.NO_PROJECTION: Advice(
        "Put a 1×1 with batch norm on the shortcut of a block that changes channels or map. "
        "Zero-padded shortcuts (option A) have no tensors and look the same here.",
        f"{_PAPER}, section 4 (option B); He et al. 2015, section 3.3",
    ),
    Mistake.PROJECTION: Advice("Use the identity where channels and map stay.", f"{_PAPER}, section 4 (option B)"),
    Mistake.PROJECTION_SHAPE: Advice("Project with one dense 1×1.", f"{_PAPER}, section 4 (option B)"),
    Mistake.BIAS: Advice(
        "Pass bias=False to convolutions that batch norm follows.",
        "Ioffe and Szegedy 2015, section 3.2; prlz77/ResNeXt.pytorch#4",
    ),
    Mistake.FOLDED: Advice(
        "Nothing, for inference: the bias does what the norm did. To train on, take the weights from before.",
        "torch.nn.utils.fusion.fuse_conv_bn_eval; Jacob et al. 2017, section 3.2; pytorch/vision#4969",
    ),
    Mistake.NO_NORM: Advice(
        "Put batch norm behind each convolution; a file for inference may have it folded in.", f"{_PAPER}, section 4"
    ),
    Mistake.TWO_NORMS: Advice("Keep one batch norm behind each convolution.", f"{_PAPER}, section 4"),
    Mistake.CLASSES: Advice(
        "Set the linear layer's outputs to your classes, its inputs to the last block's output.", f"{_PAPER}, Table 1"
    ),
    Mistake.HEAD: Advice("Pool the last map to 1×1 and put one linear layer behind it.", f"{_PAPER}, Table 1"),
    Mistake.RELATIVE: Advice("Take it out, or compare with the relative itself.", f"{_PAPER}, section 4"),
}
