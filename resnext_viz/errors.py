"""The errors a user can cause: one small family, caught once per door (page, command line) and shown in words.

Each bears a code, for a program that started this one and tells its own reader in its own words.
"""

from __future__ import annotations

import errno
from enum import StrEnum

_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class ErrorCode(StrEnum):
    """What went wrong, with the details that come along."""

    MISTAKE = "mistake"  # something that cannot be had: the message says it all; of a network: field, value, allowed
    DATA_GONE = "data_gone"  # no folder of pictures lies there; folder
    DIVERGED = "diverged"  # the loss is no number any more; epoch, peak_rate
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    MISSING_PACKAGE = "missing_package"  # package
    MACHINE = "machine"  # what else the machine refuses
    STOPPED = "stopped"
    CRASHED = "crashed"  # a mistake of this program's own; its traceback stands before


class UserError(Exception):
    """Something the user asked for cannot be had; the message says what happened and what to do.

    Attributes:
        code: what it is, for programs.
        details: what the message tells of, by the names that belong to the code.
    """

    def __init__(self, message: str = "", code: ErrorCode = ErrorCode.MISTAKE, **details: object) -> None:
        super().__init__(message)
        self.code, self.details = code, details


def first_line(error: Exception, most: int) -> str:
    """What an exception says first, in at most so many characters, to be put into words for a user."""
    return (str(error).strip().splitlines() or ["no reason is given"])[0][:most]


def code_of(error: OSError) -> ErrorCode:
    """Whether the disk is full, or the machine refuses something else."""
    return ErrorCode.DISK_FULL if error.errno in _NO_SPACE else ErrorCode.MACHINE


class SpecError(UserError, ValueError):
    """A network that cannot exist, or a name that is none.

    Attributes:
        field: the option at fault, as it is called in `ResNeXtSpec`.
        value: what was given.
        allowed: what is allowed, in words.
    """

    def __init__(self, field: str, value: object, allowed: str) -> None:
        self.field, self.value, self.allowed = field, value, allowed
        shown = repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."
        super().__init__(f"{field} is {shown}; {allowed}", field=field, value=shown, allowed=allowed)
