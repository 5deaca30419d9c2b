"""The section "What training costs": its controls, and the drawing of a step."""

from __future__ import annotations

from functools import lru_cache

from resnext_viz.figures.counting.setting_fields import training_fields
from resnext_viz.figures.counting.training_cost_table import memory_rows, training_drawing, work_rows
from resnext_viz.figures.kit.svg import Markup, markup
from resnext_viz.kit.csv_file import csv_text
from resnext_viz.spec import ImageSize, ResNeXtSpec
from resnext_viz.training_cost import (
    Optimizer,
    Precision,
    TrainingCost,
    epoch_images,
    training_cost,
)
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.choices import take_fields
from resnext_viz.ui.kit.components import REMEMBERED, drawn
from resnext_viz.ui.kit.dialled import Dialled
from resnext_viz.ui.kit.parts import OfferedFile, heading


def show_training_cost(dialled: Dialled) -> None:
    """A step of the dialled network with the batch, optimizer and precision that are asked for."""
    usual = epoch_images(dialled.spec)
    take_fields("training-cost", {"batch": None, "epoch": usual, "optimizer": None, "precision": None})
    batch, images = link.chosen("batch"), link.chosen("epoch", usual)
    optimizer, precision = link.chosen("optimizer", among=Optimizer), link.chosen("precision", among=Precision)
    cost = _cost(dialled.spec, dialled.image_size, batch, optimizer, precision)
    heading(
        "What training costs",
        f"One step of {dialled.title}: the work forward and backward, and what stays in memory for it.",
        OfferedFile("Memory as CSV", "training-memory.csv", "text/csv", lambda: csv_text(memory_rows(cost))),
        OfferedFile("MACs as CSV", "training-macs.csv", "text/csv", lambda: csv_text(work_rows(cost))),
    )
    drawn(_drawing, cost, images, key="training-cost", sheet="cost")


def _drawing(cost: TrainingCost, images: int) -> str:
    asked = training_fields(cost.batch_size, images, cost.optimizer, cost.precision)
    return markup(asked, Markup(training_drawing(cost, images)))


@lru_cache(maxsize=REMEMBERED)
def _cost(
    spec: ResNeXtSpec, image_size: ImageSize, batch: int, optimizer: Optimizer, precision: Precision
) -> TrainingCost:
    return training_cost(spec, image_size, batch, optimizer, precision)
