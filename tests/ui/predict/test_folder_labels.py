"""Folders say which class is right, however their names are written."""

import pytest

from resnext_viz.ui.predict.folder_labels import truth_of
from resnext_viz.ui.predict.photos import MAX_FILES, MAX_TOTAL_BYTES, photo_in_folder, within_bounds
from resnext_viz.ui.predict.shown_picture import Photo

CLASSES = ("tench", "great white shark", "Crane", "maillot")


def in_folder(number: int, folder: str) -> Photo:
    return Photo(str(number), f"{number}.jpg", b"", folder)


@pytest.mark.parametrize(
    ("folder", "label"),
    [
        ("tench", "tench"),
        ("Great_White_Shark", "great white shark"),
        ("great  white shark", "great white shark"),
        ("crane", "Crane"),
        ("CRANE ", "Crane"),
    ],
)
def test_a_folder_is_matched_whatever_its_case_and_spaces(folder: str, label: str) -> None:
    assert truth_of([in_folder(1, folder)], CLASSES).labels == {"1": label}


def test_folders_that_are_no_class_are_named_once_and_photos_without_folder_say_nothing() -> None:
    photos = [in_folder(number, folder) for number, folder in enumerate(("tench", "zebra", "ant", "zebra", ""))]
    truth = truth_of(photos, CLASSES)
    assert truth.labels == {"0": "tench"}
    assert truth.unknown == ("ant", "zebra")


@pytest.mark.parametrize(
    ("path", "name", "folder"),
    [
        ("cifar10/cat/0001.jpg", "cat/0001.jpg", "cat"),
        ("data/test/cat/1.jpg", "test/cat/1.jpg", "cat"),
        ("cat/1.jpg", "1.jpg", "cat"),
        ("data\\cat\\1.jpg", "cat/1.jpg", "cat"),
        ("1.jpg", "1.jpg", ""),
    ],
)
def test_the_last_folder_of_a_path_is_the_class(path: str, name: str, folder: str) -> None:
    assert photo_in_folder("x", path, b"1") == Photo("x", name, b"1", folder)


def test_photos_are_bounded_in_number_and_together() -> None:
    assert within_bounds([in_folder(number, "") for number in range(MAX_FILES + 3)])[-1].id == str(MAX_FILES - 1)
    megabytes = bytes(7 * 2**20)
    kept = within_bounds([Photo(str(number), "", megabytes) for number in range(100)])
    assert len(kept) == MAX_TOTAL_BYTES // len(megabytes) == 71
