"""Predictors by the name of their weights, or of a checkpoint.

load_predictor("cifar10").predict(["cat.jpg"])[0].top
"""

from __future__ import annotations

from pathlib import Path

from resnext_viz.errors import UserError
from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.errors import WeightsError
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.catalogue import Origin, find_weights, is_known, load_weights
from resnext_viz.inference.weights.checkpoint import Checkpoint, ClassNames, load_checkpoint, renamed
from resnext_viz.inference.weights.download import Progress
from resnext_viz.names import remarks_of, title_of
from resnext_viz.nn.device import choose_device
from resnext_viz.reading.recipe import HeadChoice

_UPLOADED = "uploaded checkpoint"  # the name of what has none


def load_predictor(
    name: str | Path | bytes | Checkpoint = "cifar10",
    device: str = "auto",
    progress: Progress | None = None,
    classes: ClassNames | None = None,
    allow_pickle_files: bool = False,
    engine: EngineChoice | str = EngineChoice.AUTO,
    part: str | None = None,
    head: HeadChoice | str = HeadChoice.USUAL,
) -> Predictor:
    """A predictor with the weights called `name`, warmed up.

    Args:
        name: "cifar10", a name of torchvision's such as "ResNeXt50_32X4D_Weights.IMAGENET1K_V2", or a checkpoint: the
            path of a .safetensors file, its bytes, or what was read of it.
        device: "auto" (CUDA, then MPS, then CPU), or one of them.
        progress: called with bytes done and bytes in all while weights are downloaded.
        classes: class names for a checkpoint, or a file with them.
        allow_pickle_files: also read .pth checkpoints, weights only: files of one's own, never what a stranger sent.
        part: which network of a checkpoint that holds several, by its folder, such as "student".
        head: "usual", or "features" for what the head of a checkpoint would get, in place of classes.
        engine: "auto" (the fastest that proves itself), "exact" (torch, float32) or "int8" (where it was measured).

    Raises:
        WeightsError: no such weights, or they cannot be had or used; says what to do.
        UserError: this machine has no such device, or these weights no such engine.
    """
    chosen, choice, head = choose_device(device), _choice(engine), _head_choice(head)
    if isinstance(name, Checkpoint):
        checkpoint = name if classes is None else renamed(name, classes)
        return Predictor(_UPLOADED, f"{title_of(checkpoint.spec)}, {_UPLOADED}", checkpoint, chosen, choice)
    if isinstance(name, bytes) or is_path(name):
        checkpoint = load_checkpoint(name, classes, allow_pickle_files, part, head)
        shown = _UPLOADED if isinstance(name, bytes) else Path(name).name
        return Predictor(shown, f"{title_of(checkpoint.spec)}, {shown}", checkpoint, chosen, choice)
    if classes is not None:
        raise WeightsError(f"{name} has its own class names; give class names only with a checkpoint file")
    if part is not None:
        raise WeightsError(f"{name} is one network; ask for a part only of a checkpoint file")
    if head is HeadChoice.FEATURES:
        raise WeightsError(f"{name} has a head that is known; ask for features only of a checkpoint file")
    info = find_weights(str(name))
    checkpoint = load_weights(info, progress)
    plain = info.family.removesuffix(remarks_of(info.spec))
    title = info.title if info.origin is Origin.TORCHVISION else f"{plain}, CIFAR-10 weights"
    return Predictor(info.name, title, checkpoint, chosen, choice, keep=True)


def _choice(engine: EngineChoice | str) -> EngineChoice:
    try:
        return EngineChoice(engine)
    except ValueError:
        allowed = ", ".join(choice.value for choice in EngineChoice)
        raise UserError(f"engine is {str(engine)[:40]!r}; use one of {allowed}") from None


def _head_choice(head: HeadChoice | str) -> HeadChoice:
    try:
        return HeadChoice(head)
    except ValueError:
        raise UserError(f"head is {str(head)[:40]!r}; use one of {', '.join(HeadChoice)}") from None


def is_path(name: str | Path) -> bool:
    """Whether `name` is that of a file, whatever it is called, not of weights that have a name."""
    if isinstance(name, Path) or "/" in name or "\\" in name:
        return True
    return Path(name).suffix.lower() in (".safetensors", ".pth", ".pt") or (not is_known(name) and _is_there(name))


def _is_there(name: str) -> bool:
    try:
        return bool(name) and Path(name).stat().st_size >= 0
    except (OSError, ValueError):  # no such file, or no name that one could have
        return False
