"""The table of what the forms cost: dashes before, then milliseconds, megabytes and how many times form (c)."""

import xml.etree.ElementTree as ET

import pytest

from resnext_viz.figures.block_forms.form_costs import Costs, FormCost, cost_table, milliseconds

COSTS: Costs = {"forward": {"a": FormCost(90.0, 19.3), "b": FormCost(45.0, 16.06), "c": FormCost(9.0, 16.06)}}


def rows(html: str) -> list[list[str]]:
    root = ET.fromstring(f"<div>{html}</div>")
    return [["".join(cell.itertext()) for cell in tr] for tr in root.iter("tr")][1:]


def test_measured_passes_have_numbers_and_others_dashes() -> None:
    assert rows(cost_table(32, COSTS, "CPU")) == [
        ["(a) Sum of paths", "96", "90.0", "10.0×", "19.3", "–", "–", "–"],
        ["(b) Early concatenation", "65", "45.0", "5.0×", "16.1", "–", "–", "–"],
        ["(c) Grouped convolution", "3", "9.00", "1.0×", "16.1", "–", "–", "–"],
    ]


def test_nothing_is_a_number_before_measuring() -> None:
    html = cost_table(4, {}, "<script>")
    assert [row[2:] for row in rows(html)] == [["–"] * 6] * 3
    assert "<script>" not in html
    assert "because it is more succinct and faster" in html  # the paper, section 4


@pytest.mark.parametrize(("value", "expected"), [(None, "–"), (0.4567, "0.46"), (12.34, "12.3"), (1204.4, "1,204")])
def test_three_digits_are_enough(value: float | None, expected: str) -> None:
    assert milliseconds(value) == expected
