"""Fields within a drawing, as a reader of the page and a keyboard meet them."""

from xml.etree import ElementTree as ET

from resnext_viz.figures.kit.fields import fields, number_field, segments, switch


def test_of_segments_exactly_the_chosen_one_is_checked_and_each_sends_its_value() -> None:
    group = ET.fromstring(segments("Rows", "rows", {"places": "by place", "kinds": "by <kind>"}, "kinds"))[1]
    assert (group.get("role"), group.get("aria-label")) == ("radiogroup", "Rows")
    assert [(each.text, each.get("data-value"), each.get("aria-checked")) for each in group] == [
        ("by place", "places", "false"), ("by <kind>", "kinds", "true"),
    ]  # fmt: skip
    assert {each.get("data-field") for each in group} == {"rows"}


def test_a_number_is_labelled_and_bounded() -> None:
    label = ET.fromstring(fields(number_field("Images of a step", "batch", 32, (1, 1_000_000))))[0]
    words, field = label
    assert words.text == "Images of a step"
    assert [field.get(name) for name in ("type", "value", "min", "max")] == ["number", "32", "1", "1000000"]


def test_a_switch_that_is_refused_cannot_be_pressed() -> None:
    on = ET.fromstring(switch("BN inside each path", "fault", "bn-in-paths", is_on=True))
    refused = ET.fromstring(switch("Stride", "fault", "stride", is_on=False, is_refused=True))
    assert (on.get("role"), on.get("aria-checked"), on.get("disabled")) == ("switch", "true", None)
    assert (refused.get("aria-checked"), refused.get("disabled")) == ("false", "disabled")
