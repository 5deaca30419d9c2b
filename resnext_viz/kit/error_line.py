"""An error on its way from one process to another: one line of JSON on standard error, with a code.

A program that starts `python -m resnext_viz` sets the variable RESNEXT_VIZ_ERRORS to `json`; it then finds
`{"code": ..., "message": ..., ...}` where people read `resnext_viz: ...`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from resnext_viz.errors import ErrorCode

VARIABLE, AS_JSON = "RESNEXT_VIZ_ERRORS", "json"


@dataclass(frozen=True)
class ToldError:
    """What went wrong in a command: its code, its words for people, and the details that belong to the code."""

    code: ErrorCode
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_line(self) -> str:
        """The line, in ASCII, whatever a file or a network is called."""
        return json.dumps({"code": self.code, "message": self.message, **self.details}, default=str)


def is_asked_for() -> bool:
    """Whether whoever started this process reads such lines."""
    return os.environ.get(VARIABLE) == AS_JSON


def last_error(lines: Iterable[str]) -> ToldError | None:
    """The error that was told last; None if there was none. Other lines, tracebacks say, are passed over."""
    told = None
    for line in lines:
        told = _error_in(line) or told
    return told


def _error_in(line: str) -> ToldError | None:
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
        return ToldError(ErrorCode(found.pop("code")), str(found.pop("message")), found)
    except (ValueError, KeyError, RecursionError):
        return None
