"""The bar of a running lesson, above the page that it runs on: vote, reveal, takeaway, a harder question.

Where it is stands in the link (`lesson`, `step`), so a link resumes it and Back undoes one step; what was answered
stands in the session alone. While it asks, a style covers what the page shows and the dials, which stay where they are.
"""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path

import streamlit as st

from resnext_viz.figures.lessons.lesson_bar import (
    before_and_now,
    lesson_found,
    lesson_line,
    lesson_result,
    lesson_sentences,
    lesson_top,
)
from resnext_viz.lessons import (
    LESSONS,
    UNSURE,
    AnswerState,
    FormsMeasured,
    LessonAnswer,
    MarkedChoice,
    PathMeasured,
    Step,
    TimeMeasured,
)
from resnext_viz.names import title_of
from resnext_viz.ui.kit import link
from resnext_viz.ui.kit.acts import pressed, whole
from resnext_viz.ui.kit.jobs.job import Job
from resnext_viz.ui.kit.jobs.refreshing import refreshed
from resnext_viz.ui.kit.jobs.shown_job import stop_button
from resnext_viz.ui.lessons.course import (
    LESSONS_PAGE,
    asked,
    begin,
    dialled_network,
    follow_move,
    go_to,
    leave,
    lesson_numbered,
    page_file,
    set_stage,
)
from resnext_viz.ui.lessons.measuring import lesson_job, measurement_of
from resnext_viz.ui.lessons.votes import Vote, lesson_session
from resnext_viz.ui.lessons.words import WORDS, said
from resnext_viz.ui.pages import PATHS

_MARKDOWN = re.compile(r"([!-/:-@\[-`{-~])")  # ASCII signs, which a backslash makes plain
_REASON_LETTERS = 200
_COMPUTED = {FormsMeasured: "measured_here", TimeMeasured: "measured_here", PathMeasured: "computed_bundled"}

_HEADINGS = {  # under which a page shows what was found, by the lesson's key
    "equal_cost": "equal-cost",
    "forms": "break-it-on-purpose",
    "time": "same-cost-why-slower",
    "evidence": "error-at-the-end",
}


def show_bar(page: str) -> None:
    """The bar of the lesson that the link names, if it names one; nothing on the page that lists them."""
    number = link.chosen("lesson")
    if number is None or page == "lessons":
        return
    with st.container(key="lesson-bar"):
        lesson = lesson_numbered(number)
        if lesson is None:
            _show_none(number)
            return
        found, step = asked(lesson), link.chosen("step", Step.VOTE, among=Step)
        if page != lesson.page.value:
            _show_elsewhere(found, step)
            return
        _move_the_picture(found)
        _show_top(found, step)
        if found.state is AnswerState.MOVE:
            _show_move(found)
        elif step is Step.VOTE:
            _show_vote(found)
        elif found.state is not AnswerState.READY:
            _show_measuring(found)
        else:
            _show_answered(found, step)


def _show_none(number: int) -> None:
    _style(is_covered=False)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-top"):
        st.html(lesson_sentences((said("no_lesson", number=number),)))
        st.button(WORDS["leave"], key="lesson_leave", on_click=whole(leave), type="tertiary")


def _show_elsewhere(found: LessonAnswer, step: Step) -> None:
    lesson, title = found.lesson, PATHS[found.lesson.page.value]
    _style(is_covered=False)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-top"):
        st.html(_top(found, step))
        st.button(WORDS["leave"], key="lesson_leave", on_click=whole(leave), type="tertiary")
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-go"):
        st.html(lesson_sentences((said("elsewhere", page=title),)))
        if pressed(said("go_there", page=title), "lesson_there", type="primary"):
            st.switch_page(page_file(lesson), query_params={"lesson": str(lesson.number), "step": step.value})


