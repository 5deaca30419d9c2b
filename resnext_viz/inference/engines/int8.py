"""Networks quantised to 8-bit whole numbers: where they lie, which weights they belong to, and how often they agree.

A folder holds OpenVINO's pair of files and `record.json`, which says what was measured when it was made. One belongs to
exactly one network, by a hash of its weights and options; without a record, or below `MIN_AGREEMENT`, none is offered.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from resnext_viz.errors import UserError
from resnext_viz.inference.engines.compiled_cache import cache_folder, key_of
from resnext_viz.inference.engines.openvino_engines import is_available
from resnext_viz.kit.operator_log import LOG
from resnext_viz.names import name_of
from resnext_viz.nn.network import ResNeXt
from resnext_viz.reading.tensors import is_used

BUNDLED_FOLDER = Path(__file__).parents[1] / "bundled" / "cifar10-int8"
MODEL_FILE, RECORD_FILE = "model.xml", "record.json"
MIN_AGREEMENT = 0.98  # share of pictures with the same first answer as in float32


@dataclass(frozen=True)
class Int8Record:
    """What is known of a quantised network.

    Attributes:
        weights: the key of the network that it was made from.
        agreement: share of `pictures` to which it gives the same first answer as the exact network, 0 to 1.
        pictures: how many that was measured on; none of them calibrated it.
        exact_accuracy, accuracy: shares of right first answers there, 0 to 1; None where the classes are not known.
        calibration_pictures: how many calibrated it.
        made_with: versions.
    """

    weights: str
    agreement: float
    pictures: int
    exact_accuracy: float | None
    accuracy: float | None
    calibration_pictures: int
    made_with: str

    def in_words(self) -> str:
        """How far it can be trusted."""
        words = f"{100 * self.agreement:.1f} % the same first answer as exact arithmetic, on {self.pictures:,} pictures"
        if self.accuracy is None or self.exact_accuracy is None:
            return words
        return f"{words}; {100 * self.accuracy:.2f} % right instead of {100 * self.exact_accuracy:.2f} %"


def network_key(model: ResNeXt) -> str:
    """What the record calls this network: its weights, and its options, of which some change no weight (its stem)."""
    state = {key: value for key, value in model.state_dict().items() if is_used(key)}
    return key_of(state, "int8", name_of(model.spec))


def folder_of(key: str) -> Path:
    """Where one for this network is put when it is made on this machine."""
    return cache_folder() / f"int8-{key}"


def find_int8(model: ResNeXt) -> tuple[Path, Int8Record] | None:
    """Model file and record of the quantised form of this network; None if there is none that may be offered."""
    if not is_available():
        return None
    key = network_key(model)
    for folder in (BUNDLED_FOLDER, folder_of(key)):
        record = read_record(folder)
        if record and record.weights == key and record.agreement >= MIN_AGREEMENT:
            return folder / MODEL_FILE, record
    return None


def read_record(folder: Path) -> Int8Record | None:
    """The record in a folder; None if there is no whole one."""
    try:
        return Int8Record(**json.loads((folder / RECORD_FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        LOG.warning("%s is not used: %r", folder / RECORD_FILE, error)
        return None


def write_record(folder: Path, record: Int8Record) -> None:
    """Puts the record beside its model."""
    (folder / RECORD_FILE).write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")


def quantised(model: Any, samples: Tensor) -> Any:
    """OpenVINO's `model` in 8-bit whole numbers, its ranges calibrated on inputs `(N, C, H, W)`.

    Raises:
        UserError: NNCF is not installed.
    """
    maker = nncf()
    with contextlib.redirect_stdout(io.StringIO()):  # NNCF draws its own progress there
        return maker.quantize(
            model, maker.Dataset([sample[None].numpy() for sample in samples]), subset_size=len(samples)
        )


def nncf() -> Any:
    """NNCF, which makes 8-bit forms; running one does without.

    Raises:
        UserError: it is not installed.
    """
    os.environ.setdefault("NNCF_CI", "1")  # else it reports every call to its makers' statistics
    try:
        import nncf as installed
    except ImportError:
        raise UserError(
            "quantise needs NNCF, which is not installed; install it with `pip install -r requirements-dev.txt`"
        ) from None
    return installed
