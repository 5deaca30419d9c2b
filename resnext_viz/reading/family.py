"""Whether blocks that were found make a residual network of this family, or which relative of it this is.

Sources: Li et al. 2019 (SKNet), Zhang et al. 2020 (ResNeSt), Gao et al. 2019 (Res2Net), Hu et al. 2018 (SENet),
Hara et al. 2018 (3-D ResNeXt), and the names of their tensors in github.com/huggingface/pytorch-image-models.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from resnext_viz.reading.blocks import Placed
from resnext_viz.reading.inventory import Inventory, Layer
from resnext_viz.reading.plan import PlanBlock
from resnext_viz.reading.relatives import block_paths, is_inside

_LEAST_BLOCKS = 2
_VOLUME = 4  # "×" in the shape of a kernel over volumes


class _Kind(NamedTuple):
    """A relative: its name, what only its layers are called, and what it has instead of a grouped 3x3."""

    name: str
    telltale: re.Pattern[str]  # the first group is the block's folder
    unlike: str


REGNET = "its blocks are as wide inside as outside and their groups all have one width, as in RegNet"
_ATTENDING = _Kind(
    "a network with attention in place of some 3×3s",
    re.compile(r"(.+?)\.self_attn\."),
    "in some of its blocks attention over the whole map, or over parts of it, stands in place of the 3×3",
)
_KINDS = (
    _Kind(
        "an SKNet (selective kernels)",
        re.compile(r"(.+?)\.[^.]+\.(?:paths\.\d+\.|attn\.fc_(?:select|reduce))"),
        "in place of its 3×3 stand two branches, and attention selects between them",
    ),
    _Kind(
        "a ResNeSt (split attention)",
        re.compile(r"(.+?)\.conv2\.(?:fc1|fc2|bn0|bn1)(?:\.|$)"),
        "its 3×3 has its groups split again, and attention weighs the splits",
    ),
    _Kind(
        "a Res2Net",
        re.compile(r"(.+?)\.(?:convs|bns)\.\d+(?:\.|$)"),
        "its 3×3 is several in a row, each also taking what the one before puts out",
    ),
    _ATTENDING,
)
_SENET = re.compile(r"(.+?)\.(?:se_module|se)\.")
_BLOCK = re.compile(r"(.+\.\d+)\.[^.]+(?:\.[^.]+)*$")


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
    held = stem_convs + sum(
        len(block.steps) + len(placed.attention) for block, placed in zip(blocks, chained, strict=True)
    )
    if 2 * held < len(inventory.convs) or 10 * _between(chained, inventory) > held:
        return (
            f"only {len(blocks)} of its parts follow each other as residual blocks do, and "
            f"{len(inventory.convs) - held} of its {len(inventory.convs)} convolutions have no place in them"
        )
    return _unlike_the_family(blocks, inventory)


def _unlike_the_family(blocks: Sequence[PlanBlock], inventory: Inventory) -> str:
    """What these blocks have that none of the family has, in words; empty if nothing."""
    outputs = [block.main[-1].c_out for block in blocks]
    if any(later < earlier for earlier, later in pairwise(outputs)):
        return "its blocks put out fewer channels further on, which residual networks for classes do not"
    if len(_blocks_with(_ATTENDING.telltale, inventory)) >= _LEAST_BLOCKS:
        return _ATTENDING.unlike
    return REGNET if _is_regnet(blocks) else ""


def _is_regnet(blocks: Sequence[PlanBlock]) -> bool:
    transforms = [block.transform for block in blocks]
    return (
        all(block.is_bottleneck and block.transform.c_out == block.main[-1].c_out for block in blocks)
        and len({step.groups for step in transforms}) > 1
        and len({step.c_out // step.groups for step in transforms}) == 1
    )


def _is_thin(chained: Sequence[Placed]) -> bool:
    """Whether paths of width 1 follow the family's rule, the same number of them in every block."""
    groups = {placed.block.transform.groups for placed in chained}
    return groups == {1} or (len(groups) == 1 and chained[0].block.is_bottleneck)


def _between(chained: Sequence[Placed], inventory: Inventory) -> int:
    """Convolutions that stand between the blocks and belong to none."""
    blocks = block_paths(chained)
    held = {step.path for placed in chained for step in placed.block.steps}
    places = [conv.place for conv in inventory.convs if conv.path in held]
    return (
        sum(
            min(places) < conv.place < max(places) and not is_inside(conv.path, blocks)
            for conv in inventory.convs
            if conv.path not in held
        )
        if places
        else 0
    )


def _blocks_with(telltale: re.Pattern[str], inventory: Inventory) -> set[str]:
    """The blocks that hold a layer of a telltale name."""
    layers: tuple[Layer, ...] = (*inventory.convs, *inventory.norms, *inventory.linears)
    return {match[1] for match in (telltale.match(layer.path) for layer in layers) if match}


def kin_of(inventory: Inventory) -> str:
    """Which relative it is and what is unlike, in one sentence; empty if it is none that is known."""
    for kind in _KINDS:
        blocks = _blocks_with(kind.telltale, inventory)
        if len(blocks) >= _LEAST_BLOCKS:
            return _sentence(kind.name, blocks, kind.unlike)
    attention = _blocks_with(_SENET, inventory)
    if len(attention) >= _LEAST_BLOCKS:
        unlike = "it has squeeze-and-excitation, and a 3×3 that is wider than what it takes, or projects by 3×3"
        return _sentence("a SENet", attention, unlike)
    return _over_volumes(inventory)


def _over_volumes(inventory: Inventory) -> str:
    volumes = [other.path for other in inventory.others if other.what.count("×") == _VOLUME]
    blocks = set(_blocks_of(volumes))
    if len(volumes) <= _LEAST_BLOCKS or len(blocks) < _LEAST_BLOCKS:
        return ""
    return _sentence("a 3-D network, for video", blocks, "its kernels have a third side, such as 3×3×3")


def _blocks_of(paths: list[str]) -> Iterator[str]:
    """The folders with a number as their name that hold these layers, but for projections' own lists."""
    for path in paths:
        match = _BLOCK.match(re.sub(r"\.(downsample|shortcut)\..*", ".projection", path.removesuffix(".weight")))
        if match:
            yield match[1]


def _sentence(name: str, blocks: set[str], unlike: str) -> str:
    stages = Counter(block.rpartition(".")[0] for block in sorted(blocks))
    depths = ", ".join(str(count) for _, count in sorted(stages.items()))
    return f"{name}, a relative of ResNeXt: like it, it has stages of residual blocks ({depths}); unlike it, {unlike}"