def _show_top(found: LessonAnswer, step: Step) -> None:
    is_asked = step is Step.VOTE and found.state is not AnswerState.MOVE
    _style(is_covered=is_asked)
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-top"):
        st.html(_top(found, step))
        if is_asked:
            st.button(WORDS["skip"], key="lesson_skip", on_click=whole(go_to), args=(found, Step.REVEAL),
                      type="tertiary")  # fmt: skip
        elif found.question:
            st.button(WORDS["question_again"], key="lesson_again", on_click=whole(go_to), args=(found, Step.VOTE),
                      type="tertiary")  # fmt: skip
        st.button(WORDS["leave"], key="lesson_leave", on_click=whole(leave), type="tertiary")


def _top(found: LessonAnswer, step: Step) -> str:
    number, count = found.lesson.number, len(LESSONS)
    place = said("number", number=number, count=count) if number <= count else said("own_number", number=number)
    steps = found.lesson.steps
    words = said("step", step=steps.index(step) + 1, steps=len(steps))
    return lesson_top(place, words, found.title.text, number, count)


def _style(*, is_covered: bool) -> None:
    cover = f'{sheet("cover")}:root{{--rx-covered:"{WORDS["covered"]}"}}' if is_covered else ""
    st.html(f"<style>{sheet('bar')}{cover}</style>")


@cache
def sheet(name: str) -> str:
    """A style sheet beside this file, without its comments."""
    return re.sub(
        r"/\*.*?\*/", "", Path(__file__).with_name(f"{name}.css").read_text(encoding="utf-8"), flags=re.DOTALL
    )


def _show_move(found: LessonAnswer) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-go"):
        st.html(lesson_sentences([message.text for message in (found.note, found.advice) if message]))
        st.button(WORDS["move"], key="lesson_move", on_click=whole(follow_move), args=(found,), type="primary")


