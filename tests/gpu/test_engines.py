"""Engines on a GPU: the exact one is torchvision in float32, the recorded one proves itself and replays the same."""

from __future__ import annotations

import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor
from torchvision.models import resnext50_32x4d

from resnext_viz.inference.attribution.where import grad_cam
from resnext_viz.inference.engines import openvino_engines, selection, torch_engines
from resnext_viz.inference.engines.engine import EngineChoice, fixed_pictures, prove
from resnext_viz.inference.engines.selection import Network, choose_engine
from resnext_viz.inference.engines.torch_engines import HalfWay, exact_engine, half
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.names import preset
from resnext_viz.nn import build
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.inference.conftest import trained

pytestmark = pytest.mark.gpu

SHAPE = (3, 32, 32)
SPEC = ResNeXtSpec(depths=(1, 1), cardinality=4, base_width=4, stem=Stem.CIFAR, num_classes=5)
LARGEST = 8  # pictures that a graph is recorded for, here
PICTURES = fixed_pictures(SHAPE, 2 * LARGEST + 3)
NEAR = 2e-2  # of the largest logit, in half precision


@pytest.fixture
def model(gpu: torch.device) -> ResNeXt:
    return trained(SPEC).requires_grad_(False).to(gpu)


def relative(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).abs().max() / wanted.abs().max())


@pytest.mark.usefixtures("tf32_allowed")
def test_the_exact_engine_gives_torchvisions_logits_whatever_the_process_allows(gpu: torch.device) -> None:
    """Torchvision's in float64 on the processor: float32 ends within 1e-5 of it, TF32 1e-3 off."""
    torch.manual_seed(0)
    theirs = resnext50_32x4d(num_classes=10).eval()
    ours = build(preset("resnext50_32x4d").with_options(num_classes=10)).eval()
    ours.load_state_dict(theirs.state_dict())
    inputs = fixed_pictures((3, 64, 64), 8)
    with torch.inference_mode():
        wanted = theirs.double()(inputs.double())
    found = exact_engine(ours.to(gpu), gpu).run(inputs)
    assert relative(found.double(), wanted) < 1e-5
    assert torch.backends.cudnn.allow_tf32  # and the process has its setting back
    assert torch.get_float32_matmul_precision() == "high"


def test_the_exact_engine_gives_the_same_bits_every_time(gpu: torch.device, model: ResNeXt) -> None:
    first = exact_engine(model, gpu).run(PICTURES)
    assert all(torch.equal(exact_engine(model, gpu).run(PICTURES), first) for _ in range(3))


def test_half_precision_proves_itself_on_trained_weights(gpu: torch.device) -> None:
    model = load_predictor("cifar10", str(gpu), engine="exact").model
    verdict = prove(half(model, gpu, PICTURES[:1], LARGEST), exact_engine(model, gpu), PICTURES[:1])
    assert verdict.agrees, verdict.in_words()
    assert 0 < verdict.relative_error < NEAR


def test_the_recorded_engine_is_what_is_tried_first(
    gpu: torch.device, model: ResNeXt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openvino_engines, "is_available", lambda: False)
    chosen = choose_engine(EngineChoice.AUTO, Network(model, gpu, SHAPE, LARGEST, keep=False))
    (verdict,) = chosen.verdicts
    assert not verdict.problem
    assert verdict.agrees
    assert verdict.engine.startswith("torch CUDA graph" if gpu.type == "cuda" else "torch eager")


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_any_number_of_pictures_is_answered(
    gpu: torch.device, model: ResNeXt, layout: torch.memory_format, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graphs are recorded for 1, 2, 4 and 8: numbers between are filled up, larger ones go in pieces."""
    monkeypatch.setitem(torch_engines._FASTEST, gpu, HalfWay(layout, dtype))
    engine = half(model, gpu, PICTURES[:1], LARGEST)
    assert str(dtype).removeprefix("torch.") in engine.name
    wanted = exact_engine(model, gpu).run(PICTURES)
    for size in (1, 2, 3, 5, LARGEST, LARGEST + 1, len(PICTURES)):
        found = engine.run(PICTURES[:size])
        assert found.dtype is torch.float32
        assert found.device.type == "cpu"
        assert len(found) == size
        assert relative(found, wanted[:size]) < NEAR
        assert not torch.equal(found, wanted[:size])


def test_a_replay_gives_the_same_and_leaves_earlier_answers_alone(gpu: torch.device, model: ResNeXt) -> None:
    engine = half(model, gpu, PICTURES[:1], LARGEST)
    first = engine.run(PICTURES[:3])
    kept = first.clone()
    engine.run(PICTURES[3:8])  # in the next larger graph
    engine.run(PICTURES[8:11])  # in the same graph
    assert torch.equal(first, kept)
    assert torch.equal(engine.run(PICTURES[:3]), kept)


def test_replays_take_no_more_memory(real_gpu: torch.device, model: ResNeXt) -> None:
    engine = half(model, real_gpu, PICTURES[:1], LARGEST)
    for size in range(1, len(PICTURES) + 1):
        engine.run(PICTURES[:size])
    before = torch.cuda.memory_allocated(real_gpu), torch.cuda.memory_reserved(real_gpu)
    for size in [*range(1, len(PICTURES) + 1)] * 3:
        engine.run(PICTURES[:size])
    assert (torch.cuda.memory_allocated(real_gpu), torch.cuda.memory_reserved(real_gpu)) == before


def test_the_graphs_go_with_their_engine(real_gpu: torch.device, model: ResNeXt) -> None:
    engine = half(model, real_gpu, PICTURES[:1], LARGEST)
    engine.run(PICTURES)
    recorded = weakref.ref(engine.run.__self__)  # type: ignore[attr-defined]  # a bound method
    del engine
    assert recorded() is None


def test_a_graph_is_recorded_while_another_thread_explains(gpu: torch.device, model: ResNeXt) -> None:
    """Grad-CAM asks for memory and copies all the time, which a recording of the whole process would not stand."""
    done = threading.Event()

    def explain() -> int:
        rounds = 0
        while not done.is_set() or not rounds:
            grad_cam(model, PICTURES[0], rounds % 5)
            rounds += 1
        return rounds

    wanted = exact_engine(model, gpu).run(PICTURES)
    with ThreadPoolExecutor(1) as pool:
        explained = pool.submit(explain)
        try:
            for _ in range(3):
                assert relative(half(model, gpu, PICTURES[:1], LARGEST).run(PICTURES), wanted) < NEAR
        finally:
            done.set()
        assert explained.result() > 0


def test_when_no_engine_fits_the_processor_answers(gpu: torch.device, model: ResNeXt) -> None:
    last = selection._exact_steps(Network(model, gpu, SHAPE, LARGEST, keep=False))[-1]()
    assert relative(last.run(PICTURES), exact_engine(model, gpu).run(PICTURES)) < 1e-5
