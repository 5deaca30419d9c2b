"""Test error over the epochs, a panel for each setting: its runs thin, their mean strong, the others faint."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from resnext_viz.figures.kit.svg import Markup, circle, document, group, line, path, tag, text
from resnext_viz.study.finished_runs import StudyRun
from resnext_viz.study.summary import SettingSummary, Summary

WIDTH, HEIGHT = 232, 184  # px; three in a row of 736
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 8, 42, 22  # px around the plot
_STEPS = (1, 2, 5, 10, 20, 25, 50)  # percent between grid lines
_MOST_LINES = 5


def study_curves(summary: Summary, current: str) -> str:
    """HTML with a panel for each setting, as many in a row as there is room for.

    Args:
        summary: of the study.
        current: name of the dialled network, whose panel is marked.
    """
    scale = _Scale(summary)
    means = {row.setting.key: _mean_curve(row) for row in summary.settings}
    panels = [_panel(row, means, scale, row.setting.name == current) for row in summary.settings]
    return tag("div", *panels, class_="rx-curves")


class _Scale:
    """Where an epoch and an error lie in every panel."""

    def __init__(self, summary: Summary) -> None:
        errors = [error for run in summary.runs for error in _errors(run)]
        self.epochs = max(run.epochs for run in summary.runs)
        span = max(errors) - min(errors)
        self.step = next((step for step in _STEPS if span / step <= _MOST_LINES), _STEPS[-1])
        self.low = self.step * int(min(errors) // self.step)
        self.high = self.low + self.step * max(1, -int((self.low - max(errors)) // self.step))

    def x(self, epoch: int) -> float:
        share = (epoch - 1) / (self.epochs - 1) if self.epochs > 1 else 0.5
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def y(self, error: float) -> float:
        return _TOP + (self.high - error) / (self.high - self.low) * (HEIGHT - _TOP - _BOTTOM)

    def curve(self, errors: Sequence[float], class_: str) -> Markup:
        steps = [each for i, error in enumerate(errors) for each in ("L" if i else "M", self.x(i + 1), self.y(error))]
        return path(*steps, class_=class_)


def _panel(row: SettingSummary, means: dict[str, list[float]], scale: _Scale, is_current: bool) -> Markup:
    key, mean = row.setting.key, means[row.setting.key]
    network = f"{row.setting.spec.cardinality}×{row.setting.spec.base_width}d"
    tip = "|".join([f"{row.title}, {network}", *(f"seed {run.seed}: {run.error:.2f} % at the end" for run in row.runs)])
    title = f"{row.title} · {network}" + (" · this network" if is_current else "")
    marks = [
        _grid(scale),
        text(0, 14, title, "rx-b"),
        text(0, 31, f"{mean[-1]:.2f} % at the end", "rx-m rx-s"),
        *(scale.curve(curve, "rx-curve-other") for other, curve in means.items() if other != key),
        *(scale.curve(_errors(run), "rx-curve-run") for run in row.runs),
        scale.curve(mean, "rx-curve-mean"),
        circle(scale.x(len(mean)), scale.y(mean[-1]), 3.5, class_="rx-curve-end"),
    ]
    finding = f"Mean test error by epoch: {', '.join(f'{error:.1f}' for error in mean)} %"
    drawn = document(WIDTH, HEIGHT, f"Test error of {row.title}", finding, [group(*marks)])
    return tag("figure", drawn, class_="rx-curves-panel", data_tip=tip, tabindex="0")


def _grid(scale: _Scale) -> Markup:
    """Lines of equal error with their percent, and the first and the last epoch."""
    marks = []
    for error in range(scale.low, scale.high + 1, scale.step):
        y = scale.y(error)
        marks += [line(_LEFT, y, WIDTH - _RIGHT, y, class_="rx-curve-grid"),
                  text(_LEFT - 6, y + 4, str(error), "rx-m rx-s", "end")]  # fmt: skip
    ends = sorted({1, scale.epochs})
    marks += [text(scale.x(epoch), HEIGHT - 5, f"epoch {epoch}" if i == 0 else str(epoch), "rx-m rx-s",
                   "start" if i == 0 and len(ends) > 1 else "end" if len(ends) > 1 else "middle")
              for i, epoch in enumerate(ends)]  # fmt: skip
    return group(*marks)


def _mean_curve(row: SettingSummary) -> list[float]:
    return [fmean(errors) for errors in zip(*(_errors(run) for run in row.runs), strict=True)]


def _errors(run: StudyRun) -> list[float]:
    """Test error in percent after each epoch."""
    return [100 * (1 - row["test_accuracy"]) for row in run.curve]
