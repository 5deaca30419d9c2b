"""What a file of weights is: told by its bytes, whatever it is called, and any bytes end in an answer."""

from __future__ import annotations

import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from safetensors.torch import load_file

from resnext_viz.inference.weights.pickles import is_pickle
from resnext_viz.reading.formats.file_start import HEAD_BYTES, fields_of
from resnext_viz.reading.formats.weight_formats import (
    ARRAYS_LINE,
    FORMATS,
    TORCHSCRIPT_LINE,
    folder_in_words,
    format_of,
)
from tests.reading.weight_files import FILES, KINDS, TABLE_END, arrays, content_of, script


@pytest.mark.parametrize(("words", "make"), FILES, ids=[f"{n}-{words}" for n, (words, _) in enumerate(FILES)])
def test_each_kind_is_told_by_its_bytes_whatever_it_is_called(
    words: str, make: Callable[[Path], bytes], tmp_path: Path
) -> None:
    content = content_of(make)
    for name in ("model.safetensors", "model.pth", "model"):
        (tmp_path / name).write_bytes(content)
        found = format_of(tmp_path / name)
        assert found is not None
        assert words in found.what
    assert format_of(content) is found
    if len(content) > 2000 and not content.endswith(TABLE_END):
        assert format_of(content[: len(content) // 2]) is found  # its beginning is enough
    assert found.is_read or found.in_words().count(". ") == 0, "one sentence"
    assert found.is_read or "please" in found.in_words()


def test_every_row_of_the_list_has_a_file_and_no_two_rows_the_same_words() -> None:
    told = {row.what: [words for words in KINDS if words in row.what] for row in FORMATS}
    assert {what: words for what, words in told.items() if not words} == {}
    assert len({row.what for row in FORMATS}) == len(FORMATS)


def test_what_is_read_as_a_pickle_is_what_the_list_says() -> None:
    for words, make in FILES:
        content = content_of(make)
        found = format_of(content)
        if found and found.is_read:
            assert is_pickle(content) == ("PyTorch" in words or "before" in words), words


@pytest.mark.parametrize(
    "head", [b"", b"PK\3\4", b"PK\1\2", b"\x08\x08", b"\x0a\x04\x0a", b"\x82\xa3", b"\x80\4", b"{", b"\0\0"]
)
@given(rest=some.binary(max_size=200))
def test_any_bytes_are_told_or_not_and_nothing_is_raised(head: bytes, rest: bytes) -> None:
    found = format_of(head + rest)
    assert found is None or found in FORMATS


@given(some.binary(max_size=100))
def test_fields_of_any_bytes_come_to_an_end(content: bytes) -> None:
    assert len(fields_of(content)) <= 16


def test_a_kind_is_told_from_the_ends_of_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.pt"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("n/data.pkl", bytes(2 * HEAD_BYTES))
        file.writestr("n/code/n.py", bytes(2 * HEAD_BYTES))
    found = format_of(path)
    assert found is not None
    assert "TorchScript" in found.what  # `code` stands in the directory at the end only


@pytest.mark.parametrize(
    ("line", "name", "make"),
    [
        (TORCHSCRIPT_LINE, "model.pt", script),
        (ARRAYS_LINE, "model.npz", arrays),
    ],
    ids=["TorchScript", "NumPy"],
)
def test_the_lines_that_take_weights_out_do(
    line: str, name: str, make: Callable[[Path], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(content_of(make))
    monkeypatch.chdir(tmp_path)
    python, option, code = shlex.split(line)
    assert (python, option) == ("python", "-c")
    exec(code, {})
    names = load_file(tmp_path / "model.safetensors").keys()
    assert names >= ({"fc.weight"} if make is arrays else {"weight", "bias"})


FOLDERS = (
    (["saved_model.pb", "variables"], "SavedModel"),
    ([".metadata", "__0_0.distcp"], "dcp_to_torch"),
    (["_CHECKPOINT_METADATA", "state"], "orbax"),
    (["checkpoint", "model.ckpt-9.index"], "a TensorFlow checkpoint"),
    (["Data", "Manifest.json"], "Core ML"),
    (["config.json", "model.safetensors"], "model.safetensors'"),
    (["a-00001-of-00002.safetensors", "model.safetensors.index.json"], "model.safetensors.index.json'"),
    (["checkpoint", "last.pth"], "last.pth'"),
    ([], "without a file of weights"),
)


@pytest.mark.parametrize(("names", "words"), FOLDERS)
def test_a_folder_is_said_to_be_one_with_what_to_give_in_its_place(names: list[str], words: str) -> None:
    assert words in folder_in_words(Path("given"), names)
