"""What is written for one library: the code, its file, the name that stands for the network, what was adapted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from resnext_viz.complexity import complexity
from resnext_viz.errors import UserError
from resnext_viz.layers import Block, Walk
from resnext_viz.names import name_of, title_of
from resnext_viz.spec import ImageSize, ResNeXtSpec, map_size


class Target(StrEnum):
    """The library that the code is for."""

    TORCHVISION = "torchvision"
    TIMM = "timm"
    TORCH = "torch"
    RESNEXT_VIZ = "resnext_viz"


class NoCodeError(UserError):
    """A library cannot build the network; the message says why, and what can.

    Attributes:
        reason: why, and what can, in sentences.
    """

    def __init__(self, target: Target, reason: str) -> None:
        self.reason = f"{reason[:1].upper()}{reason[1:]}. The plain torch file builds it, under the same names."
        super().__init__(f"{target} cannot build this network. {self.reason}")


@dataclass(frozen=True)
class Source:
    """Code for one library.

    Attributes:
        code: a whole Python file, in ASCII.
        entry: what stands for the network once the code has run: a module, or a class that makes one.
        notes: what was adapted, and what the code cannot say, each a sentence.
    """

    target: Target
    spec: ResNeXtSpec
    code: str
    entry: str = "model"
    notes: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """A name that Python can import: `resnext50_32x4d.py`, `resnext50_32x4d_timm.py`."""
        stem = name_of(self.spec).replace("-", "_")
        return f"{stem}.py" if self.target is Target.TORCH else f"{stem}_{self.target}.py"


def plain_title(spec: ResNeXtSpec) -> str:
    """The title in ASCII, as people type it: "ResNeXt-50 (32x4d)"."""
    return title_of(spec).replace("×", "x").replace("·", "*")


def counts_in_words(spec: ResNeXtSpec, image_size: ImageSize | None) -> str:
    """Params, and MACs with the image they are for."""
    counts = complexity(spec, image_size)
    size = map_size(counts.walk.image_size)
    return f"{counts.params:,} params, {counts.macs:,} MACs on an image of {size.height} x {size.width} pixels"


def projects_by_shape(network: Walk) -> bool:
    """Whether each shortcut is a projection exactly where the shape changes, as torchvision and timm have it."""
    firsts = [stage.first for stage in network.stages]
    return not network.spec.shortcut or all(_changes_shape(block) == (block.projection is not None) for block in firsts)


def _changes_shape(block: Block) -> bool:
    return block.main[0].c_in != block.main[-1].c_out or any(layer.stride > 1 for layer in block.main)
