"""What a name has told so far, each thing once, and the spec that follows; how a name is written does not matter here.

A half of C×d stands in for that half of the network it is said of: a ResNeXt is 32×4d, a ResNet 1×64d, and where no
family is told, ResNeXt-50 (32×4d) is meant. The options of the shell and of Python do the same.
"""

from __future__ import annotations

import re
from typing import Any

from resnext_viz.errors import SpecError
from resnext_viz.names.depths import (
    CIFAR_STAGES,
    DEFAULT_EXPANSION,
    KNOWN_LAYERS,
    Shape,
    cifar_shape,
    usual_shape,
)
from resnext_viz.spec import BlockKind, ResNeXtSpec, Stem, as_whole_number

EXAMPLES = "write it like resnext50_32x4d, 'ResNeXt-101 (64x4d)', resnet50 or resnext29_8x64d_cifar10"
USUAL_LAYERS = 50
_USUAL_PATHS = {"resnext": {"cardinality": 32, "base_width": 4}, "resnet": {"cardinality": 1, "base_width": 64}}
_CIFAR_CLASSES = 10


class Told:
    """What the parts of one name have told so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.options: dict[str, Any] = {}
        self.overriding: dict[str, Any] = {}
        self.layers: int | None = None
        self.family: str | None = None

    def refusal(self, words: str) -> SpecError:
        """Why this name is not read."""
        return SpecError("name", self.text, words)

    def tell(self, option: str, value: object) -> None:
        """Takes one option.

        Raises:
            SpecError: another value of it has been told before.
        """
        before = self.options.setdefault(option, value)
        if as_whole_number(before) != as_whole_number(value):
            raise self.refusal(f"it says {option} twice: {_shown(before)} and {_shown(value)}")

    def override(self, option: str, value: object) -> None:
        """Takes one option in place of what was told, as an option of the shell stands in for what a name says."""
        self.overriding[option] = value

    def tell_family(self, family: str) -> None:
        """Takes "resnext" or "resnet".

        Raises:
            SpecError: the other one has been told before.
        """
        if self.family not in (None, family):
            raise self.refusal("it says both ResNet and ResNeXt")
        self.family = family

    def tell_layers(self, layers: object) -> None:
        """Takes the number of layers.

        Raises:
            SpecError: it is no number, or another has been told before.
        """
        number = as_whole_number(layers)
        if not isinstance(number, int):
            raise SpecError("layers", layers, "use a whole number such as 50")
        if self.layers not in (None, number):
            raise self.refusal(f"it says layers twice: {self.layers} and {number}")
        self.layers = number

    def tell_paths(self, cardinality: object, base_width: object) -> None:
        """Takes C×d.

        Raises:
            SpecError: another has been told before.
        """
        self.tell("cardinality", cardinality)
        self.tell("base_width", base_width)

    def spec(self) -> ResNeXtSpec:
        """The network, with what a name may leave out.

        Raises:
            SpecError: too little was told, or a network that cannot exist.
        """
        options = self.options | self.overriding
        if self.family is None and not {"cardinality", "base_width"} & options.keys():
            raise self.refusal(EXAMPLES)
        options = _USUAL_PATHS[self.family or "resnext"] | options
        layers = USUAL_LAYERS if self.layers is None else self.layers
        depths, block = self._shape(layers, options)
        options.update(depths=depths, block=block)
        options.setdefault("expansion", DEFAULT_EXPANSION.get(block, 4))
        if options.get("stem") in (Stem.CIFAR, Stem.CIFAR_POOL):
            options.setdefault("num_classes", _CIFAR_CLASSES)
        spec = ResNeXtSpec().with_options(**options)
        if self.layers is not None and spec.layer_count != self.layers:
            raise SpecError("layers", self.layers, f"blocks {spec.depths} make {spec.layer_count}")
        return spec

    def _shape(self, layers: int, options: dict[str, Any]) -> Shape:
        """Blocks per stage and block kind; may settle the stem on CIFAR's."""
        cifar = options.get("stem") in (Stem.CIFAR, Stem.CIFAR_POOL)
        if "depths" in options:
            return options["depths"], options.get("block", self._block_of(str(options["depths"])))
        shape = usual_shape(layers, cifar) or cifar_shape(layers)
        if shape is None:
            raise SpecError("layers", layers, KNOWN_LAYERS)
        if len(shape[0]) == CIFAR_STAGES:
            options.setdefault("stem", Stem.CIFAR)
        depths, block = shape
        return depths, options.get("block", block)

    def _block_of(self, depths: str) -> BlockKind:
        """Two layers a block if that, and nothing else, makes the number of layers that was told."""
        blocks = sum(int(depth) for depth in re.findall(r"\d{1,6}", depths))
        return BlockKind.BASIC if self.layers == 2 + 2 * blocks else BlockKind.BOTTLENECK


def _shown(value: object) -> str:
    return str(value)[:20]
