"""The table of differences: numbers as measured, unmeasured ones as dashes, verdicts in words."""

import math
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.block_forms.terms import EPSILON
from resnext_viz.figures.block_forms.differences import DTYPES, PAIRS, QUANTITIES, difference_table, place_on_axis
from resnext_viz.kit.number_format import difference_text


def row(**changes: Any) -> dict[str, Any]:
    return {
        "forms": "A-B",
        "dtype": "float64",
        "mode": "train",
        "what": "output",
        "max_abs": 1e-15,
        "max_rel": 8.1e-16,
        "equal": True,
        **changes,
    }


def table(rows: list[dict[str, Any]]) -> ET.Element:
    return ET.fromstring(difference_table(rows, "train", "CPU, torch 2.15.0."))


def line(root: ET.Element, dtype: str, what: str) -> list[str]:
    """The words of one row: what, three pairs, strip, verdict."""
    body = next(body for body in root.iter("tbody") if dtype in body.itertext())
    cells = next(list(tr.iter("td")) for tr in body.iter("tr") if any(cell.text == what for cell in tr.iter("td")))
    return [" ".join(part for part in cell.itertext()) for cell in cells]


@pytest.mark.parametrize("dtype", list(EPSILON))
def test_epsilon_is_torchs(dtype: str) -> None:
    assert EPSILON[dtype] == torch.finfo(getattr(torch, dtype)).eps


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (8.1e-16, "8.1·10⁻¹⁶"),
        (0.0142, "0.0142"),
        (0.076, "0.076"),
        (33.1, "33.1"),
        (1234.6, "1,235"),
        (2.5e7, "2.5·10⁷"),
        (math.nan, "not a number"),
        (math.inf, "infinite"),
    ],
)
def test_a_difference_is_readable(value: float, expected: str) -> None:
    assert difference_text(value) == expected


def test_a_decade_is_a_step_of_the_axis() -> None:
    assert place_on_axis(1e-17) == 0
    assert place_on_axis(10) == 1
    assert place_on_axis(1e-8) - place_on_axis(1e-12) == pytest.approx(4 / 18)
    assert (place_on_axis(1e-30), place_on_axis(1e9), place_on_axis(math.inf)) == (0, 1, 1)


@given(st.floats(1e-16, 1), st.floats(1e-16, 1))
def test_a_larger_difference_lies_further_right(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert place_on_axis(low) <= place_on_axis(high)


def test_what_is_not_measured_is_a_dash_in_every_row() -> None:
    root = table([])
    for dtype in DTYPES:
        for what in QUANTITIES:
            cells = line(root, dtype, what)
            assert cells[1:4] == ["–"] * 3
            assert cells[-1] == "–"


def test_a_whole_row_is_equal_with_its_worst_in_units_of_the_last_place() -> None:
    worst = 16 * EPSILON["float64"]
    rows = [row(forms=pair, max_rel=value) for pair, value in zip(PAIRS, (0.0, worst, 1e-16), strict=True)]
    cells = line(table(rows), "float64", "output")
    assert cells[1:4] == ["0", difference_text(worst), "1.0·10⁻¹⁶"]
    assert cells[-1] == "equal 16 units"


def test_part_of_a_row_says_how_much_is_there() -> None:
    assert "1 of 3 pairs" in line(table([row()]), "float64", "output")[-1]


def test_bit_for_bit_is_said() -> None:
    rows = [row(forms=pair, max_rel=0.0) for pair in PAIRS]
    assert line(table(rows), "float64", "output")[-1] == "equal bit for bit"


def test_an_unequal_pair_is_named() -> None:
    rows = [row(forms=pair, max_rel=0.0 if pair == "A-B" else 33.1, equal=pair == "A-B") for pair in PAIRS]
    verdict = line(table(rows), "float64", "output")[-1]
    assert verdict.startswith("not equal")
    assert "(a) – (c), (b) – (c)" in verdict


def test_of_several_blocks_the_worst_counts() -> None:
    rows = [row(max_rel=1e-9, equal=False), row(max_rel=1e-16)]
    for order in (rows, rows[::-1]):
        assert line(table(order), "float64", "output")[1] == "1.0·10⁻⁹"


def test_an_overflow_is_no_number_and_not_equal() -> None:
    rows = [row(forms=pair, max_rel=None, equal=False) for pair in PAIRS]
    cells = line(table(rows), "float64", "output")
    assert cells[1] == "not a number"
    assert "all pairs" in cells[-1]


def test_the_other_mode_is_left_out() -> None:
    assert line(table([row(mode="eval")]), "float64", "output")[1] == "–"


def test_zero_stands_in_its_own_slot() -> None:
    root = table([row(max_rel=0.0)])
    slots = [element for element in root.iter("div") if element.get("class") == "rx-d-zero" and len(element)]
    assert len(slots) == 1


def test_an_unknown_dtype_gets_its_own_rows() -> None:
    assert line(table([row(dtype="float16")]), "float16", "output")[1] == "8.1·10⁻¹⁶"


def test_words_are_escaped() -> None:
    assert "<script>" not in difference_table([row(dtype="<script>")], "train", "<script>alert(1)</script>")
