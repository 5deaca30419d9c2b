"""A checkpoint with several networks on Predict: one is proposed, with the reason, and the other is a choice away."""

from __future__ import annotations

from pathlib import Path

import pytest
import safetensors.torch
from streamlit.testing.v1 import AppTest

from tests.app.test_pages import PREDICT, drawn, opened
from tests.reading.test_cases_of_files import prefixed, theirs

CHOICE = "Network in the file"


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A student of 7 classes and its teacher of 5."""
    content = prefixed(theirs(5, 2).state_dict(), "teacher.") | prefixed(theirs(7, 1).state_dict(), "student.")
    safetensors.torch.save_file(content, tmp_path / "two.safetensors")
    return tmp_path / "two.safetensors"


def with_file(app: AppTest, *files: Path) -> AppTest:
    app.file_uploader(key="own_weights").set_value([(file.name, file.read_bytes(), "") for file in files])
    app.run()
    assert not app.exception
    return app


def test_one_is_proposed_and_the_other_can_be_chosen(two: Path) -> None:
    app = with_file(opened(PREDICT, weights="own"), two)
    choice = next(box for box in app.selectbox if box.label == CHOICE)
    assert (choice.value, choice.options) == ("student", ["student", "teacher"])
    assert "The file holds 2 networks. student is proposed: the other is a copy or a teacher of it by its name." in [
        caption.value for caption in app.caption
    ]
    assert ", 7 classes" in drawn(app)
    choice.set_value("teacher").run()
    assert ", 5 classes" in drawn(app)
    assert app.query_params["part"] == "teacher"
    next(box for box in app.selectbox if box.label == CHOICE).set_value("student").run()
    assert ", 7 classes" in drawn(app)
    assert "part" not in app.query_params


def test_a_link_holds_the_choice(two: Path) -> None:
    app = with_file(opened(PREDICT, weights="own", part="teacher"), two)
    assert next(box for box in app.selectbox if box.label == CHOICE).value == "teacher"
    assert ", 5 classes" in drawn(app)


@pytest.mark.parametrize("part", ["aunt", "student.layer1", "<b>"])
def test_a_part_that_is_none_is_the_proposed_one(two: Path, part: str) -> None:
    app = with_file(opened(PREDICT, weights="own", part=part), two)
    assert ", 7 classes" in drawn(app)


def test_a_file_with_one_network_offers_no_choice(tmp_path: Path) -> None:
    safetensors.torch.save_file(theirs(7, 1).state_dict(), tmp_path / "one.safetensors")
    app = with_file(opened(PREDICT, weights="own", part="teacher"), tmp_path / "one.safetensors")
    assert CHOICE not in [box.label for box in app.selectbox]
    assert ", 7 classes" in drawn(app)
