"""What was measured of a set of weights, as the page and the model card show it: a JSON file beside the weights.

`cifar10.safetensors` has `cifar10.json`. It counts only for the very file whose SHA-256 it names. No torch.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from resnext_viz.inference.calibration import Calibration, CalibrationBin
from resnext_viz.inference.none_of_these import NoneRule, Score, Separation
from resnext_viz.kit.operator_log import LOG

_FORMAT = "resnext_viz measured/1"


@dataclass(frozen=True)
class OtherThings:
    """Pictures of other things from one place that had no part in the rule: how many, how many called none.

    Attributes:
        unseen: how many would be where no picture from there had a part in it; None where nothing is fitted by them.
    """

    name: str
    pictures: int
    called_none: int
    unseen: int | None = None


@dataclass(frozen=True)
class Larger:
    """Test pictures enlarged to photos: how, how many, how many right, how many with the same first answer.

    Attributes:
        called_none: how many are said to show none of the classes; None where that was not measured.
    """

    words: str
    pictures: int
    right: int
    same: int
    called_none: int | None = None


@dataclass(frozen=True)
class Measured:
    """All that was measured of one file of weights.

    Attributes:
        weights: SHA-256 of the file.
        network: its title.
        data: what the test pictures are.
        engine: how the network was run.
        classes: in the order of rows and columns of `confusion`.
        confusion: test pictures by true class (row) and first answer (column).
        temperature: fitted on `fitted_on` pictures that the network was not trained on.
        before, after: calibration on the test pictures at temperature 1 and at `temperature`.
        rule: when it says that a picture shows none of the classes; with `compared` scores and `sources` of pictures.
        larger: what it says to the test pictures as larger photos.
    """

    weights: str
    network: str
    data: str
    engine: str
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    temperature: float
    fitted_on: int
    before: Calibration
    after: Calibration
    rule: NoneRule | None = None
    compared: tuple[Separation, ...] = ()
    sources: tuple[OtherThings, ...] = ()
    larger: tuple[Larger, ...] = ()

    @property
    def pictures(self) -> int:
        """Test pictures."""
        return sum(map(sum, self.confusion))

    @property
    def right(self) -> int:
        """Test pictures whose first answer is right."""
        return sum(row[place] for place, row in enumerate(self.confusion))

    def to_json(self) -> str:
        """The text of the file."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Measured:
        """What `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is something else.
        """
        if not isinstance(values, Mapping) or values.get("format") != _FORMAT:
            raise ValueError(f"no {_FORMAT}")
        return cls(
            **{name: values[name] for name in ("weights", "network", "data", "engine", "temperature", "fitted_on")},
            classes=tuple(values["classes"]),
            confusion=tuple(tuple(row) for row in values["confusion"]),
            before=_calibration(values["before"]),
            after=_calibration(values["after"]),
            rule=NoneRule.from_dict(values["rule"]) if values["rule"] else None,
            compared=tuple(Separation(**{**each, "score": Score(each["score"])}) for each in values["compared"]),
            sources=tuple(OtherThings(**each) for each in values["sources"]),
            larger=tuple(Larger(**each) for each in values["larger"]),
        )


def measured_file(weights: Path) -> Path:
    """Where what was measured of a file of weights lies."""
    return weights.with_suffix(".json")


def read_measured(weights: Path) -> Measured | None:
    """What was measured of this very file; None if nothing was, or of another one."""
    try:
        found = Measured.from_dict(json.loads(measured_file(weights).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        LOG.warning("%s is not used: %r", measured_file(weights), error)
        return None
    return found if found.weights == sha256_of(weights) else None


def sha256_of(file: Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _calibration(values: Mapping[str, Any]) -> Calibration:
    return Calibration(values["nll"], values["ece"], tuple(CalibrationBin(**each) for each in values["bins"]))
