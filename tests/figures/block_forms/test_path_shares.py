"""The picture of the split sum: every path has its numbers, what is drawn adds up, whatever C is."""

import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz.figures.block_forms.aggregation.path_shares_drawing import (
    MOST_WITH_NUMBERS,
    NOT_COMPUTED,
    Shares,
    decimal,
    path_shares_drawing,
)
from tests.figures.drawings import check_svg, choices, layouts, marks, tips, words

FOUR = Shares(7, (0.5, -1.25, 2.0, 0.125), 0.25, 1.625)


@given(paths=st.integers(1, 1024), data=st.data())
@settings(max_examples=40)
def test_any_number_of_paths_is_drawn_inside_and_says_which_is_followed(paths: int, data: st.DataObject) -> None:
    shares = tuple(math.sin(number) for number in range(paths))
    followed = data.draw(st.integers(1, paths))
    for svg in layouts(path_shares_drawing(Shares(1, shares, 0.0, math.fsum(shares)), followed, paths)):
        check_svg(svg)
        shown = marks(svg, "rx-s-path") or marks(svg, "rx-s-fixed")
        assert len(shown) == (paths if paths <= MOST_WITH_NUMBERS else 1)
        own = next(each for each in shown if {"rx-s-fixed", "rx-followed"} & set(each.get("class", "").split()))
        assert f"path i = {followed}" in words(own)
        assert decimal(shares[followed - 1]) in words(own)
        assert f"path:{followed}" in choices(svg)


@pytest.mark.parametrize(("path", "own", "others"), [(1, "0.5000", "1.1250"), (2, f"{decimal(-1.25)}", "2.8750")])
def test_the_two_parts_add_up_to_the_product(path: int, own: str, others: str) -> None:
    (svg, _) = layouts(path_shares_drawing(FOUR, path, 4))
    group = next(each for each in marks(svg, "rx-s-path") if each.get("data-path") == str(path))
    assert words(group) == [own, f"path i = {path}", others, "3 other paths and the bias"]
    assert "1.6250" in words(svg)  # 0.5 − 1.25 + 2 + 0.125 + 0.25
    assert tips(svg)[1] == ["Path 2", f"adds {decimal(-1.25)}"]


def test_bars_are_as_long_as_what_they_stand_for() -> None:
    (svg, _) = layouts(path_shares_drawing(FOUR, 1, 4))
    heights = [float(bar.get("height", 0)) for bar in marks(svg, "rx-s-bar")]
    assert [height / heights[0] for height in heights] == pytest.approx([1, 2.5, 4, 0.25], rel=0.02)


def test_before_anything_is_computed_there_are_dashes_and_no_number() -> None:
    (svg, _) = layouts(path_shares_drawing(None, 2, 4))
    check_svg(svg)
    assert words(svg).count(NOT_COMPUTED) == 1 + 2 * 4
    assert not re.search(r"\d\.\d", " ".join(words(svg)))
