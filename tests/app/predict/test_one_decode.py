"""A photo is decoded once for a page, however many of its parts show it, through Streamlit's own test runner."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.inference.photos.decoder import Decoder
from resnext_viz.inference.weights.catalogue import ONE_PATH_NAME
from resnext_viz.ui.predict.batch_section import BatchSession
from tests.app.predict.test_batch import CIFAR10, upload
from tests.app.test_pages import PREDICT, drawn, kept, opened

FILES = sorted(CIFAR10.glob("ship/*.jpg"))[:3]


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Counter[bytes]:
    """How often each file was given to a decoder."""
    made: Counter[bytes] = Counter()
    decode = Decoder.decode

    def counting(self: Decoder, data: bytes, crop: int) -> object:
        made[data] += 1
        return decode(self, data, crop)

    monkeypatch.setattr(Decoder, "decode", counting)
    return made


def trips_of(trips: Counter[bytes], files: list[Path] = FILES) -> list[int]:
    return [trips[file.read_bytes()] for file in files]


def finished(app: AppTest) -> AppTest:
    kept(app, BatchSession).answers.job.wait(60)
    app.run()
    assert not app.exception
    return app


def test_a_photo_is_decoded_once_for_all_that_shows_it(trips: Counter[bytes]) -> None:
    app = opened(PREDICT, cardinality="true")
    app.selectbox(key="beside").set_value(ONE_PATH_NAME)
    upload(app, FILES[0])
    page = drawn(app)
    assert f"Your photo, {FILES[0].name}" in page  # the answer and its views
    assert page.count("rx-p-sides") >= 2  # the answers beside it, and what cardinality changes
    assert "rx-h-columns" in page  # where it looks
    assert trips_of(trips) == [1, 0, 0]
    next(each for each in app.selectbox if each.label == "Weights").set_value(ONE_PATH_NAME).run()
    finished(app)
    assert trips_of(trips) == [1, 0, 0]


def test_of_several_photos_only_one_that_is_chosen_later_is_decoded_again(trips: Counter[bytes]) -> None:
    app = upload(opened(PREDICT), *FILES)
    assert trips_of(trips) == [1, 1, 1]
    shown = kept(app, BatchSession).answers.photos[2].id
    app.session_state["files"] = {"chosen": f"show:{shown}"}
    app.run()
    assert f"Your photo, {FILES[2].name}" in drawn(app)
    assert trips_of(trips) == [1, 1, 2]
    for _ in range(2):
        app.run()
    assert trips_of(trips) == [1, 1, 2]
