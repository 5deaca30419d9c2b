"""`study`: trains a ladder of cardinalities at equal MACs, several seeds each, and says what that shows."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from functools import partial
from math import isfinite
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from resnext_viz.commands.options.parser import Parser, add_device, add_json, as_whole_number, complain
from resnext_viz.commands.options.printing import aligned, print_json
from resnext_viz.commands.options.training_data import NAMED_DATA
from resnext_viz.commands.options.training_processes import STOPPED, terminated_as_interrupted
from resnext_viz.errors import ErrorCode
from resnext_viz.kit.number_format import estimated_duration, exact, signed_percent
from resnext_viz.study.shipped_studies import shipped_runs
from resnext_viz.study.study_plan import DEFAULT_BASE, KEYS, LADDER, StudyError
from resnext_viz.study.summary import summarise
from resnext_viz.study.verdict import verdict
from resnext_viz.training.recipe.recipe import RANGES
from resnext_viz.training.run.memory import keep_memory

if TYPE_CHECKING:
    from resnext_viz.training.study.folder import StudyFolder
    from resnext_viz.training.study.study_run import Study, StudyStep

DEFAULT_SEEDS = 2
_DESCRIPTION = """Trains networks that differ in cardinality and have equal MACs (within 2 %), and three that spend
twice as many: on more blocks, on one wider path, on more paths (the paper's Tables 3 and 4, small). Every run sees
the same pictures as often, by the same recipe, with a rate that falls to zero; one row for each finished run is in
runs.jsonl at once. Runs go seed by seed over all settings. Stop it at any time: the same command goes on from the last
whole epoch, and with more --seeds or --settings it adds to what is there."""
_EPILOG = """examples:
  python -m resnext_viz study --plan
  python -m resnext_viz study --data cifar10 --out runs/study
  python -m resnext_viz study --data my_photos/ --out runs/mine --ladder 1,2,4,8 --seeds 3 --minutes-per-run 4"""


def add_to(commands: argparse._SubParsersAction[Parser]) -> None:
    """Puts `study` into the parser."""
    parser = commands.add_parser(
        "study", help="cardinality at equal MACs on real pictures: plan, run, compare", description=_DESCRIPTION,
        epilog=_EPILOG,
    )  # fmt: skip
    parser.add_argument("--data", metavar="NAME|DIR", help=f"{NAMED_DATA}, or a folder, as for `train`")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where rows and checkpoints go")
    parser.add_argument("--data-name", metavar="WORDS", help="the data's name in the rows; default: its own")
    parser.add_argument(
        "--seeds", type=as_whole_number(1, 1000), default=DEFAULT_SEEDS, metavar="N",
        help=f"runs of each setting; default: {DEFAULT_SEEDS}",
    )  # fmt: skip
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--settings", metavar="KEY,...", help=f"some of {','.join(KEYS)}, or any C; default: all these")
    which.add_argument("--ladder", metavar="C,...", help=f"numbers of paths, at equal MACs; such as {_LADDER}")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=as_whole_number(1, 100_000), metavar="N", help="of every run; default: 5")
    length.add_argument("--minutes-per-run", metavar="M", help="as many epochs as the slowest network does in it")
    parser.add_argument("--base", metavar="NAME", help=f"network that fixes MACs and options; default: {DEFAULT_BASE}")
    parser.add_argument("--extend", metavar="STUDY", help="begin with the runs of a shipped study and go on with it")
    add_device(parser)
    parser.add_argument("--plan", action="store_true", help="print the settings and how long they take; train nothing")
    add_json(parser)
    parser.set_defaults(run=run)


_LADDER = ",".join(map(str, LADDER))


def run(arguments: argparse.Namespace) -> int:
    """Plans, and trains what is left; exit status 130 if stopped before the end."""
    keep_memory()
    from resnext_viz.training.study.folder import StudyFolder

    say = partial(print, file=sys.stderr if arguments.json else sys.stdout, flush=True)
    if not arguments.plan and (arguments.data is None or arguments.out is None):
        raise StudyError("a study needs --data and --out; --plan does without")
    with terminated_as_interrupted(), ExitStack() as stack:
        out = arguments.out or Path(stack.enter_context(TemporaryDirectory()))
        folder = stack.enter_context(StudyFolder(out))
        if arguments.extend is not None and not folder.runs:
            folder.take(shipped_runs(arguments.extend))
        study = _prepared(arguments, folder, say)
        if arguments.plan:
            _print_plan(study, arguments.json)
            return 0
        say(_plan_in_words(study))
        if not _train(study, say):
            return STOPPED
        _print_results(study, arguments.json)
    return 0


def _prepared(arguments: argparse.Namespace, folder: StudyFolder, say: partial[None]) -> Study:
    from resnext_viz.nn.device import choose_device
    from resnext_viz.training.data.labelled_images import read_splits
    from resnext_viz.training.data.named_data import data_title, find_data
    from resnext_viz.training.study.planning import Wish, pictures_as_cifar10, prepare

    device = choose_device(arguments.device)
    wish = Wish(_keys(arguments), arguments.seeds, arguments.base, arguments.epochs, _minutes(arguments))
    base = wish.base_in(folder)
    if arguments.data is None:
        train_set, test_set = pictures_as_cifar10(base)
        name = "as many pictures as CIFAR-10"
    else:
        pictures = find_data(arguments.data)
        say(f"Reading {pictures} ...")
        train_set, test_set = read_splits(pictures, base.default_image_size)
        name = arguments.data_name or data_title(arguments.data, pictures)
    say("Measuring a few steps of each network, for 20 s at most ...")
    return prepare(wish, train_set, test_set, name, folder, device)


def _keys(arguments: argparse.Namespace) -> tuple[str, ...]:
    asked = arguments.settings if arguments.settings is not None else arguments.ladder
    if asked is None:
        return KEYS
    keys = tuple(word.strip() for word in asked.split(",") if word.strip())
    odd = [] if arguments.ladder is None else [key for key in keys if not key.isdecimal()]
    if odd or not keys:
        raise StudyError(
            f"--ladder is {asked[:40]!r}; use numbers of paths, such as {_LADDER}"
            if odd or arguments.settings is None
            else f"--settings is empty; use some of {','.join(KEYS)}"
        )
    return keys


def _minutes(arguments: argparse.Namespace) -> float | None:
    if arguments.minutes_per_run is None:
        return None
    allowed = RANGES["minutes"]
    try:
        minutes = float(arguments.minutes_per_run)
    except ValueError:
        minutes = -1.0
    if not allowed.holds(minutes):
        raise StudyError(f"--minutes-per-run is {arguments.minutes_per_run[:40]!r}; {allowed}")
    return minutes


def _train(study: Study, say: partial[None]) -> bool:
    """Whether the study came to its end; says how to go on if not."""
    total, started = len(study.settings) * study.seeds, None
    try:
        for step in study.steps():
            if (step.setting.key, step.seed) != started:
                started = step.setting.key, step.seed
                done = total - len(study.left) + (step.finished is None)
                say(f"run {done} of {total}: {step.setting.title}, seed {step.seed}")
            say(_in_words(step, study.epochs))
    except KeyboardInterrupt:
        complain(
            f"stopped; {len(study.folder.runs)} finished runs are kept in {study.folder.path}. "
            "The same command goes on from the last whole epoch.",
            ErrorCode.STOPPED,
        )
        return False
    return True


def _in_words(step: StudyStep, epochs: int) -> str:
    row = step.row
    loss = "   -  " if row["loss"] is None else f"{row['loss']:.4f}"
    last = ", finished and kept" if step.finished else ""
    return (
        f"  epoch {row['epoch']} of {epochs}  loss {loss}  test {100 * row['test_accuracy']:5.2f} %  "
        f"{row['images_per_s']:,} pictures/s  {estimated_duration(step.left_s)} left{last}"
    )


def _plan_in_words(study: Study) -> str:
    from resnext_viz.nn.device import describe_device

    plan = _plan(study)
    header = ("setting", "network", "params", "MACs", "off target", "s a run", "runs left")
    rows = [(row["key"], row["network"], exact(row["params"]), exact(row["macs"]), signed_percent(row["off"]),
             "-" if row["seconds"] is None else f"{row['seconds']:.0f}", str(row["runs_left"]))
            for row in plan["settings"]]  # fmt: skip
    return "\n".join([
        f"{len(rows)} settings x {study.seeds} seeds, {study.epochs} epochs each of {exact(plan['train_pictures'])} "
        f"pictures, tested on {exact(plan['test_pictures'])} after each",
        aligned(header, rows, words=2),
        f"{plan['runs_left']} runs left: about {estimated_duration(study.left_s)} on "
        f"{describe_device(study.device)}, as busy as it is now",
        *_concluded_in_words(plan),
    ])  # fmt: skip


def _concluded_in_words(plan: dict[str, Any]) -> list[str]:
    keys = [row["key"] for row in plan["settings"] if row["measured"] is False]
    words = f"No time was left to measure {', '.join(keys)}: concluded from the others, in proportion to MACs"
    return [words] if keys else []


def _plan(study: Study) -> dict[str, Any]:
    """The plan as JSON types."""
    from resnext_viz.training.study.study_run import machine_of

    left = study.left
    return {
        **study.common, **machine_of(study.device), "seeds": study.seeds,
        "settings": [
            {"key": setting.key, "role": setting.role.value, "network": setting.name,
             "cardinality": setting.spec.cardinality, "base_width": setting.spec.base_width,
             "params": setting.counts.params, "macs": setting.counts.macs, "target_macs": setting.target,
             "off": round(setting.off, 5), "seconds": study.run_s(setting),
             "measured": study.speeds[setting.key].is_measured if setting.key in study.speeds else None,
             "runs_left": sum(each.key == setting.key for each, _ in left)}
            for setting in study.settings
        ],
        "runs_left": len(left), "seconds_left": round(study.left_s, 1),
    }  # fmt: skip


def _print_plan(study: Study, as_json: bool) -> None:
    if as_json:
        print_json(_plan(study))
    else:
        print(_plan_in_words(study))


def _print_results(study: Study, as_json: bool) -> None:
    summary = summarise(study.folder.runs)
    said = verdict(summary)
    if as_json:
        runs = [run.to_dict() for run in summary.runs]
        print_json({"runs": runs, "summary": summary.to_dict(), "verdict": said.to_dict()})
        return
    header = ("setting", "network", "params", "MACs", "seeds", "test error", "95 %")
    rows = [(each.title, each.setting.name, exact(each.setting.counts.params), exact(each.setting.counts.macs),
             str(len(each.runs)), f"{each.error.value:.2f} %",
             f"±{each.error.half:.2f}" if isfinite(each.error.half) else "-") for each in summary.settings]  # fmt: skip
    print("\n".join([aligned(header, rows, words=2), "", said.headline, *said.comparisons, "",
                     "What this does not show:", *(f"- {limit}" for limit in said.limits), "",
                     f"{len(summary.runs)} runs are in {study.folder.path}"]))  # fmt: skip
