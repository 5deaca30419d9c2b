"""The engine and the weights beside it, chosen on Predict through Streamlit's own test runner."""

from pathlib import Path

import pytest

from resnext_viz.inference.engines.engine import EngineChoice
from resnext_viz.inference.weights.catalogue import BUNDLED_FILE
from resnext_viz.ui.predict.batch_section import BatchSession
from tests.app.predict.test_batch import CIFAR10, upload
from tests.app.test_pages import PREDICT, drawn, kept, opened

PHOTO = CIFAR10 / "cat" / "0010.jpg"


def test_each_engine_answers_with_its_name_and_how_it_was_checked() -> None:
    app = upload(opened(PREDICT), PHOTO)
    fastest, exact, _ = app.selectbox(key="engine").options  # which is the fastest is measured, so ask the page itself
    assert f"· {fastest.removeprefix('Fastest: ')}" in drawn(app)
    assert exact == "Exact: torch eager, float32"
    for choice, name, check in (
        (EngineChoice.EXACT, "torch eager, float32", "as torchvision computes it"),
        (EngineChoice.INT8, "OpenVINO, int8", "the same first answer"),
    ):
        app.selectbox(key="engine").set_value(choice)
        app.run()
        kept(app, BatchSession).answers.job.wait(60)
        app.run()
        assert f"· {name}" in drawn(app)
        assert any(check in caption.value for caption in app.caption)
    assert not app.exception


def test_other_weights_answer_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.safetensors").write_bytes(BUNDLED_FILE.read_bytes())
    monkeypatch.setenv("RESNEXT_VIZ_WEIGHTS", str(tmp_path))
    app = upload(opened(PREDICT), PHOTO)
    assert "rx-p-sides" not in drawn(app)
    app.selectbox(key="beside").set_value("file:other.safetensors")
    app.run()
    assert not app.exception
    page = drawn(app)
    assert "rx-p-sides" in page
    assert page.count('class="rx-p-side"') == 2
    assert "other.safetensors" in page
    assert not any("V2 weights" in caption.value for caption in app.caption)
