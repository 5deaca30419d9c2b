"""A trained network in a file: written and read as safetensors, which can hold tensors and text and nothing that runs.

Importing this loads torch.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from resnext_viz.complexity import complexity
from resnext_viz.inference.class_names import check_class_names, read_class_names
from resnext_viz.inference.dialects import in_torchvisions_names
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.metadata import Metadata, read_metadata
from resnext_viz.inference.none_of_these import NoneRule
from resnext_viz.inference.pickles import TORCH_ERRORS, is_pickle, read_pickle
from resnext_viz.inference.preprocess import CIFAR, Interpolation, Preprocess
from resnext_viz.inference.recognise import first_mismatch, is_used, recognise
from resnext_viz.spec import ResNeXtSpec, Stem

MAX_MACS = 200_000_000_000  # for one picture; the largest network people train here needs 32 G
MAX_ELEMENTS = 500_000_000  # 2 GB as float32; a small file can claim more, with one value for a whole tensor
ClassNames = Path | str | bytes | Sequence[str]


@dataclass(frozen=True)
class Checkpoint:
    """A network's weights and all that is needed to use them.

    Attributes:
        state_dict: torchvision's names -> float32 tensors on the CPU, as `build(spec)` wants them.
        classes: one name for each output.
        test_accuracy: share of right first answers on the data set's test pictures, 0 to 1, or None.
        notes: what was assumed because the file does not say it, in words.
        temperature: that logits are divided by before they become probabilities.
        none_of_these: when a picture shows none of the classes, probably; None where that was not measured.
    """

    spec: ResNeXtSpec
    state_dict: dict[str, Tensor]
    classes: tuple[str, ...]
    preprocess: Preprocess
    test_accuracy: float | None = None
    notes: tuple[str, ...] = ()
    temperature: float = 1.0
    none_of_these: NoneRule | None = None


def save_checkpoint(
    path: Path | str,
    state_dict: Mapping[str, Tensor],
    spec: ResNeXtSpec,
    classes: Sequence[str],
    mean: Sequence[float],
    std: Sequence[float],
    image_size: int,
    test_accuracy: float | None = None,
    dtype: torch.dtype = torch.float16,
    temperature: float | None = None,
    none_of_these: NoneRule | None = None,
) -> None:
    """Writes a safetensors checkpoint that `load_checkpoint` understands by itself, whole or not at all.

    Args:
        path: the file; its folder exists.
        state_dict: the network's tensors, as `build(spec)` names them.
        spec: the network.
        classes: one name for each output.
        mean: of each channel in training, on the scale 0 to 1.
        std: of each channel in training.
        image_size: side of the training pictures, in pixels.
        test_accuracy: share of right first answers on the test pictures, 0 to 1.
        dtype: how tensors are stored; they are float32 again when loaded.
        temperature: that logits are divided by before they become probabilities.
        none_of_these: when a picture shows none of the classes, probably.

    Raises:
        CheckpointError: the weights do not fit the spec or `dtype`, or classes or statistics do not fit the network.
    """
    used = {key: value.detach().cpu().to(dtype).contiguous() for key, value in state_dict.items() if is_used(key)}
    _check_fits(spec, used)
    _check_finite(used)
    said = Metadata(
        spec, check_class_names(classes), tuple(mean), tuple(std), image_size, test_accuracy, temperature, none_of_these
    )  # fmt: skip
    _classes(spec, said.classes, None)
    _preprocess(spec, said)
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        unfinished.write_bytes(safetensors.torch.save(used, said.to_header()))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_checkpoint(
    source: Path | str | bytes, classes: ClassNames | None = None, allow_pickle_files: bool = False
) -> Checkpoint:
    """The checkpoint in a file, or in the bytes of one.

    Args:
        source: the file, or its bytes.
        classes: class names, or a file with them; they win over the names in the checkpoint.
        allow_pickle_files: also read `.pth`, weights only. For files of one's own; never for what a stranger sent.

    Raises:
        CheckpointError: it cannot be read, is a pickle, or holds another kind of network; or the classes do not fit.
    """
    source = source if isinstance(source, bytes) else Path(source)
    content, said = _read_pth(source, allow_pickle_files) if is_pickle(source) else _read_safetensors(source)
    state, whose_names = in_torchvisions_names(usable_weights(content))
    spec, assumed = (said.spec, ()) if said.spec else _recognised(state, whose_names)
    check_can_answer(spec, said.image_size)
    _check_fits(spec, state)
    preprocess, more_notes = _preprocess(spec, said)
    names, name_notes = _classes(spec, said.classes, classes)
    notes = whose_names + assumed + more_notes + name_notes
    measured = (said.test_accuracy, notes, said.temperature or 1.0, said.none_of_these)
    return Checkpoint(spec, state, names, preprocess, *measured)


def usable_weights(state: Mapping[str, Any]) -> dict[str, Tensor]:
    """`state` in float32, without what no answer needs.

    Raises:
        CheckpointError: something in it is no tensor of finite real numbers, or it is too large.
    """
    used = {str(key): value for key, value in state.items() if is_used(str(key))}
    for key, value in used.items():
        if not isinstance(value, Tensor) or not value.is_floating_point() or not _is_plain(value):
            raise CheckpointError(
                f"The checkpoint holds {key[:80]!r}, which is no tensor of real numbers; "
                "save only the network's state_dict."
            )
    if sum(value.numel() for value in used.values()) > MAX_ELEMENTS:
        raise CheckpointError(f"The checkpoint holds more than {MAX_ELEMENTS // 10**6} M numbers. Use a smaller one.")
    try:  # copied, because tensors of a file are windows on it, and the file may change
        floats = {key: value.to(torch.float32, copy=True) for key, value in used.items()}
    except TORCH_ERRORS:
        raise CheckpointError(
            "The checkpoint's numbers are of a kind that torch cannot turn into float32; save it in float16 or float32."
        ) from None
    _check_finite(floats)
    return floats


def _is_plain(value: Tensor) -> bool:
    """Whether the numbers of `value` are all there, one after the other: not sparse, not quantised, no empty shell."""
    return value.layout == torch.strided and value.device.type == "cpu" and not value.is_quantized


def check_can_answer(spec: ResNeXtSpec, image_size: int | None = None) -> None:
    """Refuses a network that cannot name what is on a photo, or would take minutes and gigabytes to.

    Raises:
        CheckpointError: no head, neither 1 nor 3 input channels, or more than `MAX_MACS`.
    """
    if not spec.head:
        raise CheckpointError(
            "The checkpoint has no linear layer (fc), so it cannot name classes. Save the network with its head."
        )
    if spec.in_channels not in (1, 3):
        raise CheckpointError(
            f"The network takes {spec.in_channels} channels; a photo has 3, or 1 in grey. Use one for photos."
        )
    macs = complexity(spec, image_size).macs
    if macs > MAX_MACS:
        raise CheckpointError(
            f"The network needs {macs / 1e9:,.0f} G MACs for one picture; at most {MAX_MACS // 10**9} G "
            "are run here. Use a smaller one."
        )


def _read_safetensors(source: Path | bytes) -> tuple[dict[str, Tensor], Metadata]:
    try:
        said = read_metadata(source)
        state = safetensors.torch.load(source) if isinstance(source, bytes) else safetensors.torch.load_file(source)
    except (safetensors.SafetensorError, *TORCH_ERRORS):
        raise CheckpointError("The safetensors file is cut short or damaged. Copy or save it again.") from None
    return state, said


def _read_pth(path: Path | bytes, allowed: bool) -> tuple[Mapping[str, Any], Metadata]:
    return read_pickle(path, allowed), Metadata()


def _recognised(state: Mapping[str, Tensor], whose_names: tuple[str, ...]) -> tuple[ResNeXtSpec, tuple[str, ...]]:
    """`recognise`, whose refusal also says as whose the names were read, since it speaks of torchvision's."""
    try:
        return recognise(_shapes(state))
    except CheckpointError as error:
        raise CheckpointError(" ".join((str(error), *whose_names))) from None


