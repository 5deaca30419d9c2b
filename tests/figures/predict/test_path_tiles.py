"""Tiles of paths: areas on one scale, the rank by measured change, what is chosen, and nothing a stranger wrote run."""

import re
from xml.etree import ElementTree as ET

import pytest

from resnext_viz.figures.predict.path_tiles import (
    Moved,
    PathTile,
    change_bars,
    off_sentence,
    path_tiles,
    paths_off_words,
    points,
)
from tests.figures.drawings import check_svg, choices, layouts, marks, parsed, words

HOSTILE = '"><script>alert(1)</script>|x'
FIVE = PathTile(5, -0.156, ((4.0, -1.0), (0.0, 0.25)), 0.4)
SEVEN = PathTile(7, 0.049, ((-1.0, 0.0), (1.0, 0.0)), -0.1)
NONE = PathTile(2, 0.0, ((0.0, 0.0), (0.0, 0.0)), 0.0)


def tree(tiles: list[PathTile], turn: int = 0) -> ET.Element:
    return parsed(path_tiles(tiles, "horse", turn, "A cell is one place."))


def buttons(tiles: list[PathTile], turn: int = 0) -> list[ET.Element]:
    return list(tree(tiles, turn).iter("button"))


def sides(button: ET.Element, class_: str) -> list[float]:
    """Sides of the squares drawn as one mark."""
    drawn = marks(button, class_)
    return [float(side) for side in re.findall(r"h ([\d.]+) v", drawn[0].attrib["d"])] if drawn else []


def test_the_area_of_a_square_is_the_amount_on_one_scale_for_all_tiles() -> None:
    five, seven = buttons([SEVEN, FIVE])
    (largest, quarter), (against,) = sides(five, "rx-w-for"), sides(five, "rx-w-against")
    assert largest == 10  # the largest of all fills its cell
    assert largest**2 / quarter**2 == pytest.approx(4.0 / 0.25, rel=0.02)
    assert largest**2 / against**2 == pytest.approx(4.0, rel=0.02)
    assert sides(seven, "rx-w-for") == sides(seven, "rx-w-against") == [against]


def test_squares_lie_in_their_cells() -> None:
    (button,) = buttons([PathTile(1, 0.0, ((0.0, 1.0), (1.0, -1.0)), 1.0)])
    assert re.findall(r"M ([\d.]+) ([\d.]+)", marks(button, "rx-w-for")[0].attrib["d"]) == [("14", "4"), ("4", "14")]
    assert re.search(r"M 14 14", marks(button, "rx-w-against")[0].attrib["d"])


def test_tiles_are_ranked_by_change_and_say_it() -> None:
    ranked = buttons([SEVEN, NONE, FIVE])
    assert ["".join(button.itertext()) for button in ranked] == ["5−15.6", "20.0", "7+4.9"]
    assert [button.attrib["data-choose"] for button in buttons([SEVEN, FIVE], turn=3)] == ["path:5=3", "path:7=3"]


@pytest.mark.parametrize(("largest", "expected"), [(0.01, "+1.0"), (0.009, "+0.90"), (0.0009, "+0.090")])
def test_small_changes_have_more_decimals(largest: float, expected: str) -> None:
    tiles = [PathTile(1, largest, ((1.0,),), 1.0), NONE]
    assert "".join(buttons(tiles)[1].itertext()) == f"1{expected}"
    assert expected in words(layouts(change_bars(tiles, "horse"))[0])


def test_a_path_that_is_off_is_crossed_out_and_pressed_in() -> None:
    off, on = buttons([PathTile(5, -0.156, FIVE.cells, 0.4, off=True), SEVEN])
    assert (off.attrib["aria-pressed"], on.attrib["aria-pressed"]) == ("true", "false")
    assert len(marks(off, "rx-w-cross")) == 1
    assert not marks(on, "rx-w-cross")
    assert "5 off" in "".join(off.itertext())


