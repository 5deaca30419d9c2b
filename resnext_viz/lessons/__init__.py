"""Lessons that ask before they show: choices that are rules, answered by computation for the dialled network.

No torch here. What needs a clock, a photo or a check is measured by page or shell and handed in (`lessons.measured`).
"""

from resnext_viz.lessons.answering import AnswerState, LessonAnswer, Mark, MarkedChoice, answer, find_move, has_question
from resnext_viz.lessons.dialled_network import DialledNetwork
from resnext_viz.lessons.lesson import UNSURE, Choice, Dial, Lesson, LessonPage, Message, Move, Step
from resnext_viz.lessons.measured import FormsMeasured, PathMeasured, TimeMeasured, forms_measured
from resnext_viz.lessons.six_lessons import LESSONS, lesson_of

__all__ = [
    "LESSONS",
    "UNSURE",
    "AnswerState",
    "Choice",
    "Dial",
    "DialledNetwork",
    "FormsMeasured",
    "Lesson",
    "LessonAnswer",
    "LessonPage",
    "Mark",
    "MarkedChoice",
    "Message",
    "Move",
    "PathMeasured",
    "Step",
    "TimeMeasured",
    "answer",
    "find_move",
    "forms_measured",
    "has_question",
    "lesson_of",
]
