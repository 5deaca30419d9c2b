"""One list of formats: every suffix that Pillow gives them is taken at every door, and no other."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, features
from streamlit.testing.v1 import AppTest

from resnext_viz.cli import main
from resnext_viz.inference.photos.picture_formats import FORMATS_IN_WORDS, PICTURE_FORMATS, SUFFIXES, make_ready
from resnext_viz.training.data.image_folder import find_files
from resnext_viz.training.measure import quantise
from tests.app.test_pages import BLOCK_FORMS, PREDICT, opened
from tests.support.pictures import noise

TRAIN = "pages/train_page.py"


def test_suffixes_are_those_that_pillow_gives_each_format_and_no_two_formats_share_one() -> None:
    make_ready()
    registered = Image.registered_extensions()
    for each in PICTURE_FORMATS:
        assert set(each.suffixes) == {suffix for suffix, name in registered.items() if name == each.name}
    assert len(set(SUFFIXES)) == len(SUFFIXES)


def test_avif_is_one_of_them_where_pillow_reads_it() -> None:
    assert (".avif" in SUFFIXES) == ("AVIF" in FORMATS_IN_WORDS) == features.check("avif")


@pytest.fixture
def one_of_each(tmp_path: Path) -> list[Path]:
    """A picture for each suffix, in its format; every other suffix in capitals."""
    return list(_pictures(tmp_path / "pictures"))


def _pictures(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    make_ready()
    for each in PICTURE_FORMATS:
        for number, suffix in enumerate(each.suffixes):
            path = folder / f"{each.name}{number}{suffix.upper() if number % 2 else suffix}"
            Image.fromarray(noise(120, 32, number)).save(path, each.name)
            yield path


def test_the_shell_answers_every_suffix(one_of_each: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", *map(str, one_of_each), "--engine", "exact", "--device", "cpu", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["results"]) == len(SUFFIXES)


def test_folders_are_read_by_every_suffix(one_of_each: list[Path], tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / "data" / "train" / name
        folder.mkdir(parents=True)
        for picture in one_of_each:
            (folder / picture.name).write_bytes(picture.read_bytes())
        (folder / "notes.txt").touch()
        (folder / "drawing.svg").touch()
    found = find_files(tmp_path / "data", "train")
    assert {path.name for path in found.paths} == {path.name for path in one_of_each}
    assert {each.photo for each in quantise._pictures(tmp_path / "data")} == set(found.paths)


def uploaders() -> Iterator[tuple[str, AppTest]]:
    """Every page's uploaders of pictures, with the page they are on."""
    photos = opened(PREDICT)
    yield "photos", photos
    photos.segmented_control(key="photo_way").set_value("A folder").run()
    yield "folder", photos
    forms = opened(BLOCK_FORMS)
    forms.session_state["network-settings"] = {"chosen": "image=own"}
    forms.run()
    yield "network_photo", forms
    train = opened(TRAIN)
    train.segmented_control(key="train_data").set_value("Your folder").run()
    yield "train_folder", train


def test_every_uploader_takes_every_suffix_and_no_other() -> None:
    for key, app in uploaders():
        assert set(app.file_uploader(key=key).proto.type) == set(SUFFIXES), key
