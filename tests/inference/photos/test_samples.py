"""Samples are real photos that come with the package; nothing heavy is loaded to name them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from resnext_viz.inference.photos.decode import decode_image
from resnext_viz.inference.photos.samples import SAMPLES
from resnext_viz.inference.weights.catalogue import bundled_metadata


def test_samples_can_be_decoded() -> None:
    assert [sample.name for sample in SAMPLES] == ["chelsea.png", "coffee.png", "rocket.jpg"]
    for sample in SAMPLES:
        decoded = decode_image(sample.path.read_bytes())
        assert min(decoded.width, decoded.height) >= 200
        assert sample.credit


@pytest.mark.parametrize(
    ("classes", "among"),
    [
        (bundled_metadata().classes, ["chelsea.png"]),
        (("Egyptian cat", "espresso", "missile"), ["chelsea.png", "coffee.png"]),
        (("ant", "Cat"), []),
    ],
)
def test_a_sample_knows_which_networks_know_it(classes: tuple[str, ...], among: list[str]) -> None:
    assert [sample.name for sample in SAMPLES if sample.is_among(classes)] == among


@pytest.mark.parametrize(
    "module",
    ["", ".photos.decode", ".weights.catalogue", ".weights.metadata", ".photos.samples", ".weights.class_names"],
)
def test_what_the_first_page_may_import_loads_neither_torch_nor_streamlit(module: str) -> None:
    code = f"import sys, resnext_viz.inference{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60).stdout
    assert not {"torch", "torchvision", "streamlit"} & set(loaded.split())
