"""The audit of files: by their header alone, whoever wrote them; what is no checkpoint is refused in words."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
import torch
import torchvision
from hypothesis import example, given
from hypothesis import strategies as st
from safetensors.torch import save_file

from resnext_viz.auditing import Mistake
from resnext_viz.errors import UserError
from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.weights.catalogue import BUNDLED_FILE, bundled_spec
from resnext_viz.inference.weights.file_audit import audit_file
from resnext_viz.names import parse
from tests.nn.strangers import Handmade

X50 = parse("resnext50_32x4d")


def header_of(shapes: dict[str, tuple[int, ...]]) -> bytes:
    """A safetensors file that is nothing but a header."""
    entries = {key: {"dtype": "F16", "shape": shape, "data_offsets": [0, 0]} for key, shape in shapes.items()}
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text


def test_a_header_is_enough_however_large_the_file_would_be() -> None:
    with torch.device("meta"):
        state = torchvision.models.resnext101_64x4d().state_dict()
    found = audit_file(header_of({key: tuple(value.shape) for key, value in state.items()}))
    assert found.spec == parse("resnext101_64x4d")
    assert found.params == 83_455_272
    assert not found.findings


def test_a_faulty_file_in_both_formats(tmp_path: Path) -> None:
    state = Handmade(depths=(1, 1, 2, 1), groups=[32, 64, 128, 256], bias=True, classes=10).state_dict()
    save_file(state, tmp_path / "a.safetensors")
    torch.save({"state_dict": state}, tmp_path / "b.pth")
    of_tensors = audit_file(tmp_path / "a.safetensors")
    assert [finding.mistake for finding in of_tensors.findings] == [Mistake.GROUPS_GROW, Mistake.BIAS]
    assert audit_file((tmp_path / "a.safetensors").read_bytes()).to_dict() == of_tensors.to_dict()
    of_pickle = audit_file(tmp_path / "b.pth", allow_pickle_files=True)
    assert [finding.effect for finding in of_pickle.findings] == [finding.effect for finding in of_tensors.findings]
    with pytest.raises(CheckpointError, match="only safetensors is taken here"):
        audit_file(tmp_path / "b.pth")
    with pytest.raises(CheckpointError, match="only safetensors is taken here"):
        audit_file((tmp_path / "b.pth").read_bytes(), allow_pickle_files=True)


def test_a_files_own_description_is_its_claim() -> None:
    found = audit_file(BUNDLED_FILE)
    assert found.claimed == found.spec == bundled_spec()
    assert not found.findings
    assert audit_file(BUNDLED_FILE, X50).claimed == X50


@pytest.mark.parametrize(
    "content",
    [b"\x01\x02", struct.pack("<Q", 2**63) + b"{}", struct.pack("<Q", 2) + b"[]",
     struct.pack("<Q", 50) + b"{}", header_of({"a": (1,)})[:-1]],
)  # fmt: skip
def test_what_is_no_checkpoint_is_refused(content: bytes) -> None:
    with pytest.raises(UserError, match="no safetensors checkpoint, or it is cut short"):
        audit_file(content)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        audit_file(tmp_path / "none.safetensors")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["conv1.weight", "layer1.0.conv1.weight", "__metadata__", "", "a.b"]), JSON))
@example({"conv1.weight": {"shape": [64, 3, 7, -7]}})
@example({"conv1.weight": {"shape": [64, 3, 7, True]}})
@example({"__metadata__": {"format": "resnext_viz/1", "spec": "{"}})
def test_no_header_brings_it_down(header: dict[str, object]) -> None:
    text = json.dumps(header).encode()
    try:
        document = audit_file(struct.pack("<Q", len(text)) + text).to_dict()
    except UserError:
        return
    assert document["verdict"]
