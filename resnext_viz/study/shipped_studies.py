"""The studies that ship with the package: a file of runs for each, in `results/`; a file put there is a study more."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from resnext_viz.study.finished_runs import StudyRun, read_runs
from resnext_viz.study.study_plan import StudyError

RESULTS = Path(__file__).parent / "results"
ENDING = ".jsonl"


def study_names() -> tuple[str, ...]:
    """What the shipped studies are called, in the order of their names."""
    return tuple(sorted(path.stem for path in RESULTS.glob(f"*{ENDING}")))


@lru_cache(maxsize=16)
def shipped_runs(name: str) -> tuple[StudyRun, ...]:
    """The runs of a shipped study.

    Raises:
        StudyError: there is none of that name, or its file is damaged.
    """
    if name not in study_names():
        raise StudyError(f"no study is called {name[:40]!r}; use {' or '.join(study_names()) or 'one of your own'}")
    return read_runs((RESULTS / f"{name}{ENDING}").read_text(encoding="utf-8"), f"{name}{ENDING}")
