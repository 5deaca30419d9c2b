"""Stands in for `python -m resnext_viz train`: no network, rows of made-up figures, and the same manners.

It writes `history.json` after each epoch, goes on from it, ends with status 130 on SIGTERM, and writes weights at the
end or with `--export-only`. The seed says what goes wrong: 13 a full disk in epoch 2, 66 to 69 one of the `refusals`,
99 it hangs.
"""

import json
import os
import signal
import sys
import time
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Any, TextIO

PACE_S = float(os.environ.get("SLOW_TRAINER_S", "0.02"))  # of an epoch


def main(words: list[str]) -> int:
    options = dict(pairwise(words))
    out, epochs, seed = Path(options["--out"]), int(options["--epochs"]), int(options["--seed"])
    classes = int(os.environ.get("SLOW_TRAINER_CLASSES", "10"))
    history = json.loads((out / "history.json").read_text()) if (out / "history.json").exists() else []
    if "--export-only" in words:
        write(out / "model.safetensors", f"epoch {len(history)}")
        return 0
    for doing in ("Reading the pictures", "Building the network", "Taking the first step"):
        say(json.dumps({"preparation": doing}), sys.stdout)
    if refused := refusals(out, options["--data"]).get(seed):
        complain(**refused)
        return 2
    while len(history) < epochs:
        number = len(history) + 1
        say(json.dumps({"epoch": number, "share": 0.25, "images_per_s": 812.4, "left_s": 75.0}), sys.stdout)
        time.sleep(600 if seed == 99 else PACE_S)
        if seed == 13 and number == 2 and not (out / "room").exists():
            complain("disk_full", f"[Errno 28] No space left on device: '{out}/checkpoint.pt.part'")
            return 1
        history.append(row(number, epochs, seed, classes))
        write(out / "checkpoint.pt", str(number))
        write(out / "history.json", json.dumps(history))
    write(out / "model.safetensors", f"epoch {len(history)}")
    return 0


def refusals(out: Path, data: str) -> dict[int, dict[str, Any]]:
    """What is told at once, by seed."""
    return {
        66: {"code": "diverged", "message": "the loss is no number any more", "epoch": 1, "peak_rate": 0.1},
        67: {"code": "data_gone", "message": f"{data} is no folder", "folder": data},
        68: {"code": "machine", "message": f"{out} cannot be written to (Permission denied); no epoch was done"},
        69: {"code": "out_of_memory", "message": f"cpu is out of memory in a step; no epoch was done in {out}"},
    }


def row(number: int, epochs: int, seed: int, classes: int) -> dict[str, object]:
    share = number / epochs
    right = 0.62 - 0.5 * exp(-3 * share) - 0.02 * (seed % 7)
    return {
        "epoch": number, "loss": round(2.3 - 1.4 * share, 4), "train_accuracy": round(right + 0.08 * share, 4),
        "test_loss": round(2.2 - 1.1 * share, 4), "test_accuracy": round(right, 3),
        "class_accuracy": [round(right + 0.04 * ((3 * c) % 7 - 3), 2) for c in range(classes)],
        "images_per_s": 800 + 7 * number % 31, "elapsed_s": round(2.5 * number, 1), "progress": round(share, 4),
    }  # fmt: skip


def complain(code: str, message: str, **details: object) -> None:
    """As `python -m resnext_viz` does for a program that asked for it."""
    assert os.environ["RESNEXT_VIZ_ERRORS"] == "json"
    say(json.dumps({"code": code, "message": message, **details}), sys.stderr)


def say(line: str, stream: TextIO) -> None:
    stream.write(f"{line}\n")
    stream.flush()


def write(path: Path, content: str) -> None:
    path.with_suffix(".part").write_text(content)
    path.with_suffix(".part").replace(path)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main(sys.argv[3:]))  # after `-m resnext_viz`
    except KeyboardInterrupt:
        complain("stopped", "stopped")
        sys.exit(130)
