"""Many photos on the Predict page through Streamlit's own test runner: what is computed, and how often."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.ui.predict.batch_section import BatchSession
from tests.app.test_pages import PREDICT, drawn, kept, opened
from tests.support.predictions import answered

CIFAR10 = Path(__file__).parents[2] / "data" / "cifar10"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the photos that predictors are asked about."""
    names: list[str] = []
    predict = Predictor.predict

    def counting(self: Predictor, images: Sequence[Any], *args: Any, **kwargs: Any) -> Any:
        names.extend(image.name for image in images)
        return predict(self, images, *args, **kwargs)

    monkeypatch.setattr(Predictor, "predict", counting)
    return names


def exact(app: AppTest) -> AppTest:
    """Predict with the exact engine: which one is the fastest, and so the last digits, may differ at each choice."""
    app.selectbox(key="engine").set_value(EngineChoice.EXACT)
    return app.run()


def upload(app: AppTest, *files: Path) -> AppTest:
    app.file_uploader(key="photos").set_value([(file.name, file.read_bytes(), "image/jpeg") for file in files])
    app.run()
    kept(app, BatchSession).answers.job.wait(60)
    app.run()
    assert not app.exception
    return app


def test_answers_are_kept_while_photos_and_the_number_of_answers_change(asked: list[str]) -> None:
    files = sorted(CIFAR10.glob("ca*/*.jpg"))[:4]
    app = upload(exact(opened(PREDICT)), *files)
    assert asked == [file.name for file in files]
    assert "Top 5 of 10 classes" in drawn(app)
    said = drawn(app)
    app.slider(key="top_k").set_value(7).run()
    assert "Top 7 of 10 classes" in drawn(app)
    app.session_state["files"] = {"chosen": "sort:probability=0"}
    app.run()
    assert 'aria-sort="ascending"' in drawn(app)
    assert asked == [file.name for file in files]
    assert answered(load_predictor("cifar10", "cpu", engine="exact").predict(files, 1)) in said


def test_a_photo_that_was_chosen_stays_while_the_table_is_sorted() -> None:
    files = sorted(CIFAR10.glob("ship/*.jpg"))[:3]
    app = upload(opened(PREDICT), *files)
    key = kept(app, BatchSession).answers.photos[2].id
    app.session_state["files"] = {"chosen": f"show:{key}"}
    app.run()
    assert f"Your photo, {files[2].name}" in drawn(app)
    app.session_state["files"] = {"chosen": "sort:file=1"}
    app.run()
    assert f"Your photo, {files[2].name}" in drawn(app)


def test_fewer_than_ten_photos_have_no_histogram_and_no_truth() -> None:
    page = drawn(upload(opened(PREDICT), *sorted(CIFAR10.glob("*/*.jpg"))[:9]))
    assert "How sure it is" not in page
    assert "How often it is right" not in page
    assert "How sure it is" in drawn(upload(opened(PREDICT), *sorted(CIFAR10.glob("*/*.jpg"))[:10]))
