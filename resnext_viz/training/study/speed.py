"""How long the runs of a study will take: a few steps of each network on this machine, then what finished runs took."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import log2
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

import torch

from resnext_viz.study.finished_runs import StudyRun
from resnext_viz.study.study_plan import Setting
from resnext_viz.training.data.labelled_images import LabelledImages
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.run.measurement import measure
from resnext_viz.training.run.training_run import Run

LIMIT_S = 20.0  # of measuring, for all networks together: on a busy machine a step may take seconds
_STEPS = 3  # of which the first warms up
_CPU_BATCH = 64  # a processor gains little from larger ones


@dataclass(frozen=True)
class Speed:
    """Pictures per second of one network, while it is trained and while it is tested.

    Attributes:
        is_measured: otherwise it is concluded from another network's.
    """

    training: float
    testing: float
    is_measured: bool = True


def measured_speeds(
    settings: Sequence[Setting], recipe: Recipe, pictures: int, device: torch.device
) -> dict[str, Speed]:
    """The speed of each of `settings`, by its key, in steps of no more than `pictures`.

    One is measured in any case, others within `LIMIT_S`, the ends before what lies between. The rest are concluded from
    the measured one that is nearest in C, in proportion to MACs.
    """
    until, longest_s = time.perf_counter() + LIMIT_S, 0.0
    measured: dict[str, tuple[Setting, Speed]] = {}
    for setting in (*settings[:1], *settings[1:][-1:], *settings[1:-1]):
        began = time.perf_counter()
        if measured and began + longest_s > until:
            break
        measured[setting.key] = setting, _measured(setting, recipe, pictures, device)
        longest_s = max(longest_s, time.perf_counter() - began)
    return {setting.key: measured[setting.key][1] if setting.key in measured
            else _concluded(setting, list(measured.values())) for setting in settings}  # fmt: skip


def _concluded(setting: Setting, measured: Sequence[tuple[Setting, Speed]]) -> Speed:
    paths = setting.spec.cardinality
    near, speed = min(measured, key=lambda pair: abs(log2(pair[0].spec.cardinality / paths)))
    share = near.counts.macs / setting.counts.macs
    return Speed(speed.training * share, speed.testing * share, is_measured=False)


class _EnoughError(Exception):
    """Ends a run that is only measured before it is tested or written."""


def _measured(setting: Setting, recipe: Recipe, pictures: int, device: torch.device) -> Speed:
    """Some steps of `setting` on noise, here and now."""
    batch = min(recipe.batch_size, pictures, _CPU_BATCH if device.type == "cpu" else pictures)
    noise = _noise(_STEPS * batch, setting)
    few = replace(noise, images=noise.images[:batch], labels=noise.labels[:batch])
    ends: list[float] = []

    def watch(_: object) -> None:
        _wait(device)
        ends.append(time.perf_counter())
        if len(ends) == _STEPS:
            raise _EnoughError

    with TemporaryDirectory() as folder:
        run = Run(setting.spec, replace(recipe, epochs=1, batch_size=batch), noise, few, Path(folder), device)
        with suppress(_EnoughError):
            list(run.epochs(watch))
        tests_s = []
        for _ in range(2):  # of which the first warms up
            began = time.perf_counter()
            measure(run.result, few, run.normalisation)
            tests_s.append(time.perf_counter() - began)
    return Speed((len(ends) - 1) * batch / (ends[-1] - ends[0]), batch / min(tests_s))


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


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
