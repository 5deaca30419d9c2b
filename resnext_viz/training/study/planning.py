"""From what is asked for to a study that can run: what the folder holds, the settings, their speeds, the epochs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch

from resnext_viz.names import parse
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.study.study_plan import DEFAULT_BASE, StudyError, plan
from resnext_viz.training.data.labelled_images import LabelledImages
from resnext_viz.training.recipe.recipe import Recipe, RecipeError
from resnext_viz.training.study.folder import StudyFolder
from resnext_viz.training.study.speed import epochs_within, measured_speeds
from resnext_viz.training.study.study_run import STUDY_RECIPE, Study, runs_left

DEFAULT_EPOCHS = 5


@dataclass(frozen=True)
class Wish:
    """What somebody asks of a study; None leaves it to the study that the folder holds, or to the default.

    Attributes:
        keys: of the settings.
        minutes: for a run of the slowest network, instead of `epochs`.
    """

    keys: Sequence[str]
    seeds: int
    base: str | None = None
    epochs: int | None = None
    minutes: float | None = None

    def base_in(self, folder: StudyFolder) -> ResNeXtSpec:
        """The network that the settings are planned from."""
        return parse(self.base or str((folder.common or {}).get("base", DEFAULT_BASE)))


def prepare(
    wish: Wish,
    train_set: LabelledImages,
    test_set: LabelledImages,
    data_name: str,
    folder: StudyFolder,
    device: torch.device,
) -> Study:
    """The study, its networks measured here where they have runs to do.

    Raises:
        StudyError: a setting cannot be planned, or the folder holds another study.
        UserError: a network or a recipe cannot be.
    """
    base = wish.base_in(folder).with_options(num_classes=len(train_set.classes))
    settings = plan(wish.keys, base, train_set.side)
    recipe = _recipe_of(folder.common)
    wanted = {setting.key for setting, _ in runs_left(settings, wish.seeds, folder.runs)}
    pictures = len(train_set.labels)
    to_do = [setting for setting in settings if setting.key in wanted]
    speeds = measured_speeds(to_do, recipe, pictures, device)
    epochs = wish.epochs
    if epochs is None and folder.common is not None:
        epochs = recipe.epochs
    elif epochs is None and wish.minutes is not None and speeds:
        epochs = epochs_within(wish.minutes, list(speeds.values()), pictures, len(test_set.labels))
    study = Study(base, settings, wish.seeds, replace(recipe, epochs=epochs or DEFAULT_EPOCHS), train_set, test_set,
                  data_name, folder, device, speeds)  # fmt: skip
    folder.check(study.common)
    return study


def _recipe_of(common: dict[str, Any] | None) -> Recipe:
    """The recipe of the study that is there, or the usual one."""
    if common is None:
        return STUDY_RECIPE
    try:
        return Recipe(**{**common["recipe"], "epochs": common["epochs"]})
    except (RecipeError, TypeError, KeyError) as error:
        raise StudyError(f"the study that is there has a recipe that is not understood ({error})") from error


def pictures_as_cifar10(spec: ResNeXtSpec) -> tuple[LabelledImages, LabelledImages]:
    """As many pictures as CIFAR-10 has, all one and the same: to plan without data."""
    side, classes = spec.default_image_size, tuple(map(str, range(spec.num_classes)))
    one = torch.zeros(1, 3, side, side, dtype=torch.uint8)
    train_set, test_set = (
        LabelledImages(one.expand(count, -1, -1, -1), torch.zeros(count, dtype=torch.int64), classes)
        for count in (50_000, 10_000)
    )
    return train_set, test_set
