"""A job on a page: one button that starts and stops it, how far it is in words, and how it ended."""

from __future__ import annotations

import ast
import threading
from collections.abc import Generator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.jobs.refreshing import SessionJobs
from resnext_viz.ui.kit.jobs.shown_job import told
from tests.app.test_pages import kept

UI = Path(__file__).parents[4] / "resnext_viz" / "ui"
PATIENCE_S = 60


def page() -> None:
    import threading
    from collections.abc import Generator as Steps
    from functools import partial

    import streamlit as st

    from resnext_viz.errors import UserError
    from resnext_viz.ui.kit.jobs.job import Job
    from resnext_viz.ui.kit.jobs.refreshing import refreshed
    from resnext_viz.ui.kit.jobs.shown_job import ShownJob, so_far

    kept = st.session_state
    kept.setdefault("about", 1)
    room: threading.Semaphore = kept.setdefault("room", threading.Semaphore(0))
    trouble: dict[str, int] = kept.setdefault("trouble", {})

    class Counting(Job):
        def steps(self) -> Steps[int, None, None]:
            self.total, self.doing = 4, "Counting"
            for number in range(4):
                assert room.acquire(timeout=60)
                if number == trouble.get("at"):
                    raise UserError("the numbers ran out; count to a smaller one")
                yield number

    shown = ShownJob(
        kind=kept.setdefault("kind", Counting),  # each run of this script makes another class
        key="counting",
        start="Count",
        again="Count again",
        start_key="count",
        stop_key="stop_count",
        failed="Nothing was counted.",
        doing=lambda job: f"{job.doing}. {so_far(job)}",
        stopped=lambda job: f"Stopped after {so_far(job)}.",
    )

    def part(job: Counting | None) -> None:
        shown.button(job, lambda: kept.kind(kept.about))
        shown.show(job)
        st.text(f"result {job.result if job else None}")

    job = shown.current(kept.about)
    refreshed(partial(part, job), job)


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page, default_timeout=PATIENCE_S).run()


def click(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def bars(app: AppTest) -> list[tuple[int, str]]:
    return [(bar.proto.value, bar.proto.text) for bar in app.get("progress")]


def go_on(app: AppTest, steps: int, done: int) -> AppTest:
    """Lets so many steps through; looks again when so many are done, or the job has ended."""
    job = kept(app, SessionJobs).by_name["counting"]
    app.session_state.room.release(steps)
    pause = threading.Event()
    for _ in range(PATIENCE_S * 100):
        if job.done == done and (done < 4 or not job.running):
            break
        pause.wait(0.01)
    return app.run()


def test_it_is_started_shown_and_started_again(app: AppTest) -> None:
    assert (labels(app), bars(app), app.text[0].value) == (["Count"], [], "result None")
    click(app, "Count")
    assert labels(app) == ["Stop"]
    assert bars(go_on(app, 1, 1)) == [(25, "Counting. 1 of 4")]
    assert bars(go_on(app, 1, 2)) == [(50, "Counting. 2 of 4")]
    go_on(app, 2, 4)
    assert (labels(app), bars(app), app.text[0].value) == (["Count again"], [], "result 3")
    assert len(app.caption) == 0
    first = kept(app, SessionJobs).by_name["counting"]
    click(app, "Count again")
    assert kept(app, SessionJobs).by_name["counting"] is not first
    assert labels(app) == ["Stop"]
    app.session_state.room.release(9)


def test_stop_is_heard_once_and_what_was_done_stays(app: AppTest) -> None:
    go_on(click(app, "Count"), 2, 2)
    click(app, "Stop")
    assert app.button[0].disabled  # it ends after its step
    app.session_state.room.release(1)
    kept(app, SessionJobs).by_name["counting"].wait(PATIENCE_S)
    app.run()
    assert (labels(app), bars(app), app.text[0].value) == (["Count again"], [], "result 2")
    assert app.caption[0].value == "Stopped after 3 of 4."


def test_what_went_wrong_is_told_beside_what_was_done(app: AppTest) -> None:
    app.session_state.trouble["at"] = 1
    click(app, "Count")
    app.session_state.room.release(2)
    kept(app, SessionJobs).by_name["counting"].wait(PATIENCE_S)
    app.run()
    assert (labels(app), bars(app), app.text[0].value) == (["Count again"], [], "result 0")
    (told,) = [part.proto.body for part in app.get("html")]
    assert "<b>Nothing was counted.</b> The numbers ran out; count to a smaller one." in told


def test_one_about_something_else_is_stopped_and_forgotten(app: AppTest) -> None:
    go_on(click(app, "Count"), 1, 1)
    job = kept(app, SessionJobs).by_name["counting"]
    app.session_state.about = 2
    app.run()
    assert job.stopping
    assert (labels(app), bars(app), app.text[0].value) == (["Count"], [], "result None")
    app.session_state.room.release(9)


def test_a_button_may_be_refused_and_less_than_primary() -> None:
    def refusing() -> None:
        from resnext_viz.ui.kit.jobs.job import Job
        from resnext_viz.ui.kit.jobs.shown_job import ShownJob

        shown = ShownJob(
            kind=Job,
            key="job",
            start="Make",
            again="Make",
            start_key="make",
            stop_key="stop",
            failed="",
            is_primary=False,
        )
        shown.button(None, lambda: (_ for _ in ()).throw(AssertionError()), is_refused=True)

    app = AppTest.from_function(refusing, default_timeout=PATIENCE_S).run()
    assert (app.button[0].disabled, app.button[0].proto.type) == (True, "secondary")


def test_what_is_told_begins_with_what_is_done_and_ends_with_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    class Measuring(Job):
        seconds = 4.24  # type: ignore[assignment]

        def steps(self) -> Generator[None, None, None]:
            yield

    job = Measuring()
    job.doing = "Loading torch"
    assert told(job, "rounds") == "Loading torch, 4.2 s so far"
    job.doing, job.total = "Measuring", 24
    assert told(job, "rounds") == "Measuring. 0 of 24 rounds, 4.2 s so far"
    monkeypatch.setattr(Measuring, "left_s", 125.0)
    assert told(job) == "Measuring. 0 of 24, about 2 min left"
    job.stop()
    assert told(job) == "Measuring. 0 of 24, 4.2 s so far"


def test_every_job_behind_a_button_says_what_it_does_while_it_runs() -> None:
    silent = set()
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("ShownJob", "Standing")):
                told_by = {word.arg for word in node.keywords}
                silent |= set() if "doing" in told_by else {path.name}
    assert silent == {"path_shares_section.py"}  # whose numbers nobody asks for; dashes stand in their places


def test_no_section_draws_stop_or_starts_a_thread_by_hand() -> None:
    by_hand = set()
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called, first = ast.unparse(node.func), [ast.unparse(word) for word in node.args[:1]]
                if called == "threading.Thread" or first == ["'Stop'"]:
                    by_hand.add((path.name, called))
    assert by_hand == {("shown_job.py", "st.button"), ("job.py", "threading.Thread"), ("server.py", "threading.Thread")}
