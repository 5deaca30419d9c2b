"""The bar of a running lesson as HTML: where one is, what was said beside what was computed, and what to keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from resnext_viz.figures.kit.svg import Markup, markup, tag
from resnext_viz.lessons import UNSURE, LessonAnswer, Mark, MarkedChoice

Words = Mapping[str, str]


def lesson_top(place: str, step: str, title: str, number: int, count: int) -> str:
    """`Lesson 2 of 6`, a segment for each lesson, and the title; screen readers hear it when the step changes."""
    marks = [
        tag("i", class_="done" if each < number else "now" if each == number else None) for each in range(1, count + 1)
    ]
    segments = tag("span", *marks, class_="rx-lesson-segments", aria_hidden="true") if number <= count else Markup("")
    hidden = tag("span", f", {step}", class_="rx-lesson-unseen")
    return tag("div", tag("span", place, hidden), segments, tag("b", title), class_="rx-lesson-top", role="status")


def lesson_result(found: LessonAnswer, said: str, reason: str, words: Words) -> str:
    """What was said, what was computed, and why: three columns.

    Args:
        found: the lesson, answered.
        said: the key of the choice; empty where nothing was said.
        reason: a line of the visitor's; empty for none.
        words: the labels `you_said not_said not_sure computed right why both reason`.
    """
    chosen = next((choice for choice in found.choices if choice.key == said), None)
    own = tag("div", _label(words["you_said"]), *_said(chosen, words), _small(words["reason"] if reason else ""))
    both = _small(words["both"] if len(found.right) > 1 else "")
    right = tag("div", _label(words["computed"]), *(_value(choice, is_right=True) for choice in found.right), both)
    return tag("div", own, right, tag("div", *_why(found, chosen, words)), class_="rx-lesson-result")


def _said(chosen: MarkedChoice | None, words: Words) -> Iterator[Markup]:
    if chosen is None or chosen.key == UNSURE:
        yield tag("p", words["not_said" if chosen is None else "not_sure"], class_="rx-lesson-none")
    else:
        yield _value(chosen, is_right=False)


def _value(choice: MarkedChoice, *, is_right: bool) -> Markup:
    text = choice.value.text if choice.value and choice.value.text else choice.text.text
    head, _, rest = text.partition(": ")
    tick = tag("span", "✓", class_="rx-lesson-tick", aria_hidden="true") if is_right else Markup("")
    letter = tag("span", choice.key, class_="rx-lesson-letter on" if is_right else "rx-lesson-letter")
    return markup(tag("p", letter, tag("span", head), tick, class_="rx-lesson-value"), _small(rest))


def _why(found: LessonAnswer, chosen: MarkedChoice | None, words: Words) -> Iterator[Markup]:
    about = chosen if chosen and chosen.why else next((each for each in found.choices if each.mark is Mark.WRONG), None)
    if about is None or about.why is None:
        return
    yield _label(words["right"] if about.mark is Mark.RIGHT else words["why"].format(value=_short(about)))
    yield tag("p", about.why.text, class_="rx-lesson-why")


def _short(choice: MarkedChoice) -> str:
    text = choice.value.text if choice.value and choice.value.text else choice.text.text
    return text.partition(": ")[0]


def _label(words: str) -> Markup:
    return tag("p", words, class_="rx-lesson-label")


def _small(words: str) -> Markup:
    return tag("p", words, class_="rx-lesson-small") if words else Markup("")


def lesson_line(label: str, words: str, *, is_large: bool = False) -> str:
    """A sentence behind its label: what was found, the takeaway, the harder question and its answer."""
    text = tag("p", words, class_="rx-lesson-large" if is_large else "rx-lesson-plain")
    return tag("div", _label(label) if label else Markup(""), text, class_="rx-lesson-line")


def lesson_found(words: str, place: str, link: str) -> str:
    """What was found, with a link to the heading on the page under which it is shown; without a place none."""
    there = tag("a", link, href=f"#{place}", target="_self") if place else Markup("")
    return tag("div", tag("p", words, " ", there, class_="rx-lesson-plain"), class_="rx-lesson-line")


def lesson_sentences(sentences: Sequence[str]) -> str:
    """Why nothing is asked, or what is missing, and what helps."""
    first, *rest = sentences
    return tag("p", tag("b", first), *(f" {each}" for each in rest), class_="rx-lesson-plain")


def before_and_now(labels: tuple[str, str], before: Sequence[str], now: str) -> str:
    """What somebody thought before the reveal, and now."""
    first = tag("div", _label(labels[0]), *(tag("p", each, class_="rx-lesson-why") for each in before if each))
    second = tag("div", _label(labels[1]), tag("p", now, class_="rx-lesson-why")) if now else Markup("")
    return tag("div", first, second, class_="rx-lesson-result rx-lesson-two")
