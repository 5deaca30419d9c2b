"""Other people's names of tensors -> torchvision's, where the network behind them is one of this family.

torchvision's names are also timm's and kuangliu's for most of the network. Prefixes that training tools put before all
names are taken off first.
Sources: the `state_dict` names of github.com/prlz77/ResNeXt.pytorch, github.com/kuangliu/pytorch-cifar,
github.com/weiaicunzai/pytorch-cifar100, github.com/open-mmlab/mmpretrain and github.com/huggingface/transformers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor
from torch.nn.functional import pad

from resnext_viz.inference.errors import CheckpointError

# DataParallel, torch.compile, Lightning and wrappers by hand, in any order and any number.
PREFIXES = ("module.", "_orig_mod.", "model.", "backbone.", "net.", "state_dict.")
_MOST_PREFIXES = 8

Rename = tuple[str, str | Callable[[re.Match[str]], str]]


@dataclass(frozen=True)
class _Dialect:
    """One way to name the tensors.

    Attributes:
        whose: for the note.
        telltale: a name that only this dialect has.
        renames: patterns of the beginning or the middle of a name, and what stands there in torchvision's; in turn.
    """

    whose: str
    telltale: str
    renames: tuple[Rename, ...]


def _stage_from(first: int) -> Callable[[re.Match[str]], str]:
    return lambda match: f"layer{int(match[1]) - first + 1}.{match[2]}."


def _step_of_three(match: re.Match[str]) -> str:
    """Convolution, batch norm and ReLU in turn, numbered through."""
    step, kind = divmod(int(match[1]), 3)
    return f".{('conv', 'bn', 'relu')[kind]}{step + 1}."


_DIALECTS = (
    _Dialect("mmpretrain", "head.fc.weight", ((r"^head\.fc\.", "fc."), (r"^backbone\.", ""))),
    _Dialect(
        "prlz77/ResNeXt.pytorch",
        "conv_1_3x3.weight",
        (
            (r"^conv_1_3x3\.", "conv1."),
            (r"^bn_1\.", "bn1."),
            (r"^stage_(\d)\.stage_\1_bottleneck_(\d{1,3})\.", r"layer\1.\2."),
            (r"\.conv_reduce\.", ".conv1."),
            (r"\.bn_reduce\.", ".bn1."),
            (r"\.conv_conv\.", ".conv2."),
            (r"\.bn\.", ".bn2."),
            (r"\.conv_expand\.", ".conv3."),
            (r"\.bn_expand\.", ".bn3."),
            (r"\.shortcut\.shortcut_conv\.", ".downsample.0."),
            (r"\.shortcut\.shortcut_bn\.", ".downsample.1."),
            (r"^classifier\.", "fc."),
        ),
    ),
    _Dialect(
        "kuangliu/pytorch-cifar",
        "linear.weight",
        ((r"\.shortcut\.([01])\.", r".downsample.\1."), (r"^linear\.", "fc.")),
    ),
    _Dialect(
        "weiaicunzai/pytorch-cifar100",
        "conv2_x.0.residual_function.0.weight",
        (
            (r"^conv1\.0\.", "conv1."),
            (r"^conv1\.1\.", "bn1."),
            (r"^conv([2-5])_x\.(\d{1,3})\.", _stage_from(2)),
            (r"\.residual_function\.(\d)\.", _step_of_three),
            (r"\.shortcut\.([01])\.", r".downsample.\1."),
        ),
    ),
    _Dialect(
        "transformers",
        "resnet.embedder.embedder.convolution.weight",
        (
            (r"^resnet\.embedder\.embedder\.convolution\.", "conv1."),
            (r"^resnet\.embedder\.embedder\.normalization\.", "bn1."),
            (r"^resnet\.encoder\.stages\.(\d)\.layers\.(\d{1,3})\.", _stage_from(0)),
            (r"\.layer\.(\d)\.convolution\.", lambda match: f".conv{int(match[1]) + 1}."),
            (r"\.layer\.(\d)\.normalization\.", lambda match: f".bn{int(match[1]) + 1}."),
            (r"\.shortcut\.convolution\.", ".downsample.0."),
            (r"\.shortcut\.normalization\.", ".downsample.1."),
            (r"^classifier\.1\.", "fc."),
        ),
    ),
)


def in_torchvisions_names(state: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """`state` under torchvision's names as far as they are known, and in words whose names they were.

    A name that nobody knows stays as it is, for `recognise` to refuse.

    Raises:
        CheckpointError: two tensors would have one name.
    """
    state = without_prefix(state)
    dialect = next((each for each in _DIALECTS if each.telltale in state), None)
    if dialect is None:
        return dict(state), ()
    renamed: dict[str, Tensor] = {}
    for key, value in state.items():
        name = _renamed(key, dialect.renames)
        if name in renamed:
            raise CheckpointError(
                f"The checkpoint holds two tensors for {name[:80]} of torchvision, {key[:80]} among them; "
                "save only the network's state_dict."
            )
        renamed[name] = value
    return _with_square_stem(renamed, f"Its tensors are named as in {dialect.whose}.")


def without_prefix(state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    """`state` without what stands before all of its names; mmpretrain's backbone keeps its prefix beside a head."""
    for _ in range(_MOST_PREFIXES):
        prefix = next((each for each in PREFIXES if state and all(key.startswith(each) for key in state)), None)
        if prefix is None:
            break
        state = {key.removeprefix(prefix): value for key, value in state.items()}
    return state


def _renamed(key: str, renames: tuple[Rename, ...]) -> str:
    for pattern, replacement in renames:
        key = re.sub(pattern, replacement, key, count=1)
    return key


def _with_square_stem(state: dict[str, Tensor], note: str) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """`state` with a 1×1 stem, as kuangliu's ResNeXt has it, as the 3×3 that computes the same."""
    stem = state.get("conv1.weight")
    if stem is None or stem.dim() != 4 or stem.shape[2:] != (1, 1):
        return state, (note,)
    padded = {**state, "conv1.weight": pad(stem, (1, 1, 1, 1))}
    return padded, (note, "Its 1×1 stem is run as a 3×3 whose border is zero: the same numbers, counted as 3×3.")
