"""The section "What training costs": its controls, and the drawing of a step."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from resnext_viz.csv_file import csv_text
from resnext_viz.figures.training_cost import (
    OPTIMIZER_NAMES,
    PRECISION_NAMES,
    memory_rows,
    training_drawing,
    work_rows,
)
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.training_cost import (
    BATCH_LIMITS,
    DEFAULT_BATCH,
    Optimizer,
    Precision,
    TrainingCost,
    epoch_images,
    training_cost,
)
from resnext_viz.ui.components import REMEMBERED, drawing
from resnext_viz.ui.parts import Download, heading
from resnext_viz.ui.state import Dialled

_EPOCH_LIMITS = (1, 10_000_000_000)


def show_training_cost(dialled: Dialled) -> None:
    """A step of the dialled network with the batch, optimizer and precision that are asked for."""
    top = st.container()
    batch, images, optimizer, precision = _asked(dialled.spec)
    cost = _cost(dialled.spec, dialled.image_size, batch, optimizer, precision)
    with top:
        heading(
            "What training costs", f"One step of {dialled.title}, right for groups.",
            Download("Memory as CSV", "training-memory.csv", "text/csv", lambda: csv_text(memory_rows(cost))),
            Download("MACs as CSV", "training-macs.csv", "text/csv", lambda: csv_text(work_rows(cost))),
        )
    drawing(_drawn(dialled.spec, dialled.image_size, batch, optimizer, precision, images), "training-cost", "cost")


def _asked(spec: ResNeXtSpec) -> tuple[int, int, Optimizer, Precision]:
    usual = epoch_images(spec)
    with st.container(horizontal=True, vertical_alignment="bottom", key="training-controls"):
        batch = st.number_input("Images of a step", *BATCH_LIMITS, DEFAULT_BATCH, 1, key="training_batch", width=130)
        images = st.number_input("Images of an epoch", *_EPOCH_LIMITS, usual, 1, key=f"training_images_{usual}",
                                 width=150)
        optimizer = st.segmented_control(
            "Optimizer", list(Optimizer), default=Optimizer.MOMENTUM, required=True, key="training_optimizer",
            format_func=OPTIMIZER_NAMES.__getitem__, width="content",
        )
        precision = st.segmented_control(
            "Precision", list(Precision), default=Precision.FLOAT32, required=True, key="training_precision",
            format_func=PRECISION_NAMES.__getitem__, width="content",
        )
    return batch, images, optimizer, precision


@lru_cache(maxsize=REMEMBERED)
def _cost(
    spec: ResNeXtSpec, image_size: int, batch: int, optimizer: Optimizer, precision: Precision
) -> TrainingCost:
    return training_cost(spec, image_size, batch, optimizer, precision)


@lru_cache(maxsize=REMEMBERED)
def _drawn(
    spec: ResNeXtSpec, image_size: int, batch: int, optimizer: Optimizer, precision: Precision, images: int
) -> bytes:
    return training_drawing(_cost(spec, image_size, batch, optimizer, precision), images).encode()