def test_of_many_paths_those_that_change_most_are_drawn_and_the_others_counted() -> None:
    many = [PathTile(i, (-1) ** i * i / 2000, ((1.0,),), 0.001, off=i == 3) for i in range(1, 1025)]
    drawn = tree(many)
    numbers = [int(re.match(r"path:(\d+)=", choice)[1]) for choice in choices(drawn)]
    assert len(numbers) == 64
    assert set(numbers) == {3, *range(1024, 1024 - 63, -1)}
    assert "960 more paths" in "".join(drawn.itertext())
    assert "more path" not in "".join(tree(many[:64]).itertext())


@pytest.mark.parametrize(("change", "expected"), [(-0.156, "−15.6"), (0.049, "+4.9"), (4e-4, "0.0"), (-4e-4, "0.0")])
def test_points_have_a_sign_unless_nothing_is_left(change: float, expected: str) -> None:
    assert points(change) == expected


def said(html: str) -> str:
    return "".join(parsed(html).itertext())


def test_the_sentence_says_what_happens_without_a_path() -> None:
    sentence = off_sentence([5], Moved("horse", 0.848, 0.692), Moved("deer", 0.133, 0.248))
    assert said(sentence) == (
        "With path 5 off, “horse” falls from 84.8 % to 69.2 % and “deer” rises from 13.3 % to 24.8 %."
    )
    assert "".join(parsed(sentence).find(".//b").itertext()) == "path 5 off"
    assert said(off_sentence([5], Moved("horse", 0.1, 0.1), Moved("deer", 0.1, 0.1))) == (
        "With path 5 off, “horse” stays at 10.0 %."
    )
    assert said(off_sentence([], Moved("horse", 0.1, 0.1), None)).startswith("Click a tile")


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        ([5], "path 5 off"),
        ([7, 5], "paths 5 and 7 off"),
        ([3, 1, 2], "paths 1, 2 and 3 off"),
        (list(range(1, 1025)), "1,024 paths off"),
    ],
)
def test_paths_that_are_off_are_named_or_counted(off: list[int], expected: str) -> None:
    assert paths_off_words(off) == expected


def test_bars_are_as_long_as_the_change_from_a_common_zero() -> None:
    tiles = [PathTile(i, change, ((0.0,),), 0.0) for i, change in enumerate((-0.2, -0.1, 0.05, 0.0), start=1)]
    for svg in layouts(change_bars(tiles, "horse")):
        check_svg(svg)
        lengths = {row.find("{*}text").text: float(marks(row, "rx-w-bar")[0].attrib["width"]) for row in svg}
        assert lengths["Path 1"] == pytest.approx(2 * lengths["Path 2"], abs=0.02)
        assert lengths["Path 2"] == pytest.approx(2 * lengths["Path 3"], abs=0.02)
        assert lengths["Path 4"] == 0
        for row in svg:
            bar, zero = marks(row, "rx-w-bar")[0].attrib, float(marks(row, "rx-w-zero")[0].attrib["x1"])
            negative = words(row)[0] in {"Path 1", "Path 2"}
            assert float(bar["x"]) + (float(bar["width"]) if negative else 0) == pytest.approx(zero, abs=0.02)


def test_sixteen_bars_at_most_and_one_path_is_enough() -> None:
    many = [PathTile(i, i / 2000, ((1.0,),), 0.001) for i in range(1, 33)]
    wide, _ = layouts(change_bars(many, "horse"))
    assert {word for word in words(wide) if word.startswith("Path")} == {f"Path {i}" for i in range(17, 33)}
    assert "Path 32 alone changes it most" in wide.attrib["aria-label"]
    _, narrow = layouts(change_bars(many, "horse"))
    assert int(narrow.get("width") or 0) <= 390 - 2 * 16  # a phone, between its margins
    assert len({text.get("x") for text in narrow.findall(".//{*}text") if (text.text or "").startswith("Path ")}) == 1
    for svg in layouts(change_bars([NONE], "horse")):
        check_svg(svg)


def test_labels_of_strangers_are_text() -> None:
    for html in (
        path_tiles([FIVE], HOSTILE, 0, ""),
        off_sentence([5], Moved(HOSTILE, 0.5, 0.1), None),
        change_bars([FIVE], HOSTILE),
    ):
        assert "<script" not in html
        parsed(html)
    (tile,) = parsed(path_tiles([FIVE], HOSTILE, 0, "")).iter("button")
    assert len(tile.attrib["data-tip"].split("|")) == 4
