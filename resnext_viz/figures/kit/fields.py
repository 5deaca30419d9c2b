"""Fields within a drawing: what is set in one comes back under its name, with the value as the link writes it.

A drawing with fields is one message of the page; Streamlit's own widgets would be one each.
"""

from __future__ import annotations

from collections.abc import Mapping

from resnext_viz.figures.kit.svg import Markup, tag


def fields(*each: Markup) -> Markup:
    """Fields in a row, above what they change."""
    return tag("div", *each, class_="rx-fields")


def segments(
    title: str,
    name: str,
    options: Mapping[str, str],
    chosen: str,
    *,
    label: str = "",
    apart: bool = False,
    beside: bool = False,
) -> Markup:
    """A choice of one of a few.

    Args:
        title: what is chosen.
        name: of the field.
        options: value -> its words.
        chosen: the value that is chosen.
        label: the title in full, for who does not see where it stands.
        apart: whether they stand apart, because they are too many or too long for one bar.
        beside: whether the title stands beside them.
    """
    buttons = [
        tag(
            "button",
            words,
            type="button",
            role="radio",
            aria_checked=str(value == chosen).lower(),
            data_field=name,
            data_value=value,
        )
        for value, words in options.items()
    ]
    style = "rx-segments rx-apart" if apart else "rx-segments"
    row = tag("div", *buttons, class_=style, role="radiogroup", aria_label=label or title, data_group=name)
    return tag("div", tag("span", title), row, class_="rx-field rx-beside" if beside else "rx-field")


def selection(title: str, name: str, options: Mapping[str, str], chosen: str) -> Markup:
    """A choice of one of several, listed when asked for; as `segments`, in less room."""
    listed = [tag("option", words, value=value, selected=value == chosen) for value, words in options.items()]
    select = tag("span", tag("select", *listed, aria_label=title, data_field=name), class_="rx-select")
    return tag("label", tag("span", title), select, class_="rx-field")


def number_field(title: str, name: str, value: int, limits: tuple[int, int]) -> Markup:
    """A whole number within limits, taken over when it is left or entered."""
    low, high = limits
    field = tag("input", type="number", value=str(value), min=str(low), max=str(high), step="1", data_field=name)
    return tag("label", tag("span", title), field, class_="rx-field")


def switch(words: str, name: str, value: str, is_on: bool, is_refused: bool = False) -> Markup:
    """A switch: on, its value stands in the field, and off, nothing does."""
    return tag(
        "button",
        words,
        type="button",
        role="switch",
        aria_checked=str(is_on).lower(),
        disabled=is_refused,
        data_field=name,
        data_value=value,
        class_="rx-switch",
    )
