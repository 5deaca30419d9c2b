"""Which norms stand behind which convolution of a block, told by channels, by numbers in names and by order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from resnext_viz.auditing.inventory import Conv, Norm

_DIGITS = re.compile(r"\d+")


class Norms(NamedTuple):
    """How many norms each convolution of a block has."""

    counts: dict[str, int]  # by path of the convolution before them
    before: bool  # they stand before the convolutions, as in ResNet v2


def norms_behind(convs: Iterable[Conv], norms: Sequence[Norm], c_in: int) -> Norms:
    """How many norms stand behind each convolution: told by channels, then by numbers in names, then by order."""
    convs = list(convs)
    counts = {conv.path: 0 for conv in convs}
    if _is_preactivated(convs[:3], norms, c_in):
        return Norms(dict.fromkeys(counts, 1), True)
    for norm in norms:
        fitting = [conv for conv in convs if norm.channels in (None, conv.c_out)]
        if fitting:
            counts[min(fitting, key=lambda conv: _unlikely(conv, norm, counts)).path] += 1
    return Norms(counts, False)


def _unlikely(conv: Conv, norm: Norm, counts: dict[str, int]) -> tuple[bool, bool, int]:
    folders = conv.path.rpartition(".")[0] != norm.path.rpartition(".")[0]
    numbers = _DIGITS.findall(conv.path.rpartition(".")[2])
    numbered = bool(numbers) and numbers == _DIGITS.findall(norm.path.rpartition(".")[2])
    distance = norm.place - conv.place if norm.place > conv.place else 1000 + conv.place - norm.place
    return counts[conv.path] > 0 and not numbered, folders, distance if not numbered else 0


def _is_preactivated(main: Sequence[Conv], norms: Sequence[Norm], c_in: int) -> bool:
    """Whether the norms have the channels that go into the convolutions rather than those that come out."""
    folder = main[0].path.rpartition(".")[0]
    norms = [norm for norm in norms if norm.path.rpartition(".")[0] == folder]
    if len(norms) != len(main):
        return False
    if c_in == main[-1].c_out:
        ordered = min(norm.place for norm in norms) < min(conv.place for conv in main)
        return ordered and norms[0].channels == c_in != main[0].c_out
    channels = sorted(norm.channels or 0 for norm in norms)
    return channels == sorted([c_in, *(conv.c_out for conv in main[:-1])]) and channels != sorted(
        conv.c_out for conv in main)
