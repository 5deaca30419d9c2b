"""The operator's log: what nobody expected stands there with its traceback, and whoever waited gets general words.

One logger for the package, `resnext_viz`; the variable RESNEXT_VIZ_LOG names the least that is written: debug, info,
warning (where it says nothing) or error. What a user can do wrong is a `UserError` and no matter for this log.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable
from functools import lru_cache

LOG = logging.getLogger("resnext_viz")
VARIABLE = "RESNEXT_VIZ_LOG"
PAGE_FAILED = "This page could not be shown to its end."  # above such words; whoever looks for a failed page knows it
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_USUAL = "warning"
_LAYOUT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_HEAD, _TAIL = 15_000, 5_000  # characters of a record that are kept where it has more


def reported(error: BaseException, where: str) -> str:
    """Words without a full stop for whoever waited, and with a reference under which the log has all of `error`.

    Nothing of the error itself is in the words: it may name paths, or what another visitor has sent.

    Args:
        error: what nobody expected.
        where: what failed, for the log.
    """
    return (
        "something went wrong that should not have. Try again; if it happens once more, tell the operator the "
        f"reference {logged(error, where)}, under which the log has the details"
    )


def logged(error: BaseException, where: str, level: int = logging.ERROR) -> str:
    """The reference under which the log now has `error` with its traceback, if it is written at that level."""
    reference = secrets.token_hex(4)
    LOG.log(level, "%s failed, reference %s", where, reference, exc_info=error)
    return reference


def guarded(call: Callable[[], object], where: str) -> Callable[[], None]:
    """`call` for a thread, a loop or an end of which nobody hears: what it raises is logged and goes no further."""

    def run() -> None:
        try:
            call()
        except Exception as error:
            logged(error, where)

    return run


def open_log() -> None:
    """Writes the log on standard error, unless the program that we are part of listens to it already.

    A level that is none is told there and does not end anything: a server with a typing error in its settings serves.
    """
    if not LOG.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(_Printable(_LAYOUT))
        LOG.addHandler(handler)
    wanted = os.environ.get(VARIABLE) or _USUAL
    LOG.setLevel(_LEVELS.get(wanted.lower(), _LEVELS[_USUAL]))
    if wanted.lower() not in _LEVELS:
        _tell_no_level(wanted)


@lru_cache(maxsize=8)
def _tell_no_level(wanted: str) -> None:
    """Says it once: `app` opens the log as a command, and again as a server in the same process."""
    LOG.error("%s is %.40r; use %s. Until then it is %s", VARIABLE, wanted, ", ".join(_LEVELS), _USUAL)


def log_threads() -> None:
    """Has whatever ends a thread of this process logged: for a server, whose threads are nobody's business else."""
    threading.excepthook = _thread_ended


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        logged(ended.exc_value, f"thread {ended.thread.name if ended.thread else 'gone'}")


class _Printable(logging.Formatter):
    """Lays out a record as one that nobody can forge or swell: an error may quote a stranger's file name.

    What would move a terminal's cursor or change its colours is escaped, all lines but the first stand further in than
    a record begins, and of a very long record the middle is left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        text = "".join(
            sign if sign.isprintable() or sign in "\n\t" else ascii(sign)[1:-1] for sign in super().format(record)
        )
        if (left_out := len(text) - _HEAD - _TAIL) > 0:
            text = f"{text[:_HEAD]}\n[{left_out:,} characters are left out]\n{text[-_TAIL:]}"
        return text.replace("\n", "\n  ")
