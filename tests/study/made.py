"""Runs of a study with errors that a test chooses."""

from collections.abc import Mapping, Sequence
from typing import Any

from resnext_viz.names import parse
from resnext_viz.study.finished_runs import StudyRun, run_from
from resnext_viz.study.study_plan import DEFAULT_BASE, plan


def made(errors: Mapping[str, Sequence[float]], epochs: int = 2, **changed: Any) -> tuple[StudyRun, ...]:
    """A run for each setting and seed: `{"1": [30.0, 32.0]}` are seeds 0 and 1 of C = 1, with those errors in %."""
    settings = plan(list(errors), parse(DEFAULT_BASE), 32)
    records = []
    for setting in settings:
        for seed, error in enumerate(errors[setting.key]):
            before = min(100.0, error + 20)
            curve = [*(_epoch(number, before) for number in range(1, epochs)), _epoch(epochs, error)]
            counts = setting.counts
            records.append({
                "role": setting.role.value, "network": setting.name, "cardinality": setting.spec.cardinality,
                "base_width": setting.spec.base_width, "params": counts.params, "macs": counts.macs,
                "target_macs": setting.target, "base": DEFAULT_BASE, "image_size": 32, "seed": seed, "epochs": epochs,
                "recipe": {"epochs": epochs, "seed": seed, "peak_rate": 0.25, "cutout": 0}, "data": "some pictures",
                "classes": ["cat", "dog"], "train_pictures": 512, "test_pictures": 100, "machine": "a machine",
                "threads": 2, "torch": "2.15.0", "arithmetic": "bfloat16", "pictures": 1024,
                "seconds": 10.0 * setting.spec.cardinality, "curve": curve,
                "best_accuracy": max(row["test_accuracy"] for row in curve),
                "last_accuracy": curve[-1]["test_accuracy"],
            } | changed)  # fmt: skip
    return tuple(run_from(record) for record in records)


def _epoch(number: int, error: float) -> dict[str, Any]:
    return {"epoch": number, "loss": 1.0, "train_accuracy": 0.5, "test_accuracy": 1 - error / 100}
