"""Every usual way to write down class names gives them in the order of their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnext_viz.inference.errors import CheckpointError
from resnext_viz.inference.weights.class_names import read_class_names


@pytest.mark.parametrize(
    "text",
    [
        '["cat", "dog", "eel"]',
        '{"1": "dog", "0": "cat", "2": "eel"}',
        '{"0": ["n1", "cat"], "1": ["n2", "dog"], "2": ["n3", "eel"]}',
        '{"eel": 2, "cat": 0, "dog": 1}',
        "cat\ndog\neel\n\n",
        "cat\r\n dog \r\neel",
        "\ufeffcat\ndog\neel",
    ],
)
def test_dialects(text: str, tmp_path: Path) -> None:
    file = tmp_path / "names"
    file.write_text(text, encoding="utf-8", newline="")
    assert read_class_names(file) == ("cat", "dog", "eel")
    assert read_class_names(text.encode()) == ("cat", "dog", "eel")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no names"),
        (b"[]", "no names"),
        (b"{}", "no names"),
        (b'["cat", 3]', "Class 1"),
        (b'["cat", ""]', "Class 1"),
        (b"cat\n\ndog", "Class 1"),
        (b'["' + b"x" * 300 + b'"]', "Class 0"),
        (b'["cat", "\\ud83d"]', "Class 1"),
        (b'{"0": "cat", "2": "dog"}', "no number 1"),
        (b'{"cat": 0, "dog": 5}', "no number 1"),
        (b'["cat"', "looks like JSON"),
        (b"[" * 100_000, "looks like JSON"),
        (b"\xff\xfe\x00c", "UTF-8"),
        (b"x\n" * 3 * 1024**2, "more than 4 MB"),
    ],
)
def test_what_cannot_be_used_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(CheckpointError, match=words):
        read_class_names(content)


@pytest.mark.parametrize("path", ["no/such/file.txt", "with\0zero"])
def test_no_such_file(path: str) -> None:
    with pytest.raises(CheckpointError, match="class-name file"):
        read_class_names(path)
