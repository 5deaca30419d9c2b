"""What a rerun that changes nothing sends: exact sizes, which no other load on the machine changes."""

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from resnext_viz.bench.app.served_apps import our_app
from resnext_viz.bench.app.session import Session, visit

# Messages and kB of each page, with room for a line more. Each message costs the server 0.1 ms and more.
MOST = {
    "Anatomy": (23, 143),
    "Design space": (32, 63),
    "Counting": (41, 83),
    "Block forms": (40, 210),
    "Paper": (35, 88),
    "Study": (37, 98),
    "Code": (41, 33),
    "Train": (23, 31),
    "Predict": (31, 66),
    "Lessons": (47, 49),
}
_LINES = 300  # bytes that name a component's script


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with our_app() as served:
        yield served


def rerun(address: str, title: str) -> list[Any]:
    """The messages of the second run of that page; a visitor's first may still have something to begin."""
    with visit(address) as visitor:
        for _ in range(2):
            visitor.rerun(visitor.pages[title])
        return [parsed(message) for message in visitor.messages]


def parsed(message: bytes) -> Any:
    read = ForwardMsg()
    read.ParseFromString(message)
    return read


def test_every_page_has_its_row(address: str) -> None:
    with visit(address) as visitor:
        assert list(visitor.pages) == list(MOST)


@pytest.mark.parametrize("title", MOST)
def test_a_rerun_sends_what_is_shown_and_no_scripts_or_styles(address: str, title: str) -> None:
    messages = rerun(address, title)
    components = [message.delta.new_element.bidi_component for message in messages
                  if message.delta.new_element.WhichOneof("type") == "bidi_component"]  # fmt: skip
    assert components
    for each in components:
        assert not each.css_content
        assert len(each.js_content) < _LINES
    most_messages, most_kb = MOST[title]
    assert len(messages) <= most_messages
    assert sum(message.ByteSize() for message in messages) <= 1000 * most_kb


def test_a_widget_of_which_the_browser_says_nothing_is_told_again(address: str) -> None:
    """A browser that had not got to it: only what was told last is shown."""

    def told(visitor: Session) -> list[bool]:
        visitor.rerun(visitor.pages["Paper"], "table=7")
        elements = [parsed(message).delta.new_element for message in visitor.messages]
        return [each.button_group.set_value for each in elements if each.WhichOneof("type") == "button_group"]

    with visit(address) as visitor:
        assert told(visitor) == [True]
        assert told(visitor) == [False]
        visitor.shown.clear()
        assert told(visitor) == [True]
        assert told(visitor) == [False]
