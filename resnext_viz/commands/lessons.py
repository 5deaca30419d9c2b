"""`lessons`: questions asked before their answer is shown, computed for a network; and a sheet to print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from resnext_viz.commands.options.network_options import add_image_size, given_image_size
from resnext_viz.commands.options.parser import Parser, add_json, as_whole_number, complain
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.errors import UserError
from resnext_viz.figures.lessons.handout import IF_WRONG, handout
from resnext_viz.kit.whole_file import write_whole
from resnext_viz.lessons import LESSONS, AnswerState, DialledNetwork, Lesson, LessonAnswer, Mark, answer, lesson_of
from resnext_viz.lessons.dialled_network import BASELINE, START
from resnext_viz.lessons.teacher.folder import FOLDER_VARIABLE, own_lessons
from resnext_viz.names import parse, title_of

_STATES = {
    AnswerState.READY: "answered by computation",
    AnswerState.NOT_MEASURED: "answered by a measurement, in the app",
    AnswerState.MEASURE_AGAIN: "to be measured again",
}
FAULTY_FILE = 1  # exit status
MOST_LESSONS = 999
_DESCRIPTION = f"""Lessons that ask before they show: each wrong answer is the rule of one misconception, and every
number is computed for the network. list names them, show prints one, handout writes a sheet to print. Lessons of your
own are files in the folder that {FOLDER_VARIABLE} names. What has to be measured, as for lessons 3 to 5, is said."""
_EXAMPLES = """exit status: 0, or 1 if a file with a lesson of one's own cannot be read

examples:
  python -m resnext_viz lessons list
  python -m resnext_viz lessons show 2 --net resnext50_8x14d --answers
  python -m resnext_viz lessons handout --output students.html
  python -m resnext_viz lessons handout --net resnext101_32x4d --answers --output teacher.html"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `lessons` into the parser."""
    parser = commands.add_parser(
        "lessons", help="questions on a network to ask a class", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    verbs = parser.add_subparsers(dest="verb", metavar="list|show|handout", required=True, parser_class=Parser)
    listing = verbs.add_parser("list", help="what lessons there are")
    _add_dialled(listing)
    add_json(listing)
    listing.set_defaults(run=run_list)
    showing = verbs.add_parser("show", help="one lesson, without its answer unless asked")
    showing.add_argument("number", type=as_whole_number(1, MOST_LESSONS), metavar="N", help="the lesson's number")
    _add_dialled(showing)
    _add_answers(showing)
    add_json(showing)
    showing.set_defaults(run=run_show)
    sheet = verbs.add_parser("handout", help="all lessons as one HTML file to print")
    _add_dialled(sheet)
    _add_answers(sheet)
    sheet.add_argument("--output", type=Path, metavar="FILE", help="where it is written; default: standard output")
    sheet.set_defaults(run=run_handout)


def _add_dialled(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--net", default=START, metavar="NAME", help=f"the network; default: {START}")
    parser.add_argument("--compare", default=BASELINE, metavar="NAME", help=f"the baseline; default: {BASELINE}")
    add_image_size(parser)


def _add_answers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answers", action="store_true", help="with the answers, misconceptions and sources")


def run_list(arguments: argparse.Namespace) -> int:
    """Prints what lessons there are; exit status 1 if a lesson's file is faulty."""
    lessons, status = _all_lessons()
    found = [answer(lesson, _dialled(arguments)) for lesson in lessons]
    if arguments.json:
        print_json({"lessons": [each.to_dict() for each in found]})
    else:
        rows = [
            (str(each.lesson.number), each.title.text, f"{each.lesson.minutes} min", _asked(each)) for each in found
        ]
        print(aligned(("lesson", "title", "alone", title_of(found[0].dialled.spec)), rows, words=4))
    return status


def _asked(found: LessonAnswer) -> str:
    return found.advice.text if found.advice else _STATES[found.state]


def run_show(arguments: argparse.Namespace) -> int:
    """Prints one lesson; exit status 1 if a lesson's file is faulty.

    Raises:
        UserError: there is no lesson of that number.
    """
    lessons, status = _all_lessons()
    found = answer(lesson_of(arguments.number, lessons), _dialled(arguments))
    if arguments.json:
        print_json(found.to_dict(with_answers=arguments.answers))
    else:
        print(_in_words(found, arguments.answers))
    return status


def run_handout(arguments: argparse.Namespace) -> int:
    """Writes the sheet; exit status 1 if a lesson's file is faulty.

    Raises:
        UserError: the folder of the file does not exist.
    """
    lessons, status = _all_lessons()
    found = [answer(lesson, _dialled(arguments)) for lesson in lessons]
    page = handout(found, with_answers=arguments.answers)
    if arguments.output is None:
        print(page, end="")
        return status
    if arguments.output.is_dir() or not arguments.output.absolute().parent.is_dir():
        raise UserError(f"--output is {str(arguments.output)[:200]!r}; name a file in a folder that exists")
    write_whole(arguments.output, lambda file: file.write(page.encode("utf-8")))
    print(f"{arguments.output}: {len(found)} lessons on {title_of(found[0].dialled.spec)}", file=sys.stderr)
    return status


def _dialled(arguments: argparse.Namespace) -> DialledNetwork:
    return DialledNetwork(parse(arguments.net), given_image_size(arguments), parse(arguments.compare))


def _all_lessons() -> tuple[tuple[Lesson[Any], ...], int]:
    """Ours and those of one's own, and the exit status; each faulty file is told of in a line."""
    own, complaints = own_lessons(LESSONS[-1].number + 1)
    for complaint in complaints:
        complain(complaint)
    return (*LESSONS, *own), FAULTY_FILE if complaints else 0


def _in_words(found: LessonAnswer, with_answers: bool) -> str:
    heading = f"{found.lesson.number}. {found.title.text}  [{title_of(found.dialled.spec)}]"
    parts = [heading]
    if found.question:
        parts += [found.question.text, "\n".join(_choices(found, with_answers))]
    if found.note:
        parts.append(_words((found.note, found.advice)))
    if with_answers:
        parts += [message.text for message in (found.reveal, found.takeaway, found.more, found.more_answer) if message]
    return "\n\n".join(parts)


def _choices(found: LessonAnswer, with_answers: bool) -> Iterable[str]:
    for choice in found.choices:
        mark = "=" if with_answers and choice.mark is Mark.RIGHT else " "
        yield f"{mark} {choice.key}  {choice.text.text}"
        if with_answers and choice.why:
            yield f"     {IF_WRONG} {choice.why.text}" if choice.mark is Mark.OPEN else f"     {choice.why.text}"
        if with_answers and choice.source:
            yield f"     {choice.source}"


def _words(messages: Iterable[Any]) -> str:
    return " ".join(message.text for message in messages if message)
