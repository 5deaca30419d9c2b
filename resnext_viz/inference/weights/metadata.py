"""What a safetensors checkpoint says of itself, read from its header alone: no torch, no tensors.

A safetensors file opens with the header's length (8 bytes, little-endian) and the header as JSON; "__metadata__" in it
maps text to text. Ours holds the fields of `Metadata`, each as JSON, and format = "resnext_viz/1".
Source: https://huggingface.co/docs/safetensors, "Format".
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from resnext_viz.errors import SpecError
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.none_of_these import NoneRule
from resnext_viz.inference.temperature import LARGEST_TEMPERATURE, LEAST_TEMPERATURE
from resnext_viz.inference.weights.class_names import check_class_names
from resnext_viz.spec import ResNeXtSpec, check_square

FORMAT = "resnext_viz/1"
LEAST_STD, LARGEST_STD = 1e-6, 1e6  # what is less would be 0 in float32, and pictures are divided by it
MAX_HEADER_BYTES = 10 * 1024**2
_LENGTH = struct.Struct("<Q")
_OWN = "__metadata__"


@dataclass(frozen=True)
class Metadata:
    """What is known of a checkpoint beside its tensors; None where it does not say.

    Attributes:
        mean, std: of each channel in training, on the scale 0 to 1.
        image_size: side of the training pictures, in pixels.
        test_accuracy: share of right answers on the test pictures, 0 to 1.
        temperature: that logits are divided by before they become probabilities.
        none_of_these: when a picture shows none of the classes, probably.
    """

    spec: ResNeXtSpec | None = None
    classes: tuple[str, ...] | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    image_size: int | None = None
    test_accuracy: float | None = None
    temperature: float | None = None
    none_of_these: NoneRule | None = None

    def to_header(self) -> dict[str, str]:
        """The header's text for each field that is known."""
        values = {
            "spec": self.spec and self.spec.to_dict(),
            "classes": self.classes,
            "mean": self.mean,
            "std": self.std,
            "image_size": self.image_size,
            "test_accuracy": self.test_accuracy,
            "temperature": self.temperature,
            "none_of_these": self.none_of_these and self.none_of_these.to_dict(),
        }
        texts = {name: json.dumps(value) for name, value in values.items() if value is not None}
        return {"format": FORMAT, **texts}

    @classmethod
    def from_header(cls, header: Mapping[str, str]) -> Metadata:
        """The fields of a header; of a header in another format, nothing.

        Raises:
            CheckpointError: a field that does not hold what it should.
        """
        if header.get("format") != FORMAT:
            return cls()
        values = {name: _json(name, header[name]) for name in _READERS if name in header}
        try:
            return cls(**{name: _READERS[name](value) for name, value in values.items()})
        except (SpecError, TypeError, ValueError, OverflowError) as error:
            raise CheckpointError(f"The checkpoint's own description is damaged: {error}. Save it again.") from None


def read_metadata(source: Path | bytes) -> Metadata:
    """What a safetensors file, or its bytes, says of itself.

    Raises:
        CheckpointError: no safetensors file, or its description is damaged.
        OSError: the file cannot be read.
    """
    return Metadata.from_header(_read_header(source)[_OWN])


def read_shapes(source: Path | bytes) -> tuple[dict[str, tuple[int, ...]], ResNeXtSpec | None]:
    """The tensors' shapes by name and the spec that the file claims, if it does; nothing but the header is read.

    Raises:
        CheckpointError: no safetensors file, or its header is damaged.
        OSError: the file cannot be read.
    """
    header = _read_header(source)
    try:
        claimed = Metadata.from_header(header.pop(_OWN)).spec
    except CheckpointError:
        claimed = None  # the tensors can be read all the same
    return {name: _shape(name, said) for name, said in header.items()}, claimed


def described(content: bytes, metadata: Metadata) -> bytes:
    """A safetensors file's bytes with another description; every tensor stays as it is, to the bit.

    Raises:
        CheckpointError: no safetensors file.
    """
    header = _read_header(content)
    tensors = content[_LENGTH.size + _LENGTH.unpack(content[: _LENGTH.size])[0] :]
    text = json.dumps(header | {_OWN: metadata.to_header()}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _LENGTH.size)  # tensors begin at a multiple of eight
    return _LENGTH.pack(len(text)) + text + tensors


def header_bytes(file: BinaryIO) -> bytes:
    """The header at the beginning of an open file, with its length before it; of another file, its first bytes.

    A header that is longer than `MAX_HEADER_BYTES` is cut, and refused when it is read.
    """
    start = file.read(_LENGTH.size)
    length = _LENGTH.unpack(start)[0] if len(start) == _LENGTH.size else 0
    return start + file.read(min(length, MAX_HEADER_BYTES))


def _shape(name: str, said: Any) -> tuple[int, ...]:
    shape = said.get("shape") if isinstance(said, dict) else None
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise CheckpointError(f"The header does not say the shape of {name[:80]!r}. Save the file again.")
    return tuple(shape)


def _read_header(source: Path | bytes) -> dict[str, Any]:
    if isinstance(source, bytes):
        return _header(source[: _LENGTH.size], source[_LENGTH.size : _LENGTH.size + MAX_HEADER_BYTES])
    with source.open("rb") as file:
        return _header(file.read(_LENGTH.size), file.read(MAX_HEADER_BYTES))


def _header(start: bytes, rest: bytes) -> dict[str, Any]:
    """The header, with what the file says of itself under `_OWN`."""
    length = _LENGTH.unpack(start)[0] if len(start) == _LENGTH.size else 0
    try:
        header = json.loads(rest[:length]) if 0 < length <= len(rest) else None
    except (ValueError, RecursionError):
        header = None
    if not isinstance(header, dict) or not isinstance(header.setdefault(_OWN, {}), dict):
        raise CheckpointError("The file is no safetensors checkpoint, or it is cut short. Copy or convert it again.")
    return header


def _json(name: str, text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        raise CheckpointError(
            f"The checkpoint's own description is damaged: {name} is no JSON. Save it again."
        ) from None


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("classes is no list")
    return check_class_names(value)


def _colours(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(isinstance(v, (int, float)) and math.isfinite(v) for v in value):
        raise ValueError("mean or std is no list of numbers")
    return tuple(float(v) for v in value)


def _deviations(value: Any) -> tuple[float, ...]:
    if not all(LEAST_STD <= each <= LARGEST_STD for each in _colours(value)):
        raise ValueError(f"std is not between {LEAST_STD:g} and {LARGEST_STD:g}")
    return _colours(value)


def _share(value: Any) -> float:
    if not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError("test_accuracy is not between 0 and 1")
    return float(value)


def _temperature(value: Any) -> float:
    if not isinstance(value, (int, float)) or not LEAST_TEMPERATURE <= value <= LARGEST_TEMPERATURE:
        raise ValueError(f"temperature is not between {LEAST_TEMPERATURE:g} and {LARGEST_TEMPERATURE:g}")
    return float(value)


def _rule(value: Any) -> NoneRule:
    try:
        return NoneRule.from_dict(value)
    except KeyError as error:
        raise ValueError(f"none_of_these lacks {error}") from None


_READERS: dict[str, Callable[[Any], Any]] = {
    "spec": ResNeXtSpec.from_dict,
    "classes": _names,
    "mean": _colours,
    "std": _deviations,
    "image_size": check_square,
    "test_accuracy": _share,
    "temperature": _temperature,
    "none_of_these": _rule,
}
