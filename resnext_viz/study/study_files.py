"""A study as files: a row for each run as CSV, and all of it, curves and conclusions too, as JSON."""

from __future__ import annotations

import json
from typing import Any

from resnext_viz.kit import csv_file
from resnext_viz.study.finished_runs import StudyRun
from resnext_viz.study.summary import Summary
from resnext_viz.study.verdict import label_of, verdict

_NESTED = ("recipe", "classes", "curve")


def csv_text(summary: Summary) -> str:
    """One row for each run, by setting and seed."""
    return csv_file.csv_text([_flat(row.setting.key, run) for row in summary.settings for run in row.runs])


def _flat(key: str, run: StudyRun) -> dict[str, Any]:
    return {"setting": key} | {name: value for name, value in run.to_dict().items() if name not in _NESTED}


def document(summary: Summary) -> dict[str, Any]:
    """Every run with its curve, what they add up to, and the verdict, as JSON types."""
    return {"study": label_of(summary), "runs": [run.to_dict() for run in summary.runs], "summary": summary.to_dict(),
            "verdict": verdict(summary).to_dict()}  # fmt: skip


def json_text(summary: Summary) -> str:
    """The document as text."""
    return json.dumps(document(summary), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
