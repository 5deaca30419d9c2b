"""An uploaded checkpoint on a real server: its bytes are gone, its network stays as long as its name stands there."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.runtime import get_instance

from resnext_viz.bench.app.upload import CHECKPOINT, open_uploader
from resnext_viz.ui.kit.weights.own_checkpoint import OwnCheckpoint
from tests.app.served_here import served_here
from tests.inference.conftest import tiny_file, tiny_model, tiny_spec

__all__ = ["tiny_file", "tiny_model", "tiny_spec"]


def test_the_network_stays_when_the_bytes_have_gone(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    make = OwnCheckpoint.__init__

    def noted(self: OwnCheckpoint, file_id: str, data: bytes) -> None:
        made.append(file_id)
        make(self, file_id, data)

    monkeypatch.setattr(OwnCheckpoint, "__init__", noted)
    with served_here() as address:
        visitor = open_uploader(address, "weights=own", CHECKPOINT)
        file = visitor.upload("mine.safetensors", tiny_file.read_bytes())
        held = get_instance().uploaded_file_mgr.file_storage
        assert [len(one.data) for files in held.values() for one in files.values()] == []
        for _ in range(2):
            visitor.run_with(file)
        assert made == [file.file_id]
        visitor.upload("again.safetensors", tiny_file.read_bytes())
        assert len(made) == 2
        visitor.close()
