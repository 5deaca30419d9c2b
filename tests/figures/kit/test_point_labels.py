"""Labels beside points: a reader can tell whose each is."""

from math import hypot
from typing import Any

import pytest

from resnext_viz.figures.kit.chart_template import TEXT
from resnext_viz.figures.kit.label_places import Board
from resnext_viz.figures.kit.point_labels import Spot, spot_labels
from resnext_viz.figures.kit.svg import text_width

LABEL_HEIGHT = 17


def distance(label: dict[str, Any], at: tuple[float, float], point: tuple[float, float]) -> float:
    """Pixels from `point` to the nearest place of a label whose own spot is `at`."""
    size = (text_width(label["text"], TEXT), LABEL_HEIGHT)
    corner = (at[0] + label["xshift"], at[1] - label["yshift"])  # Plotly's shifts grow upwards
    parts = ({"left": 0.0, "center": 0.5, "right": 1.0}[label["xanchor"]],
             {"top": 0.0, "middle": 0.5, "bottom": 1.0}[label["yanchor"]])  # fmt: skip
    starts = [edge - part * extent for edge, part, extent in zip(corner, parts, size, strict=True)]
    gaps = [max(start - place, place - start - extent, 0.0)
            for start, extent, place in zip(starts, size, point, strict=True)]  # fmt: skip
    return hypot(*gaps)


@pytest.mark.parametrize("places", [
    {"C = 8": (47.0, 124.0), "C = 16": (41.0, 131.0), "C = 4": (62.0, 118.0)},
    {"C = 8": (200.0, 124.0), "C = 16": (212.0, 131.0), "C = 4": (203.0, 118.0)},
])  # fmt: skip
def test_a_label_is_nearer_to_its_own_point_than_to_any_other(places: dict[str, tuple[float, float]]) -> None:
    board = Board(460, 220)
    for across, down in places.values():
        board.mark(across, down, 7)
    spots = [Spot(across, down, across, down, words) for words, (across, down) in places.items()]
    labels = spot_labels(board, spots, "light")
    assert labels
    for label in labels:
        own = places[label["text"]]
        assert distance(label, own, own) == min(distance(label, own, point) for point in places.values())
