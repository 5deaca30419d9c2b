"""A running lesson on the server: vote, reveal, takeaway, the harder question; its link; what is dialled meanwhile."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.kit.timing import PAIR_ROUNDS
from resnext_viz.lessons import PathMeasured
from resnext_viz.ui.counting.pair_job import PairJob
from resnext_viz.ui.kit.controls import DialSession
from resnext_viz.ui.lessons.path_job import LessonPathJob
from tests.app.test_pages import BLOCK_FORMS, DESIGN_SPACE, PREDICT, kept, link_of, opened

COUNTING = "pages/counting_page.py"


def bar(app: AppTest) -> str:
    """What the bar says, without its style."""
    said = [part.proto.body for part in app.get("html")]
    return " ".join(words for words in said if "rx-lesson" in words and "<style" not in words)


def styles(app: AppTest) -> str:
    return " ".join(part.proto.body for part in app.get("html") if part.proto.body.startswith("<style"))


def voted(page: str, number: int, choice: str, **query: str) -> AppTest:
    app = opened(page, lesson=str(number), step="vote", **query)
    app.radio(key=f"lesson_choice_{number}").set_value(choice).run()
    app.text_input(key=f"lesson_reason_{number}").set_value("<b>C·d</b>  stays").run()
    app.button(key="lesson_answer").click().run()
    assert not app.exception
    return app


def test_without_a_lesson_there_is_no_bar() -> None:
    app = opened(DESIGN_SPACE)
    assert bar(app) == ""
    assert "--rx-covered" not in styles(app)
    assert not app.radio


def test_a_vote_is_asked_with_nothing_marked_and_the_page_covered() -> None:
    app = opened(DESIGN_SPACE, lesson="2", step="vote")
    assert "Lesson 2 of 6" in bar(app)
    assert "You said" not in bar(app)
    assert "3.973" not in bar(app)
    assert "--rx-covered" in styles(app)
    assert app.radio(key="lesson_choice_2").value is None
    assert app.button(key="lesson_answer").disabled
    assert len(app.radio(key="lesson_choice_2").options) == 5


def test_the_reveal_shows_both_answers_and_moves_the_picture() -> None:
    app = voted(DESIGN_SPACE, 2, "A", net="resnext50_32x8d")
    assert "--rx-covered" not in styles(app)
    told = bar(app)
    for words in (
        "You said",
        "d = 2",
        "because &lt;b&gt;C·d&lt;/b&gt; stays",
        "d = 4",
        "70,144 weights, +0.7",
        "That keeps C·d",
    ):
        assert words in told
    assert "<b>C·d" not in told
    # 3.973, the paper's Table 2: with d = 4 a block of 32 paths keeps the weights
    assert link_of(app) == {"net": "resnext50_32x4d", "size": "224", "vs": "resnet50", "lesson": "2", "step": "reveal"}
    assert kept(app, DialSession).dialled.spec.base_width == 4  # type: ignore[union-attr]


def test_takeaway_harder_question_and_what_is_thought_now() -> None:
    app = voted(DESIGN_SPACE, 2, "A")
    app.button(key="lesson_take").click().run()
    assert "Equal cost is a curve, not C·d = constant." in bar(app)
    assert "You said" in bar(app)  # the answer stays beside the result
    app.button(key="lesson_more").click().run()
    assert link_of(app)["step"] == "more"
    assert "passes over C = 16" in bar(app)
    assert "7.51" not in bar(app)  # on demand
    app.button(key="lesson_show").click().run()
    assert "Exactly 7.51." in bar(app)
    assert "the 64 channels are dealt out over 32 paths" in bar(app)
    app.text_input(key="lesson_now_2").set_value("d falls more slowly").run()
    assert "What you think now" in bar(app)
    assert "d falls more slowly" in bar(app)
    app.button(key="lesson_next").click().run()
    assert {"lesson": "3", "step": "vote"}.items() <= link_of(app).items()


def test_a_link_resumes_a_lesson_without_anybodys_answer() -> None:
    app = opened(DESIGN_SPACE, lesson="2", step="reveal")
    assert "You did not answer." in bar(app)
    assert "d = 4" in bar(app)
    assert opened(DESIGN_SPACE, lesson="2").radio(key="lesson_choice_2").value is None  # the vote is where it begins
    assert "passes over C = 16" in bar(opened(DESIGN_SPACE, lesson="2", step="more"))


def test_not_sure_is_an_answer_and_the_question_can_be_had_again() -> None:
    app = voted(DESIGN_SPACE, 2, "N")
    assert "You were not sure." in bar(app)
    assert "That keeps C·d" in bar(app)  # what is commonly thought
    app.button(key="lesson_again").click().run()
    assert app.radio(key="lesson_choice_2").value == "N"


def test_another_network_that_is_dialled_meanwhile_has_answers_of_its_own() -> None:
    app = voted(DESIGN_SPACE, 2, "A")
    session = kept(app, DialSession)
    sent = session.dialled.to_browser()  # type: ignore[union-attr]
    sent["spec"] |= {"cardinality": 8, "base_width": 20}
    app.session_state["dials"] = {"dialled": sent | {"epoch": session.epoch, "seq": session.seq + 1}}
    app.run()
    assert "8×20d" in bar(app)
    assert "d = 8" in bar(app)  # 64 channels over 8 paths
    assert "The exact d is 13.701, so d = 14" in bar(app)  # the paper's Table 2
    sent["spec"] |= {"cardinality": 1}
    app.session_state["dials"] = {"dialled": sent | {"epoch": session.epoch, "seq": session.seq + 2}}
    app.run()
    assert "Move C to 2, and the lesson works." in bar(app)
    app.button(key="lesson_move").click().run()
    assert "You said" in bar(app)


def test_elsewhere_the_bar_leads_back_and_a_lesson_can_be_left() -> None:
    app = opened(COUNTING, lesson="2", step="reveal")
    assert "This lesson runs on the page Design space." in bar(app)
    assert "d = 4" not in bar(app)
    app.button(key="lesson_there").click().run()
    assert "d = 4" in bar(app)
    assert link_of(app)["step"] == "reveal"
    app.button(key="lesson_leave").click().run()
    assert bar(app) == ""
    assert not {"lesson", "step"} & link_of(app).keys()


def test_a_lesson_that_there_is_not_can_be_left() -> None:
    app = opened(lesson="99")
    assert "There is no lesson 99." in bar(app)
    app.button(key="lesson_leave").click().run()
    assert bar(app) == ""


@pytest.mark.parametrize(("page", "number"), [("pages/anatomy_page.py", 1), ("pages/study_page.py", 6)])
def test_what_is_computed_needs_no_measurement(page: str, number: int) -> None:
    app = voted(page, number, "C")
    assert "You said" in bar(app)
    assert not [button for button in app.button if button.key == "lesson_measure"]


def until(app: AppTest, words: str) -> None:
    for _ in range(600):
        app.run()
        assert not app.exception
        if words in bar(app):
            return
    raise AssertionError(bar(app))


def test_the_forms_are_checked_by_the_pages_own_job() -> None:
    app = voted(BLOCK_FORMS, 3, "A", net="resnext11_4x4d_cifar10", size="8")
    assert "Not measured yet: run the check of the three forms." in bar(app)
    assert "You said" not in bar(app)
    app.button(key="lesson_measure").click().run()
    until(app, "You said")
    assert "units in the last place apart" in bar(app)
    assert link_of(app)["fault"] == "input-split"


def measured_pair(monkeypatch: pytest.MonkeyPatch, *ratios: float) -> None:
    def steps(job: Any) -> Any:
        for batch in PAIR_ROUNDS:
            for ratio in ratios:
                job.samples[batch].append((ratio * 100.0, 100.0))
                yield ratio

    monkeypatch.setattr(PairJob, "steps", steps)


def test_time_is_measured_by_the_pair_job(monkeypatch: pytest.MonkeyPatch) -> None:
    measured_pair(monkeypatch, 1.3, 1.31, 1.29, 1.32, 1.28)
    app = voted(COUNTING, 4, "A")
    assert "Not measured yet: measure both networks with 8 images." in bar(app)
    app.button(key="lesson_measure").click().run()
    until(app, "You said")
    assert "Measured here with 8 images: 1.30 times as long, 1.28 to 1.32." in bar(app)
    assert re.search("1.10 to 2.00 times</span><span[^>]*>✓", bar(app))


def test_a_measurement_that_decides_nothing_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    measured_pair(monkeypatch, 0.5, 1.0, 3.0)
    app = voted(COUNTING, 4, "A")
    app.button(key="lesson_measure").click().run()
    until(app, "Measure again while the machine does nothing else")


def test_the_photo_is_asked_with_a_path_off_and_the_page_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def steps(job: Any) -> Any:
        job.measured = PathMeasured("chelsea.png", "cifar10", "cat", 3, 4, 3, 2, 2, 0.9976, 0.9925, 0.4)
        yield 1

    monkeypatch.setattr(LessonPathJob, "steps", steps)
    app = voted(PREDICT, 5, "B")
    assert "Not measured yet" in bar(app)
    app.button(key="lesson_measure").click().run()
    until(app, "You said")
    assert "Computed with the bundled network" in bar(app)
    assert "Without path 2 of stage 3, block 2" in bar(app)
    assert {
        "photo": "chelsea.png",
        "weights": "cifar10",
        "class": "3",
        "within": "3.2",
        "off": "3.2-2",
    }.items() <= link_of(app).items()
