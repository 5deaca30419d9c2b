"""One line of a terminal that is written over while something goes on; where the output is no terminal, nothing."""

from __future__ import annotations

import shutil
import sys
import time

_EVERY_S = 0.25


class ProgressLine:
    """The last line of standard output until `clear`."""

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
