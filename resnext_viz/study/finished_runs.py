"""Finished runs of a study as data: one JSON object in a line for each, checked when it is read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from math import isfinite
from typing import Any

from resnext_viz.complexity import complexity
from resnext_viz.errors import SpecError
from resnext_viz.names import parse
from resnext_viz.spec import ResNeXtSpec
from resnext_viz.study.study_plan import TOLERANCE, Role, Setting, StudyError

CURVE = ("epoch", "loss", "train_accuracy", "test_loss", "test_accuracy", "rate", "images_per_s", "elapsed_s")
LARGEST_BYTES = 64_000_000  # of a file of runs
_OF_A_RUN = ("seed", "epochs", "minutes")
_SHARES = ("train_accuracy", "test_accuracy")


@dataclass(frozen=True)
class StudyRun:
    """One finished run.

    Attributes:
        role: what its setting is for, in the words of `Role`.
        network: canonical name.
        target_macs: what its setting should cost.
        base: canonical name of the network that the study was planned from.
        recipe: every setting of the training, the seed among them.
        data: the pictures' name.
        machine: the GPU, or the processor and its cores.
        threads: torch's on the processor.
        arithmetic: number format of the training, such as "bfloat16".
        pictures: how many were seen, each as often as it was.
        seconds: of training, without the tests.
        curve: a row for each epoch, the names of `CURVE` its keys.
        best_accuracy: the highest share of test pictures right after any epoch: chosen by the test pictures.
        last_accuracy: that share at the end of the run, for which nothing was chosen.
    """

    role: str
    network: str
    cardinality: int
    base_width: int
    params: int
    macs: int
    target_macs: int
    base: str
    image_size: int
    seed: int
    epochs: int
    recipe: Mapping[str, Any]
    data: str
    classes: Sequence[str]
    train_pictures: int
    test_pictures: int
    machine: str
    threads: int
    torch: str
    arithmetic: str
    pictures: int
    seconds: float
    curve: Sequence[Mapping[str, Any]]
    best_accuracy: float
    last_accuracy: float

    @property
    def spec(self) -> ResNeXtSpec:
        return parse(self.network)

    @property
    def setting(self) -> Setting:
        return Setting(Role(self.role), self.spec, self.target_macs, self.image_size)

    @property
    def key(self) -> tuple[str, int]:
        """What stands once in a study: the setting's key and the seed."""
        return self.setting.key, self.seed

    @property
    def error(self) -> float:
        """Test error at the end of the run, in percent."""
        return 100 * (1 - self.last_accuracy)

    @property
    def common(self) -> dict[str, Any]:
        """What all runs of one study have in common."""
        return common_of(self.base, self.image_size, self.epochs, self.recipe, self.classes, self.train_pictures,
                         self.test_pictures)  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """The run as JSON types."""
        return asdict(self)


_FIELDS = {field.name: field.type for field in fields(StudyRun)}
_KINDS: Mapping[str, tuple[type, ...]] = {
    "str": (str,), "int": (int,), "float": (int, float), "Mapping[str, Any]": (dict,),
    "Sequence[str]": (list, tuple), "Sequence[Mapping[str, Any]]": (list, tuple),
}  # fmt: skip


def run_from(record: object) -> StudyRun:
    """The run that a JSON object holds.

    Raises:
        StudyError: a field is missing, unknown or of the wrong kind, or two contradict each other.
    """
    if not isinstance(record, dict) or record.keys() != _FIELDS.keys():
        odd = sorted(record.keys() ^ _FIELDS.keys()) if isinstance(record, dict) else []
        raise StudyError(f"no run of a study ({'odd fields: ' + ', '.join(map(str, odd[:3])) if odd else 'no object'})")
    for name, kind in _FIELDS.items():
        value = record[name]
        if isinstance(value, bool) or not isinstance(value, _KINDS[str(kind)]):
            raise StudyError(f"{name} is {str(value)[:40]!r}, which is no {kind}")
    run = StudyRun(**record)
    problem = next((words for words in _problems(run)), None)
    if problem:
        raise StudyError(problem)
    return run