def _shapes(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in state.items()}


def _check_fits(spec: ResNeXtSpec, state: Mapping[str, Tensor]) -> None:
    problem = first_mismatch(spec, _shapes(state))
    if problem:
        raise CheckpointError(f"The weights do not fit their network: {problem}. Save both again, from one model.")


def _check_finite(state: Mapping[str, Tensor]) -> None:
    for key, value in state.items():
        if not bool(torch.isfinite(value).all()):
            raise CheckpointError(
                f"{key[:80]} holds values that are no numbers (NaN or infinite), so no answer can come of it. "
                "Use an earlier checkpoint, or save in float32."
            )


def _classes(
    spec: ResNeXtSpec, own: tuple[str, ...] | None, given: ClassNames | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One name for each output: those given, else the file's own, else numbers, which is noted."""
    if given is not None:
        own = read_class_names(given) if isinstance(given, (str, bytes, Path)) else check_class_names(given)
    if own is None:
        numbers = tuple(f"class {number}" for number in range(spec.num_classes))
        return numbers, ("No class names came with it: classes are numbered.",)
    if len(own) != spec.num_classes:
        raise CheckpointError(
            f"There are {len(own)} class names for {spec.num_classes} outputs of the network; "
            "give one name for each, in the order of training."
        )
    return own, ()


def _preprocess(spec: ResNeXtSpec, said: Metadata) -> tuple[Preprocess, tuple[str, ...]]:
    """How the network's pictures were made, from what the file says, else as is usual for the stem."""
    if said.mean and said.std:
        if len(said.mean) != spec.in_channels or len(said.std) != spec.in_channels:
            raise CheckpointError(
                f"mean and std have {len(said.mean)} and {len(said.std)} values for {spec.in_channels} channels; "
                "give one for each."
            )
        side = said.image_size or spec.default_image_size
        return Preprocess(None, side, said.mean, said.std, Interpolation.BICUBIC), ()
    usual = usual_preprocess(spec)
    return usual, (f"It does not say how its pictures were prepared; the usual is done: {usual.in_words()}",)


def usual_preprocess(spec: ResNeXtSpec) -> Preprocess:
    """What is usual for the stem: ImageNet's by torchvision, else CIFAR-10's; their average for a single channel."""
    usual = CIFAR
    if spec.stem is Stem.IMAGENET:
        from torchvision.models import ResNet50_Weights

        usual = Preprocess.of_torchvision(ResNet50_Weights.IMAGENET1K_V1.transforms())
    if spec.in_channels == 1:
        mean, std = sum(usual.mean) / len(usual.mean), sum(usual.std) / len(usual.std)
        return Preprocess(usual.resize, usual.crop, (mean,), (std,), usual.interpolation, usual.statistics)
    return usual
