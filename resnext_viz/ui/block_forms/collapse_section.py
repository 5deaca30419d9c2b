"""Fig. 4: why the paths need three layers, drawn, and computed when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from resnext_viz.figures.block_forms.aggregation.collapse_drawing import collapse_drawing, collapse_table
from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import exact, percent
from resnext_viz.spec import BlockKind, ResNeXtSpec
from resnext_viz.ui.kit.acts import whole
from resnext_viz.ui.kit.choices import chosen_path
from resnext_viz.ui.kit.components import drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.computation import Computation, ask, is_asked, show_computed
from resnext_viz.ui.kit.jobs.shown_job import Standing, pace
from resnext_viz.ui.kit.parts import heading_text

if TYPE_CHECKING:
    from resnext_viz.nn.proof.collapse import Density
    from resnext_viz.nn.proof.equivalence import Check

WIDEST = 512  # C·d of the collapse that is computed here
_WHY = (
    "With two layers nothing keeps the paths apart: side by side, their first layers are one layer that reads all "
    "of the input, and their second layers one that adds all up. A bottleneck’s 3×3 stands between two other "
    "layers, maps each path’s channels to its own alone, and so keeps the paths apart (its matrix is block-diagonal)."
)
_PAPERS = (32, 4)  # C and d of the paper's Fig. 4
_COLLAPSE = Standing[Computation](
    failed="The collapse could not be computed.",
    doing=lambda job: f"{job.doing or 'Computing the paths and the wide block'}, {pace(job)}",
)


class Collapse(NamedTuple):
    """What was measured of the collapse so far."""

    rows: tuple[Check, ...]
    density: Density | None


def show_collapse(dialled: Dialled) -> None:
    """Fig. 4: two-layer paths are one wide block, drawn, and computed on demand."""
    size, words = _collapse_size(dialled.spec)
    with st.container(horizontal=True, vertical_alignment="center", key="heading-collapse"):
        heading_text(
            "Why three layers",
            "With two, C paths are the same as one wide block (Fig. 4). "
            f"{exact(size[0])} paths of {exact(size[1])} channels{words}.",
        )
        st.button("Compute it", type="primary", key="run_collapse", on_click=whole(ask), args=("collapse", size))
    drawn(_drawing, *size, chosen_path(size[0]), key="collapse", sheet="lab")
    if is_asked("collapse", size):
        show_computed("collapse_job", size, partial(_collapse, *size), _show_collapse)


def _drawing(cardinality: int, width: int, path: int) -> str:
    words = tag("p", _WHY, class_="rx-n-prose")
    return markup(words, Markup(collapse_drawing(cardinality, width, path)))


def _collapse_size(spec: ResNeXtSpec) -> tuple[tuple[int, int], str]:
    """C and d that are drawn and computed, and in words where they are not the dialled ones."""
    if spec.block is BlockKind.BASIC:
        return _PAPERS, ", as in the paper: the dialled blocks are what such paths collapse to"
    paths = min(max(spec.cardinality, 2), WIDEST)
    width = min(spec.base_width, WIDEST // paths)
    if (paths, width) == (spec.cardinality, spec.base_width):
        return (paths, width), ""
    reason = (
        "two instead of one, which has nothing to collapse"
        if spec.cardinality == 1
        else (f"fewer than dialled: up to {WIDEST} channels together are computed here")
    )
    return (paths, width), f", {reason}"


def _show_collapse(job: Computation) -> None:
    measured: Collapse | None = job.result
    if measured and not job.problem:
        drawn(_table, measured.rows, key="collapse-rows", sheet="lab")
        if measured.density:
            first, second, bottleneck = measured.density
            st.caption(
                f"Weights that are not zero, counted: {percent(first)} and {percent(second)} of the wide "
                f"block’s two 3×3, {percent(bottleneck)} of the 3×3 of a bottleneck with the same C and d."
            )
    _COLLAPSE.show(job)


def _table(rows: tuple[Check, ...]) -> str:
    return collapse_table([row.to_dict() for row in rows])


def _collapse(cardinality: int, width: int) -> Iterator[Collapse]:
    from resnext_viz.nn.proof.collapse import check_collapse, density

    rows: tuple[Check, ...] = ()
    for row in check_collapse(cardinality, width):
        rows += (row,)
        if len(rows) % 2 == 0:  # outputs and gradients of one dtype and mode
            yield Collapse(rows, None)
    yield Collapse(rows, density(cardinality, width))
