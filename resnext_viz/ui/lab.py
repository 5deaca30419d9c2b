"""The end of the Block forms page: why the paths need three layers, and Fig. 2 with numbers."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.choice import block_at
from resnext_viz.figures.collapse import collapse_drawing, collapse_table
from resnext_viz.figures.inner_product import neuron_drawing
from resnext_viz.figures.numbers import exact, percent
from resnext_viz.spec import BlockKind, ResNeXtSpec
from resnext_viz.ui import components, controls
from resnext_viz.ui.choices import chosen_path
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.computation import Computation, show_computed
from resnext_viz.ui.parts import failure, heading, heading_text, prose
from resnext_viz.ui.state import Dialled

if TYPE_CHECKING:
    from resnext_viz.nn.collapse import Density
    from resnext_viz.nn.equivalence import Check

NEURON = "neuron-drawing"
WIDEST = 512  # C·d of the collapse that is computed here
_LIGHT = 2**20  # weights of a block whose numbers take a few hundredths of a second
_PAPERS = (32, 4)  # C and d of the paper's Fig. 4


class Collapse(NamedTuple):
    """What was measured of the collapse so far."""

    rows: tuple[Check, ...]
    density: Density | None


def show_neuron(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """Fig. 2: one output channel of the chosen block's first 1×1, product by product.

    At once where that takes no time, else when asked for; what is shown stays while a dial moves.
    """
    if dialled.spec.block is BlockKind.BASIC:
        return
    heading("Split, transform, aggregate", "A neuron’s inner product is the simplest case of it (Fig. 2).")
    about = dialled.spec, chosen
    weights = sum(layer.weights for layer in block_at(dialled.complexity.walk, chosen).layers)
    now = "torch" in sys.modules and weights <= _LIGHT and not controls.is_moving()
    if now or st.session_state.get("neuron_asked") == about:
        try:
            st.session_state.neuron_shown = _neuron(*about, *_channel_and_place())
        except UserError as error:
            failure("These numbers could not be computed.", str(error))
            return
    elif not controls.is_moving():
        st.session_state.pop("neuron_shown", None)
        st.button("Compute these numbers", key=f"{NEURON}-ask", on_click=_ask, args=("neuron_asked", about))
    if "neuron_shown" in st.session_state:
        drawing(st.session_state.neuron_shown, key=NEURON, sheet="lab")


def _channel_and_place() -> tuple[int, int]:
    match = re.fullmatch(r"[a-z-]+=(\d{1,6}),(\d{1,4})", components.chosen(NEURON) or "")
    return (int(match[1]), int(match[2])) if match else (1, 1)


@lru_cache(maxsize=REMEMBERED)
def _neuron(spec: ResNeXtSpec, chosen: tuple[int, int], channel: int, place: int) -> bytes:
    from resnext_viz.nn.equivalence import block_of
    from resnext_viz.nn.inner_product import neuron, places_of

    block = block_of(spec, *chosen)
    at = min(max(channel, 1), block.main[0].c_out), min(max(place, 1), places_of(block))
    return neuron_drawing(neuron(block, *at).to_dict()).encode()


def _ask(name: str, about: object) -> None:
    """A click, kept from the beginning of the run that it causes: another click may cut that run short."""
    st.session_state[name] = about


def show_collapse(dialled: Dialled) -> None:
    """Fig. 4: two-layer paths are one wide block, drawn, and computed on demand."""
    size, words = _collapse_size(dialled.spec)
    with st.container(horizontal=True, vertical_alignment="center", key="heading-collapse"):
        heading_text("Why three layers", "With two, C paths are one wide dense block (Fig. 4). "
                     f"{exact(size[0])} paths of {exact(size[1])} channels{words}.")
        st.button("Compute it", type="primary", key="run_collapse", on_click=_ask, args=("collapse_asked", size))
    prose(
        "With two layers nothing keeps the paths apart: side by side, their first layers are one layer that reads all "
        "of the input, and their second layers one that adds all up. A bottleneck’s 3×3 stands between two other "
        "layers, maps each path’s channels to its own alone, and stays block-diagonal."
    )
    drawing(_collapse_drawing(*size, chosen_path(size[0])), key="collapse", sheet="lab")
    if st.session_state.get("collapse_asked") == size:
        show_computed("collapse_job", size, partial(_collapse, *size), _show_collapse)


def _collapse_size(spec: ResNeXtSpec) -> tuple[tuple[int, int], str]:
    """C and d that are drawn and computed, and in words where they are not the dialled ones."""
    if spec.block is BlockKind.BASIC:
        return _PAPERS, ", as in the paper: the dialled blocks are what such paths collapse to"
    paths = min(max(spec.cardinality, 2), WIDEST)
    width = min(spec.base_width, WIDEST // paths)
    if (paths, width) == (spec.cardinality, spec.base_width):
        return (paths, width), ""
    reason = "two instead of one, which has nothing to collapse" if spec.cardinality == 1 else (
        f"fewer than dialled: up to {WIDEST} channels together are computed here")
    return (paths, width), f", {reason}"


@lru_cache(maxsize=REMEMBERED)
def _collapse_drawing(cardinality: int, width: int, followed: int) -> bytes:
    return collapse_drawing(cardinality, width, followed).encode()


def _show_collapse(job: Computation) -> None:
    measured: Collapse | None = job.result
    if job.problem:
        failure("The collapse could not be computed.", job.problem)
    elif measured is None:
        st.progress(0.0, "Computing the paths and the wide block")
    else:
        drawing(_collapse_table(measured.rows), key="collapse-rows", sheet="lab")
        if measured.density:
            first, second, bottleneck = measured.density
            st.caption(f"Weights that are not zero, counted: {percent(first)} and {percent(second)} of the wide "
                       f"block’s two 3×3, {percent(bottleneck)} of the 3×3 of a bottleneck with the same C and d.")


@lru_cache(maxsize=REMEMBERED)
def _collapse_table(rows: tuple[Check, ...]) -> bytes:
    return collapse_table([row.to_dict() for row in rows]).encode()


def _collapse(cardinality: int, width: int) -> Iterator[Collapse]:
    from resnext_viz.nn.collapse import check_collapse, density

    rows: tuple[Check, ...] = ()
    for row in check_collapse(cardinality, width):
        rows += (row,)
        if len(rows) % 2 == 0:  # outputs and gradients of one dtype and mode
            yield Collapse(rows, None)
    yield Collapse(rows, density(cardinality, width))
