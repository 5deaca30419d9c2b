"""The colour map is viridis as matplotlib has it."""

import matplotlib as mpl
import pytest

from resnext_viz.figures.kit.colour_map import colour_table, rgb


def test_colours_are_those_of_viridis() -> None:
    viridis = mpl.colormaps["viridis"]
    table = colour_table()
    assert len(table) == 3 * 256
    for step in range(256):
        expected = [255 * channel for channel in viridis(step)[:3]]
        assert table[3 * step : 3 * step + 3] == pytest.approx(expected, abs=6)


def test_what_lies_outside_the_scale_gets_the_colour_of_its_end() -> None:
    assert rgb(-1.0) == rgb(0.0) == (0x44, 0x01, 0x54)
    assert rgb(2.0) == rgb(1.0) == (0xFD, 0xE7, 0x25)
