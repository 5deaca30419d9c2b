"""Which norm stands behind which convolution of a block, told by channels, by names and by order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from resnext_viz.reading.inventory import Conv, Norm
from resnext_viz.reading.order import natural_key

# What tells a norm from its convolution in their names; what is left is what they share, "1" of `conv1` and `bn1`.
_KIND = re.compile(r"batch_?norm(alization)?(2d)?|norm(alization)?|conv(olution)?(2d)?|frozen|bn|_")
_NUMBERS = re.compile(r"\d+")


class Norms(NamedTuple):
    """The norms of a block's convolutions."""

    behind: Mapping[str, tuple[Norm, ...]]  # by path of the convolution before them
    before: bool  # they stand before the convolutions, as in ResNet v2

    def count(self, conv: Conv) -> int:
        return len(self.behind.get(conv.path, ()))


def norms_behind(convs: Iterable[Conv], norms: Sequence[Norm], c_in: int) -> Norms:
    """Which norms stand behind each convolution; each gets one before any gets a second."""
    convs = list(convs)
    if _is_preactivated(convs[:3], norms, c_in):
        return Norms({conv.path: (norm,) for conv, norm in zip(convs, norms, strict=False)}, True)
    behind: dict[str, list[Norm]] = {conv.path: [] for conv in convs}
    pairs = [(conv, norm) for norm in norms for conv in convs if norm.channels in (None, conv.c_out)]
    pairs.sort(key=lambda pair: unlikely(*pair))
    placed: set[str] = set()
    for conv, norm in pairs:
        if norm.path not in placed and not behind[conv.path]:
            behind[conv.path].append(norm)
            placed.add(norm.path)
    for conv, norm in pairs:
        if norm.path not in placed:
            behind[conv.path].append(norm)
            placed.add(norm.path)
    return Norms({path: tuple(sorted(found, key=lambda norm: norm.place)) for path, found in behind.items()}, False)


def unlikely(conv: Conv, norm: Norm) -> tuple[bool, bool, bool, int]:
    """Sorts pairs: a norm that its convolution holds first, then one beside it of the same name, then the next one."""
    folder, name = _folder_and_name(norm.path)
    conv_folder, conv_name = _folder_and_name(conv.path)
    alike = _KIND.sub("", conv_name.lower()) == _KIND.sub("", name.lower()) or (
        _NUMBERS.findall(conv_name) == _NUMBERS.findall(name) != []
    )
    distance = norm.place - conv.place if norm.place > conv.place else 1000 + conv.place - norm.place
    return folder != conv.path, folder != conv_folder, not alike, distance


def _folder_and_name(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition(".")
    return folder, name


def _is_preactivated(main: Sequence[Conv], norms: Sequence[Norm], c_in: int) -> bool:
    """Whether the norms have the channels that go into the convolutions rather than those that come out."""
    folder = main[0].path.rpartition(".")[0]
    norms = [norm for norm in norms if norm.path.rpartition(".")[0] == folder]
    if len(norms) != len(main) or any("[" in conv.path for conv in main):  # joined paths are the paper's own
        return False
    if c_in == main[-1].c_out:
        ordered = min(norm.place for norm in norms) < min(conv.place for conv in main)
        first = min(norms, key=lambda norm: natural_key(norm.path))
        return ordered and first.channels == c_in != main[0].c_out
    channels = sorted(norm.channels or 0 for norm in norms)
    return channels == sorted([c_in, *(conv.c_out for conv in main[:-1])]) and channels != sorted(
        conv.c_out for conv in main
    )
