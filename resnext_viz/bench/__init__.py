"""Measurements of speed, as ratios within one run: machines differ and are busy, and both sides feel it alike."""

from importlib import import_module

from resnext_viz.bench.result import SUBJECTS, BenchError, BenchRow


def measure(subject: str) -> list[BenchRow]:
    """The measured rows of one of `SUBJECTS`; each is a module here.

    Raises:
        UserError: no such subject, or what is measured against is not installed or could not be started.
    """
    if subject not in SUBJECTS:
        raise BenchError(f"subject is {subject[:40]!r}; use {', '.join(SUBJECTS)}")
    rows: list[BenchRow] = import_module(f"resnext_viz.bench.{subject}").measure()
    return rows
