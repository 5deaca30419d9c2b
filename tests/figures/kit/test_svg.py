from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from resnext_viz.figures.kit.svg import Markup, document, markup, number, path, rect, tag, text, variants

# Whatever XML can carry; a carriage return is read back as a line feed.
_CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")


@given(st.text(_CHARACTERS))
def test_text_and_attributes_come_back_as_they_went_in(words: str) -> None:
    element = ET.fromstring(tag("text", words, data_tip=words, class_="rx-b"))
    assert (element.text or "") == words
    assert element.attrib == {"data-tip": words, "class": "rx-b"}


def test_markup_is_not_escaped_again_and_strings_are() -> None:
    inner = tag("b", "1 < 2")
    assert markup(inner, "<i>") == "<b>1 &lt; 2</b>&lt;i&gt;"
    assert isinstance(tag("p", inner), Markup)


def test_attributes_are_left_out_or_named() -> None:
    drawn = tag("g", aria_label="a", hidden=None, data_kept=True, data_off=False)
    assert drawn == '<g aria-label="a" data-kept="data-kept"></g>'


@given(st.floats(-1e6, 1e6))
def test_lengths_keep_two_decimals(value: float) -> None:
    written = number(value)
    assert abs(float(written) - value) <= 0.005001
    assert len(written.partition(".")[2]) <= 2
    assert written != "-0"


def test_a_document_has_its_real_size_a_name_and_a_finding() -> None:
    svg = ET.fromstring(document(10, 20.5, "Name", "What it shows.", [rect(0, 0, 1, 2), path("M", 0.125, 1)]))
    assert svg.attrib["viewBox"] == "0 0 10 20.5"
    assert (svg.attrib["width"], svg.attrib["height"]) == ("10", "20.5")
    assert svg.attrib["aria-label"] == "Name. What it shows."
    assert svg.attrib["role"] == "img"


def test_what_can_be_chosen_is_not_hidden_in_an_image() -> None:
    assert ET.fromstring(document(1, 1, "a", "b.", [], interactive=True)).attrib["role"] == "group"


def test_both_layouts_are_in_one_string() -> None:
    both = variants(text(0, 0, "wide"), text(0, 0, "narrow"))
    assert both.index("rx-wide") < both.index("wide</text>") < both.index("rx-narrow") < both.index("narrow</text>")
