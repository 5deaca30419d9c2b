"""Thousands of damaged and hostile safetensors files: each loads or is refused in words, and nothing else happens."""

from __future__ import annotations

import json
import os
import random
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch

from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.weights.checkpoint import Checkpoint, load_checkpoint
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.inference.conftest import trained

CASES = int(os.environ.get("CHECKPOINT_MUTATIONS", "2000"))
DTYPES = (
    "F16", "F32", "F64", "BF16", "I8", "U8", "I64", "U64", "BOOL", "C64", "F8_E4M3", "F8_E5M2", "F8_E8M0",
    "F8_E4M3FNUZ", "F4", "F6_E2M3", "F128", "f32", "float32",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 64, 2**31, 2**62, 2**63, 2**64, 10**30, 1.5, 1e400, True, None, "3", [], [3], {},
)  # fmt: skip
TEXTS = (
    "", "{", "[]", "{}", "null", "[null]", "[1e999,1,1]", "[NaN,1,1]", f"[1{'0' * 400},1,1]", "[true,1,1]", '"x"', "-1",
    "[" * 2000, "9" * 5000, '{"depths":[1]}', '{"depths":[200,200,200,200]}', '{"cardinality":1e9}', '["a"]', "0.5",
    '{"spec":{}}', "\u0000", "\ud83d\ude00",
)  # fmt: skip
METADATA = ("format", "spec", "classes", "mean", "std", "image_size", "test_accuracy", "other")
Header = dict[str, Any]


def parts(content: bytes) -> tuple[Header, bytes]:
    length = struct.unpack_from("<Q", content)[0]
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def joined(header: str | Header, data: bytes, more: int = 0) -> bytes:
    text = (header if isinstance(header, str) else json.dumps(header)).encode("utf-8", "surrogatepass")
    return struct.pack("<Q", (len(text) + more) % 2**64) + text + data


def cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.choice((rng.randrange(len(content) + 1), rng.randrange(16), -rng.randrange(1, 40)))]


def flipped_anywhere(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 8)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def flipped_in_the_header(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    header_end = content.find(b"}}") + 2
    for _ in range(rng.randrange(1, 4)):
        changed[rng.randrange(max(1, header_end))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def spliced(content: bytes, rng: random.Random) -> bytes:
    at, length = rng.randrange(rng.choice((9, len(content) + 1))), rng.randrange(1, 200)
    return content[:at] + rng.choice((b"", rng.randbytes(length))) + content[at + rng.choice((0, length)) :]


def other_header_length(content: bytes, rng: random.Random) -> bytes:
    header, data = parts(content)
    return joined(header, data, rng.choice((1, -1, 7, 100, -100, 2**20, 2**31, 2**40, 2**63)))


def other_tensor(content: bytes, rng: random.Random) -> bytes:
    """One tensor's dtype, shape or place in the file says something else."""
    header, data = parts(content)
    name = rng.choice([key for key in header if key != "__metadata__"])
    entry, kind = header[name], rng.randrange(6)
    if kind == 0:
        entry["dtype"] = rng.choice((*DTYPES, None, 3))
    elif kind == 1:
        entry["shape"] = rng.choice((*NUMBERS, [], [0], [-1], [2**62, 4], entry["shape"] * 2))
    elif kind == 2 and entry["shape"]:
        entry["shape"][rng.randrange(len(entry["shape"]))] = rng.choice(NUMBERS)
    elif kind == 3:
        entry["data_offsets"][rng.randrange(2)] = rng.choice((*NUMBERS, rng.randrange(len(data))))
    elif kind == 4:
        entry["data_offsets"] = rng.choice([header[key] for key in header if key != "__metadata__"])["data_offsets"]
    else:
        header[name] = rng.choice((*NUMBERS, {**entry, "more": 1}, {"dtype": "F32"}))
    return joined(header, data)


def other_names(content: bytes, rng: random.Random) -> bytes:
    """Tensors that are missing, renamed, double, or swapped."""
    header, data = parts(content)
    one, two = rng.sample([key for key in header if key != "__metadata__"], 2)
    kind = rng.randrange(5)
    if kind == 0:
        del header[one]
    elif kind == 1:
        names = ("", "layer1.99.conv1.weight", "conv1.0.weight", "x" * 5000, "\x00", "linear.weight", "module.x")
        header[rng.choice((*names, f"{two}x"))] = header.pop(one)
    elif kind == 2:
        header[one], header[two] = header[two], header[one]
    elif kind == 3:
        text = json.dumps(header)
        return joined(text[:-1] + f", {json.dumps(one)}: {json.dumps(header[two])}" + "}", data)
    else:
        prefix = rng.choice(("module.", "backbone.", "module.module.", "stage_1."))
        header = {key if key == "__metadata__" else prefix + key: value for key, value in header.items()}
    return joined(header, data)


def other_metadata(content: bytes, rng: random.Random) -> bytes:
    header, data = parts(content)
    header["__metadata__"] = {"format": "resnext_viz/1", **header.get("__metadata__", {})}
    for _ in range(rng.randrange(1, 3)):
        header["__metadata__"][rng.choice(METADATA)] = rng.choice(TEXTS)
    if rng.random() < 0.1:
        header["__metadata__"] = rng.choice((*NUMBERS, {"format": 3}, {"format": {"a": 1}}))
    return joined(header, data)


def numbers_out_of_range(content: bytes, rng: random.Random) -> bytes:
    header, data = parts(content)
    changed = bytearray(data)
    for _ in range(3):
        value = rng.choice((float("nan"), float("inf"), -float("inf"), 3e38, 1e-45))
        struct.pack_into("<f", changed, 4 * rng.randrange(len(data) // 4), value)
    return joined(header, bytes(changed))


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    cut, flipped_anywhere, flipped_in_the_header, spliced, other_header_length, other_tensor, other_tensor, other_names,
    other_metadata, numbers_out_of_range,
)  # fmt: skip


@pytest.fixture(scope="module")
def whole() -> bytes:
    """The smallest network there is, so that thousands load in a short time."""
    model = trained(ResNeXtSpec((1,), 1, 1, expansion=1, stem=Stem.CIFAR, in_channels=1, num_classes=2))
    said = {"format": "resnext_viz/1", "mean": "[0.5]", "std": "[0.2]"}
    return safetensors.torch.save(dict(model.state_dict()), said)


def test_every_mutation_loads_or_is_refused_in_words(whole: bytes, tmp_path: Path) -> None:
    assert isinstance(load_checkpoint(whole), Checkpoint)
    ends: Counter[str] = Counter()
    for case in range(CASES):
        rng = random.Random(case)
        content = rng.choice(MUTATIONS)(whole, rng)
        if rng.random() < 0.1:
            content = rng.choice(MUTATIONS[:4])(content + b"\0", rng)
        source: Path | bytes = content
        if case % 10 == 0:
            source = tmp_path / "mutated.safetensors"
            source.write_bytes(content)
        try:
            load_checkpoint(source)
            words = "loaded"
        except CheckpointError as error:
            words = str(error)
        except Exception as error:
            raise AssertionError(f"case {case}: {type(error).__name__}: {error}") from error
        assert 0 < len(words) < 1_000, case
        ends[words[:24]] += 1
    assert ends["loaded"] > CASES / 100, "some changes do no harm"
    assert len(ends) > 8, "refused for many reasons"
