"""A study being run: seed by seed over all settings, so that whenever it is stopped the data is balanced."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import torch

from resnext_viz.names import name_of
from resnext_viz.nn.device import TORCH, describe_device
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.study.finished_runs import CURVE, StudyRun, common_of, run_from
from resnext_viz.study.study_plan import Setting
from resnext_viz.training.data.labelled_images import LabelledImages
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run.folder_lock import RunFolderError
from resnext_viz.training.run.precision import training_type
from resnext_viz.training.run.training_run import Run
from resnext_viz.training.study.folder import KEPT, StudyFolder
from resnext_viz.training.study.speed import Forecast, Speed

# Short runs: crops that move by two pixels, no cutout, no average of weights, and a rate that falls to zero.
STUDY_RECIPE = Recipe(epochs=1, translate=2)


class StudyStep(NamedTuple):
    """What happened last: an epoch of a run ended and, with its last one, the run."""

    setting: Setting
    seed: int
    row: Mapping[str, Any]
    finished: StudyRun | None
    left_s: float  # until the end of the study


@dataclass
class Study:
    """Settings and seeds to run on some pictures into a folder.

    Attributes:
        base: what the settings were planned from.
        recipe: of every run, but for the seed.
        data_name: what the pictures are called.
        speeds: by the key of each setting that has runs to do.
    """

    base: ResNeXtSpec
    settings: Sequence[Setting]
    seeds: int
    recipe: Recipe
    train_set: LabelledImages
    test_set: LabelledImages
    data_name: str
    folder: StudyFolder
    device: torch.device
    speeds: Mapping[str, Speed]

    @property
    def common(self) -> dict[str, Any]:
        """What all runs have in common."""
        return common_of(
            name_of(self.base), self.settings[0].image_size, self.epochs, self.recipe.to_dict(),
            self.train_set.classes, len(self.train_set.labels), len(self.test_set.labels),
        )  # fmt: skip

    @property
    def epochs(self) -> int:
        return self.recipe.epochs or 1  # a study's runs are bounded by epochs

    @property
    def left(self) -> list[tuple[Setting, int]]:
        """The runs to do, in their order."""
        return runs_left(self.settings, self.seeds, self.folder.runs)

    @property
    def left_s(self) -> float:
        """Seconds that they will take."""
        return self._left_s(self.left)

    def steps(self) -> Iterator[StudyStep]:
        """Does the runs that are left; each epoch and each run is safe before it is told.

        Raises:
            RunFolderError: a file cannot be written; the message says what is kept.
            StudyError: the folder holds another study.
            UserError: a run cannot be done or gone on with.
        """
        self.folder.begin(self.common)
        left = self.left
        for number, (setting, seed) in enumerate(left):
            try:
                yield from self._one_run(setting, seed, left[number + 1 :])
            except RunFolderError as error:
                raise RunFolderError(f"{error}. In {self.folder.path} {KEPT.removesuffix(' there')}") from error

    def _one_run(self, setting: Setting, seed: int, others: Sequence[tuple[Setting, int]]) -> Iterator[StudyStep]:
        folder = self.folder.run_folder(setting, seed)
        recipe = replace(self.recipe, seed=seed)
        run = Run(setting.spec, recipe, self.train_set, self.test_set, folder, self.device)
        began, before = time.perf_counter(), run.epoch
        for row in run.epochs():
            if not run.finished:
                epoch_s = (time.perf_counter() - began) / (run.epoch - before)
                left_s = self.epochs * epoch_s * (1 - run.progress) + self._left_s(others)
                yield StudyStep(setting, seed, row, None, left_s)
        # A run whose last epoch was safe before its row was written comes here at once.
        finished = self._record(setting, run)
        self.folder.take([finished])
        yield StudyStep(setting, seed, run.history[-1], finished, self._left_s(others))

    def _record(self, setting: Setting, run: Run) -> StudyRun:
        counts, recipe = setting.counts, run.recipe
        curve = [{name: row[name] for name in CURVE if name in row} for row in run.history]
        accuracies = [row["test_accuracy"] for row in curve]
        return run_from({
            "role": setting.role.value, "network": setting.name, "cardinality": setting.spec.cardinality,
            "base_width": setting.spec.base_width, "params": counts.params, "macs": counts.macs,
            "target_macs": setting.target, "base": name_of(self.base), "image_size": setting.image_size,
            "seed": recipe.seed, "epochs": recipe.epochs, "recipe": recipe.to_dict(), "data": self.data_name,
            "classes": list(self.train_set.classes), "train_pictures": len(self.train_set.labels),
            "test_pictures": len(self.test_set.labels), **machine_of(self.device),
            "arithmetic": str(training_type(self.device)).removeprefix("torch."),
            "pictures": len(run.history) * _seen_in_an_epoch(len(self.train_set.labels), recipe.batch_size),
            "seconds": round(run.elapsed_s, 1), "curve": curve,
            "best_accuracy": max(accuracies), "last_accuracy": accuracies[-1],
        })  # fmt: skip

    def run_s(self, setting: Setting) -> float | None:
        """Seconds that one run of `setting` takes, as measured and as finished runs took; None where none is left."""
        return round(self._forecast().run_s(setting), 1) if setting.key in self.speeds else None

    def _forecast(self) -> Forecast:
        machine = machine_of(self.device)
        here = [run for run in self.folder.runs if machine.items() <= run.to_dict().items()]
        return Forecast(self.speeds, self.epochs, len(self.train_set.labels), len(self.test_set.labels), here)

    def _left_s(self, left: Sequence[tuple[Setting, int]]) -> float:
        forecast = self._forecast()
        return sum(forecast.run_s(setting) for setting, _ in left)


def runs_left(settings: Sequence[Setting], seeds: int, finished: Sequence[StudyRun]) -> list[tuple[Setting, int]]:
    """The runs to do: seed by seed, in each over all settings, without those that are finished."""
    done = {run.key for run in finished}
    return [(setting, seed) for seed in range(seeds) for setting in settings if (setting.key, seed) not in done]


def machine_of(device: torch.device) -> dict[str, Any]:
    """What trains: the device, torch's threads, torch."""
    return {"machine": describe_device(device), "threads": torch.get_num_threads(), "torch": TORCH.split()[-1]}


def _seen_in_an_epoch(pictures: int, batch_size: int) -> int:
    """A last batch that is not full is left to the next epoch."""
    return pictures - pictures % batch_size if pictures > batch_size else pictures
