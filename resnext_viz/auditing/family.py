"""Whether blocks that were found make a residual network of this family, or one of another kind."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from resnext_viz.auditing.blocks import Placed
from resnext_viz.auditing.inventory import Inventory
from resnext_viz.auditing.plan import Block
from resnext_viz.auditing.relatives import block_paths, is_inside


def why_not_of_family(chained: Sequence[Placed], stem_convs: int, inventory: Inventory) -> str:
    """Why these blocks are no residual network of this family, in words; empty if they are one."""
    spatial = [conv for conv in inventory.convs if conv.is_spatial]
    depthwise = [conv for conv in spatial if conv.per_group == 1]
    if len(spatial) > 2 and 2 * len(depthwise) > len(spatial) and not _is_thin(chained):
        return "its convolutions are depthwise, as in MobileNet, EfficientNet or ConvNeXt"
    if not chained:
        layers = f"{len(inventory.convs)} convolutions and {len(inventory.linears)} linear layers"
        return f"it has {layers}, but no residual block, that is a 1×1, a 3×3 and a 1×1, or two 3×3, in one part of it"
    blocks = [placed.block for placed in chained]
    held = stem_convs + sum(len(block.steps) + len(placed.attention) + placed.split - 1
                            for block, placed in zip(blocks, chained, strict=True))
    if 2 * held < len(inventory.convs) or 10 * _between(chained, inventory) > held:
        return (f"only {len(blocks)} of its parts follow each other as residual blocks do, and "
                f"{len(inventory.convs) - held} of its {len(inventory.convs)} convolutions have no place in them")
    outputs = [block.main[-1].c_out for block in blocks]
    if any(later < earlier for earlier, later in pairwise(outputs)):
        return "its blocks put out fewer channels further on, which residual networks for classes do not"
    if _is_regnet(blocks):
        return "its blocks are as wide inside as outside and their groups all have one width, as in RegNet"
    return ""


def _is_regnet(blocks: Sequence[Block]) -> bool:
    transforms = [block.transform for block in blocks]
    return (all(block.is_bottleneck and block.transform.c_out == block.main[-1].c_out for block in blocks)
            and len({step.groups for step in transforms}) > 1
            and len({step.c_out // step.groups for step in transforms}) == 1)


def _is_thin(chained: Sequence[Placed]) -> bool:
    """Whether paths of width 1 follow the family's rule, the same number of them in every block."""
    groups = {placed.block.transform.groups for placed in chained}
    return groups == {1} or (len(groups) == 1 and chained[0].block.is_bottleneck)


def _between(chained: Sequence[Placed], inventory: Inventory) -> int:
    """Convolutions that stand between the blocks and belong to none."""
    blocks = block_paths(chained)
    held = {step.path for placed in chained for step in placed.block.steps}
    places = [conv.place for conv in inventory.convs if conv.path in held]
    return sum(min(places) < conv.place < max(places) and not is_inside(conv.path, blocks) for conv in inventory.convs
               if conv.path not in held) if places else 0
