"""The Paper page: one table at a time beside what is computed, its files, and the charts of its errors."""

from __future__ import annotations

from functools import cache, lru_cache, partial

import streamlit as st

from resnext_viz.complexity import complexity
from resnext_viz.figures.kit.chart_template import DIALS
from resnext_viz.figures.kit.palette import Theme
from resnext_viz.figures.paper.cifar_chart import cifar_chart, cifar_text
from resnext_viz.figures.paper.error_charts import CAPTION, MACS, PARAMS, Current, error_chart, error_chart_text
from resnext_viz.figures.paper.paper_charts import table3_chart, table3_text, table4_chart, table4_text
from resnext_viz.figures.paper.paper_table import paper_table_drawing
from resnext_viz.names import name_of, title_of
from resnext_viz.paper_tables import KEYS, paper_table, paper_tables, tally
from resnext_viz.paper_tables.cells import PaperTable
from resnext_viz.paper_tables.formats import FORMATS
from resnext_viz.paper_tables.points import (
    cifar_points,
    cifar_sizes_without_errors,
    paper_points,
    torchvision_points,
)
from resnext_viz.spec import ImageSize, ResNeXtSpec, Stem
from resnext_viz.ui.kit import controls, link
from resnext_viz.ui.kit.charts import WordedChart, chart_theme, dialling_charts, finished
from resnext_viz.ui.kit.components import REMEMBERED, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.parts import heading

TABLE = "paper-table"


def summary() -> str:
    """How many numbers of the paper agree, in all tables."""
    return f"Every printed number beside what is computed here. Nine tables, {tally(paper_tables()).words}."


def choose_table() -> PaperTable:
    """The table asked for, which the link holds, with its files to take along."""
    with st.container(horizontal=True, vertical_alignment="center", key="heading-choose-table"):
        key = st.segmented_control(
            "Table",
            KEYS,
            required=True,
            width="content",
            format_func=str.capitalize,
            **link.bound("table", among=KEYS),
        )
        table = paper_table(key or KEYS[0])
        with st.container(horizontal=True, horizontal_alignment="right", key="table-files"):
            for file in FORMATS.values():
                name = f"resnext-{table.title.lower().replace(' ', '-')}.{file.ending}"
                st.download_button(
                    file.label,
                    partial(file.write, table),
                    name,
                    file.mime,
                    on_click="ignore",
                    width="content",
                    help=f"{table.title} as {file.label}",
                )
    return table


def show_table(dialled: Dialled, table: PaperTable) -> None:
    """The table, its signs and its reasons; choosing a row dials its network."""
    heading(table.title, table.subject)
    drawn(_table, table.key, name_of(dialled.spec), controls.epoch(), key=TABLE, sheet="paper")


def _table(key: str, current: str, turn: int) -> str:
    return paper_table_drawing(paper_table(key), current, turn)


def show_errors(dialled: Dialled) -> None:
    """Published errors against MACs and against params, with the cost of what is dialled."""
    heading(
        "Error against cost", f"Published errors on ImageNet, exact costs, and the cost of what is dialled. {DIALS}"
    )
    dialling_charts(_errors(dialled.spec, dialled.image_size, chart_theme()), "errors", controls.dial_name)
    st.html(f'<p class="rx-caption">{CAPTION}</p>')


def show_trades(dialled: Dialled) -> None:
    """Tables 3 and 4 as charts."""
    heading("Depth, width or cardinality", f"What each buys, at equal cost and at twice the cost. {DIALS}")
    dialling_charts(_trades(papers_paths(dialled), chart_theme()), "trades", controls.dial_name)


def show_cifar(dialled: Dialled) -> None:
    """Table 7 as charts, with the exact sizes of what else Fig. 7 draws."""
    heading("On CIFAR", f"ResNeXt-29 beside Wide ResNet, by exact params. {DIALS}")
    spec = dialled.spec
    current = None if spec.stem is Stem.IMAGENET else (dialled.title, dialled.complexity.params)
    dialling_charts(_cifar(current, chart_theme()), "cifar", controls.dial_name)


def papers_paths(dialled: Dialled) -> tuple[int, int, int] | None:
    """Layers, C and d of what is dialled, where it is a network as the paper trained it."""
    spec = dialled.spec
    is_papers = dialled.image_size == 224 and spec in _papers_specs()
    return (spec.layer_count, spec.cardinality, spec.base_width) if is_papers else None


@cache
def _papers_specs() -> frozenset[ResNeXtSpec]:
    return frozenset(point.spec for point in paper_points())


@lru_cache(maxsize=REMEMBERED)
def _errors(spec: ResNeXtSpec, image_size: ImageSize, theme: Theme) -> tuple[WordedChart, ...]:
    counts = complexity(spec, image_size)
    current = Current(spec, title_of(spec), counts.params, counts.macs, image_size == 224)
    papers = paper_points()
    return tuple(
        WordedChart(
            finished(error_chart(papers, torchvision_points(), current, measure, theme)),
            error_chart_text(papers, current, measure),
        )
        for measure in (MACS, PARAMS)
    )


@lru_cache(maxsize=REMEMBERED)
def _trades(current: tuple[int, int, int] | None, theme: Theme) -> tuple[WordedChart, ...]:
    return (
        WordedChart(finished(table3_chart(current, theme)), table3_text()),
        WordedChart(finished(table4_chart(current, theme)), table4_text()),
    )


@lru_cache(maxsize=REMEMBERED)
def _cifar(current: tuple[str, int] | None, theme: Theme) -> tuple[WordedChart, ...]:
    return tuple(
        WordedChart(
            finished(cifar_chart(cifar_points(classes), cifar_sizes_without_errors(classes), classes, current, theme)),
            cifar_text(cifar_points(classes), classes),
        )
        for classes in (10, 100)
    )
