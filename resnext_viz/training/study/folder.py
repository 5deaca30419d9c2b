"""A study's folder: its finished runs, each written at once and whole, and the lock that keeps a second study out.

`runs.jsonl` holds the finished runs, `study.json` what they have in common, and a folder for each run its checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from resnext_viz.kit.whole_file import write_whole
from resnext_viz.study.finished_runs import LARGEST_BYTES, StudyRun, check_together, differences, read_runs, runs_text
from resnext_viz.study.study_plan import Setting, StudyError
from resnext_viz.training.run.folder_lock import kept_in

RUNS = "runs.jsonl"
COMMON = "study.json"
LOCK = "lock"
KEPT = "every finished run is kept there"


class StudyFolder:
    """A folder that is this process's alone while it is open; a killed process leaves it free.

    Raises:
        StudyError: it cannot be a folder, another study runs there, or what it holds cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(path / LOCK, timeout=0)
            self._lock.acquire()
        except Timeout as error:
            raise StudyError(f"another study runs in {path}; wait for it, or name another --out") from error
        except OSError as error:
            raise StudyError(f"{path} cannot be a study's folder ({error.strerror}); name another --out") from error
        try:
            self.runs = self._read_runs()
            self.common = self._read_common()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Leaves the folder to others."""
        self._lock.release()

    def __enter__(self) -> StudyFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run_folder(self, setting: Setting, seed: int) -> Path:
        """Where the checkpoint of that run goes."""
        return self.path / f"{setting.name}-seed{seed}"

    def check(self, common: dict[str, Any]) -> None:
        """Sees that runs with `common` would go on with what is here.

        Raises:
            StudyError: the folder holds another study.
        """
        odd = [] if self.common is None else differences(self.common, common)
        if odd:
            raise StudyError(f"{self.path} holds another study ({'; '.join(odd[:3])}); name another --out")

    def begin(self, common: dict[str, Any]) -> None:
        """Notes what the runs to come have in common with those that are here, once `check` has passed."""
        self.check(common)
        if self.common is None:
            with kept_in(self.path, KEPT):
                write_whole(self.path / COMMON, lambda file: file.write(json.dumps(common, indent=1).encode() + b"\n"))
            self.common = common

    def take(self, runs: Iterable[StudyRun]) -> None:
        """Adds finished runs, all of them or none."""
        together = (*self.runs, *runs)
        check_together(together)
        with kept_in(self.path, KEPT):
            write_whole(self.path / RUNS, lambda file: file.write(runs_text(together).encode()))
        self.runs = together
        self.common = self.common or together[0].common

    def _read_runs(self) -> tuple[StudyRun, ...]:
        text = self._text(RUNS)
        return read_runs(text, str(self.path / RUNS)) if text else ()

    def _read_common(self) -> dict[str, Any] | None:
        """What is noted, or what the runs say: a file of runs alone is a study too."""
        text = self._text(COMMON)
        if text is None:
            return self.runs[0].common if self.runs else None
        try:
            common = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise StudyError(f"{self.path / COMMON} is no JSON ({error}); remove it or name another --out") from error
        if not isinstance(common, dict) or (self.runs and differences(common, self.runs[0].common)):
            raise StudyError(f"{self.path / COMMON} is not about the runs in {RUNS}; remove one of the two")
        return common

    def _text(self, name: str) -> str | None:
        path = self.path / name
        try:
            if not path.exists():
                return None
            if path.stat().st_size > LARGEST_BYTES:
                raise StudyError(f"{path} is too long for a study; name another --out")
            return path.read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise StudyError(f"{path} cannot be read ({error}); name another --out") from error