def _show_vote(found: LessonAnswer) -> None:
    key, number = found.lesson.key, found.lesson.number
    before = lesson_session().votes.get(key)
    choices = {choice.key: choice for choice in found.choices}
    options = list(choices)
    chosen = st.radio(
        plain(found.question.text if found.question else ""), options, key=f"lesson_choice_{number}",
        index=options.index(before.choice) if before and before.choice in options else None,
        format_func=lambda each: _option(choices[each]),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", key="lesson-go"):
        reason = f"lesson_reason_{number}"
        st.text_input(WORDS["because"], before.reason if before else "", _REASON_LETTERS, key=reason)
        st.button(WORDS["answer"], key="lesson_answer", on_click=whole(_vote), disabled=chosen is None,
                  args=(found, chosen, reason), type="primary")  # fmt: skip
        st.html(lesson_line("", WORDS["covered_page"]))


def _option(choice: MarkedChoice) -> str:
    text = plain(choice.text.text)
    return text if choice.key == UNSURE else f"`{choice.key}` {text}"


def plain(text: str) -> str:
    """Text in which Markdown finds nothing to read: it may come from a teacher's file."""
    return _MARKDOWN.sub(r"\\\1", text)


def _vote(found: LessonAnswer, choice: str, reason: str) -> None:
    words = " ".join(str(st.session_state.get(reason, "")).split())
    lesson_session().votes[found.lesson.key] = Vote(choice, words)
    go_to(found, Step.REVEAL)


def _show_measuring(found: LessonAnswer) -> None:
    job = lesson_job(found.lesson, dialled_network())
    if found.note:
        st.html(lesson_sentences((found.note.text,)))
    refreshed(partial(_measuring, found, job), job)


def _measuring(found: LessonAnswer, job: Job | None) -> None:
    measurement = measurement_of(found.lesson)
    if measurement is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-go"):
        if job and job.running:
            stop_button(job, "stop_lesson")
        elif pressed(WORDS["measure"], "lesson_measure", type="primary"):
            lesson_session().awaited = found.lesson.key
            measurement.shown.begin(measurement.make(found.dialled))
        measurement.shown.show(job)


def _move_the_picture(found: LessonAnswer) -> None:
    """Sets the stage of the reveal as soon as what it depends on is measured."""
    session = lesson_session()
    if session.awaited == found.lesson.key and found.state is AnswerState.READY:
        session.awaited = ""
        set_stage(found, Step.REVEAL)
        st.rerun()


def _show_answered(found: LessonAnswer, step: Step) -> None:
    vote = lesson_session().votes.get(found.lesson.key)
    if step is not Step.MORE or found.more is None:
        st.html(_result(found, vote))
    if step is Step.REVEAL:
        _show_reveal(found)
    elif step is Step.TAKE or found.more is None:
        _show_takeaway(found, vote)
    else:
        _show_harder(found, vote)


def _result(found: LessonAnswer, vote: Vote | None) -> str:
    computed = _COMPUTED.get(found.lesson.needs, "computed") if found.lesson.needs else "computed"
    words = {
        **WORDS,
        "computed": said(computed, network=title_of(found.dialled.spec)),
        "both": WORDS["one_of_two"],
        "reason": said("reason", reason=vote.reason) if vote else "",
    }
    return lesson_result(found, vote.choice if vote else "", vote.reason if vote else "", words)


def _show_reveal(found: LessonAnswer) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-go"):
        place = _HEADINGS.get(found.lesson.key, "")
        st.html(lesson_found(found.reveal.text if found.reveal else "", place, WORDS["see"]))
        st.button(WORDS["to_take"], key="lesson_take", on_click=whole(go_to), args=(found, Step.TAKE), type="primary")


def _show_takeaway(found: LessonAnswer, vote: Vote | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-go"):
        st.html(lesson_line(WORDS["take"], found.takeaway.text if found.takeaway else "", is_large=True))
        _next_button(found, is_primary=found.more is None)
        if found.more:  # last, where the focus goes
            st.button(WORDS["more"], key="lesson_more", on_click=whole(go_to), args=(found, Step.MORE), type="primary")
    if found.more is None:
        _show_before_and_now(found, vote)


def _show_harder(found: LessonAnswer, vote: Vote | None) -> None:
    session, key = lesson_session(), found.lesson.key
    is_asked = found.more_answer is not None and key not in session.opened
    with st.container(horizontal=True, vertical_alignment="center", key="lesson-go"):
        st.html(lesson_line(WORDS["harder"], found.more.text if found.more else "", is_large=True))
        _next_button(found, is_primary=not is_asked)
        if is_asked:
            st.button(WORDS["show_answer"], key="lesson_show", on_click=whole(session.opened.add), args=(key,),
                      type="primary")  # fmt: skip
    if found.more_answer and not is_asked:
        st.html(lesson_line(WORDS["more_answer"], found.more_answer.text))
    _show_before_and_now(found, vote)


def _show_before_and_now(found: LessonAnswer, vote: Vote | None) -> None:
    session, key = lesson_session(), found.lesson.key
    with st.container(horizontal=True, vertical_alignment="bottom", key="lesson-now"):
        st.html(before_and_now((WORDS["before"], WORDS["now"]), _before(found, vote), session.afterwards.get(key, "")))
        if key not in session.afterwards:
            field = f"lesson_now_{found.lesson.number}"
            st.text_input(WORDS["now_asked"], "", _REASON_LETTERS, key=field, on_change=whole(_keep_now),
                          args=(key, field))  # fmt: skip


def _before(found: LessonAnswer, vote: Vote | None) -> tuple[str, ...]:
    choice = next((each for each in found.choices if vote and each.key == vote.choice), None)
    if vote is None or choice is None:
        return (WORDS["not_said"],)
    words = WORDS["not_sure"] if choice.key == UNSURE else choice.text.text
    return (words, said("reason", reason=vote.reason)) if vote.reason else (words,)


def _keep_now(key: str, field: str) -> None:
    words = " ".join(str(st.session_state.get(field, "")).split())
    if words:
        lesson_session().afterwards[key] = words


def _next_button(found: LessonAnswer, *, is_primary: bool) -> None:
    after = lesson_numbered(found.lesson.number + 1)
    if pressed(WORDS["next" if after else "all"], "lesson_next", type="primary" if is_primary else "secondary"):
        if after:
            begin(after)
        leave()
        st.switch_page(LESSONS_PAGE, query_params={})
