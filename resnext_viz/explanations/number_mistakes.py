"""What goes wrong between a network and a number for it: another network built, or the right one counted otherwise.

Each mistake has a farness: 1 for what happens every day, up to 2 for what is seldom. It ranks explanations, and bounds
them: a number with few digits agrees with too much by chance to bear far-fetched ones (`BUDGETS`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from resnext_viz.conventions import Tallies
from resnext_viz.errors import SpecError
from resnext_viz.explanations.stated import Kind
from resnext_viz.explanations.variants import SizedSpec
from resnext_viz.names import parse, title_of
from resnext_viz.spec import STEM_CHANNELS, BlockKind, OutputRule, ResNeXtSpec, Stem, StrideOn

# Significant digits -> how far-fetched an explanation may be in all; more digits bear more.
BUDGETS = MappingProxyType({3: 1.9, 4: 2.3, 5: 3.2, 6: 3.6, 7: 5.0})
MISTAKEN_FROM = min(BUDGETS)  # digits that bear a mistake
_ALL = frozenset(Kind)
_MAPS = frozenset({Kind.OPERATIONS, Kind.ACTS})  # what depends on the sides of maps
_ELEMENTS = frozenset({Kind.PARAMS, Kind.BYTES})
_IMAGENET_DEPTHS = ("resnet26", "resnet50", "resnet101", "resnet152", "resnet200")
_SIDES = {
    256: 1.0,
    320: 1.0,
    299: 1.2,
    288: 1.2,
    384: 1.2,
    160: 1.4,
    192: 1.4,
    112: 1.5,
    128: 1.5,
    32: 1.5,
    512: 1.6,
    640: 1.6,
}  # of the image -> farness
_USUAL_CLASSES = {10: 1.2, 100: 1.2, 1000: 1.2, 5000: 1.4, 21841: 1.5}  # farness
_CIFAR_SIDES = {224: 1.2, 64: 1.3}
_CIFAR_DEPTHS = ("resnet20_cifar10", "resnet29_cifar10", "resnet38_cifar10", "resnet56_cifar10")


class NumberMistake(NamedTuple):
    """One thing that went otherwise than meant."""

    key: str
    words: str
    farness: float
    kinds: frozenset[Kind] = _ALL  # whose numbers it changes
    options: tuple[tuple[str, Any], ...] = ()  # of the spec, set to other values
    image_size: int | None = None
    elements: Callable[[Tallies], int] | None = None  # learned elements counted more, or fewer
    factor: float = 1
    digits: int = 0  # of the number that it took to solve for it: these bear nothing else

    @property
    def builds_another(self) -> bool:
        """Whether it makes another network or map, rather than counts the same one otherwise."""
        return bool(self.options) or self.image_size is not None

    @property
    def settles(self) -> tuple[str, ...]:
        """What of a network or a count it decides; two that decide one thing are never made together."""
        names = [name for name, _ in self.options]
        names += ["image_size"] * (self.image_size is not None) + ["factor"] * (self.factor != 1)
        return (*names, *(["fc bias"] * (self.key in {"weights", "fc-bias"})))

    def made_of(self, network: SizedSpec) -> SizedSpec | None:
        """The network it makes of one; None where that cannot be."""
        try:
            spec = replace(network.spec, **dict(self.options))
        except SpecError:
            return None
        return SizedSpec(spec, self.image_size or network.image_size)


def budget(digits: int) -> float:
    """How far-fetched the explanation of a number with so many digits may be."""
    return BUDGETS[min(digits, max(BUDGETS))] if digits >= MISTAKEN_FROM else 0.0


@lru_cache(maxsize=256)
def mistakes_of(network: SizedSpec, kind: Kind) -> tuple[NumberMistake, ...]:
    """What may go wrong with this network that changes numbers of this kind, in the order it is told."""
    changes = (_paths, _output, _stride, _other_network, _stem, _parts, _classes, _image)
    built = (mistake for change in changes for mistake in change(network))
    return tuple(mistake for mistake in (*built, *_countings(network.spec)) if kind in mistake.kinds)


def _paths(network: SizedSpec) -> Iterator[NumberMistake]:
    spec = network.spec
    c, d = spec.cardinality, spec.base_width
    if c > 1:
        yield NumberMistake(
            "groups",
            f"groups forgotten (the 3×3 in 1 group, not {c})",
            1.0,
            _ALL - {Kind.ACTS},
            (("cardinality", 1), ("base_width", c * d)),
        )
    if c != d and spec.block is BlockKind.BOTTLENECK:
        yield NumberMistake(
            "swapped",
            f"C and d swapped ({d}×{c}d, not {c}×{d}d)",
            1.5 if c > 1 else 1.8,
            options=(("cardinality", d), ("base_width", c)),
        )


def _output(network: SizedSpec) -> Iterator[NumberMistake]:
    spec = network.spec
    if spec.block is BlockKind.BOTTLENECK and spec.expansion == 4 and spec.output_rule is OutputRule.PLANES:
        yield NumberMistake(
            "output", "block output 2·C·d·2ˢ, not 256·2ˢ", 1.1, options=(("output_rule", OutputRule.WIDTH),)
        )


def _stride(network: SizedSpec) -> Iterator[NumberMistake]:
    spec = network.spec
    if spec.block is BlockKind.BOTTLENECK:
        here, there = (
            (StrideOn.CONV1X1, StrideOn.CONV3X3)
            if spec.stride_on is StrideOn.CONV3X3
            else (StrideOn.CONV3X3, StrideOn.CONV1X1)
        )
        yield NumberMistake(
            "stride", f"stride on the {_sign(here)}, not on the {_sign(there)}", 1.0, _MAPS, (("stride_on", here),)
        )


def _sign(stride: StrideOn) -> str:
    return stride.value.replace("x", "×")


def _other_network(network: SizedSpec) -> Iterator[NumberMistake]:
    spec = network.spec
    if spec.block is not BlockKind.BOTTLENECK:
        return
    for name in _CIFAR_DEPTHS if len(spec.depths) == 3 else _IMAGENET_DEPTHS:
        other = parse(name)
        if other.depths != spec.depths:
            yield NumberMistake(
                "depth", f"{other.layer_count} layers, not {spec.layer_count}", 1.5, options=(("depths", other.depths),)
            )
    c, d = (1, 64) if spec.cardinality > 1 else (32, 4)
    other = replace(spec, cardinality=c, base_width=d)
    yield NumberMistake(
        "family", f"C = {c} and d = {d}, as in {title_of(other)}", 1.4, options=(("cardinality", c), ("base_width", d))
    )


def _stem(network: SizedSpec) -> Iterator[NumberMistake]:
    spec = network.spec
    if spec.stem is Stem.IMAGENET:
        yield NumberMistake("stem", "a 3×3 stem without pool, as for CIFAR", 1.6, options=(("stem", Stem.CIFAR),))
    else:
        yield NumberMistake("stem", "a 7×7 stem and a pool, as for ImageNet", 1.6, options=(("stem", Stem.IMAGENET),))
        yield NumberMistake(
            "stem1x1",
            "a 1×1 stem, not 3×3",
            1.4,
            frozenset({Kind.PARAMS}),
            elements=lambda _: -8 * spec.in_channels * STEM_CHANNELS,
        )


def _parts(network: SizedSpec) -> Iterator[NumberMistake]:
    spec = network.spec
    if spec.head:
        yield NumberMistake("head", "no pooling and linear layer", 1.3, _ALL, (("head", False),))
    if spec.shortcut:
        yield NumberMistake("shortcut", "shortcuts left out, projections too", 1.7, options=(("shortcut", False),))
    if not spec.conv_bias:
        yield NumberMistake("bias", "a bias in every convolution", 1.5, _ELEMENTS, (("conv_bias", True),))


def _classes(network: SizedSpec) -> Iterator[NumberMistake]:
    spec = network.spec
    if spec.head:
        for classes, farness in _USUAL_CLASSES.items():
            if classes != spec.num_classes:
                yield _other_classes(spec, classes, farness)


def _other_classes(spec: ResNeXtSpec, classes: int, farness: float, digits: int = 0) -> NumberMistake:
    words = f"{classes:,} class{'es' * (classes > 1)}, not {spec.num_classes:,}"
    return NumberMistake("classes", words, farness, _ELEMENTS, (("num_classes", classes),), digits=digits)


def solved_classes(spec: ResNeXtSpec, classes: int) -> NumberMistake:
    """So many classes, whatever their number: what fits all of them says the less, the more there are."""
    return _other_classes(spec, classes, 1.0 if classes <= 1000 else 1.6, len(str(classes)) + (classes > 1000))


def _image(network: SizedSpec) -> Iterator[NumberMistake]:
    sides = _SIDES if network.spec.stem is Stem.IMAGENET else _CIFAR_SIDES
    for side, farness in sides.items():
        if side != network.image_size:
            yield NumberMistake(
                "image",
                f"an image of {side}×{side}, not {network.image_size}×{network.image_size}",
                farness,
                _MAPS,
                image_size=side,
            )


def _countings(spec: ResNeXtSpec) -> Iterator[NumberMistake]:
    """The right network, counted otherwise."""
    params = frozenset({Kind.PARAMS})
    yield NumberMistake(
        "buffers",
        "running mean and variance of batch norm counted",
        1.0,
        params,
        elements=lambda counted: counted.norm_params,
    )
    yield NumberMistake(
        "weights",
        "only weights counted, no batch norm and no biases",
        1.4,
        params,
        elements=lambda counted: -(counted.linear_bias + counted.conv_bias_params + counted.norm_params),
    )
    if spec.head:
        yield NumberMistake(
            "fc-bias", "no bias in the linear layer", 1.3, params, elements=lambda counted: -counted.linear_bias
        )
    yield NumberMistake(
        "doubled", "everything doubled (a multiply-add as two)", 1.0, frozenset({Kind.OPERATIONS}), factor=2
    )
    yield NumberMistake("halved", "everything halved", 1.3, frozenset({Kind.OPERATIONS}), factor=0.5)
    for images in (2, 4, 8, 16, 32, 64, 128, 256):
        yield NumberMistake("batch", f"a batch of {images} images, not one", 1.7, _MAPS, factor=images)
