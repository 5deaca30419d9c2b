"""The tables of one network against another: signs, sums, the paper's footnote, and words that hold."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given

from resnext_viz import ResNeXtSpec, complexity, parse
from resnext_viz.comparison import Movement, compare
from resnext_viz.figures.counting.comparison_table import View, comparison_file, comparison_table, stride_finding
from resnext_viz.figures.counting.movement_table import (
    Timing,
    is_same_cost,
    movement_finding,
    movement_rows,
    movement_table,
    timing_table,
)
from resnext_viz.kit.number_format import MINUS
from resnext_viz.spec import OutputRule
from tests.support.specs import specs

X50, R50 = parse("resnext50_32x4d"), parse("resnet50")


def rows_of(html: str, table: int = 0) -> list[list[str]]:
    tree = ET.fromstring(html)
    return [["".join(cell.itertext()) for cell in row] for row in list(tree.iter("table"))[table].iter("tr")]


def whole(text: str) -> int:
    return int(text.replace(",", "").replace(MINUS, "-"))


@given(specs(), specs())
def test_the_rows_of_places_and_kinds_sum_to_the_last_row(ours: ResNeXtSpec, theirs: ResNeXtSpec) -> None:
    expected = complexity(ours, 40).total.minus(complexity(theirs, 40).total)
    for view in (View.PLACES, View.KINDS):
        rows = rows_of(comparison_table(compare(ours, theirs, 40), view, "a", "b"))
        for column, total in zip((1, 3, 5), expected, strict=True):
            assert sum(whole(row[column]) for row in rows[1:-1]) == whole(rows[-1][column]) == total


def test_the_rows_of_terms_sum_to_their_place() -> None:
    rows = rows_of(comparison_table(compare(X50, R50), View.TERMS, "a", "b"))
    start = next(number for number, row in enumerate(rows) if row[0].startswith("stage 2, first block"))
    parts = rows[start + 1 : start + 5]
    assert [row[0] for row in parts] == ["reduce 1×1", "transform 3×3", "expand 1×1", "batch norm"]
    assert sum(whole(row[1]) for row in parts) == whole(rows[start][1]) == -30_208
    assert sum(whole(row[3]) for row in parts) == whole(rows[start][3]) == 52_985_856


def test_the_papers_footnote_stands_beside_the_two_networks_it_is_about() -> None:
    html = comparison_table(compare(X50, R50), View.PLACES, "ResNeXt-50 (32×4d)", "ResNet-50")
    for words in ("mainly caused by the blocks where the map sizes change", "+158,957,568 MACs", "−2.1 %", "+3.5 %"):
        assert words in html
    assert "Footnote 5" not in comparison_table(compare(R50, X50), View.PLACES, "ResNet-50", "ResNeXt-50 (32×4d)")


def test_a_network_beside_itself() -> None:
    assert "a and b cost the same." in comparison_table(compare(X50, X50), View.PLACES, "a", "b")


def test_the_stride_turns_the_order_round_for_these_two_only() -> None:
    words = stride_finding(compare(X50, R50))
    assert words is not None
    assert "3,768,057,856 against 3,857,973,248 MACs, −89,915,392. So the order turns round." in words
    other = stride_finding(compare(parse("resnet101"), R50))
    assert other is not None
    assert "turns" not in other
    assert stride_finding(compare(parse("resnet18"), parse("resnet34"))) is None


def test_the_file_has_every_term_and_the_total() -> None:
    rows = comparison_file(compare(X50, R50))
    assert sum(row["macs_difference"] for row in rows[:-1]) == rows[-1]["macs_difference"] == 141_295_616
    assert rows[-1]["this_params"] - rows[-1]["other_params"] == -528_128


def test_same_cost_other_time() -> None:
    pair = compare(X50, R50)
    moved = Movement(pair.ours.walk), Movement(pair.theirs.walk)
    assert is_same_cost(pair)
    assert not is_same_cost(compare(parse("resnet101"), R50))
    quantities = {row[0]: row[1:] for row in rows_of(movement_table(pair, *moved, "a", "b"))}
    assert quantities["Activations written"] == ["14,401,512", "11,114,984", "1.30"]
    assert quantities["Channels of a group, stage by stage"][:2] == ["4, 8, 16, 32", "64, 128, 256, 512"]
    assert quantities["Tensor operations"] == ["174", "174", "1.00"]
    assert "Both start 174 tensor operations. a writes +29.6 % activations" in movement_finding(pair, *moved, "a", "b")


@pytest.mark.parametrize(
    ("ours", "theirs", "narrow"),
    [
        ("resnext50_32x4d", "resnet50", True),
        ("resnet18", "resnet50", False),  # fewer MACs for each byte too, though nothing is grouped
        ("resnext50_32x4d", "resnext50_32x4d", False),
    ],
)
def test_narrow_groups_are_blamed_where_they_are(ours: str, theirs: str, narrow: bool) -> None:
    pair = compare(parse(ours), parse(theirs))
    finding = movement_finding(pair, Movement(pair.ours.walk), Movement(pair.theirs.walk), "a", "b")
    assert ("narrow groups" in finding) is narrow
    assert ("a writes as many activations as b" in finding) is (ours == theirs)


def test_the_file_of_movement_sums_to_the_macs_of_both() -> None:
    rows = movement_rows(Movement(complexity(X50).walk), Movement(complexity(R50).walk), "a", "b")
    sums = {name: sum(row["macs"] for row in rows if row["network"] == name) for name in ("a", "b")}
    assert sums == {"a": 4_230_479_872, "b": 4_089_184_256}


@pytest.mark.parametrize("other", ["resnet18", "resnext29_8x64d_cifar10"])
def test_networks_without_the_same_parts_are_set_side_by_side(other: str) -> None:
    theirs = parse(other).with_options(head=False)
    pair = compare(X50.with_options(output_rule=OutputRule.WIDTH), theirs)
    html = movement_table(pair, Movement(pair.ours.walk), Movement(pair.theirs.walk), "a", "b")
    assert rows_of(html, 1)[-1][-1] == "–"  # no head there


def test_nothing_measured_is_a_dash_and_never_a_zero() -> None:
    rows = rows_of(timing_table([Timing(1, None, None), Timing(8, 1500.0, 1000.0, 6)], "a", "b", "CPU"))
    assert rows[1][1:] == ["–"] * 4
    assert rows[2] == ["8 images", "1,500.0 ms", "1,000.0 ms", "1.50", "6 rounds"]
