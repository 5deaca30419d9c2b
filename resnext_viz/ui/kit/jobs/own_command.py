"""A command of this package as a child of the server: on one thread, and in words for a visitor where it failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from resnext_viz.errors import ErrorCode, UserError
from resnext_viz.kit.child import MISTAKE, Child, Ending
from resnext_viz.kit.operator_log import LOG

_ONE_THREAD = MappingProxyType({"OMP_NUM_THREADS": "1"})  # others are served meanwhile
_USUAL_WORDS = {
    ErrorCode.OUT_OF_MEMORY: "this server is out of memory; dial a smaller network, or try again later",
    ErrorCode.DISK_FULL: "the disk of this server is full; try again later, or run it from a shell",
}


class ChildError(Exception):
    """A command of ours that ended as none should; its message is for the log alone."""


def own_command(
    argv: Sequence[str], hear: Callable[[str], object], clean_up: Callable[[], object] = lambda: None
) -> Child:
    """`python -m resnext_viz ARGV`, to be run; the arguments are those of a `Child`."""
    return Child(argv, hear, clean_up, environment=_ONE_THREAD)


def problem(ending: Ending, words: Mapping[ErrorCode, str] = MappingProxyType({})) -> Exception:
    """What to raise for a command that failed: `words` of its code, its own, the machine's, or for the log."""
    code = ending.error.code if ending.error else None
    if code and (told := words.get(code) or _USUAL_WORDS.get(code)):
        return UserError(told)
    if ending.status == MISTAKE and ending.error:
        return UserError(ending.error.message)
    if ending.status < 0:
        LOG.warning("command %s ended by signal %d: %s", ending.argv[:1], -ending.status, ending.said)
        return UserError(
            f"the process was ended from outside (signal {-ending.status}); the machine may be short of memory"
        )
    return ChildError(f"`{' '.join(ending.argv)}` ended with status {ending.status} and said:\n{ending.said}")
