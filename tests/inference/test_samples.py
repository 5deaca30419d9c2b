"""Samples are real photos of the installed package, or there are none; nothing heavy is loaded to find out."""

from __future__ import annotations

import subprocess
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import pytest

from resnext_viz.inference import samples as samples_module
from resnext_viz.inference.decode import decode_image
from resnext_viz.inference.samples import samples


def test_without_the_package_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples_module, "find_spec", lambda _: None)
    assert samples() == ()


def test_only_files_that_exist_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "chelsea.png").write_bytes(b"")
    found = ModuleSpec("skimage", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(samples_module, "find_spec", lambda _: found)
    assert [sample.name for sample in samples()] == ["chelsea.png"]


def test_samples_can_be_decoded() -> None:
    if find_spec("skimage") is None:
        pytest.skip("scikit-image, which brings the samples, is not installed")
    assert [sample.name for sample in samples()] == ["chelsea.png", "coffee.png", "rocket.jpg"]
    for sample in samples():
        decoded = decode_image(sample.path.read_bytes())
        assert min(decoded.width, decoded.height) >= 200
        assert sample.credit


@pytest.mark.parametrize("module", ["", ".decode", ".weights", ".metadata", ".preprocess", ".samples", ".class_names"])
def test_what_the_first_page_may_import_loads_neither_torch_nor_streamlit(module: str) -> None:
    code = f"import sys, resnext_viz.inference{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60).stdout
    assert not {"torch", "torchvision", "streamlit", "skimage"} & set(loaded.split())
