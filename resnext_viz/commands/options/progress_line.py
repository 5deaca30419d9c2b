"""What tells of something while it goes on: one line of a terminal that is written over, or lines for a program."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping

_EVERY_S = 0.25
_TOLD_EVERY_S = 1.0


class ProgressLine:
    """The last line of standard output until `clear`; where that is no terminal, nothing."""

    def __init__(self) -> None:
        self._seen = sys.stdout.isatty()
        self._next_s = 0.0
        self._length = 0

    def show(self, text: str) -> None:
        """Puts `text` in the place of what was shown, unless that is too young to have been read."""
        if self._seen and time.monotonic() >= self._next_s:
            self._write(text[: shutil.get_terminal_size().columns - 1])
            self._next_s = time.monotonic() + _EVERY_S

    def clear(self) -> None:
        """Leaves an empty line to whatever is printed next."""
        if self._length:
            self._write("")

    def _write(self, text: str) -> None:
        print(f"\r{text.ljust(self._length)}\r{text}", end="", flush=True)
        self._length = len(text)


class ToldProgress:
    """A line of JSON about once a second, for a program that reads standard output."""

    def __init__(self) -> None:
        self._next_s = 0.0

    def tell(self, standing: Mapping[str, object]) -> None:
        """Prints where it stands, unless that was just told.

        Raises:
            BrokenPipeError: nobody reads it any more.
        """
        if time.monotonic() >= self._next_s:
            print(json.dumps(standing), flush=True)
            self._next_s = time.monotonic() + _TOLD_EVERY_S
