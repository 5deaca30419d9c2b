"""Heat over the crop: one button a class, the finding in words, nothing a stranger wrote run."""

import pytest

from resnext_viz.figures.predict.heat import ClassChoice, heat_view, short_label
from tests.figures.drawings import choices, parsed

HOSTILE = '"><script>alert(1)</script>'
CLASSES = (ClassChoice(7, "horse", 0.848), ClassChoice(4, "deer", 0.133))
PIXEL = "data:image/png;base64,AAAA"


def test_each_class_can_be_asked_about_and_the_chosen_one_is_said() -> None:
    tree = parsed(heat_view(PIXEL, PIXEL, CLASSES, 4, 2, "How it is made."))
    assert choices(tree) == ["class:7=2", "class:4=2"]
    assert [button.attrib["aria-checked"] for button in tree.iter("button")] == ["false", "true"]
    assert "raises the score of “deer”" in "".join(tree.itertext())
    assert all("alt" in picture.attrib for picture in tree.iter("img"))
    nothing = parsed(heat_view(PIXEL, PIXEL, CLASSES, 4, 2, "How it is made.", nothing=True))
    assert "Nothing in this picture speaks for “deer”" in "".join(nothing.itertext())


@pytest.mark.parametrize(("label", "expected"), [("cat", "cat"), ("x" * 40, "x" * 40), ("x" * 41, "x" * 39 + "…")])
def test_a_long_label_is_cut_in_a_sentence_and_whole_on_its_button(label: str, expected: str) -> None:
    assert short_label(label) == expected
    tree = parsed(heat_view(PIXEL, PIXEL, (ClassChoice(0, label, 1.0),), 0, 0, ""))
    assert f"the score of “{expected}”" in "".join(tree.itertext())
    assert "".join(tree.find(".//button/span").itertext()) == label


def test_labels_of_strangers_are_text() -> None:
    html = heat_view(PIXEL, PIXEL, (ClassChoice(0, HOSTILE, 1.0),), 0, 0, HOSTILE)
    assert "<script" not in html
    parsed(html)
