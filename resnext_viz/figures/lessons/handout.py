"""The handout: lessons as one HTML file to print, on A4 or Letter, black on white, with nothing fetched from elsewhere.

The students' sheet has the questions, boxes to tick and room for a reason, and no answer in any form; the teacher's has
the answers, what each wrong one betrays, and when to let the class discuss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.kit.number_format import percent
from resnext_viz.lessons import UNSURE, LessonAnswer, Mark, MarkedChoice
from resnext_viz.names import title_of

# Between which shares of right first votes a discussion pays. Source: Crouch and Mazur, Peer instruction: Ten years of
# experience and results, American Journal of Physics 69 (2001).
DISCUSS = (0.35, 0.70)
_REASON_LINES = 2
IF_WRONG = "If the measurement does not bear it out:"
_WORDS = {
    "students": "Lessons on {network}",
    "teacher": "Lessons on {network}: the teacher’s sheet",
    "name": "Name and date:",
    "rule": "Tick one answer and write down why, before anybody shows it.",
    "discuss": "Vote first, with a reason. If {low} to {high} have it right, let neighbours discuss and vote again; if "
    "fewer, explain once more; if more, go on. Show the answer only then.",
    "about": "{network}, compared with {baseline}. Every number was computed for them.",
    "number": "{number}. {title}",
    "where": "{minutes} minutes alone",
    "reason": "Because:",
    "seen": "Seen in {source}.",
    "takeaway": "Takeaway: {takeaway}",
    "more": "Harder: {more}",
}


def _sheet() -> str:
    return Path(__file__).with_suffix(".css").read_text(encoding="utf-8")


def handout(answers: Sequence[LessonAnswer], *, with_answers: bool = False) -> str:
    """The sheet of at least one lesson, all answered for one network, as a whole HTML document."""
    dialled = answers[0].dialled
    network, baseline = title_of(dialled.spec), title_of(dialled.baseline)
    title = _WORDS["teacher" if with_answers else "students"].format(network=network)
    about = tag("p", _WORDS["about"].format(network=network, baseline=baseline), class_="small")
    low, high = (percent(share, 0) for share in DISCUSS)
    rule = (
        tag("aside", _WORDS["discuss"].format(low=low, high=high))
        if with_answers
        else markup(tag("p", _WORDS["name"]), tag("p", _WORDS["rule"]))
    )
    body = markup(tag("header", tag("h1", title), about), rule, *(_lesson(each, with_answers) for each in answers))
    head = markup(
        Markup('<meta charset="utf-8">'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", title),
        tag("style", Markup(_sheet())),
    )
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang='en')}\n"


def _lesson(found: LessonAnswer, with_answers: bool) -> Markup:
    heading = _WORDS["number"].format(number=found.lesson.number, title=found.title.text)
    parts: list[Markup] = [
        tag("h2", heading),
        tag("p", _WORDS["where"].format(minutes=found.lesson.minutes), class_="small"),
    ]
    if found.question:
        parts += [tag("p", found.question.text), tag("ol", *(_choice(each, with_answers) for each in found.choices))]
    parts += _answers(found) if with_answers else _room_for_a_reason(found)
    return tag("article", *parts)


def _choice(choice: MarkedChoice, with_answers: bool) -> Markup:
    letter = () if choice.key == UNSURE else (tag("span", choice.key, class_="letter"),)
    row: list[str] = [tag("span", class_="box"), *letter, choice.text.text]
    if with_answers:
        said = [choice.why.text] if choice.why else []
        said[:0] = [IF_WRONG] if said and choice.mark is Mark.OPEN else []
        said += [_WORDS["seen"].format(source=choice.source)] if choice.source else []
        row += [tag("span", " ".join(said), class_="why")] if said else []
    is_ticked = with_answers and choice.mark is Mark.RIGHT
    return tag("li", *row, class_="right" if is_ticked else None)


def _room_for_a_reason(found: LessonAnswer) -> Iterator[Markup]:
    if found.question:
        yield tag("p", _WORDS["reason"])
        yield from (tag("div", class_="room") for _ in range(_REASON_LINES))
    else:
        yield from _what_is_missing(found)


def _answers(found: LessonAnswer) -> Iterator[Markup]:
    yield from _what_is_missing(found)
    if found.reveal:
        yield tag("p", found.reveal.text)
    if found.takeaway:
        yield tag("p", _WORDS["takeaway"].format(takeaway=found.takeaway.text))
    if found.more:
        yield tag("p", _WORDS["more"].format(more=found.more.text))
    if found.more_answer:
        yield tag("p", found.more_answer.text, class_="small")


def _what_is_missing(found: LessonAnswer) -> Iterator[Markup]:
    """Why nothing is asked and which dial helps, or what has to be measured before there is an answer."""
    yield from (tag("p", message.text) for message in (found.note, found.advice) if message)
