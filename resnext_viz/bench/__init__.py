"""Measurements of speed, as ratios within one run: machines differ and are busy, and both sides feel it alike."""

from importlib import import_module
from typing import Any

from resnext_viz.bench.result import OF_THE_APP, SUBJECTS, BenchError, BenchRow


def measure(subject: str, **options: Any) -> list[BenchRow]:
    """The measured rows of one of `SUBJECTS`; each is a module here, or in `app`, whose `measure` takes the options.

    Raises:
        UserError: no such subject, or what is measured against is not installed or could not be started.
    """
    if subject not in SUBJECTS:
        raise BenchError(f"subject is {subject[:40]!r}; use {', '.join(SUBJECTS)}")
    room = "bench.app" if subject in OF_THE_APP else "bench"
    rows: list[BenchRow] = import_module(f"resnext_viz.{room}.{subject}").measure(**options)
    return rows
