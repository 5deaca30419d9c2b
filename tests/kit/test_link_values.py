"""What stands under a key of the link, as people type it and as it is written."""

from collections.abc import Callable

import pytest

from resnext_viz.kit.link_values import flag, text


@pytest.mark.parametrize("typed", ["true", "1", "yes", "on", "True", "TRUE", "Yes", "ON"])
def test_on_is_understood_as_people_type_it_and_written_in_one_word(typed: str) -> None:
    assert flag().read(typed) is True
    assert flag().write(flag().read(typed)) == "true"


@pytest.mark.parametrize("typed", ["false", "0", "no", "off", "False", "NO", "Off"])
def test_off_is_understood_too(typed: str) -> None:
    assert flag().read(typed) is False


@pytest.mark.parametrize("typed", ["", "2", "-1", "10", "yes please", "tru", "null", "open"])
def test_what_is_neither_is_not_understood(typed: str) -> None:
    assert flag().read(typed) is None


@pytest.mark.parametrize("read", [text("words", 20).read, text("words", 20).write])
def test_a_long_text_is_cut_behind_a_whole_word(read: Callable[[str], str]) -> None:
    assert read("25.03 M of 25,028,904 params") == "25.03 M of"  # half a number would be another number
    assert read("25.03 M is 25,028,90 params") == "25.03 M is 25,028,90"
    assert read("x" * 21) == "x" * 20
    assert read("25.03 M is 25,028,90") == "25.03 M is 25,028,90"
    assert read(" " * 40).strip() == ""
