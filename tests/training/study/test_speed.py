"""How long runs take: measured in a bounded time, the rest in proportion to MACs, and corrected by what runs took."""

import json
from dataclasses import replace

import pytest
import torch

from resnext_viz.cli import main
from resnext_viz.names import parse
from resnext_viz.study.study_plan import Setting, plan
from resnext_viz.training.recipe.recipe import Recipe
from resnext_viz.training.study import speed
from resnext_viz.training.study.speed import Forecast, Speed, measured_speeds
from tests.study.made import made

BASE = "resnext5_16x8d_cifarpool3_b1_x1"
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def settings() -> tuple[Setting, ...]:
    return plan(["1", "2", "4"], parse(BASE), 16)


class Clock:
    """A second passes at each look."""

    now = 0.0

    def perf_counter(self) -> float:
        self.now += 1
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(speed, "time", clock)
    monkeypatch.setattr(speed, "_CPU_BATCH", 8)
    return clock


def test_speed_is_pictures_over_the_time_of_the_steps_after_the_first(settings: tuple[Setting, ...]) -> None:
    speeds = measured_speeds(settings[:1], Recipe(epochs=1, batch_size=8), 6, CPU)
    assert speeds == {"1": Speed(6.0, 6.0)}  # batches of no more than there are, a second for each step and test


@pytest.mark.parametrize(("limit_s", "measured"), [(0.0, ["1"]), (26.0, ["1", "4"]), (100.0, ["1", "2", "4"])])
def test_what_there_is_no_time_for_is_concluded_from_the_nearest(
    settings: tuple[Setting, ...], clock: Clock, monkeypatch: pytest.MonkeyPatch, limit_s: float, measured: list[str]
) -> None:
    monkeypatch.setattr(speed, "LIMIT_S", limit_s)
    speeds = measured_speeds(settings, Recipe(epochs=1, batch_size=8), 8, CPU)
    assert clock.now <= max(limit_s, 12) + 3
    assert list(speeds) == ["1", "2", "4"]
    assert [key for key, speed in speeds.items() if speed.is_measured] == measured
    if "2" not in measured:  # the lower of two that are as near
        share = settings[0].counts.macs / settings[1].counts.macs
        assert speeds["2"] == Speed(8 * share, 8 * share, is_measured=False)


def test_a_plan_says_what_was_not_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(speed, "LIMIT_S", 0.0)
    argv = ["study", "--plan", "--base", BASE, "--ladder", "1,2,4", "--device", "cpu"]
    assert main(argv) == 0
    assert capsys.readouterr().out.endswith("No time was left to measure 2, 4: concluded from the others, in "
                                            "proportion to MACs\n")  # fmt: skip
    assert main([*argv, "--json"]) == 0
    assert [row["measured"] for row in json.loads(capsys.readouterr().out)["settings"]] == [True, False, False]


def test_finished_runs_correct_what_was_measured(settings: tuple[Setting, ...]) -> None:
    speeds = {setting.key: Speed(100.0, 50.0) for setting in settings}
    assert Forecast(speeds, 2, 1000, 500).run_s(settings[0]) == pytest.approx(2 * 1000 / 100 + 2 * 500 / 50)
    # Of one setting two runs of 30 and 50 s, where 20 s were measured: it takes their mean, the others twice as long.
    runs = tuple(replace(run, seconds=30.0 + 20 * run.seed) for run in made({"1": [30.0, 31.0]}))
    assert [run.setting.key for run in runs] == ["1", "1"]
    corrected = Forecast(speeds, 2, 1000, 500, runs)
    assert corrected.run_s(settings[0]) == pytest.approx(40 + 20)
    assert corrected.run_s(settings[1]) == pytest.approx(2 * 20 + 20)
