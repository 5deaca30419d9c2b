"""What a visitor does is taken over whole, wherever the next request cuts the run that it caused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.testing.v1 import AppTest

from resnext_viz.ui.kit.acts import pressed, uncut
from resnext_viz.ui.kit.link import Link
from resnext_viz.ui.kit.record import record_key


def page() -> None:
    """Two fields, a button, and what came of them; `cut` lets the next request arrive at the place of that name."""
    import streamlit as st

    from resnext_viz.ui.kit import link
    from tests.ui.kit.test_acts import button, cut

    link.follow("train")
    st.number_input("Epochs", 1, 100, **link.bound("epochs", "train_epochs"))
    cut("before the button")
    button()
    link.settle()


PLACES: list[str] = []  # where the next request arrives, each once
STARTED: list[str] = []


def cut(place: str) -> None:
    """The visitor's next act reaches the server just now: a run of the page as it stands."""
    context = get_script_run_ctx()
    if place in PLACES and context and context.script_requests:
        PLACES.remove(place)
        context.script_requests.request_rerun(RerunData(page_script_hash=context.page_script_hash))


def button() -> None:
    if pressed("Start", "start"):
        with uncut():
            with uncut():  # as where one act consists of others
                pass
            cut("within the act")
            st.session_state.seen = True
            STARTED.append("started")


@pytest.fixture
def app() -> AppTest:
    PLACES.clear()
    STARTED.clear()
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    return app


def take_then_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next request arrives when a callback has just begun."""
    from resnext_viz.ui.kit import acts

    real: Callable[..., None] = acts._carry_out

    def begun(act: Callable[..., None], *arguments: object) -> None:
        def cut_act(*given: object) -> None:
            cut("in the callback")
            act(*given)

        real(cut_act, *arguments)

    monkeypatch.setattr(acts, "_carry_out", begun)


@pytest.mark.parametrize("place", ["", "in the callback", "before the button"])
def test_a_number_typed_just_before_the_next_act_stays(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    take_then_cut(monkeypatch)
    app.run()  # widgets get the callback that is cut
    PLACES.append(place)
    app.number_input("train_epochs").set_value(2).run()
    assert PLACES in ([], [""])
    assert app.number_input("train_epochs").value == 2
    assert app.session_state[record_key(Link)].held["epochs"] == ["2"]


@pytest.mark.parametrize("place", ["", "in the callback", "before the button", "within the act"])
def test_a_click_acts_once_in_the_run_that_comes_to_its_button(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    take_then_cut(monkeypatch)
    app.run()
    PLACES.append(place)
    app.button("start").click().run()
    assert PLACES in ([], [""])
    assert STARTED == ["started"]
    app.run()
    assert STARTED == ["started"]
