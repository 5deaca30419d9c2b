"""ONNX files for older runtimes: each opset's own checker takes them, and they answer as the network does."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from resnext_viz.cli import main
from resnext_viz.inference.predictor.network_export import export_network
from resnext_viz.inference.predictor.network_file import ExportError
from resnext_viz.inference.predictor.onnx_opset import NEWEST, OLDEST
from resnext_viz.names import parse

# Its stem and its shortcuts are all that other specs can add: max pooling, padding with zeros, no head.
NETWORKS = ("resnext5_2x4d_b1", "resnext29_2x4d_cifar10")
IR = {9: 4, 10: 5, 11: 6, 12: 7, 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10}  # of ONNX


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network as torch writes it."""
    path = tmp_path_factory.mktemp("onnx") / "own.onnx"
    exported = export_network(path, "onnx", parse(NETWORKS[0]), 32)
    assert exported.needs == "opset 20 and IR 10, as of ONNX 1.16.0"
    return path


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 18, 22])
def test_a_file_for_an_opset_answers_as_the_network_does(opset: int, tmp_path: Path, written: Path) -> None:
    path = tmp_path / "old.onnx"
    exported = export_network(path, "onnx", parse(NETWORKS[0]), 32, opset=opset)
    model = onnx.load(path)
    assert (model.opset_import[0].version, model.ir_version) == (opset, IR[opset])
    onnx.checker.check_model(model, full_check=True)
    assert exported.needs.startswith(f"opset {opset} and IR {IR[opset]}, as of ONNX 1.")
    assert exported.max_abs is not None
    assert exported.max_abs < 1e-4
    image = np.random.default_rng(0).normal(size=(2, 3, 32, 32)).astype(np.float32)
    old, own = (ReferenceEvaluator(onnx.load(file)).run(None, {"image": image})[0] for file in (path, written))
    assert np.abs(old - own).max() < 1e-5


def test_cifars_networks_go_too(tmp_path: Path) -> None:
    exported = export_network(tmp_path / "c.onnx", "onnx", parse(NETWORKS[1]), opset=OLDEST)
    assert exported.max_abs is not None
    assert exported.max_abs < 1e-3


@pytest.mark.parametrize(
    ("file_format", "opset", "words"),
    [("onnx", 8, "opset is 8; use one from 9 to 22"), ("onnx", 40, "opset is 40"), ("pt2", 13, "an opset is ONNX's")],
)
def test_an_opset_that_cannot_be_is_refused(file_format: str, opset: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=words):
        export_network(tmp_path / "n", file_format, parse(NETWORKS[0]), opset=opset)
    assert list(tmp_path.iterdir()) == []


def test_the_shell_writes_it_and_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["export", NETWORKS[0], "--format", "onnx", "--image-size", "32", "--out", str(tmp_path / "a.onnx")]
    assert main([*argv, "--opset", "13"]) == 0
    out, err = capsys.readouterr()
    assert "It needs opset 13 and IR 7, as of ONNX 1.8.0." in out
    assert err == ""
    assert main([*argv, "--opset", "12", "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["needs"] == "opset 12 and IR 7, as of ONNX 1.7.0"
    with pytest.raises(SystemExit):
        main([*argv, "--opset", str(NEWEST + 1)])
    assert "9 to 22" in capsys.readouterr().err
