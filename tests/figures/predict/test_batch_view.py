"""A batch as a whole: every photo is counted once, every cell says its count, and all of it can be read."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resnext_viz.figures.kit.palette import Theme, colour, mixed
from resnext_viz.figures.predict.batch_view import (
    LISTED_PAIRS,
    MATRIX_CLASSES,
    accuracy_line,
    cell_ink,
    confidence_finding,
    confidence_histogram,
    confusion_matrix,
    most_confused,
)
from tests.figures.drawings import check_svg, layouts, marks, parsed, tips, words

HOSTILE = '"><script>alert(1)</script>'
# Between thousandths, so that no float lies on the edge of a step.
probabilities = st.lists(st.integers(0, 999).map(lambda k: (k + 0.5) / 1000), min_size=1, max_size=60)


def text_of(html: str) -> str:
    return "".join(parsed(html).itertext())


@settings(max_examples=40, deadline=None)
@given(probabilities, st.data())
def test_each_photo_is_in_the_step_of_its_probability(values: list[float], data: st.DataObject) -> None:
    right = data.draw(st.one_of(st.just([]), st.lists(st.booleans(), min_size=len(values), max_size=len(values))))
    expected, _ = np.histogram(values, 10, (0, 1))
    expected_right, _ = np.histogram([value for value, good in zip(values, right, strict=False) if good], 10, (0, 1))
    for drawing in layouts(confidence_histogram(values, right)):
        check_svg(drawing)
        told = {int(head.split()[0]) // 10: told for head, *told in tips(drawing)}
        assert set(told) == set(np.flatnonzero(expected))
        for step, lines in told.items():
            assert lines[0] == (f"{expected[step]} photos" if expected[step] > 1 else "1 photo")
            if right:
                assert lines[1] == f"{expected_right[step]} right, {expected[step] - expected_right[step]} wrong"
        heights = [float(bar.attrib["height"]) for bar in marks(drawing, "rx-c-bar")][: len(told)]
        solid = (expected_right if right else expected)[expected > 0]
        assert heights == pytest.approx(solid * 150 / expected.max(), abs=0.01)


def test_one_and_zero_are_in_the_outer_steps() -> None:
    drawing, _ = layouts(confidence_histogram([0.0, 1.0, 1.0]))
    assert tips(drawing) == [["0 to 10 %", "1 photo"], ["90 to 100 %", "2 photos"]]


def test_the_sentence_says_how_many_are_unsure() -> None:
    assert confidence_finding([0.2, 0.5, 0.8, 0.9]).startswith("1 of 4 photos (25.0 %) is unsure")
    assert "median first answer has 65.0 %" in confidence_finding([0.2, 0.5, 0.8, 0.9])
    assert confidence_finding([0.2, 0.3]).startswith("2 of 2 photos (100.0 %) are unsure")
    assert confidence_finding([0.9]).startswith("None of 1 photo is unsure")
    assert confidence_finding([0.9] * 1200).startswith("None of 1,200 photos is unsure")


def test_the_accuracy_says_how_far_it_can_be_trusted() -> None:
    said = text_of(accuracy_line(182, 263))
    assert said.startswith("69.2 % right, 182 of 263.")
    assert "between 63.4 % and 74.5 %" in said
    assert "95 % confidence" in said
    assert "No photo" in text_of(accuracy_line(0, 0))


CLASSES = ("cat", "dog", "eel")
COUNTS = ((7, 3, 0), (1, 1199, 0), (0, 0, 0))


def test_a_cell_says_its_count_and_its_share_of_the_row() -> None:
    for drawing in layouts(confusion_matrix(CLASSES, COUNTS)):
        check_svg(drawing)
        told = {head: line for head, *rest in tips(drawing) for line in rest}
        assert told == {
            "cat answered right": "7 of 10, 70.0 %",
            "cat taken for dog": "3 of 10, 30.0 %",
            "dog taken for cat": "1 of 1,200, 0.1 %",
            "dog answered right": "1,199 of 1,200, 99.9 %",
        }
        said = words(drawing)
        assert {"7", "3", "1", "1,199", "70.0 %", "99.9 %", "of 10", "of 1,200"} <= set(said)
        assert "eel" not in said, "a class that does not occur"
        assert len(marks(drawing, "rx-c-right")) == 2


def test_a_class_that_is_only_answered_has_a_column_and_no_accuracy() -> None:
    drawing, _ = layouts(confusion_matrix(("cat", "dog"), ((1, 1), (0, 0))))
    assert "–" in words(drawing)
    assert len(marks(drawing, "rx-c-right")) + len(marks(drawing, "rx-c-cell")) == 4


def test_the_sentence_names_what_is_mixed_up_most() -> None:
    said = text_of(confusion_matrix(CLASSES, COUNTS))
    assert "1,206 of 1,210 photos answered right; mixed up most often: cat taken for dog, 3 of 10; dog taken" in said
    assert "no class was taken for another" in text_of(confusion_matrix(CLASSES, ((1, 0, 0), (0, 2, 0), (0, 0, 0))))
    assert "No photo" in text_of(confusion_matrix(CLASSES, ((0, 0, 0),) * 3))
    drawing, _ = layouts(confusion_matrix(CLASSES, COUNTS))
    assert "cat taken for dog, 3 of 10" in drawing.attrib["aria-label"]


def test_pairs_are_ranked_by_photos_and_then_by_share() -> None:
    pairs = most_confused("abc", ((0, 2, 5), (2, 0, 0), (0, 5, 100)))
    assert [(pair.truth, pair.answer, pair.photos, pair.total) for pair in pairs] == [
        ("a", "c", 5, 7), ("c", "b", 5, 105), ("b", "a", 2, 2), ("a", "b", 2, 7),
    ]  # fmt: skip


def test_many_classes_are_told_as_pairs() -> None:
    count = MATRIX_CLASSES + 1
    table = [[5 if row == column else row if column == 0 else 0 for column in range(count)] for row in range(count)]
    root = parsed(confusion_matrix([f"class {number}" for number in range(count)], table))
    assert not list(root.iter("{http://www.w3.org/2000/svg}svg"))
    rows = [["".join(cell.itertext()) for cell in row] for row in root.iter("tr")][1:]
    assert len(rows) == LISTED_PAIRS
    assert rows[0] == ["class 40", "class 0", "40", "88.9 %"]
    assert [int(row[2]) for row in rows] == list(range(40, 20, -1))
    few = [[0] * 1000 for _ in range(1000)]
    few[3][3] = few[7][900] = 1
    assert len(layouts(confusion_matrix([str(number) for number in range(1000)], few))) == 2, "those that occur are few"


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1, max_size=80), min_size=1,
             max_size=MATRIX_CLASSES, unique=True),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_any_matrix_stays_on_its_canvas_and_loses_no_photo(names: list[str], chance: object) -> None:
    table = [[chance.choice((0, 0, 1, 17, 1234, 98765)) for _ in names] for _ in names]
    table[0][0] = 1
    for drawing in layouts(confusion_matrix(names, table)):
        check_svg(drawing)
        counts = [found[1] for line in tips(drawing) if (found := re.match(r"([\d,]+) of \d", line[-1]))]
        assert sum(int(count.replace(",", "")) for count in counts) >= sum(map(sum, table))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_counts_are_legible_on_every_ink(theme: Theme) -> None:
    for share in np.linspace(0.001, 1, 400):
        ink = cell_ink(float(share))
        ground = mixed(colour("ink", theme), colour("bg", theme), ink)
        letters = colour("bg" if ink > 0.5 else "ink", theme)
        assert contrast(letters, ground) >= 4.5, (share, ground)
    inks = [cell_ink(float(share)) for share in np.linspace(0, 1, 101)]
    assert inks == sorted(inks)
    assert 0 < inks[0] < inks[-1] < 1


def contrast(one: str, other: str) -> float:
    """Of two colours. Source: WCAG 2.2, relative luminance and contrast ratio."""
    low, high = sorted(_luminance(each) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(code: str) -> float:
    channels = [int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_dark_cells_have_light_letters() -> None:
    drawing, _ = layouts(confusion_matrix(("a", "b"), ((9, 1), (4, 6))))
    assert {"".join(mark.itertext()) for mark in marks(drawing, "rx-c-on-ink")} == {"9", "6"}


def test_nothing_a_stranger_wrote_is_taken_for_markup() -> None:
    many = [HOSTILE + str(number) for number in range(MATRIX_CLASSES + 1)]
    table = [[1 for _ in many] for _ in many]
    for html in (confusion_matrix([HOSTILE, "b"], ((1, 2), (0, 1))), confusion_matrix(many, table)):
        assert "<script" not in html
        assert not re.search(r"<[^>]*onerror", html)
        parsed(html)
