"""Tables of the paper on the page: signs with words, exact counts below, reasons numbered, rows that dial."""

from xml.etree import ElementTree as ET

import pytest

from resnext_viz.figures.paper.paper_table import paper_table_drawing
from resnext_viz.paper_tables import KEYS, paper_table
from resnext_viz.paper_tables.cells import Cell, Column, PaperTable, TableRow
from tests.figures.drawings import choices, marks, parsed


def drawn(key: str, current: str = "resnext50_32x4d", turn: int = 1) -> ET.Element:
    return parsed(paper_table_drawing(paper_table(key), current, turn))


def body(tree: ET.Element) -> list[list[str]]:
    rows = tree.find(".//tbody")
    assert rows is not None
    return [["".join(cell.itertext()) for cell in row] for row in rows]


@pytest.mark.parametrize("key", KEYS)
def test_every_mark_is_drawn_and_spoken(key: str) -> None:
    table = paper_table(key)
    whole = drawn(key).find(".//tbody")
    assert whole is not None
    signs = marks(whole, "rx-sign")
    assert len(signs) == sum(table.tally)
    spoken = {sign.text: sign.get("aria-label") for sign in signs}
    words = {"=": "the paper's figure exactly", "≈": "rounds to the paper's figure", "~": "differs", "○": "cited"}
    assert spoken == {sign: words[sign] for sign in spoken if sign}


def test_the_exact_count_stands_below_what_is_printed() -> None:
    rows = body(drawn("3"))
    assert rows[1] == ["ResNeXt-50=", "2×40d=", "∼4.1×10⁹≈4,124,508,160", "23.0○", "25,425,000"]
    assert rows[9][2] == "∼7.8×10⁹~67,969,996,800"  # the sixth reason, then the count
    assert body(drawn("7"))[0] == ["Wide ResNet", "36.5M≈36,479,194", "4.17○", "20.50○", ""]


def test_blocks_of_table_1_stand_in_brackets() -> None:
    tree = drawn("1")
    assert [["".join(layer.itertext()) for layer in block] for block in marks(tree, "rx-layers")][1] == [
        "1×1, 128", "3×3, 128, C=32", "1×1, 256",
    ]  # fmt: skip
    assert len(marks(tree, "rx-layers")) == 8
    assert [each.text for each in marks(tree, "rx-before")] == ["3×3 max pool, stride 2, then"] * 2


@pytest.mark.parametrize("key", KEYS)
def test_a_reason_number_points_at_its_reason(key: str) -> None:
    tree = drawn(key)
    reasons = [item.text for item in tree.iter("li")]
    assert reasons == list(paper_table(key).reasons)
    assert sorted({int(number.text or 0) for number in tree.iter("sup") if number.text}) == [
        number for number, _ in enumerate(reasons, start=1)
    ]


def test_rows_of_networks_dial_and_the_dialled_one_is_marked() -> None:
    tree = drawn("4", "resnet200", turn=7)
    assert choices(tree) == [
        f"{name}=7"
        for name in (
            "resnet101",
            "resnext101_32x4d",
            "resnet200",
            "resnet101_1x100d",
            "resnext101_2x64d",
            "resnext101_64x4d",
        )
    ]
    current = [row.get("data-choose") for row in tree.iter("tr") if row.get("aria-current") == "true"]
    assert current == ["resnet200=7"]
    assert not choices(drawn("1"))
    assert len(choices(drawn("5"))) == 3  # the Inceptions cannot be dialled
    assert not [row for row in drawn("4", "resnet18").iter("tr") if row.get("aria-current")]


def test_the_summary_counts_and_explains_only_signs_that_occur() -> None:
    said = "".join(drawn("8").itertext())
    assert "16 cells: 8 equal, 0 round to it, 0 differ, 8 cited" in said
    assert "cited: measured by the paper, not computed here" in said
    assert "differs, and why" not in said


def test_markup_in_a_table_is_text() -> None:
    nasty = "<b>&\"'"
    table = PaperTable("2", nasty, (Column(nasty, nasty),), (TableRow((Cell(nasty, 1, "~", nasty),)),), (nasty,))
    tree = parsed(paper_table_drawing(table, nasty, 1))
    assert "".join(tree.itertext()).count(nasty) >= 4