def _problems(run: StudyRun) -> Iterable[str]:
    """What in a run contradicts itself, or our own counts."""
    if run.role not in list(Role):
        yield f"role is {run.role[:40]!r}; use {', '.join(Role)}"
        return
    try:
        spec, counts = run.spec, complexity(run.spec, run.image_size)
    except SpecError as error:
        yield str(error)
        return
    if (run.params, run.macs) != (counts.params, counts.macs):
        yield f"{run.network} has {counts.params} params and {counts.macs} MACs, not {run.params} and {run.macs}"
    if (run.cardinality, run.base_width) != (spec.cardinality, spec.base_width):
        yield f"{run.network} is not {run.cardinality}x{run.base_width}d"
    if run.target_macs < 1 or abs(run.macs / run.target_macs - 1) > TOLERANCE:
        yield f"{run.macs} MACs are not within {100 * TOLERANCE:g} % of {run.target_macs}"
    if min(run.epochs, run.train_pictures, run.test_pictures, run.pictures, run.threads) < 1:
        yield "epochs, pictures and threads are counted from 1"
    if not isfinite(run.seconds) or run.seconds < 0:
        yield f"seconds is {run.seconds}"
    if run.recipe.get("seed") != run.seed or run.recipe.get("epochs") != run.epochs:
        yield "the recipe has another seed or other epochs"
    if not all(isinstance(name, str) for name in run.classes):
        yield "a class has no name"
    yield from _curve_problems(run)


def _curve_problems(run: StudyRun) -> Iterable[str]:
    if [row.get("epoch") if isinstance(row, dict) else None for row in run.curve] != list(range(1, run.epochs + 1)):
        yield f"the curve has no row for each of {run.epochs} epochs"
        return
    for row in run.curve:
        for name in _SHARES:
            if not _is_number(row.get(name)) or not 0 <= row[name] <= 1:
                yield f"{name} in epoch {row['epoch']} is {str(row.get(name))[:40]}, no share from 0 to 1"
                return
    accuracies = [row["test_accuracy"] for row in run.curve]
    if run.last_accuracy != accuracies[-1] or run.best_accuracy != max(accuracies):
        yield "best or last accuracy is not the curve's"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def read_runs(text: str, origin: str) -> tuple[StudyRun, ...]:
    """The runs of a JSON Lines text, all of one study.

    Raises:
        StudyError: a line is no run, a run stands twice, or two are not of one study; the line is named.
    """
    runs: list[StudyRun] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            run = run_from(json.loads(line))
            check_together([*runs[:1], run])
        except (ValueError, StudyError, RecursionError) as error:
            raise StudyError(f"{origin}, line {number}: {error}") from error
        if run.key in {other.key for other in runs}:
            raise StudyError(f"{origin}, line {number}: setting {run.key[0]} with seed {run.seed} stands there twice")
        runs.append(run)
    return tuple(runs)


def common_of(
    base: str,
    image_size: int,
    epochs: int,
    recipe: Mapping[str, Any],
    classes: Iterable[str],
    train_pictures: int,
    test_pictures: int,
) -> dict[str, Any]:
    """What makes runs comparable, as JSON types; of the recipe, all but the seed and the bound."""
    settings = {name: value for name, value in recipe.items() if name not in _OF_A_RUN}
    return {"base": base, "image_size": image_size, "epochs": epochs, "recipe": settings, "classes": list(classes),
            "train_pictures": train_pictures, "test_pictures": test_pictures}  # fmt: skip


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> list[str]:
    """Where two studies are not the same one: `epochs is 4 there and 5 here`."""
    pairs = {name: (there.get(name), value) for name, value in here.items() if name != "recipe"}
    old, new = there.get("recipe", {}), here["recipe"]
    # A setting that one of them does not know yet is off.
    pairs |= {name: (old.get(name) or 0, new.get(name) or 0) for name in {**old, **new}}
    return [f"{name} is {_short(a)} there and {_short(b)} here" for name, (a, b) in pairs.items() if a != b]


def check_together(runs: Sequence[StudyRun]) -> None:
    """Sees that the runs are of one study.

    Raises:
        StudyError: they differ in what makes them comparable.
    """
    for run in runs[1:]:
        odd = differences(runs[0].common, run.common)
        if odd:
            raise StudyError(f"not of the study that stands before it: {'; '.join(odd[:3])}")


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def runs_text(runs: Iterable[StudyRun]) -> str:
    """The runs as JSON Lines."""
    return "".join(json.dumps(run.to_dict(), ensure_ascii=False, allow_nan=False) + "\n" for run in runs)
