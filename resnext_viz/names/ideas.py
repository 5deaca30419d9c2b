"""The idea of a network in one sentence: what each of its blocks does, in the network's own numbers.

The browser fills in the numbers while a dial moves, so every sentence is a whole message with places for them.
"""

from __future__ import annotations

from typing import NamedTuple

from resnext_viz.spec import BlockKind, ResNeXtSpec


class Ideas(NamedTuple):
    """What is said of networks that differ in C and d alone.

    Attributes:
        paths: of several paths.
        thin_paths: of several paths of one channel.
        one: of one path.
        thin_one: of one path of one channel.
    """

    paths: str
    thin_paths: str
    one: str
    thin_one: str


_STAGED_BOTTLENECKS = Ideas(
    "Each block splits its work over {cardinality} paths, each {base_width} channels wide in stage 1 and twice as wide "
    "in each stage after it, and adds up what they give.",
    "Each block splits its work over {cardinality} paths, each one channel wide in stage 1 and twice as wide in each "
    "stage after it, and adds up what they give.",
    "Each block is one path, {base_width} channels wide in stage 1 and twice as wide in each stage after it: its 3×3 "
    "mixes all of them, as in a ResNet.",
    "Each block is one path, one channel wide in stage 1 and twice as wide in each stage after it, as in a very thin "
    "ResNet.",
)
_BOTTLENECKS = Ideas(
    "Each block splits its work over {cardinality} paths, each {base_width} channels wide, and adds up what they give.",
    "Each block splits its work over {cardinality} paths, each one channel wide, and adds up what they give.",
    "Each block is one path, {base_width} channels wide: its 3×3 mixes all of them, as in a ResNet.",
    "Each block is one path, one channel wide, as in a very thin ResNet.",
)
_STAGED_BASIC = (
    "Each block is two 3×3 convolutions with {base_width} channels between them in stage 1 and twice as many in each "
    "stage after it; with two layers, several paths would add up to one wider block.",
    "Each block is two 3×3 convolutions with one channel between them in stage 1 and twice as many in each stage after "
    "it; with two layers, several paths would add up to one wider block.",
)
_BASIC = (
    "Each block is two 3×3 convolutions with {base_width} channels between them; with two layers, several paths would "
    "add up to one wider block.",
    "Each block is two 3×3 convolutions with one channel between them; with two layers, several paths would add up to "
    "one wider block.",
)
IDEAS = {  # by kind of network
    "bottlenecks": _BOTTLENECKS,
    "staged_bottlenecks": _STAGED_BOTTLENECKS,
    "basic": Ideas(*_BASIC, *_BASIC),  # C is always 1
    "staged_basic": Ideas(*_STAGED_BASIC, *_STAGED_BASIC),
}


def idea_kind(spec: ResNeXtSpec) -> str:
    """The kind of network that this is, whatever its C and d: a key of `IDEAS`."""
    blocks = "basic" if spec.block is BlockKind.BASIC else "bottlenecks"
    return f"staged_{blocks}" if len(spec.depths) > 1 else blocks


def idea_of(spec: ResNeXtSpec) -> str:
    """What each block of this network does, in one sentence."""
    ideas = IDEAS[idea_kind(spec)]
    if spec.cardinality > 1:
        words = ideas.paths if spec.base_width > 1 else ideas.thin_paths
    else:
        words = ideas.one if spec.base_width > 1 else ideas.thin_one
    return words.format(cardinality=f"{spec.cardinality:,}", base_width=f"{spec.base_width:,}")
