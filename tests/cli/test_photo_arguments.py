"""What people type where a photo belongs: folders, patterns, `-`, addresses."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from PIL import Image

from resnext_viz import cli
from resnext_viz.commands.options.photo_arguments import named_photos
from tests.fuzz.seeds import as_file, picture
from tests.support.installed import ROOT

JPEG = as_file(picture(), "JPEG")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`tmp_path` with some photos, as the folder that one is in."""
    for name in ("b 10.jpg", "b 9.JPG", "below/c.heic", "below/._c.heic", ".hidden/d.jpg", "notes.txt", "[x].png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(JPEG)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*arguments: str) -> list[str]:
    found = named_photos(arguments)
    assert not [each for each in found if each.error]
    return [Path(each.name).as_posix() for each in found]


def test_a_folder_stands_for_the_pictures_in_it_and_below(folder: Path) -> None:
    everything = ["[x].png", "b 9.JPG", "b 10.jpg", "below/c.heic"]
    assert names(".") == everything
    assert names("below/") == ["below/c.heic"]
    assert names(str(folder)) == [(folder / name).as_posix() for name in everything]


@pytest.mark.usefixtures("folder")
def test_a_pattern_that_no_shell_has_expanded_is_expanded() -> None:
    assert names("*.jpg") == ["b 10.jpg"]
    assert names("b*") == ["b 9.JPG", "b 10.jpg", "below/c.heic"]
    assert names("**/*.heic") == ["below/c.heic"]
    assert names("b ?.JPG", "[x].png") == ["b 9.JPG", "[x].png"]  # a file of that name is that file


def test_file_addresses_are_files(folder: Path) -> None:
    address = (folder / "b 9.JPG").as_uri()
    assert "%20" in address
    assert names(address) == names(address.replace("file://", "file://localhost"))
    assert names(address) == [(folder / "b 9.JPG").as_posix()]
    assert names((folder / "below").as_uri()) == [(folder / "below" / "c.heic").as_posix()]


def test_home_is_understood(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert names("~/*.jpg") == [(folder / "b 10.jpg").as_posix()]


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("https://example.org/cat.jpg", "nothing is fetched from elsewhere"),
        ("HTTP://example.org/cat.jpg?x=1", "nothing is fetched from elsewhere"),
        ("http://[cat.jpg", "nothing is fetched from elsewhere"),
        ("s3://bucket/cat.jpg", "nothing is fetched from elsewhere"),
        ("file://server/share/cat.jpg", "of another machine"),
        ("data:image/png;base64,iVBORw0KGgo", "written as text"),
        ("empty", "a folder without pictures"),
        ("*.tif", "No file matches"),
        ("nowhere/**/*.jpg", "No file matches"),
        ("x*" * 3000, "No file matches"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_stands_for_no_photo_is_named(argument: str, words: str) -> None:
    (found,) = named_photos([argument])
    assert words in found.error
    assert found.error.count(". ") == 1
    assert found.error.endswith(".")


def test_a_name_that_cannot_be_one_is_refused_when_it_is_read() -> None:
    assert names("x" * 5000, "a\0b.jpg") == ["x" * 5000, "a\0b.jpg"]


def test_the_others_are_answered_in_order(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["https://example.org/a.jpg", "below", "missing.jpg", "b 9.JPG", "--device", "cpu", "--engine", "exact"]
    assert cli.main(["predict", *argv, "--json"]) == 1
    results = json.loads(capsys.readouterr().out)["results"]
    assert [Path(each["image"]).name for each in results] == ["a.jpg", "c.heic", "missing.jpg", "b 9.JPG"]
    assert ["error" in each for each in results] == [True, False, True, False]
    assert folder.is_dir()


def test_a_photo_may_come_by_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for data, words in ((JPEG, ""), (b"", "empty"), (b"%PDF", "PDF"), (bytes(50 * 2**20 + 1), "More than 50 MB")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        status = cli.main(["predict", "-", "--device", "cpu", "--engine", "exact", "--json"])
        (result,) = json.loads(capsys.readouterr().out)["results"]
        assert (status, result["image"]) == (bool(words), "standard input")
        assert words in result.get("error", "")


def test_a_file_that_is_too_large_is_told_its_true_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(127 * 2**19)
    assert cli.main(["predict", str(tmp_path / "large.jpg"), "--device", "cpu", "--engine", "exact"]) == 1
    assert "The file has 63.5 MB; at most 50 MB are read." in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["https://example.org/cat.jpg"],
        ["ftp://example.org/cat.jpg", "data:image/png;base64,iVBORw0KGgo"],
        ["*.tif", "empty", "file://server/share/cat.jpg"],
        ["large.jpg"],
        ["large.jpg", "*.tif", "large.jpg"],
    ],
)
def test_no_network_is_loaded_or_named_where_nothing_stands_for_a_photo(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr("resnext_viz.commands.predict.load_named", lambda _: pytest.fail("a network is loaded"))
    with (folder / "large.jpg").open("wb") as file:
        file.truncate(50 * 2**20 + 1)
    assert cli.main(["predict", *arguments]) == 1
    first, *others = capsys.readouterr().out.split("\n\n")
    assert len(others) == len(arguments) - 1
    assert first.split("\n  error: ")[0] == arguments[0]
    assert cli.main(["predict", *arguments, "--json"]) == 1
    results = json.loads(capsys.readouterr().out)["results"]
    assert [set(each) for each in results] == [{"image", "error"}] * len(arguments)


def test_no_warning_of_a_library_reaches_a_user(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def warn(_: object) -> int:
        warnings.warn("a library's own business", UserWarning, stacklevel=1)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return 0

    monkeypatch.setattr("resnext_viz.commands.table2.run", warn)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert cli.main(["table2"]) == 0
    assert seen == []
    assert capsys.readouterr().err == ""


def test_whoever_asks_python_for_warnings_gets_them() -> None:
    code = (
        "import warnings, resnext_viz.cli as c, resnext_viz.commands.table2 as t\n"
        "t.run = lambda _: warnings.warn('seen') or 0\nc.main(['table2'])"
    )
    for options, shown in (((), False), (("-W", "default"), True)):
        run = subprocess.run(
            [sys.executable, *options, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert ("seen" in run.stderr) == shown
    assert Image.open(io.BytesIO(JPEG)).format == "JPEG"
