"""Table 2 on the page: the paper's cells, computed ones beside them, and signs that hold."""

import xml.etree.ElementTree as ET

import pytest

from resnext_viz.design_space import table2
from resnext_viz.figures.design_space.table2 import rounded_agreement, table2_table, whole_agreement


def rows(current: tuple[int, int] = (32, 4)) -> list[ET.Element]:
    body = ET.fromstring(table2_table(table2(), current)).find(".//tbody")
    assert body is not None
    return list(body)


def cells(row: ET.Element) -> list[str]:
    return ["".join(cell.itertext()) for cell in row]


# d, C·d from the paper's Table 2; exact d is the root of 9·C·d² + 512·C·d = 69,632; counts are Eq. 4, and times 56².
@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (
            0,
            [
                "1×64dResNet block",
                "64=",
                "64.000",
                "64=",
                "69,632",
                "≈rounds to 70 k",
                "218,365,952",
                "≈rounds to 0.22 G",
            ],
        ),
        (1, ["2×40d", "40=", "39.948", "80=", "69,760", "≈rounds to 70 k", "218,767,360", "≈rounds to 0.22 G"]),
        (2, ["4×24d", "24=", "23.932", "96=", "69,888", "≈rounds to 70 k", "219,168,768", "≈rounds to 0.22 G"]),
        (3, ["8×14d", "14=", "13.701", "112=", "71,456", "~70 k; 71 k here", "224,086,016", "≈rounds to 0.22 G"]),
        (
            4,
            [
                "32×4dthis network",
                "4=",
                "3.973",
                "128=",
                "70,144",
                "≈rounds to 70 k",
                "219,971,584",
                "≈rounds to 0.22 G",
            ],
        ),
    ],
)
def test_every_cell(index: int, expected: list[str]) -> None:
    assert cells(rows()[index]) == expected


def test_only_the_dialled_row_is_marked() -> None:
    assert [row.get("aria-current") for row in rows((8, 14))] == [None, None, None, "true", None]
    assert {row.get("aria-current") for row in rows((8, 15))} == {None}


def test_a_row_dials_its_network() -> None:
    assert [row.get("data-dial") for row in rows()] == ["1,64", "2,40", "4,24", "8,14", "32,4"]


def test_a_sign_says_what_holds() -> None:
    assert whole_agreement(4, 4).sign == "="
    assert whole_agreement(4, 5).sign == "~"
    assert rounded_agreement(70_499, 70, 1000, 0, "k").sign == "≈"
    assert rounded_agreement(70_501, 70, 1000, 0, "k") == ("~", "70 k; 71 k here")


def test_the_sentence_explains_the_signs() -> None:
    note = "".join(ET.fromstring(table2_table(table2(), (1, 1))).itertext())
    assert "8×14d rounds to 71 k" in note
    assert "in # of multiply-adds" in note
