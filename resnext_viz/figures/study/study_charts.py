"""Charts of a study: mean test error of each setting with its interval, by cardinality, by cost; runs as ticks.

Open circles are means over seeds, the dialled network's is filled. Upright lines are 95 % intervals. No axis of errors
starts at zero, and each heading says so. Clicking a circle gives its `customdata`, the network's name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite, log2
from typing import TYPE_CHECKING, NamedTuple

from resnext_viz.figures.kit.chart_template import TEXT, chart_template, new_figure, point_trace, scatter
from resnext_viz.figures.kit.label_places import Board, Rectangle
from resnext_viz.figures.kit.palette import Theme, colour
from resnext_viz.figures.kit.point_labels import HEAD, Annotation, Spot, axis_title, chart_heading, spot_labels
from resnext_viz.figures.paper.paper_charts import line
from resnext_viz.kit.number_format import exact
from resnext_viz.study.summary import SettingSummary, Summary

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 340
NOMINAL_WIDTH = 460  # px: labels are laid out for a chart this wide
LEGEND = "○ mean of the seeds, with its 95 % interval. Error in %, not from 0"
_TWICE_LEGEND = "− runs. Left of the dotted line: at once the MACs"
_LEFT, _BOTTOM = 34, 46  # px of margin
_LEAST_SPAN = 0.1  # of the largest cost: what costs as much stands above each other


class CostMeasure(NamedTuple):
    """One way to say what a network costs."""

    name: str
    of: Callable[[SettingSummary], int]

    def millions(self, summary: SettingSummary) -> float:
        return self.of(summary) / 1e6


PARAMS = CostMeasure("params", lambda summary: summary.setting.counts.params)
MACS = CostMeasure("MACs", lambda summary: summary.setting.counts.macs)


def ladder_chart(summary: Summary, current: str, theme: Theme) -> go.Figure:
    """Error against cardinality at equal MACs; the means are joined."""
    rows = summary.ladder
    at = [log2(row.setting.spec.cardinality) for row in rows]
    figure, *_ = _figure(summary, rows, at, current, theme)
    figure.add_trace(line(at, [row.error.value for row in rows], theme))
    names = [f"{row.setting.spec.cardinality}×{row.setting.spec.base_width}d" for row in rows]
    macs = rows[0].setting.target / 1e6 if rows else 0
    figure.update_layout(
        xaxis={"range": [min(at, default=0) - 0.5, max(at, default=1) + 0.7], "tickvals": at, "ticktext": names},
        annotations=[*chart_heading(f"At equal MACs, {macs:.1f} M", f"{LEGEND}; − runs", _LEFT, theme),
                     *_values(rows, at, current, theme),
                     axis_title("cardinality C × width d (log scale)", 27, theme)],
    )  # fmt: skip
    return figure


def twice_chart(summary: Summary, current: str, theme: Theme) -> go.Figure:
    """What twice the MACs buy: depth, width or paths, beside the ends of the ladder."""
    ends = summary.ladder[:1] + summary.ladder[1:][-1:]
    rows = (*ends, *summary.twice)
    at = [float(place) for place in range(len(rows))]
    figure, low, high = _figure(summary, rows, at, current, theme)
    figure.add_trace(line([len(ends) - 0.5] * 2, [low, high], theme, dash="2px,3px"))
    figure.update_layout(
        xaxis={"range": [-0.5, len(rows) - 0.3], "tickvals": at, "ticktext": [row.title for row in rows]},
        annotations=[*chart_heading("At twice the MACs", _TWICE_LEGEND, _LEFT, theme),
                     *_values(rows, at, current, theme)],
    )  # fmt: skip
    return figure


def cost_chart(summary: Summary, measure: CostMeasure, current: str, theme: Theme) -> go.Figure:
    """Error against params or MACs, every setting."""
    rows, at = summary.settings, [measure.millions(row) for row in summary.settings]
    figure, low, high = _figure(summary, rows, at, current, theme, with_runs=False)
    room = max(max(at) - min(at), _LEAST_SPAN * max(at))
    left = (min(at) + max(at) - room) / 2 - 0.15 * room
    right = left + 1.4 * room
    width, height = NOMINAL_WIDTH - _LEFT, HEIGHT - HEAD - _BOTTOM
    board, spots = Board(width, height), []
    for row, x in zip(rows, at, strict=True):
        across, down = (x - left) / (right - left) * width, (high - row.error.value) / (high - low) * height
        board.mark(across, down, 7)
        half = row.error.half / (high - low) * height if isfinite(row.error.half) else 0.0
        board.taken.append(Rectangle(across - 4, down - half, across + 4, down + half))
        spots.append(Spot(x, row.error.value, across, down, row.title, row.setting.name == current))
    figure.update_layout(
        xaxis={"range": [left, right], "nticks": 6},
        annotations=[*chart_heading(f"Test error against {measure.name}", LEGEND, _LEFT, theme),
                     *spot_labels(board, spots, theme), axis_title(f"M {measure.name}, not from 0", 27, theme)],
    )  # fmt: skip
    return figure


def settings_text(rows: Sequence[SettingSummary]) -> str:
    """The finding of a chart, for people who do not see it."""
    listed = "; ".join(f"{row.title}, {row.setting.title}: {row.error.value:.2f} %" for row in rows)
    return f"Mean test error at the end of the runs: {listed}."


def error_span(summary: Summary) -> tuple[float, float]:
    """The range of an axis that holds all runs and, as far as an error can be, all intervals."""
    known = [run.error for run in summary.runs]
    known += [end for row in summary.settings if isfinite(row.error.half) for end in (row.error.low, row.error.high)]
    room = 0.12 * (max(known) - min(known)) or 1.0
    return max(-2.0, min(known) - room), min(102.0, max(known) + room)


def _figure(
    summary: Summary,
    rows: Sequence[SettingSummary],
    at: Sequence[float],
    current: str,
    theme: Theme,
    *,
    with_runs: bool = True,
) -> tuple[go.Figure, float, float]:
    """Runs, intervals and means of `rows` at places of the x axis, and the ends of the y axis."""
    low, high = error_span(summary)
    figure = new_figure([*([_ticks(rows, at, theme)] if with_runs else []), *_means(rows, at, current, theme)])
    figure.update_layout(
        template=chart_template(theme), height=HEIGHT, autosize=True,
        margin={"l": _LEFT, "r": 4, "t": HEAD, "b": _BOTTOM},
        xaxis={"showgrid": False, "showline": True, "ticks": "outside", "ticklen": 5},
        yaxis={"range": [low, high], "nticks": 6},
    )  # fmt: skip
    return figure, low, high


def _ticks(rows: Sequence[SettingSummary], at: Sequence[float], theme: Theme) -> go.Scatter:
    """A short line for each run."""
    runs = [(x, run) for row, x in zip(rows, at, strict=True) for run in row.runs]
    return scatter(
        x=[x for x, _ in runs], y=[run.error for _, run in runs], mode="markers", name="runs",
        marker={"symbol": "line-ew", "size": 15, "line": {"color": colour("control", theme), "width": 1.6}},
        hovertext=[f"<b>{run.setting.title}</b>, seed {run.seed}<br>{run.error:.2f} % test error" for _, run in runs],
        hoverinfo="text", cliponaxis=False, unselected={"marker": {"opacity": 1}},
    )  # fmt: skip


def _means(rows: Sequence[SettingSummary], at: Sequence[float], current: str, theme: Theme) -> list[go.Scatter]:
    """Open circles with their intervals, and a filled one for the dialled network."""
    traces = []
    for filled in (False, True):
        some = [(x, row) for row, x in zip(rows, at, strict=True) if (row.setting.name == current) is filled]
        trace = point_trace(
            [x for x, _ in some],
            [row.error.value for _, row in some],
            [[row.setting.name] for _, row in some],
            [_readout(row) for _, row in some],
            theme,
            name="this network" if filled else "means",
            filled=filled,
            size=12 if filled else 10,
        )
        halves = [row.error.half if isfinite(row.error.half) else 0.0 for _, row in some]
        trace.error_y = {"type": "data", "array": halves, "color": colour("ink", theme), "thickness": 1.4, "width": 5}
        traces.append(trace)
    return traces


def _readout(row: SettingSummary) -> str:
    counts, seeds = row.setting.counts, len(row.runs)
    half = f" ± {row.error.half:.2f}" if isfinite(row.error.half) else ""
    return (f"<b>{row.title}, {row.setting.spec.cardinality}×{row.setting.spec.base_width}d</b><br>"
            f"{row.error.value:.2f}{half} % test error, {seeds} {'seed' if seeds == 1 else 'seeds'}<br>"
            f"{exact(counts.params)} params<br>{exact(counts.macs)} MACs")  # fmt: skip


def _values(rows: Sequence[SettingSummary], at: Sequence[float], current: str, theme: Theme) -> list[Annotation]:
    """Each mean in figures beside its circle."""
    return [
        {"x": x, "y": row.error.value, "showarrow": False, "borderpad": 0, "xanchor": "left", "xshift": 13,
         "yanchor": "bottom", "yshift": 2,
         "text": f"<b>{row.error.value:.1f}</b>" if row.setting.name == current else f"{row.error.value:.1f}",
         "font": {"size": TEXT, "color": colour("ink", theme)}}
        for row, x in zip(rows, at, strict=True)
    ]  # fmt: skip
