"""Engines: the exact one is torchvision, faster ones agree with it or are not used, and failures end in words."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torchvision.models import resnext50_32x4d

from resnext_viz.errors import UserError
from resnext_viz.inference.engines import openvino_engines, selection, torch_engines
from resnext_viz.inference.engines.engine import Engine, EngineChoice, EngineVerdict, fixed_pictures, prove
from resnext_viz.inference.engines.fallback import Fallback
from resnext_viz.inference.engines.openvino_engines import PRECISIONS, compiled_engine, powers_of_two, precisions
from resnext_viz.inference.engines.selection import Network, choose_engine
from resnext_viz.inference.engines.torch_engines import HalfWay, exact_engine, fastest_way, half, with_folded_norms
from resnext_viz.names import preset
from resnext_viz.nn import build
from resnext_viz.nn.network import ResNeXt
from resnext_viz.spec import ResNeXtSpec, Stem
from tests.inference.conftest import trained

CPU = torch.device("cpu")
SHAPE = (3, 32, 32)
PICTURES = fixed_pictures(SHAPE, 5)


def network(model: ResNeXt) -> Network:
    return Network(model, CPU, SHAPE, max_batch=4, keep=False)


def test_the_exact_engine_gives_torchvisions_logits_to_the_bit() -> None:
    theirs = resnext50_32x4d(num_classes=10).eval()
    ours = build(preset("resnext50_32x4d").with_options(num_classes=10)).eval()
    ours.load_state_dict(theirs.state_dict())
    inputs = fixed_pictures((3, 64, 64), 2)
    with torch.inference_mode():
        wanted = theirs(inputs)
    assert torch.equal(exact_engine(ours, CPU).run(inputs), wanted)


class Operations(TorchDispatchMode):
    """While active, keeps the names of torch's operations in the order of calls."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: object, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        del types
        self.names.append(str(func))
        return func(*args, **(kwargs or {}))


def test_the_exact_engine_asks_of_torch_what_torchvision_asks_and_so_costs_the_same() -> None:
    """One operation that makes a new map instead of overwriting one was a tenth of the time at batch 1."""
    theirs = resnext50_32x4d(num_classes=10).eval()
    ours = build(preset("resnext50_32x4d").with_options(num_classes=10)).eval()
    inputs = fixed_pictures((3, 32, 32))
    with torch.inference_mode(), Operations() as wanted:
        theirs(inputs)
    engine = exact_engine(ours, CPU)
    with Operations() as found:
        engine.run(inputs)
    assert "aten.relu_.default" in wanted.names
    moves = ("aten.to.dtype_layout", "aten.to.dtype")  # to the device and back: nothing on the CPU
    assert [name for name in found.names if name not in moves] == wanted.names


def test_the_exact_engine_leaves_network_and_inputs_as_they_are(tiny_model: ResNeXt) -> None:
    inputs = PICTURES.clone()
    before = {key: value.clone() for key, value in tiny_model.state_dict().items()}
    engine = exact_engine(tiny_model, CPU)
    first = engine.run(inputs)
    kept = first.clone()
    engine.run(inputs.flip(0))
    assert torch.equal(first, kept)
    assert torch.equal(inputs, PICTURES)
    assert all(torch.equal(before[key], value) for key, value in tiny_model.state_dict().items())


