"""A trained network in a file: written and read as safetensors, which can hold tensors and text and nothing that runs.

Importing this loads torch.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from resnext_viz.complexity import complexity
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.none_of_these import NoneRule
from resnext_viz.inference.photos.preprocess import CIFAR, Interpolation, Preprocess
from resnext_viz.inference.weights.carrying_out import carried_out, check_whole
from resnext_viz.inference.weights.class_names import check_class_names, read_class_names
from resnext_viz.inference.weights.file_kind import checked_kind, read_shards
from resnext_viz.inference.weights.metadata import Metadata, read_metadata, read_shapes
from resnext_viz.inference.weights.pickles import MAX_FILE_BYTES, TORCH_ERRORS, is_pickle, read_pickle
from resnext_viz.kit.whole_file import put_in_place
from resnext_viz.layers import walk
from resnext_viz.nn.tensor_tree import named_tensors
from resnext_viz.reading.ends import HeadStep
from resnext_viz.reading.formats.weight_formats import INDEX
from resnext_viz.reading.inventory import inventory_of_shapes
from resnext_viz.reading.parts import WHOLE, FilePart, PartError
from resnext_viz.reading.reader import read
from resnext_viz.reading.recipe import HeadChoice, MisfitError, NoRecipeError, WeightRecipe, own_recipe, recipe_of
from resnext_viz.spec import ResNeXtSpec, Stem

MAX_MACS = 200_000_000_000  # for one picture; the largest network people train here needs 32 G
ClassNames = Path | str | bytes | Sequence[str]


@dataclass(frozen=True)
class Checkpoint:
    """A network's weights and all that is needed to use them.

    Attributes:
        state_dict: torchvision's names -> float32 tensors on the CPU, as `build(spec, head)` wants them.
        classes: one name for each output; none where features come out.
        test_accuracy: share of right first answers on the data set's test pictures, 0 to 1, or None.
        notes: what was assumed because the file does not say it, in words.
        temperature: that logits are divided by before they become probabilities.
        none_of_these: when a picture shows none of the classes, probably; None where that was not measured.
        head: the layers behind the blocks, where they are other than one linear layer on averages.
        part: which of several networks of a file it is.
    """

    spec: ResNeXtSpec
    state_dict: dict[str, Tensor]
    classes: tuple[str, ...]
    preprocess: Preprocess
    test_accuracy: float | None = None
    notes: tuple[str, ...] = ()
    temperature: float = 1.0
    none_of_these: NoneRule | None = None
    head: tuple[HeadStep, ...] = ()
    part: FilePart = WHOLE


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
    kept = {key: value.detach().cpu().to(dtype).contiguous() for key, value in state_dict.items()}
    used = {name: kept[name] for name in own_weights(spec, kept)}
    said = Metadata(
        spec, check_class_names(classes), tuple(mean), tuple(std), image_size, test_accuracy, temperature, none_of_these
    )  # fmt: skip
    _classes(spec, said.classes, None)
    _preprocess(spec, said)
    _check_probe(spec, False, none_of_these)
    path = Path(path)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        unfinished.write_bytes(safetensors.torch.save(used, said.to_header()))
        put_in_place(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load_checkpoint(
    source: Path | str | bytes,
    classes: ClassNames | None = None,
    allow_pickle_files: bool = False,
    part: str | None = None,
    head: HeadChoice = HeadChoice.USUAL,
) -> Checkpoint:
    """The checkpoint in a file, or in the bytes of one.

    Args:
        source: the file, or its bytes.
        classes: class names, or a file with them; they win over the names in the checkpoint.
        allow_pickle_files: also read `.pth`, weights only. For files of one's own; never for what a stranger sent.
        part: which network, by its folder, where the file holds several, such as "student".
        head: what of its head is run, where the file does not say itself what network it is.

    Raises:
        CheckpointError: it cannot be read, is a pickle, or holds another kind of network; or the classes do not fit.
    """
    source = source if isinstance(source, bytes) else Path(source)
    content, said = _read(source, allow_pickle_files)
    recipe = _recipe(content, None if head is HeadChoice.FEATURES else said.spec, part, head)
    check_whole(recipe, content)
    check_can_answer(recipe.spec, said.image_size, head)
    state = carried_out(recipe, content)
    preprocess, more_notes = _preprocess(recipe.spec, said)
    names, name_notes = _classes(recipe.spec, said.classes, classes) if recipe.spec.head else _no_classes(classes)
    notes = recipe.notes + more_notes + name_notes
    _check_probe(recipe.spec, bool(recipe.head), said.none_of_these)
    measured = (said.test_accuracy, notes, said.temperature or 1.0, said.none_of_these)
    return Checkpoint(recipe.spec, state, names, preprocess, *measured, recipe.head, recipe.part)


def renamed(checkpoint: Checkpoint, classes: ClassNames) -> Checkpoint:
    """The same weights, none copied, with other class names.

    Raises:
        CheckpointError: the names do not fit.
    """
    names, said = _classes(checkpoint.spec, None, classes)
    _, assumed = _classes(checkpoint.spec, None, None)
    notes = (*(note for note in checkpoint.notes if note not in assumed), *said)
    return replace(checkpoint, classes=names, notes=notes)


def own_weights(spec: ResNeXtSpec, state: Mapping[str, Any]) -> dict[str, Tensor]:
    """The tensors of `spec`'s network under its own names, in float32, without what no answer needs.

    Raises:
        CheckpointError: one is missing or too many, or no tensor of finite real numbers.
    """
    return carried_out(_recipe(state, spec, None, HeadChoice.USUAL), state)


def _recipe(content: Mapping[str, Any], said: ResNeXtSpec | None, part: str | None, head: HeadChoice) -> WeightRecipe:
    """What the reader makes of the tensors; of a network that says itself what it is, that or nothing."""
    shapes = {name: tuple(value.shape) for name, value in content.items() if isinstance(value, Tensor)}
    try:
        if said is not None:
            return own_recipe(said, shapes)
        return recipe_of(read(inventory_of_shapes(shapes), part), head)
    except MisfitError as error:
        words = f"The weights do not fit their network: {error}. Save both again, from one model."
        raise CheckpointError(words) from None
    except NoRecipeError as error:
        raise CheckpointError(f"The checkpoint is of another kind of network: {error}.") from None
    except PartError as error:
        raise CheckpointError(str(error)) from None


def check_can_answer(spec: ResNeXtSpec, image_size: int | None = None, head: HeadChoice = HeadChoice.USUAL) -> None:
    """Refuses a network that cannot name what is on a photo, or would take minutes and gigabytes to.

    Raises:
        CheckpointError: no head, neither 1 nor 3 input channels, or more than `MAX_MACS`.
    """
    if not spec.head and head is HeadChoice.USUAL:
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


def _read(source: Path | bytes, allow_pickle_files: bool) -> tuple[Mapping[str, Any], Metadata]:
    """The tensors of a checkpoint in one file or in several, and what it says of itself."""
    if checked_kind(source) is INDEX and isinstance(source, Path):
        return read_shards(source, lambda shard: _read_file(shard, allow_pickle_files)[0], MAX_FILE_BYTES), Metadata()
    return _read_file(source, allow_pickle_files)


def _read_file(source: Path | bytes, allow_pickle_files: bool) -> tuple[Mapping[str, Any], Metadata]:
    return _read_pth(source, allow_pickle_files) if is_pickle(source) else _read_safetensors(source)


def _read_safetensors(source: Path | bytes) -> tuple[dict[str, Tensor], Metadata]:
    try:
        said = read_metadata(source)
        found = safetensors.torch.load(source) if isinstance(source, bytes) else safetensors.torch.load_file(source)
        # In the file's order; the order of what was found is another each time.
        state = {name: found[name] for name in read_shapes(source)[0]}
    except (safetensors.SafetensorError, *TORCH_ERRORS):
        raise CheckpointError("The safetensors file is cut short or damaged. Copy or save it again.") from None
    return state, said


def _read_pth(path: Path | bytes, allowed: bool) -> tuple[dict[str, Any], Metadata]:
    tensors, strange = named_tensors(read_pickle(path, allowed))
    return {**tensors, **dict.fromkeys(strange)}, Metadata()


def _classes(
    spec: ResNeXtSpec, own: tuple[str, ...] | None, given: ClassNames | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One name for each output: those given, else the file's own, else numbers, which is noted."""
    if given is not None:
        own = read_class_names(given) if isinstance(given, (str, bytes, Path)) else check_class_names(given)
    one = spec.num_classes == 1
    said = ("It has one output: the answer is the sigmoid of its logit, how sure it is of that class.",) if one else ()
    if own is None:
        numbers = tuple(f"class {number}" for number in range(spec.num_classes))
        return numbers, (*said, "No class names came with it: classes are numbered.")
    if len(own) != spec.num_classes:
        raise CheckpointError(
            f"There are {len(own)} class names for {spec.num_classes} outputs of the network; "
            "give one name for each, in the order of training."
        )
    return own, said


def _check_probe(spec: ResNeXtSpec, own_head: bool, rule: NoneRule | None) -> None:
    """Refuses a probe of other features than the linear layer gets; where features come out, nothing is judged."""
    if not spec.head or rule is None or rule.probe is None:
        return
    given, wanted = len(rule.probe.weights), walk(spec).head[-1].c_in
    if own_head or given != wanted:
        raise CheckpointError(
            f"none_of_these has a probe of {given:,} features, which the network's linear layer does not get. "
            "Calibrate these weights again."
        )


def _no_classes(given: ClassNames | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of a network whose features come out, and no class is named."""
    if given is not None:
        raise CheckpointError("Features have no class names; leave the names out, or have the head run.")
    return (), ("Its head is not run: what comes out are the averages of its last maps, and no class is named.",)


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
