"""The drawing of a mistake: sentence, steps, bars and the table over several C, read back from the markup."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.block_forms.faults import Fault
from resnext_viz.figures.block_forms.channel_bars import MOST_BARS, MOST_STEPS, axis_step, channel_bars
from resnext_viz.figures.block_forms.fault_drawing import fault_drawing
from resnext_viz.figures.block_forms.fault_table import fault_table
from tests.figures.drawings import check_svg, layouts, marks, parsed, tips


def step(name: str, max_abs: float | None, by_path: tuple[float, ...] = (), **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "shape": [256, 14, 14],
        "wrong_shape": [256, 14, 14],
        "max_abs": max_abs,
        "max_rel": max_abs,
        "by_path": list(by_path),
        "differs": max_abs is None or max_abs > 1e-9,
        **changes,
    }


def found(**changes: Any) -> dict[str, Any]:
    return {
        "fault": "bn-in-paths",
        "form": "A",
        "cardinality": 32,
        "what": "Each path <now> normalises.",
        "found": True,
        "layer": "layer1.1.bn3",
        "layer_max_abs": 33.8,
        "layer_step": 2,
        "running": None,
        "largest_output": 8.8,
        "channels": [33.1, 2.0, 0.0, 7.5],
        "steps": [
            step("reduce", 0.0, (0.0,) * 32),
            step("transform", 3e-16, (0.0,) * 32),
            step("expand, sum, BN", 33.8),
            step("shortcut, ReLU", 33.1),
        ],
        **changes,
    }


def text_of(element: ET.Element) -> str:
    return "".join(element.itertext())


def test_the_sentence_says_which_form_how_far_and_how_large() -> None:
    drawing = parsed(fault_drawing(found()))
    assert [text_of(each) for each in marks(drawing, "rx-verdict")] == [
        "Form (a) no longer equals (c): outputs are up to 33.1 apart, where the largest is 8.8."
    ]
    assert [text_of(each) for each in marks(drawing, "rx-fault-why")] == ["Each path <now> normalises."]


def test_each_step_has_its_sign_its_figure_and_the_first_one_its_layer() -> None:
    steps = marks(parsed(fault_drawing(found())), "rx-fault-step")
    assert [text_of(marks(each, "rx-fault-sign")[0]) for each in steps] == ["=", "=", "≠", "≠"]
    assert [bool(marks(each, "rx-fault-starts")) for each in steps] == [False, False, True, False]
    words = [text_of(each) for each in steps]
    assert "32 paths" in words[0]
    assert words[0].endswith("0, bit for bit")
    assert words[1].endswith("3.0·10⁻¹⁶, rounding")
    assert "256 channels" in words[2]
    assert "max difference 33.8" in words[2]
    assert "the first step that differs" in words[2]
    assert words[2].endswith("at layer1.1.bn3")
    assert words[3].endswith("max difference 33.1")


def test_a_step_tells_in_which_paths_it_differs() -> None:
    first = step("reduce", 2.5, (0.0, 2.5, 1.0))
    drawing = parsed(fault_drawing(found(steps=[first, *found()["steps"][1:]], layer_step=0)))
    assert ["reduce", "differs in 2 of 3 paths", "most in path 2, by 2.5"] in tips(drawing)


def test_a_hidden_mistake_is_wrong_all_the_same() -> None:
    steps = [
        step("reduce", 0.0, (0.0,)),
        step("transform", 0.0, (0.0,)),
        step("expand, sum, BN", 2e-13),
        step("shortcut, ReLU", 2e-13),
    ]
    hidden = found(steps=steps, running=4.84, layer_max_abs=48.4, layer="layer1.1.paths, their sum")
    drawing = parsed(fault_drawing(hidden | {"channels": [2e-13, 0.0]}))
    assert "wrong all the same: running statistics are off by 4.84 after one batch." in text_of(drawing)
    assert not marks(drawing, "rx-svg")
    (start,) = marks(drawing, "rx-fault-starts")
    assert text_of(marks(start, "rx-fault-sign")[0]) == "="
    assert "at layer1.1.paths, their sum, off by 48.4" in text_of(drawing)


def test_with_one_path_it_says_why_nothing_changes() -> None:
    steps = [step(name, 0.0) for name in ("reduce", "transform", "join, expand, BN", "shortcut, ReLU")]
    nothing = found(fault="path-order", form="C", found=False, steps=steps, layer=None, layer_step=None)
    drawing = parsed(fault_drawing(nothing | {"channels": [0.0] * 9}))
    assert "Form (c) still equals (a) and (b): with C = 1 there is one path" in text_of(drawing)
    assert "A test needs C ≥ 2." in text_of(drawing)
    assert not marks(drawing, "rx-svg")
    assert not marks(drawing, "rx-fault-starts")


def test_another_size_is_told_as_sizes() -> None:
    first = step("reduce", None, shape=[256, 56, 56], wrong_shape=[256, 28, 28])
    drawing = fault_drawing(found(steps=[first, *found()["steps"][1:]], layer_step=0, layer_max_abs=None))
    assert "28×28, not 56×56" in text_of(parsed(drawing))


@given(st.lists(st.floats(0.01, 1e6) | st.just(0.0), min_size=1, max_size=700).filter(any))
def test_bars_stand_on_zero_and_are_true_to_scale(channels: list[float]) -> None:
    for svg in layouts(channel_bars(channels)):
        check_svg(svg)
        bars = marks(svg, "rx-fault-bar")
        assert len(bars) <= MOST_BARS
        heights = [float(bar.attrib["height"]) for bar in bars]
        tallest = heights.index(max(heights))
        shared = -(-len(channels) // MOST_BARS)
        worst = [max(channels[at : at + shared]) for at in range(0, len(channels), shared)]
        assert len(worst) == len(bars)
        assert worst[tallest] == pytest.approx(max(channels), rel=1e-3)
        assert all(
            float(bar.attrib["y"]) + height == pytest.approx(100, abs=0.02)
            for bar, height in zip(bars, heights, strict=True)
        )


def test_a_bar_names_its_channels() -> None:
    assert tips(layouts(channel_bars([1.5, 0.25]))[0]) == [
        ["channel 1", "off by up to 1.5"],
        ["channel 2", "off by up to 0.25"],
    ]
    many = channel_bars([1.0] * 2048)
    assert tips(layouts(many)[0])[-1][0] == "channels 2,041 to 2,048"
    assert "each bar is the worst of 8 channels" in many


@given(st.floats(1e-12, 1e9))
def test_the_axis_has_few_round_steps(largest: float) -> None:
    assert largest / axis_step(largest) <= MOST_STEPS
    assert float(f"{axis_step(largest):.0e}") == pytest.approx(axis_step(largest))
    assert f"{axis_step(largest):.0e}"[0] in "125"


def tried(fault: str, cardinality: int, **changes: Any) -> dict[str, Any]:
    return {
        "fault": fault,
        "cardinality": cardinality,
        "found": cardinality > 1,
        "obstacle": None,
        "running": 0.0,
        "max_abs": 0.0 if cardinality == 1 else 5.62,
        "first_step": "reduce",
        **changes,
    }


def cells(drawing: str, fault: Fault) -> list[str]:
    row = next(row for row in parsed(drawing).iter("tr") if text_of(row).startswith(fault.heading))
    return [text_of(cell) for cell in row.iter("td")][1:]


def test_the_table_shows_every_mistake_at_every_c() -> None:
    rows = [tried(fault, cardinality) for fault in Fault for cardinality in (1, 2, 32)]
    rows[-1] = tried(rows[-1]["fault"], 32, first_step=None, running=4.84, max_abs=1e-14)
    rows[3:6] = [tried("relu-on-paths", c, obstacle="cannot be", found=None, max_abs=None) for c in (1, 2, 32)]
    drawing = fault_table(rows, (1, 2, 32), "bn-in-paths")
    assert cells(drawing, Fault.BN_IN_PATHS) == ["=bit for bit", "≠ 5.62", "≠ 5.62"]
    assert cells(drawing, Fault.GROUPED_EXPAND)[-1] == "=statistics off by 4.84"
    assert cells(drawing, Fault.RELU_ON_PATHS) == ["cannot be"]
    assert "With C = 1, 8 of 8 mistakes change nothing" in drawing
    assert "with C ≥ 2 every one shows" in drawing
    assert [text_of(row[0]) for row in marks(parsed(drawing), "rx-fault-chosen")] == ["BN inside each path"]


def test_what_is_not_tried_yet_is_left_open() -> None:
    drawing = fault_table([tried("bn-in-paths", 1)], (1, 2), "bn-in-paths")
    assert cells(drawing, Fault.BN_IN_PATHS) == ["=bit for bit", "…"]
    assert "Trying." in drawing
