"""Numbers that a click asks for: quick changes never compute more than one of them at once."""

from streamlit.testing.v1 import AppTest

from resnext_viz.ui.kit.jobs.refreshing import SessionJobs
from tests.app.test_pages import kept


def test_what_is_no_longer_wanted_ends_before_the_next_begins() -> None:
    def script() -> None:
        import threading
        from collections.abc import Iterator

        import streamlit as st

        from resnext_viz.ui.kit.jobs.computation import Computation, show_computed

        kept = st.session_state
        about = kept.about = kept.get("about", 0) + 1
        begun = kept.setdefault("begun", [])
        first, go_on = (kept.setdefault(name, threading.Event()) for name in ("first", "go_on"))

        def steps() -> Iterator[int]:
            begun.append(about)
            first.set()
            go_on.wait()
            yield about

        def show(job: Computation) -> None:
            st.text(f"{job.about}: {job.result}")

        show_computed("job", about, steps, show)

    app = AppTest.from_function(script, default_timeout=60).run()
    assert app.session_state.first.wait(60)
    for _ in range(3):
        app.run()
    assert app.session_state.begun == [1]
    app.session_state.go_on.set()
    kept(app, SessionJobs).by_name["job"].wait(60)
    assert app.session_state.begun == [1, 4]
    assert kept(app, SessionJobs).by_name["job"].result == 4
    assert not app.exception
