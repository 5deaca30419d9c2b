"""Convolutions -> residual blocks: which belong together, and which of them reduces, transforms, expands and projects.

Names are a stranger's, so blocks are found by what is in a folder of the module tree: one 3x3 with two or three 1x1
beside it, or two 3x3. Where a network keeps all its layers in one folder, they are cut in their order. Names only
settle what shapes leave open, a projection with the shape of the reducing 1x1 for one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations
from typing import NamedTuple

from resnext_viz.reading.inventory import Conv, Inventory, Norm, folders_of
from resnext_viz.reading.norms import norms_behind
from resnext_viz.reading.plan import PlanBlock, PlanStep

_ATTENTION = re.compile(r"(^|[._])(se|se_module|se_layer|eca|gc|sa|ca|cbam|attn|attention|fc[12]?)([._]|$)")
_SHORTCUT = re.compile(r"short|down|proj|skip|identity|bypass|residual_conv|match", re.IGNORECASE)
_MOST_CONVS = 8
_MOST_POINTWISE = 5  # reduce, expand, projection and a squeeze-and-excitation pair


class Group(NamedTuple):
    """Convolutions that make one block, not told apart yet."""

    path: str
    convs: tuple[Conv, ...]
    norms: tuple[Norm, ...]


class Placed(NamedTuple):
    """A block with each convolution in its place, and what else it holds."""

    block: PlanBlock
    attention: tuple[str, ...]  # paths of squeeze-and-excitation and the like
    preactivated: bool
    norms: Mapping[str, tuple[Norm, ...]]  # behind each convolution, by its path


def image_conv(convs: Sequence[Conv]) -> Conv | None:
    """The convolution that takes the image."""
    if convs and convs[0].per_group is not None and convs[0].per_group <= 4:
        return convs[0]
    return next((conv for conv in convs if conv.per_group == 3 and conv.is_spatial), convs[0] if convs else None)


def block_groups(inventory: Inventory, stem: Conv) -> tuple[Group, ...]:
    """The folders that hold one block each, in order; cut out of a row of layers where there are no folders."""
    groups = tuple(_by_folder(inventory, stem))
    held = sum(len(group.convs) for group in groups)
    if 2 * held >= len(inventory.convs) - 1:
        return groups
    cut = tuple(_by_order(inventory, stem))
    return cut if sum(len(group.convs) for group in cut) > held else groups


def _by_folder(inventory: Inventory, stem: Conv) -> Iterator[Group]:
    """The largest folders that could be a block; of two with the same convolutions, the inner one."""
    folders: dict[str, list[Conv]] = {}
    for conv in inventory.convs:
        for folder in folders_of(conv.path):
            folders.setdefault(folder, []).append(conv)
    blocks = {path: convs for path, convs in folders.items() if stem not in convs and _could_be_block(convs)}
    taken: set[str] = set()
    chosen: dict[str, list[Conv]] = {}
    for path, convs in sorted(blocks.items(), key=lambda item: (-len(item[1]), -item[0].count("."), item[1][0].place)):
        if not taken.intersection(conv.path for conv in convs):
            chosen[path] = convs
            taken.update(conv.path for conv in convs)
    norms: dict[str, list[Norm]] = {path: [] for path in chosen}
    for norm in inventory.norms:
        for folder in folders_of(norm.path):
            if folder in norms:
                norms[folder].append(norm)
    for path, convs in sorted(chosen.items(), key=lambda item: min(conv.place for conv in item[1])):
        yield Group(path, tuple(convs), tuple(norms[path]))


def _could_be_block(convs: Sequence[Conv]) -> bool:
    if len(convs) > _MOST_CONVS:
        return False
    spatial = [conv for conv in convs if conv.is_spatial]
    pointwise = [conv for conv in convs if conv.is_pointwise]
    if len(spatial) + len(pointwise) < len(convs) or not spatial:
        return False
    plain = [conv for conv in pointwise if not _is_attention(conv, convs)]
    if len(spatial) == 1:
        return 2 <= len(plain) <= _MOST_POINTWISE
    return len(spatial) == 2 and len(plain) <= 1


def _is_attention(conv: Conv, convs: Sequence[Conv]) -> bool:
    folder = _common_folder(convs)
    return bool(_ATTENTION.search(conv.path.removeprefix(folder)))


def _common_folder(convs: Sequence[Conv]) -> str:
    first, last = min(conv.path for conv in convs), max(conv.path for conv in convs)
    length = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:length].rpartition(".")[0]


def _by_order(inventory: Inventory, stem: Conv) -> Iterator[Group]:
    """Bottlenecks cut out of a row of layers: 1x1, 3x3, 1x1, and one more 1x1 where two follow each other."""
    row = [conv for conv in inventory.convs if conv.place > stem.place]
    places = [norm.place for norm in inventory.norms]
    at = 0
    while at + 2 < len(row):
        if not (row[at].is_pointwise and row[at + 1].is_spatial and row[at + 2].is_pointwise):
            at += 1
            continue
        behind = row[at + 3 : at + 5]
        has_projection = bool(behind) and behind[0].is_pointwise and (len(behind) == 1 or behind[1].is_pointwise)
        convs = row[at : at + 3 + has_projection]
        at += len(convs)
        end = row[at].place if at < len(row) else places[-1] + 1 if places else 0
        norms = inventory.norms[bisect_right(places, convs[0].place) : bisect_left(places, end)]
        yield Group(convs[0].path, tuple(convs), norms)


def place(group: Group, c_in: int, first_of_stage: bool) -> Placed | None:
    """The block with each convolution in its place, for `c_in` channels in; None if they do not fit each other.

    Strides that are not told are taken as usual: the 3x3 and the projection of a stage's first block.
    """
    spatial = [conv for conv in group.convs if conv.is_spatial]
    pointwise = [conv for conv in group.convs if conv.is_pointwise and not _is_attention(conv, group.convs)]
    named_attention = [conv.path for conv in group.convs if conv.is_pointwise and conv not in pointwise]
    stride = 2 if first_of_stage else 1
    if len(spatial) == 2:
        best = _two_layers(spatial, pointwise, c_in)
    else:
        best = _three_layers(spatial, pointwise, c_in, bool(named_attention))
    if best is None:
        return None
    convs, projection, left = best
    norms = norms_behind((*convs, projection) if projection else convs, group.norms, c_in)
    main, channels = [], c_in
    strided = 0 if len(convs) == 2 else 1
    for number, conv in enumerate(convs):
        main.append(_step(conv, channels, stride if number == strided else 1, norms.count(conv)))
        channels = conv.c_out
    skip = _step(projection, c_in, stride, norms.count(projection)) if projection else None
    block = PlanBlock(group.path, tuple(main), skip)
    attention = (*named_attention, *(conv.path for conv in left))
    return Placed(block, attention, norms.before, norms.behind)


_Arrangement = tuple[tuple[Conv, ...], Conv | None, tuple[Conv, ...]]


def _two_layers(spatial: Sequence[Conv], pointwise: Sequence[Conv], c_in: int) -> _Arrangement | None:
    projection = pointwise[0] if pointwise else None
    for first, second in permutations(spatial):
        fits = first.groups_on(c_in) and second.groups_on(first.c_out)
        if fits and (projection is None or (projection.groups_on(c_in) and projection.c_out == second.c_out)):
            return (first, second), projection, ()
    return None


def _three_layers(
    spatial: Sequence[Conv], pointwise: Sequence[Conv], c_in: int, has_attention: bool
) -> _Arrangement | None:
    """Every assignment of the 1x1s is tried; the one with most in its favour is taken.

    Split attention (ResNeSt) halves what the 3x3 puts out: to bare tensors that looks like groups on the last 1x1.
    """
    transform = spatial[0]
    best: tuple[int, _Arrangement] | None = None
    for count in (3, 2):
        for chosen in permutations(pointwise, min(count, len(pointwise))):
            reduce, expand, *more = chosen if len(chosen) >= 2 else (None, None)
            if reduce is None or expand is None or len(chosen) != count:
                continue
            projection = more[0] if more else None
            left = tuple(conv for conv in pointwise if conv not in chosen)
            score = _score(reduce, transform, expand, projection, left, c_in)
            halved = has_attention and expand.groups is None and expand.per_group != transform.c_out
            if score is not None and not halved and (best is None or score > best[0]):
                best = score, ((reduce, transform, expand), projection, left)
    return best[1] if best else None


def _score(
    reduce: Conv, transform: Conv, expand: Conv, projection: Conv | None, left: Sequence[Conv], c_in: int
) -> int | None:
    """How much speaks for an assignment; None if the channels do not fit."""
    groups = reduce.groups_on(c_in), transform.groups_on(reduce.c_out), expand.groups_on(transform.c_out)
    if None in groups or not _is_attention_pair(left, expand.c_out):
        return None
    score = 2 * (groups[0] == 1) + 2 * (groups[2] == 1) + 2 * (reduce.c_out == transform.c_out)
    score += (reduce.place < expand.place) - _named_shortcut(reduce) - _named_shortcut(expand)
    if projection:
        project_groups = projection.groups_on(c_in)
        if project_groups is None or projection.c_out != expand.c_out:
            return None
        score += 2 * (project_groups == 1) + 2 * _named_shortcut(projection)
        score += projection.stride == (reduce.stride or 1) * (transform.stride or 1) * (expand.stride or 1)
    return score


def _named_shortcut(conv: Conv) -> bool:
    return bool(_SHORTCUT.search(".".join(conv.path.split(".")[-2:])))


def _is_attention_pair(left: Sequence[Conv], channels: int) -> bool:
    """Whether the 1x1s left over squeeze the block's output and excite it again; nothing left over is fine too."""
    if not left:
        return True
    if len(left) != 2:
        return False
    squeeze, excite = sorted(left, key=lambda conv: conv.c_out)
    return (squeeze.per_group, excite.c_out) == (channels, channels) and excite.per_group == squeeze.c_out < channels


def _step(conv: Conv, c_in: int, usual_stride: int, norms: int) -> PlanStep:
    stride = usual_stride if conv.stride is None else conv.stride
    return PlanStep(conv.path, c_in, conv.c_out, max(conv.kernel), stride, conv.groups_on(c_in) or 1, conv.bias, norms)
