"""The process behind `own_process`: `python -m resnext_viz.bench.engine_worker MODULE:FUNCTION WORD...`.

Makes the engines, prints a line when they are there, and one for each name that it reads: the milliseconds which that
engine measures. It ends when nobody asks any more; what goes wrong is told as a code on standard error.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

from resnext_viz.errors import ErrorCode, UserError
from resnext_viz.kit.child import MISTAKE
from resnext_viz.kit.error_line import ToldError

_CRASHED, _STOPPED = 70, 130  # exit statuses, as those of `python -m resnext_viz`


def main(argv: Sequence[str]) -> int:
    """Its exit status, once nobody asks any more."""
    try:
        _serve(_own_answers(), *argv)
    except UserError as error:
        return _told(ToldError(error.code, str(error), error.details), MISTAKE)
    except (KeyboardInterrupt, BrokenPipeError):  # whoever asked is gone
        return _STOPPED
    except Exception as error:
        traceback.print_exc()
        return _told(ToldError(ErrorCode.CRASHED, type(error).__name__), _CRASHED)
    return 0


def _serve(answers: TextIO, maker: str, *words: str) -> None:
    module, _, function = maker.partition(":")
    engines = getattr(import_module(module), function)(*words)
    answers.write("0\n")
    for line in sys.stdin:
        name = line.rstrip("\n")
        answers.write(f"{float(engines[name]())}\n")


def _own_answers() -> TextIO:
    """What was standard output; whatever libraries print there goes to standard error from now on."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")  # each line at once
    os.dup2(2, 1)
    return answers


def _told(error: ToldError, status: int) -> int:
    sys.stderr.write(f"{error.to_line()}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
