"""`resnext-viz`, or `python -m resnext_viz`: the same answers without a browser, and the app for one.

Without a command it says what there is.

Exit status 0: done. 1: an image had an error, a check found a difference, or the machine failed us. 2: the user's
mistake, told in one line on standard error. 70: a mistake of this program's own, with its traceback. 130: stopped with
Ctrl-C, which for `app` is the way to end it: 0.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NoReturn

from resnext_viz import __version__
from resnext_viz.commands import (
    app,
    audit,
    bench,
    break_forms,
    calibrate,
    check_collapse,
    check_forms,
    check_network,
    code,
    compare,
    count,
    evaluate,
    explain,
    export,
    inner_product,
    lessons,
    paper,
    predict,
    quantise,
    study,
    table2,
    train,
    training_cost,
)
from resnext_viz.commands.options.parser import SCRIPT, USER_MISTAKE, Command, Parser, called, complain
from resnext_viz.errors import ErrorCode, UserError, code_of
from resnext_viz.kit.operator_log import open_log

_COMMANDS: Mapping[str, tuple[Command, ...]] = {
    "the app": (app,),
    "counts": (count, explain, audit, compare, training_cost, table2, paper),
    "one block in three forms": (check_forms, check_network, break_forms, check_collapse, inner_product),
    "a class": (lessons,),
    "a network to take away": (code, export),
    "photos": (predict,),
    "training": (train, evaluate, calibrate, quantise, study),
    "this machine": (bench,),
}
_VERSIONS = ("torch", "torchvision", "openvino", "streamlit")  # what answers depend on
_ABOUT = """Exact counts, equivalent forms and predictions for the networks of the ResNeXt paper (arXiv 1611.05431),
from the shell and in a browser."""
FAILED = 1
STOPPED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status of the command line `argv` (the process's own if None)."""
    _ready_streams()
    open_log()
    try:
        with _no_warnings():
            return _answer(argv)
    except UserError as error:
        complain(str(error), error.code, **error.details)
        return USER_MISTAKE
    except ModuleNotFoundError as error:
        if not (package := _missing_package(error)):
            raise
        complain(
            f"this needs {package}, which this Python ({sys.executable}) has not; use .venv/bin/python after "
            "`make run`, or pip install the project",
            ErrorCode.MISSING_PACKAGE,
            package=package,
        )
        return USER_MISTAKE
    except KeyboardInterrupt:
        complain("stopped", ErrorCode.STOPPED)
        return STOPPED
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        complain(str(error), code_of(error))
        return FAILED


def _answer(argv: Sequence[str] | None) -> int:
    parser = _parser()
    arguments, unknown = parser.parse_known_args(argv)
    if unknown:
        complain(f"unrecognized arguments: {' '.join(unknown)}; {_helped(parser, arguments)} --help tells more")
        return USER_MISTAKE
    if arguments.command is None:
        parser.print_help()
        return 0
    status: int = arguments.run(arguments)
    sys.stdout.flush()
    return status


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Inside, no library's warning reaches the user, who can do nothing about it; `python -W` still shows them all."""
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        yield


def _helped(parser: Parser, arguments: argparse.Namespace) -> str:
    """What to ask for help: the command that was called, if one was."""
    return f"{parser.prog} {arguments.command}" if arguments.command else parser.prog


def _missing_package(error: ModuleNotFoundError) -> str:
    """The package of somebody else's that is not installed; empty if a module of ours is what is missing."""
    package = (error.name or "").partition(".")[0]
    return "" if package == "resnext_viz" or package in sys.stdlib_module_names else package


def _ready_streams() -> None:
    """Makes both streams take whatever is printed: signs that a terminal does not have, and all where one is closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # started with it closed, as by `>&-`
            setattr(sys, name, io.StringIO())
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no "×" shows a question mark instead of failing


class _Version(argparse.Action):
    """`--version`: ours, Python's and those of the packages that answers depend on, none of which is loaded for it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version

        found = [f"Python {platform.python_version()}"]
        for package in _VERSIONS:
            try:
                found.append(f"{package} {version(package)}")
            except PackageNotFoundError:
                found.append(f"no {package}")
        print(f"{SCRIPT} {__version__} ({', '.join(found)})")
        parser.exit()


def _parser() -> Parser:
    parser = Parser(
        prog=called(),
        usage="%(prog)s COMMAND ...",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="COMMAND --help tells what a command takes, with examples.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="the versions of this and of what it computes with")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", help=argparse.SUPPRESS, prog=parser.prog, parser_class=Parser
    )
    parser.description = "\n\n".join([_ABOUT, *(_added(title, group, commands) for title, group in _COMMANDS.items())])
    return parser


def _added(title: str, group: Sequence[Command], commands: argparse._SubParsersAction[Parser]) -> str:
    """The lines of help of a group, whose commands it puts into the parser."""
    known = len(commands.choices)
    for command in group:
        command.add_to(commands)
    choices = commands._choices_actions[known:]  # noqa: SLF001  # argparse keeps a command's line nowhere else
    return "\n".join([f"{title}:", *(f"  {choice.dest:14}  {choice.help}" for choice in choices)])
