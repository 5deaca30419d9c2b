"""What visitors upload as weights and is none is named by its bytes on both pages that take weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.test_pages import PREDICT, drawn, opened
from tests.reading.weight_files import INDEX_TEXT, LFS_TEXT, arrays, checkpoint, content_of, given_as, graph, script

FILES: tuple[tuple[Callable[[Path], bytes], str], ...] = (
    (lambda _: graph().SerializeToString(), "The file is an ONNX graph; please"),
    (script, "The file is a TorchScript program; please"),
    (arrays, "NumPy’s arrays"),
    (given_as(LFS_TEXT), "The file is a Git LFS pointer"),
    (given_as("<!DOCTYPE html><script>alert(1)</script>"), "The file is a web page"),
    (given_as(INDEX_TEXT), "The file is the index of a checkpoint in several files; please"),
    (checkpoint, "only safetensors is taken here"),
    (given_as(bytes(2000)), "The file is full of zeros"),
)


@pytest.mark.parametrize(
    ("page", "key", "words"),
    [
        (PREDICT, "own_weights", "These weights cannot be used."),
        ("pages/counting_page.py", "audit_file", "This file cannot be audited."),
    ],
)
def test_an_upload_is_named_by_its_bytes_whatever_it_is_called(page: str, key: str, words: str) -> None:
    app = opened(page, weights="own")
    for number, (make, named) in enumerate(FILES):
        name = ("model.safetensors", "model.onnx", "weights")[number % 3]
        app.file_uploader(key=key).set_value([(name, content_of(make), "application/octet-stream")])
        app.run()
        assert not app.exception
        shown = drawn(app)
        assert words in shown
        assert named in shown
        assert "<script>alert" not in shown