@pytest.mark.parametrize(
    "options", [{}, {"stem": Stem.IMAGENET}, {"conv_bias": True}, {"block": "basic", "cardinality": 1}]
)
def test_folding_batch_norm_changes_no_answer(options: dict[str, object]) -> None:
    spec = ResNeXtSpec(depths=(2, 1), cardinality=2, base_width=64, stem=Stem.CIFAR, num_classes=5).with_options(
        **options
    )
    model = trained(spec).double()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    copy = with_folded_norms(model)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in copy.modules())
    with torch.inference_mode():
        wanted, found = model(PICTURES.double()), copy(PICTURES.double())
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-10)
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_stays_near_the_exact_answer(
    tiny_model: ResNeXt, layout: torch.memory_format, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(torch_engines._FASTEST, CPU, HalfWay(layout, dtype))
    engine = half(tiny_model, CPU, PICTURES, 4)
    assert str(dtype).removeprefix("torch.") in engine.name
    wanted, found = exact_engine(tiny_model, CPU).run(PICTURES), engine.run(PICTURES)
    assert not torch.equal(found, wanted)  # it did compute in half precision
    assert (found - wanted).abs().max() < 2e-2 * wanted.abs().max()


def test_layout_and_half_type_are_measured_once_for_each_device(
    tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = {HalfWay(torch.channels_last, torch.bfloat16): 3.0, HalfWay(torch.contiguous_format, torch.bfloat16): 1.0}
    asked: list[HalfWay] = []

    def time_of(_model: ResNeXt, _device: torch.device, _inputs: Tensor, way: HalfWay) -> float:
        asked.append(way)
        return times.get(way, 9.0)

    monkeypatch.setattr(torch_engines, "_FASTEST", {})
    monkeypatch.setattr(torch_engines, "_time_of", time_of)
    for _ in range(2):
        assert fastest_way(tiny_model, CPU, PICTURES) == HalfWay(torch.contiguous_format, torch.bfloat16)
    assert len(asked) == len(set(asked)) == 2  # two layouts; float16 is not tried on a CPU


def test_a_device_that_was_short_of_memory_is_measured_again(
    tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, best = [True], HalfWay(torch.channels_last, torch.bfloat16)

    def time_of(_model: ResNeXt, _device: torch.device, _inputs: Tensor, way: HalfWay) -> float:
        return float("inf") if short[0] else 1.0 + (way != best)

    monkeypatch.setattr(torch_engines, "_FASTEST", {})
    monkeypatch.setattr(torch_engines, "_time_of", time_of)
    assert fastest_way(tiny_model, CPU, PICTURES) != best
    short[0] = False
    assert fastest_way(tiny_model, CPU, PICTURES) == best


def test_what_a_device_cannot_do_is_never_the_fastest(tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        torch_engines, "with_folded_norms", lambda _: (_ for _ in ()).throw(NotImplementedError("no such kernel"))
    )
    way = HalfWay(torch.channels_last, torch.float16)
    assert torch_engines._time_of(tiny_model, CPU, PICTURES, way) == float("inf")


def test_on_a_gpu_replays_are_timed_because_replays_are_used(
    tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At batch 1 an eager run there takes as long as launching its kernels, in any layout and type."""
    replayed: list[HalfWay] = []

    class Recorded:
        def __init__(self, _network: object, _device: torch.device, way: HalfWay, _max_batch: int) -> None:
            self.way = way

        def run(self, inputs: Tensor) -> Tensor:
            replayed.append(self.way)
            return inputs

    monkeypatch.setattr(torch_engines, "_Recorded", Recorded)
    monkeypatch.setattr(torch_engines, "with_folded_norms", lambda _: Placeless())
    way = HalfWay(torch.channels_last, torch.float16)
    assert torch_engines._time_of(tiny_model, torch.device("cuda"), PICTURES, way) < float("inf")
    assert set(replayed) == {way}


class Placeless:
    """A network that is wherever one wants it."""

    def to(self, *_: object, **__: object) -> Placeless:
        return self


@pytest.mark.parametrize("number", range(1, 33))
def test_powers_of_two_add_up(number: int) -> None:
    parts = powers_of_two(number)
    assert sum(parts) == number
    assert parts == sorted(set(parts), reverse=True)
    assert all(part.bit_count() == 1 for part in parts)


@pytest.mark.skipif(not openvino_engines.is_available(), reason="OpenVINO has no CPU here")
@pytest.mark.parametrize(
    ("can", "bf16_ms", "expected"),
    [
        (["FP32", "BF16"], 4.0, ("bf16", "f32")),
        (["FP32", "BF16"], 9.5, ("f32", "bf16")),  # hardly faster
        (["FP32", "BF16"], 15.0, ("f32", "bf16")),
        (["FP32"], 4.0, ("f32",)),
    ],
)
def test_bfloat16_comes_first_only_where_it_is_faster(
    monkeypatch: pytest.MonkeyPatch, can: list[str], bf16_ms: float, expected: tuple[str, ...]
) -> None:
    core = openvino_engines._core()
    in_float32 = openvino_engines._settings("f32")
    asked = SimpleNamespace(
        get_property=lambda *_: can,
        compile_model=lambda block, device, _: core.compile_model(block, device, in_float32),
    )
    monkeypatch.setattr(openvino_engines, "_core", lambda: asked)
    monkeypatch.setattr(openvino_engines, "in_turns", lambda ways, _: dict(zip(ways, ([bf16_ms], [10.0]), strict=True)))
    assert precisions.__wrapped__() == expected


@pytest.mark.skipif(not openvino_engines.is_available(), reason="OpenVINO has no CPU here")
def test_bfloat16_that_is_offered_and_cannot_be_made_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("Supported primitive descriptors list is empty")

    asked = SimpleNamespace(get_property=lambda *_: ["FP32", "BF16"], compile_model=refuse)
    monkeypatch.setattr(openvino_engines, "_core", lambda: asked)
    assert precisions.__wrapped__() == ("f32",)


@pytest.mark.parametrize("precision", PRECISIONS)  # all: what a measurement says may differ between two processes
def test_openvino_agrees_at_any_batch_size(tiny_model: ResNeXt, precision: str) -> None:
    if precision not in precisions():
        pytest.skip(f"OpenVINO has no {PRECISIONS[precision]} on this CPU")
    if precision == "bf16" and "ONEDNN_MAX_CPU_ISA" in os.environ:
        pytest.skip("OpenVINO asks the CPU for bfloat16, not ONEDNN_MAX_CPU_ISA, which may leave it no kernel")
    engine = compiled_engine(tiny_model, SHAPE, precision, keep=False)
    limit = {"f32": 1e-5, "bf16": 2e-2}[precision]
    wanted = exact_engine(tiny_model, CPU).run(PICTURES)
    for size in (1, 2, 3, 5):
        found = engine.run(PICTURES[:size])
        assert (found - wanted[:size]).abs().max() < limit * wanted.abs().max()
    if precision == "bf16":
        assert not torch.allclose(engine.run(PICTURES), wanted, rtol=1e-6, atol=1e-6)


def test_compiling_reports_nothing_to_anybody(tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch) -> None:
    def report(*_: object, **__: object) -> None:
        pytest.fail("usage statistics")

    monkeypatch.setattr("openvino_telemetry.main.Telemetry.init", report)
    monkeypatch.setattr("openvino_telemetry.main.Telemetry.send_event", report)
    compiled_engine(tiny_model, SHAPE, "f32", keep=False).run(PICTURES)


def test_an_answer_is_not_overwritten_by_the_next(tiny_model: ResNeXt) -> None:
    engine = compiled_engine(tiny_model, SHAPE, "f32", keep=False)
    first = engine.run(PICTURES[:1])
    kept = first.clone()
    engine.run(PICTURES[1:2])
    assert torch.equal(first, kept)


def off_by(engine: Engine, share: float, name: str = "other") -> Engine:
    """An engine whose logits are wrong by that share of the largest."""

    def run(inputs: Tensor) -> Tensor:
        logits = engine.run(inputs)
        return logits + share * logits.abs().max()

    return Engine(name, run)


@pytest.mark.parametrize(("share", "agrees"), [(0.0, True), (0.019, True), (0.021, False), (0.5, False)])
def test_a_proof_measures_how_far_off_an_engine_is(tiny_model: ResNeXt, share: float, agrees: bool) -> None:
    reference = exact_engine(tiny_model, CPU)
    verdict = prove(off_by(reference, share), reference, PICTURES[:1])
    assert verdict.relative_error == pytest.approx(share, abs=1e-5)
    assert verdict.agrees is agrees


def test_another_winner_or_no_number_never_agrees(tiny_model: ResNeXt) -> None:
    reference = exact_engine(tiny_model, CPU)
    logits = reference.run(PICTURES[:1])
    swapped = logits.clone()
    swapped[0, logits.argmax()] -= 1e-3 * logits.abs().max()
    assert prove(Engine("same", lambda _: swapped), reference, PICTURES[:1]).agrees
    swapped[0, logits.argmin()] = logits.max() + 1e-6
    assert not prove(Engine("other winner", lambda _: swapped), reference, PICTURES[:1]).same_answer
    nowhere = prove(Engine("no numbers", lambda _: logits * float("nan")), reference, PICTURES[:1])
    assert (nowhere.agrees, nowhere.relative_error) == (False, float("inf"))


def verdict(name: str, *, agrees: bool = True, ms: float = 1.0) -> EngineVerdict:
    return EngineVerdict(name, 0.001 if agrees else 0.3, 0.0, agrees, exact_ms=10.0, engine_ms=ms)


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        (verdict("one"), verdict("two"), "one"),
        (verdict("one", agrees=False), verdict("two"), "two"),
        (verdict("one", ms=11), verdict("two"), "two"),
        (verdict("one", agrees=False), verdict("two", ms=99), "torch eager, float32"),
    ],
)
def test_the_first_engine_that_agrees_and_is_faster_is_used(
    tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch, first: EngineVerdict, second: EngineVerdict, chosen: str
) -> None:
    verdicts = {"one": first, "two": second}
    makers = [lambda name=name: Engine(name, lambda x: x) for name in verdicts]
    monkeypatch.setattr(selection, "_fast_engines", lambda _: iter(makers))
    monkeypatch.setattr(selection, "prove", lambda engine, _exact, _inputs, _turn: verdicts[engine.name])
    made = choose_engine(EngineChoice.AUTO, network(tiny_model))
    assert made.fallback.engine.name == chosen
    for name in verdicts:
        tried = name == "one" or chosen != "one"
        assert (f"{name} is not used" in made.check) == (tried and name != chosen)


def test_the_proof_is_of_the_real_engine(tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler that computes something else, as known faults of bfloat16 kernels did, is found out at load."""
    real = openvino_engines.compiled_engine
    monkeypatch.setattr(
        openvino_engines, "compiled_engine", lambda *a, **k: off_by(real(*a, **k), 0.3, "OpenVINO, broken")
    )
    made = choose_engine(EngineChoice.AUTO, network(tiny_model))
    assert made.fallback.engine.name == "torch eager, float32"
    assert "OpenVINO, broken is not used: on a fixed picture it does not agree" in made.check


@pytest.mark.parametrize("broken", [ImportError("no library"), RuntimeError("cannot compile")])
def test_an_engine_that_cannot_be_made_is_left_out(
    tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch, broken: Exception
) -> None:
    def fail(*_: object) -> Engine:
        raise broken

    monkeypatch.setattr(openvino_engines, "compiled_engine", fail)
    made = choose_engine(EngineChoice.AUTO, network(tiny_model))
    assert made.fallback.engine.name == "torch eager, float32"
    assert "cannot be made here" in made.check


def test_without_openvino_torch_answers(tiny_model: ResNeXt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_engines, "is_available", lambda: False)
    assert choose_engine(EngineChoice.AUTO, network(tiny_model)).fallback.engine.name.startswith("torch eager")
    with pytest.raises(UserError, match="no measured 8-bit form"):
        choose_engine(EngineChoice.INT8, network(tiny_model))


class Greedy:
    """An engine that runs out of memory above some number of pictures."""

    def __init__(self, holds: int, error: Exception) -> None:
        self.holds, self.error = holds, error
        self.sizes: list[int] = []

    def run(self, inputs: Tensor) -> Tensor:
        if len(inputs) > self.holds:
            raise self.error
        self.sizes.append(len(inputs))
        return inputs.flatten(1)[:, :3]


OUT_OF_MEMORY = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"),
)


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: str(error)[:12])
def test_out_of_memory_means_smaller_batches_and_no_picture_is_lost(error: Exception) -> None:
    greedy = Greedy(2, error)
    fallback = Fallback([lambda: Engine("greedy", greedy.run)], max_batch=8)
    inputs = torch.randn(7, 3, 2, 2)
    assert torch.equal(fallback.run(inputs), inputs.flatten(1)[:, :3])
    assert greedy.sizes == [2, 2, 2, 1]
    assert fallback.notes[-1] == "greedy: out of memory, so at most 2 pictures at once"


def test_no_memory_even_for_one_picture_means_the_cpu() -> None:
    greedy, modest = Greedy(0, OUT_OF_MEMORY[0]), Greedy(8, OUT_OF_MEMORY[0])
    fallback = Fallback([lambda: Engine("GPU", greedy.run), lambda: Engine("CPU", modest.run)], max_batch=8)
    inputs = torch.randn(8, 3, 2, 2)
    assert torch.equal(fallback.run(inputs), inputs.flatten(1)[:, :3])
    assert modest.sizes == [8]
    assert fallback.engine.name == "CPU"
    assert fallback.notes[-1] == "GPU is out of memory; answers come from CPU"


def test_an_engine_that_fails_gives_way_and_the_last_one_says_so() -> None:
    def fail(_: Tensor) -> Tensor:
        raise RuntimeError("device lost\nsecond line")

    fallback = Fallback([lambda: Engine("fast", fail), lambda: Engine("slow", lambda x: x)], max_batch=2)
    assert torch.equal(fallback.run(PICTURES), PICTURES)
    assert fallback.notes == ("fast failed; answers come from slow",)
    with pytest.raises(UserError, match=r"could not be run: something went wrong"):
        Fallback([lambda: Engine("only", fail)], max_batch=2).run(PICTURES)


def test_compiled_networks_are_remembered_and_checked(
    tiny_model: ResNeXt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    converted: list[object] = []
    real = openvino_engines.converted
    monkeypatch.setattr(openvino_engines, "converted", lambda *a: converted.append(a) or real(*a))
    wanted = exact_engine(tiny_model, CPU).run(PICTURES)

    def answers() -> Tensor:
        """In float32: an imported network would fall back to bfloat16 if it were not told again."""
        return compiled_engine(tiny_model, SHAPE, "f32", keep=True).run(PICTURES)

    def files() -> list[Path]:
        return list((tmp_path / "resnext_viz").glob("*"))

    for _ in range(2):
        torch.testing.assert_close(answers(), wanted, rtol=1e-5, atol=1e-5)
    assert len(converted) == len(files()) == 1
    file = files()[0]
    whole = file.read_bytes()
    for damaged in (whole[:1000], whole[:-1] + bytes([whole[-1] ^ 1]), b""):
        file.write_bytes(damaged)
        torch.testing.assert_close(answers(), wanted, rtol=1e-5, atol=1e-5)
        assert len(file.read_bytes()) > 1000
    assert len(converted) == 4
    other = trained(tiny_model.spec, seed=1)
    torch.testing.assert_close(
        compiled_engine(other, SHAPE, "f32", keep=True).run(PICTURES), exact_engine(other, CPU).run(PICTURES),
        rtol=1e-5, atol=1e-5,
    )  # fmt: skip
    assert len(files()) == 2


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    tiny_model: ResNeXt, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "resnext_viz").write_text("a file where the folder would be")
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    found = compiled_engine(tiny_model, SHAPE, "f32", keep=True).run(PICTURES)
    torch.testing.assert_close(found, exact_engine(tiny_model, CPU).run(PICTURES), rtol=1e-5, atol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["resnext_viz"]
