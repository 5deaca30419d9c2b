"""The parts of `scripts/on_gpu.sh`. Each writes its JSON as soon as it knows something, and a late one leaves that.

`forms` and `train` know all of theirs at once, at their end: their rows are ratios of rounds taken in turns.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import pytest

    from resnext_viz.bench.result import BenchRow

LARGEST_FILE = 16 * 2**20  # bytes
NETWORK = "resnext29_32x4d_cifar10"
RECIPE = ("--batch-size", "512", "--peak-rate", "0.4", "--cutout", "8", "--ema", "0.99")
NARROW = "resnext11_4x4d_cifar10"
ON_CPU = ("--preset", "cifar10", "--data", "sample", "--minutes", "0.1")
START_S, END_S = 30, 15  # of a training's time, for reading the pictures and for writing the weights
TRAINED_SHARE = 0.8  # of the rest; testing and keeping each epoch take the other part


def setup(options: argparse.Namespace) -> int:
    """Unpacks the wheels of what this Python lacks, and the pictures."""
    for wheel in sorted((options.carried / "wheels").glob("*.whl")):
        name = wheel.name.partition("-")[0]
        try:
            distribution(name)
        except PackageNotFoundError:
            sys.stdout.write(f"unpacked {wheel.name}\n")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(options.scratch / "site")
    pictures = options.scratch / "pictures"
    pictures.mkdir()
    # Python's own takes three times as long for so many files.
    command = ["tar", "-xJf", str(options.carried / "pictures.tar.xz"), "-C", str(pictures)]
    return subprocess.run(command, check=False).returncode  # noqa: S603  # words of our own, no shell


def tests(options: argparse.Namespace) -> int:
    """The tests of tests/gpu, one after the other."""
    import pytest

    if options.device == "cpu":
        os.environ["RESNEXT_VIZ_TEST_DEVICE"] = "cpu"
    return int(pytest.main(["tests/gpu", "-q", "-rs", "-p", "no:cacheprovider"], plugins=[Results(options.out)]))


def _left_out(*_: object) -> NoReturn:
    raise ImportError("left out")


class Results:
    """A plugin that writes the result of each test when it is known."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.tests: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One row a test: what its call gave, or why it was not called."""
        if report.when == "call" or report.outcome != "passed":
            said = "" if report.outcome == "passed" else report.longreprtext
            self.tests.append({"test": report.nodeid, "outcome": report.outcome, "when": report.when,
                               "seconds": round(report.duration, 2), "said": said[-2000:]})  # fmt: skip
            write(self.out, {"tests": self.tests})


def inference(options: argparse.Namespace) -> int:
    """Engines and peers, one batch size after the other."""
    from resnext_viz.bench import inference as bench

    if options.device == "cpu":
        bench.LIMIT_S = 5.0
        bench.peers.compiled = _left_out  # compiling takes minutes on two cores
        found = bench.measured("cpu", "cifar10", batch=(1, 8))
    else:
        found = bench.measured(options.device, batch=(1, 8, 64), tf32="both")
    rows: list[BenchRow] = []
    for some in found:
        rows += some
        write_rows(options.out, rows)
    return 0


def forms(options: argparse.Namespace) -> int:
    """The three forms of a block."""
    from resnext_viz.bench import forms as bench

    if options.device == "cpu":
        bench.LIMIT_S = 2.0
    names = (NARROW,) if options.device == "cpu" else (bench.NAME,)
    write_rows(options.out, bench.measure(names, options.device))
    return 0


def train(options: argparse.Namespace) -> int:
    """Training steps against a plain loop."""
    from resnext_viz.bench import train as bench

    name, bench.LIMIT_S = NETWORK, 20.0
    if options.device == "cpu":
        name, bench.LIMIT_S, bench.WORK, bench.BATCH = bench.NAME, 5.0, {"cpu": 1.0}, 16  # two batches, and small ones
    write_rows(options.out, bench.measure((name,), options.device, pictures_in(options.scratch)))
    return 0


def cifar10(options: argparse.Namespace) -> int:
    """A training within the time that is left: its epochs as they come, then the accuracy of the weights it writes."""
    until = time.monotonic() + options.seconds - END_S
    minutes = max(0.05, TRAINED_SHARE * (options.seconds - START_S - END_S) / 60)
    settings = ON_CPU if options.device == "cpu" else (
        "--preset", NETWORK, *RECIPE, "--minutes", f"{minutes:.2f}", "--data", str(pictures_in(options.scratch))
    )  # fmt: skip
    run = options.scratch / "run"
    command = [sys.executable, "-m", "resnext_viz", "train", *settings, "--device", options.device, "--out", str(run)]
    training = subprocess.Popen(command)  # noqa: S603  # words of our own, no shell
    while training.poll() is None:
        if time.monotonic() > until:
            training.terminate()  # keeps the last whole epoch
            training.wait()
            break
        time.sleep(1)
        with contextlib.suppress(FileNotFoundError):
            write(options.out, trained(settings, run, None))
    status = training.returncode
    if status:
        status = subprocess.run([*command, "--export-only"], check=False).returncode  # noqa: S603
    weights = run / "model.safetensors"
    if status or not weights.is_file():
        return status or 1
    write(options.out, trained(settings, run, weights))
    if weights.stat().st_size <= LARGEST_FILE:
        shutil.copy(weights, options.out.parent / weights.name)
    return 0


def trained(settings: tuple[str, ...], run: Path, weights: Path | None) -> dict[str, Any]:
    """What is known of a training: settings, epochs, and the test accuracy of the weights once there are some."""
    accuracy = None
    if weights:
        from resnext_viz.inference.weights.checkpoint import load_checkpoint

        accuracy = load_checkpoint(weights).test_accuracy
    return {"settings": settings, "test_accuracy": accuracy, "epochs": json.loads((run / "history.json").read_bytes())}


def pictures_in(scratch: Path) -> Path:
    """The folder among the unpacked ones that holds train/CLASS."""
    return next(folder.parent for folder in sorted((scratch / "pictures").rglob("train")) if folder.is_dir())


def write_rows(out: Path, rows: list[BenchRow]) -> None:
    """Writes rows as `bench --json` prints them."""
    from resnext_viz.bench.machine import describe_machine

    write(out, {"machine": describe_machine(), "rows": [row.to_dict() for row in rows]})


def write(out: Path, document: dict[str, Any]) -> None:
    """Puts a JSON document in the place of the one before, whole."""
    whole = out.with_suffix(".part")
    whole.write_text(json.dumps(document, indent=1))
    whole.replace(out)


PARTS: dict[str, Callable[[argparse.Namespace], int]] = {
    part.__name__: part for part in (setup, tests, inference, forms, train, cifar10)
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--device", required=True)
    parser.add_argument("--seconds", type=int, required=True)
    for name in ("--carried", "--scratch", "--out"):
        parser.add_argument(name, type=Path, required=True)
    given = parser.parse_args()
    raise SystemExit(PARTS[given.part](given))
