"""How long the runs of a study will take: a few steps of each network on this machine, then what finished runs took."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import torch

from resnext_viz.study.plan import Setting
from resnext_viz.study.runs import StudyRun
from resnext_viz.training.data import LabelledImages
from resnext_viz.training.measurement import measure
from resnext_viz.training.recipe import Recipe
from resnext_viz.training.run import Run

_STEPS, _EPOCHS = 2, 2  # of which the first epoch warms up


@dataclass(frozen=True)
class Speed:
    """Pictures per second of one network, while it is trained and while it is tested."""

    training: float
    testing: float


def measured_speed(setting: Setting, recipe: Recipe, pictures: int, device: torch.device) -> Speed:
    """Some steps of `setting` on noise, here and now; no more than so many pictures a step."""
    batch = min(recipe.batch_size, pictures)
    noise, few = _noise(_STEPS * batch, setting), _noise(batch, setting)
    with TemporaryDirectory() as folder:
        run = Run(setting.spec, replace(recipe, epochs=_EPOCHS, batch_size=batch), noise, few, Path(folder), device)
        training = max(row["images_per_s"] for row in list(run.epochs())[1:])
        began = time.perf_counter()
        measure(run.result, few, run.normalisation)
        testing = len(few.labels) / (time.perf_counter() - began)
    return Speed(max(1.0, training), testing)


def _noise(count: int, setting: Setting) -> LabelledImages:
    generator = torch.Generator().manual_seed(0)
    classes = setting.spec.num_classes
    images = torch.randint(256, (count, 3, setting.image_size, setting.image_size), generator=generator)
    labels = torch.randint(classes, (count,), generator=generator)
    return LabelledImages(images.to(torch.uint8), labels, tuple(map(str, range(classes))))


@dataclass(frozen=True)
class Forecast:
    """What runs of so many epochs over so many pictures will take.

    Attributes:
        speeds: by the key of the setting.
        finished: runs of this machine.
    """

    speeds: Mapping[str, Speed]
    epochs: int
    train_pictures: int
    test_pictures: int
    finished: Sequence[StudyRun] = ()

    def run_s(self, setting: Setting) -> float:
        """Seconds of one run of `setting`."""
        speed = self.speeds[setting.key]
        took = [run.seconds for run in self.finished if run.setting.key == setting.key]
        training = fmean(took) if took else self._measured_s(setting.key) * self._correction()
        return training + self.epochs * self.test_pictures / speed.testing

    def _measured_s(self, key: str) -> float:
        return self.epochs * self.train_pictures / self.speeds[key].training

    def _correction(self) -> float:
        """How much longer finished runs took than was measured before."""
        known = [run for run in self.finished if run.setting.key in self.speeds]
        expected = sum(self._measured_s(run.setting.key) for run in known)
        return sum(run.seconds for run in known) / expected if expected else 1.0


def epochs_within(minutes: float, speeds: Sequence[Speed], train_pictures: int, test_pictures: int) -> int:
    """How many epochs the slowest of these networks does in that time, at least one: all get as many."""
    slowest_s = max(train_pictures / speed.training + test_pictures / speed.testing for speed in speeds)
    return max(1, int(60 * minutes / slowest_s))
