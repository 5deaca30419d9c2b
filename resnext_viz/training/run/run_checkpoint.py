"""A training run's files: each is written whole or not at all, and read as data, never as code."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from resnext_viz.errors import SpecError, first_line
from resnext_viz.kit.whole_file import write_whole
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training.recipe.recipe import Recipe, RecipeError
from resnext_viz.training.run.run_folder import CHECKPOINT

_KEYS = ("spec", "recipe", "epoch", "elapsed_s", "history", "classes", "mean", "std", "model", "optimizer")


def write_checkpoint(folder: Path, state: dict[str, Any]) -> None:
    """Puts the state of a run into `folder`."""
    packed = io.BytesIO()  # in memory first, because torch.save tells nobody why it could not write
    torch.save(state, packed)
    write_whole(folder / CHECKPOINT, lambda file: file.write(packed.getbuffer()))


def read_checkpoint(folder: Path, device: torch.device) -> dict[str, Any] | None:
    """The state that `write_checkpoint` left in `folder`, its tensors on `device`; None if there is none.

    Raises:
        RecipeError: the file is damaged or no checkpoint of a run.
    """
    path = folder / CHECKPOINT
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location=device, weights_only=True)
    except Exception as error:  # torch.load raises whatever the broken bytes lead it to
        why = first_line(error, 120)
        raise RecipeError(f"{path} cannot be read ({why}); remove it or name another --out") from error
    if not isinstance(state, dict) or any(key not in state for key in _KEYS):
        raise RecipeError(f"{path} is no checkpoint of a training run; remove it or name another --out")
    return state


def check_same_settings(state: dict[str, Any], spec: ResNeXtSpec, recipe: Recipe, folder: Path) -> None:
    """Refuses to go on with a checkpoint that was made with other settings.

    Raises:
        RecipeError: the network or a setting of the recipe is another one; the first few are named.
    """
    try:
        # Through the classes, so that a checkpoint from before a setting existed means its default.
        there = {**ResNeXtSpec.from_dict(state["spec"]).to_dict(), **Recipe(**state["recipe"]).to_dict()}
    except (SpecError, RecipeError, TypeError) as error:
        raise RecipeError(f"{folder / CHECKPOINT} has settings that are not understood ({error})") from error
    here = {**spec.to_dict(), **recipe.to_dict()}
    odd = [f"{name} is {there[name]} there and {here[name]} here" for name in here if there[name] != here[name]]
    if odd:
        raise RecipeError(
            f"{folder} holds a run with other settings ({'; '.join(odd[:3])}); "
            "repeat its settings, or name another --out"
        )
