"""`python -m resnext_viz`: the same answers without a browser.

Exit status 0: done. 1: an image had an error, a check found a difference, or the machine failed us. 2: the user's
mistake, told in one line on standard error. 70: a mistake of this program's own, with its traceback. 130: stopped with
Ctrl-C.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from resnext_viz import __version__
from resnext_viz.commands import (
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
    paper,
    predict,
    quantise,
    study,
    table2,
    train,
    training_cost,
)
from resnext_viz.commands.parser import USER_MISTAKE, Command, Parser, complain
from resnext_viz.errors import UserError
from resnext_viz.operator_log import open_log

_COMMANDS: tuple[Command, ...] = (
    count, explain, audit, compare, training_cost, table2, paper, check_forms, check_network, break_forms,
    check_collapse, inner_product, code, export, predict, train, evaluate, calibrate, quantise, study, bench,
)
FAILED = 1
STOPPED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status of the command line `argv` (the process's own if None)."""
    _ready_streams()
    open_log()
    try:
        arguments = _parser().parse_args(argv)
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except UserError as error:
        complain(str(error))
        return USER_MISTAKE
    except KeyboardInterrupt:
        complain("stopped")
        return STOPPED
    except BrokenPipeError:  # the reader, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        complain(str(error))
        return FAILED


def _ready_streams() -> None:
    """Makes both streams take whatever is printed: signs that a terminal does not have, and all where one is closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # started with it closed, as by `>&-`
            setattr(sys, name, io.StringIO())
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that has no "×" shows a question mark instead of failing


def _parser() -> Parser:
    parser = Parser(
        prog="python -m resnext_viz",
        description="Exact counts, equivalent forms and predictions for the networks of the ResNeXt paper.",
        epilog="COMMAND --help tells what a command takes, with examples. The same in a browser: streamlit run app.py",
    )
    parser.add_argument("--version", action="version", version=f"resnext_viz {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for command in _COMMANDS:
        command.add_to(commands)
    return parser
