"""The table of a whole network's differences: every place in its row, undecided where rounding alone decides."""

import xml.etree.ElementTree as ET
from typing import Any

import pytest

from resnext_viz import parse
from resnext_viz.block_forms.terms import Mode
from resnext_viz.figures.block_forms.network_differences import network_table, places_of
from resnext_viz.nn.proof.whole_network import planned_places

SPEC = parse("resnext29_8x64d_cifar10")


def row(**changes: Any) -> dict[str, Any]:
    return {
        "place": "stage 2",
        "dtype": "float64",
        "mode": "train",
        "forms": "A-C",
        "max_abs": 1e-15,
        "max_rel": 8 * 2.0**-52,
        "rounding": 1e-15,
        "allowed": 16e-15,
        "kinks": 0,
        "equal": True,
        **changes,
    }


def line(rows: list[dict[str, Any]], place: str = "stage 2") -> list[str]:
    """The words of one row: place, two pairs, strip, verdict."""
    table = ET.fromstring(network_table(rows, "train", "CPU", ("float64", "float32"), places_of(SPEC, "train", 2)))
    tr = next(tr for tr in table.iter("tr") if any(cell.text == place for cell in tr.iter("td")))
    return [" ".join(cell.itertext()) for cell in tr.iter("td")]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("spec", [SPEC, SPEC.with_options(head=False, depths=(1,))], ids=["whole", "features"])
def test_places_are_the_checks(spec: Any, mode: Mode) -> None:
    assert places_of(spec, mode.value, 3) == planned_places(spec, mode, 3)


def test_every_place_has_a_row_before_anything_is_measured() -> None:
    for place in places_of(SPEC, "train", 2):
        assert line([], place) == [place, "–", "–", "", "–"]


def test_a_whole_row_is_equal_with_its_worst_in_units_of_the_last_place() -> None:
    rows = [row(), row(forms="B-C", max_rel=0.0)]
    cells = line(rows)
    assert cells[1:3] == ["1.8·10⁻¹⁵", "0"]
    assert cells[-1] == "equal 8.0 units"
    assert line(rows[:1])[-1] == "1 of 2 pairs equal so far"


def test_an_unequal_pair_is_named() -> None:
    verdict = line([row(max_rel=0.3, equal=False), row(forms="B-C")])[-1]
    assert verdict.startswith("not equal (a) – (c) ")
    assert "(b)" not in verdict


def test_undecided_says_what_rounding_alone_does() -> None:
    rows = [row(forms=pair, max_rel=None, rounding=0.13, allowed=2.1, equal=None) for pair in ("A-C", "B-C")]
    assert line(rows)[-1] == "undecided rounding alone 0.13"


def test_the_other_mode_is_left_out_and_words_are_escaped() -> None:
    assert line([row(mode="eval")])[1] == "–"
    assert "<script>" not in network_table([], "train", "<script>", ("<script>",), ("<script>",))
