"""What was chosen in the drawings: the block that is drawn below and the path that is followed, shared by the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from resnext_viz.figures.kit.choice import within
from resnext_viz.layers import Walk
from resnext_viz.ui.kit import components, link
from resnext_viz.ui.kit.link_keys import KEYS


def take_choices(*keys: str) -> None:
    """Takes over what was chosen since the last run in the drawings of these keys.

    "2.1" is a block, "path:5" a path, "form:b" a form.
    """
    for key in keys:
        with components.newly_chosen(key) as value:
            _take_choice(value or "")


def _take_choice(value: str) -> None:
    if match := re.fullmatch(r"(\d{1,3})\.(\d{1,3})", value):
        link.choose({"block": (int(match[1]), int(match[2]))})
    elif match := re.fullmatch(r"path:(\d{1,4})", value):
        link.choose({"path": int(match[1])})
    elif match := re.fullmatch(r"form:([abc])", value):
        link.choose({"form": match[1]})


def take_fields(drawing: str, usual: Mapping[str, Any]) -> None:
    """Takes over what was set since the last run in the fields of that drawing.

    Args:
        drawing: its key.
        usual: names of the fields, which are keys of the link, with the default where it depends on others.
    """
    with components.newly_chosen(drawing) as sent:
        given = dict(parse_qsl(sent or "", keep_blank_values=True))
        choices = {}
        for name in usual.keys() & given.keys():
            values = KEYS[name].values
            value = values.read(given[name])
            is_usual = value is None or (usual[name] is not None and values.write(value) == values.write(usual[name]))
            choices[name] = None if is_usual else value
        link.choose(choices)


def chosen_block(network: Walk) -> tuple[int, int]:
    """Stage and block, counted from 1, kept within the network."""
    return within(network, link.chosen("block"))


def chosen_path(cardinality: int) -> int:
    """The followed path i, counted from 1, kept within C."""
    path: int = link.chosen("path")
    return max(1, min(path, cardinality))
