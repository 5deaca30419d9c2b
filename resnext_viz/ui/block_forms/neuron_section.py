"""Fig. 2 with numbers: one output channel of the chosen block's first 1×1, product by product."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache

import streamlit as st

from resnext_viz.errors import UserError
from resnext_viz.figures.block_forms.aggregation.neuron_drawing import neuron_drawing
from resnext_viz.figures.kit.choice import block_at
from resnext_viz.spec import BlockKind, ResNeXtSpec
from resnext_viz.ui.kit import components, controls, link
from resnext_viz.ui.kit.acts import whole
from resnext_viz.ui.kit.components import REMEMBERED, drawing
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.jobs.computation import ask, is_asked
from resnext_viz.ui.kit.parts import failure, heading
from resnext_viz.ui.kit.record import record

NEURON = "neuron-drawing"
_LIGHT = 2**20  # weights of a block whose numbers take a few hundredths of a second


@dataclass
class _NeuronSession:
    """What a session is shown: the drawing, which stays while a dial moves."""

    shown: bytes | None = None


def show_neuron(dialled: Dialled, chosen: tuple[int, int]) -> None:
    """Fig. 2: one output channel of the chosen block's first 1×1, product by product.

    At once where that takes no time, else when asked for; what is shown stays while a dial moves.
    """
    if dialled.spec.block is BlockKind.BASIC:
        return
    heading(
        "Split, transform, aggregate",
        "One neuron does it already: it weighs each input and adds up, an inner product (Fig. 2).",
    )
    about = dialled.spec, chosen
    weights = sum(layer.weights for layer in block_at(dialled.complexity.walk, chosen).layers)
    session = record(_NeuronSession)
    now = "torch" in sys.modules and weights <= _LIGHT and not controls.is_moving()
    if now or is_asked(NEURON, about):
        try:
            session.shown = _neuron(*about, *_channel_and_place())
        except UserError as error:
            failure("These numbers could not be computed.", str(error))
            return
    elif not controls.is_moving():
        session.shown = None
        st.button("Compute these numbers", key=f"{NEURON}-ask", on_click=whole(ask), args=(NEURON, about))
    if session.shown:
        drawing(session.shown, key=NEURON, sheet="lab")


def _channel_and_place() -> tuple[int, int]:
    with components.newly_chosen(NEURON) as sent:
        if match := re.fullmatch(r"[a-z-]+=(\d{1,6}),(\d{1,4})", sent or ""):
            link.choose({"neuron": (int(match[1]), int(match[2]))})
    place: tuple[int, int] = link.chosen("neuron")
    return place


@lru_cache(maxsize=REMEMBERED)
def _neuron(spec: ResNeXtSpec, chosen: tuple[int, int], channel: int, place: int) -> bytes:
    from resnext_viz.nn.proof.equivalence import block_of
    from resnext_viz.nn.proof.inner_product import map_places, neuron

    block = block_of(spec, *chosen)
    at = min(max(channel, 1), block.main[0].c_out), min(max(place, 1), map_places(block))
    return neuron_drawing(neuron(block, *at).to_dict()).encode()
