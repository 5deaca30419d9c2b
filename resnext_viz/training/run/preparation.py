"""What a run starts from: a network fit for the pictures, ready to be trained, with its average and its optimizer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from resnext_viz.nn import ResNeXt, build
from resnext_viz.nn.network import ResidualBlock
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training.data.labelled_images import DataError, LabelledImages
from resnext_viz.training.recipe.muon import Muon, path_groups
from resnext_viz.training.recipe.recipe import Recipe, RecipeError
from resnext_viz.training.run.starting_weights import StartingWeights
from resnext_viz.training.run.team import Team


def check_fit(
    spec: ResNeXtSpec, recipe: Recipe, pictures: LabelledImages, team: Team, start: StartingWeights | None = None
) -> None:
    """Refuses what cannot be trained on these pictures, not from these weights, or not by so many processes.

    Raises:
        RecipeError: the network or the recipe is at fault.
        DataError: the pictures have other classes than the network.
    """
    if not spec.head:
        raise RecipeError("head is False; training needs the linear layer")
    if spec.in_channels != 3:
        raise RecipeError(f"in_channels is {spec.in_channels}; pictures have 3")
    if spec.num_classes != len(pictures.classes):
        raise DataError(f"num_classes is {spec.num_classes}; the data has {len(pictures.classes)}")
    if recipe.translate >= pictures.side:
        raise RecipeError(
            f"translate is {recipe.translate}; use less than the {pictures.side} pixels of a picture's side"
        )
    if start:
        start.check_recipe(recipe)
    smallest = min(recipe.batch_size, len(pictures.labels) - recipe.hold_out)
    if team.size > max(1, smallest):
        raise RecipeError(f"a batch has {smallest} pictures for {team.size} processes; start at most {smallest}")


def prepared(spec: ResNeXtSpec, start: StartingWeights | None = None, classes: Sequence[str] = ()) -> ResNeXt:
    """The network, channels last: with the weights to start from, for these classes, if there are some.

    Else each block starts as its shortcut (the last norm's scale is zero).
    """
    model = build(spec).to(memory_format=torch.channels_last)
    if start:
        start.put_into(model, classes)
        return model
    for module in model.modules():
        if isinstance(module, ResidualBlock) and module.has_shortcut:
            nn.init.zeros_(module.get_submodule(module.steps[-1][1]).weight)  # type: ignore[arg-type]
    return model


def averaged(model: nn.Module, recipe: Recipe) -> AveragedModel | None:
    """A copy of `model` that follows it by the recipe's moving average, batch norm's statistics too."""
    if not recipe.ema:
        return None
    return AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema), use_buffers=True)


def optimizer_of(model: ResNeXt, recipe: Recipe) -> torch.optim.Optimizer:
    """SGD over what is trained of `model`; weights decay, scales and shifts do not.

    With the recipe's `muon`, the convolutions after the stem make orthogonal steps instead.
    """
    orthogonal = path_groups(model, skipped=[model.conv1]) if recipe.muon else []
    taken = {id(weight) for group in orthogonal for weight in group["params"]}
    trained = [p for p in model.parameters() if p.requires_grad and id(p) not in taken]
    decayed, others = [p for p in trained if p.ndim > 1], [p for p in trained if p.ndim <= 1]
    usual = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return (Muon if recipe.muon else torch.optim.SGD)(
        [*usual, *orthogonal],
        lr=recipe.peak_rate,
        momentum=recipe.momentum,
        nesterov=recipe.momentum > 0,
    )
