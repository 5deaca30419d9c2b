"""What the inference bench compares: the same weights everywhere, peers that are theirs, and an honest agreement."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import torch
from PIL import Image

from resnext_viz.bench import inference, peak, peers
from resnext_viz.bench.inference import measure
from resnext_viz.bench.peak import peak_macs
from resnext_viz.bench.result import BenchError
from resnext_viz.cli import main
from resnext_viz.inference.engines.engine import Engine, fixed_pictures
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.names import preset
from tests.inference.conftest import CLASSES, MEAN, STD, trained
from tests.inference.engines.test_engines import Operations
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def predictor(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    spec = preset("resnext50_32x4d").with_options(depths=(1, 1), num_classes=len(CLASSES))
    path = tmp_path_factory.mktemp("weights") / "two_stages.safetensors"
    save_checkpoint(path, trained(spec).state_dict(), spec, CLASSES, MEAN, STD, 64, dtype=torch.float32)
    return load_predictor(path, "cpu", engine="exact")


@pytest.fixture(scope="module")
def like_torchvision(tmp_path_factory: pytest.TempPathFactory) -> Predictor:
    spec = preset("resnet18").with_options(num_classes=len(CLASSES))
    path = tmp_path_factory.mktemp("weights") / "resnet18.safetensors"
    save_checkpoint(path, trained(spec).state_dict(), spec, CLASSES, MEAN, STD, 64, dtype=torch.float32)
    return load_predictor(path, "cpu", engine="exact")


def test_the_baseline_is_torchvisions_own_class_with_the_same_weights(like_torchvision: Predictor) -> None:
    from torchvision.models import ResNet

    theirs = inference._torchvisions(like_torchvision)
    assert isinstance(theirs, ResNet)
    pictures = fixed_pictures((3, 64, 64), 2)
    torch.testing.assert_close(
        peers.eager(theirs, CPU, "torchvision").run(pictures), like_torchvision.logits(pictures), rtol=1e-5, atol=1e-5
    )


def test_a_network_that_torchvision_does_not_have_is_not_called_its() -> None:
    assert inference._torchvisions(load_predictor("cifar10", "cpu")) is None
    first = next(inference._peers(load_predictor("cifar10", "cpu"), CPU, (3, 32, 32)))
    assert first.name == "torch eager, float32"
    with Operations() as asked:
        first.run(fixed_pictures((3, 32, 32)))
    assert {"aten.relu_.default", "aten.add_.Tensor"} < set(asked.names)  # but in its style: maps are overwritten
    assert not {"aten.relu.default", "aten.add.Tensor"} & set(asked.names)


def test_onnx_runtime_runs_the_same_network(like_torchvision: Predictor) -> None:
    theirs = inference._torchvisions(like_torchvision)
    assert theirs is not None
    engine = peers.onnx_runtime(theirs, fixed_pictures((3, 64, 64), 2))
    for batch in (1, 3):
        pictures = fixed_pictures((3, 64, 64), batch)
        torch.testing.assert_close(engine.run(pictures), like_torchvision.logits(pictures), rtol=1e-4, atol=1e-4)


def test_agreement_is_with_exact_arithmetic(predictor: Predictor) -> None:
    pictures = fixed_pictures((3, 64, 64), 4)
    exact = predictor.logits(pictures)

    def another(inputs: torch.Tensor) -> torch.Tensor:
        logits = predictor.logits(inputs).clone()
        logits[0] = -logits[0]  # the first of each batch gets another winner
        return logits

    engines = [Engine("same", predictor.logits), Engine("another", another)]
    found = inference._agreements(predictor, engines, pictures)
    assert (found["same"].same_answers, found["same"].probability_difference) == (1.0, 0.0)
    assert found["another"].same_answers == 0.75
    difference = (exact[0].softmax(0) - (-exact[0]).softmax(0)).abs().max()
    assert found["another"].probability_difference == pytest.approx(float(difference), rel=1e-2)


def test_a_peak_is_a_matrix_product_of_this_machine() -> None:
    found = peak_macs(CPU, "float32")
    assert found is not None
    assert 1e8 < found < 1e15
    assert peak_macs(CPU, "float32") == pytest.approx(found, rel=20)  # another measurement, not a constant


@pytest.mark.parametrize(("quarter_s", "sides"), [(0.01, [512, 2048]), (0.3, [512])])
def test_a_processor_without_units_for_a_precision_is_spared_the_large_product(
    monkeypatch: pytest.MonkeyPatch, quarter_s: float, sides: list[int]
) -> None:
    """bfloat16 held to AVX2 takes 0.3 s at 512: six products of 2,048 would be two minutes."""
    asked: list[int] = []

    def product(_device: torch.device, _dtype: torch.dtype, side: int) -> object:
        asked.append(side)
        return lambda: None

    monkeypatch.setattr(peak, "_product", product)
    monkeypatch.setattr(peak, "_seconds", lambda *_: quarter_s * (asked[-1] / 512) ** 3)
    assert peak_macs(CPU, "bfloat16") == pytest.approx(512**3 / quarter_s)
    assert asked == sides


def test_every_row_says_all_of_it(predictor: Predictor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(inference, "load_random", lambda _: predictor)
    monkeypatch.setattr(inference, "ROUNDS", {1: 2})
    monkeypatch.setattr(inference, "FEWER_ROUNDS", 2)
    monkeypatch.setattr(peers, "compiled", lambda *_: (_ for _ in ()).throw(RuntimeError("no compiler")))
    monkeypatch.setattr(inference, "_quantised_here", lambda *_: (_ for _ in ()).throw(ImportError("no NNCF")))
    Image.new("RGB", (80, 70), "grey").save(tmp_path / "grey.png")
    (tmp_path / "notes.txt").write_text("no picture")
    rows = measure("cpu", data=tmp_path)
    engines = {row.engine for row in rows}
    assert {row.batch for row in rows} == {1, 16}
    assert {"torch eager, float32", "exact: torch, float32", "OpenVINO, float32", "ONNX Runtime, float32"} <= engines
    assert all(row.ratio is None for row in rows if row.engine == "torch eager, float32")
    assert all(row.against == "torch eager, float32" for row in rows if row.ratio is not None)
    assert all(row.same_answers is not None and row.peak_share for row in rows)
    exact = [row for row in rows if row.engine.startswith("exact")]
    assert {(row.same_answers, row.probability_difference) for row in exact} == {(1.0, 0.0)}


def test_a_folder_without_pictures_is_refused(predictor: Predictor, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="where no picture can be read"):
        inference._pictures(predictor, tmp_path)


def test_batches_are_those_that_were_asked_for_one_after_the_other(
    predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    engines = [Engine("torch eager, float32", predictor.logits)]
    monkeypatch.setattr(inference, "load_random", lambda _: predictor)
    monkeypatch.setattr(inference, "ROUNDS", {})
    monkeypatch.setattr(inference, "FEWER_ROUNDS", 2)
    monkeypatch.setattr(inference, "_peers", lambda *_: iter(engines))
    monkeypatch.setattr(inference, "_ours", lambda *_: iter(()))
    assert [[row.batch for row in rows] for rows in inference.measured("cpu", batch=(3, 1))] == [[3], [1]]
    assert [row.batch for row in measure("cpu", batch=[2])] == [2]


def test_peers_on_a_gpu_compute_with_and_without_tf32(
    like_torchvision: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a processor, where the setting changes nothing: the rows and what cuDNN is told."""
    told: list[bool] = []
    monkeypatch.setattr(torch, "compile", lambda model: model)
    monkeypatch.setattr(peers, "_tf32", lambda _, allowed: told.append(allowed) or contextlib.nullcontext())
    engines = list(inference._peers(like_torchvision, CPU, (3, 64, 64), (False, True)))[:4]
    told.clear()
    for engine in engines:
        engine.run(fixed_pictures((3, 64, 64)))
    assert [engine.name for engine in engines] == [
        "torchvision eager, float32", "torchvision eager, float32, TF32 convolutions",
        "torch.compile, float32", "torch.compile, float32, TF32 convolutions",
    ]  # fmt: skip
    assert told == [False, True, False, True]


@pytest.mark.parametrize(("words", "told"), [
    (["--tf32", "on", "--device", "cpu"], "only NVIDIA GPUs have that format"),
    (["--tf32", "maybe"], "use on, off, both"),
    (["--batch", "0"], "use a whole number from 1 to 1024"),
])  # fmt: skip
def test_mistakes_take_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["bench", "inference", *words])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    "option",
    [["--device", "cpu"], ["--weights", "cifar10"], ["--data", "."], ["--batch", "1"], ["--tf32", "on"]],
)
def test_options_of_another_subject_are_refused(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "count", *option]) == 2
    assert "is not asked for by the subject 'count'" in capsys.readouterr().err
