"""How fast each engine answers, and how near to exact arithmetic, beside what people would use instead.

Every engine and every peer that is installed runs the same weights in one process, in turns; timed is from the prepared
inputs on the CPU to the logits on the CPU. Decoding and preparing are not in it. The share of the peak is of the
machine's own matrix product in the same precision, measured in the same run.

Agreement is with the exact engine: on the pictures of a folder if one is given, else on made-up ones. With random
weights it says little, since random networks have no favourite.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from logging import INFO
from pathlib import Path

import torch
from torch import Tensor, nn

from resnext_viz.bench import peers
from resnext_viz.bench.peak import peak_macs
from resnext_viz.bench.result import BenchError, BenchRow, rows_of
from resnext_viz.complexity import complexity
from resnext_viz.inference.engines import openvino_engines, torch_engines
from resnext_viz.inference.engines.engine import Engine, EngineChoice, fixed_pictures
from resnext_viz.inference.engines.int8 import find_int8, quantised
from resnext_viz.inference.errors import ImageError
from resnext_viz.inference.photos.uploaded import decode_photo
from resnext_viz.inference.predictor.by_name import load_predictor
from resnext_viz.inference.predictor.predictor import Predictor
from resnext_viz.inference.weights.checkpoint import save_checkpoint
from resnext_viz.kit.operator_log import logged
from resnext_viz.kit.timing import in_turns, timed
from resnext_viz.names import preset
from resnext_viz.nn.device import choose_device
from resnext_viz.nn.module_style import in_modules
from resnext_viz.spec import BlockKind

RANDOM = "random"
RANDOM_SPEC = preset("resnext50_32x4d")
BATCHES = {"cpu": (1, 16), "mps": (1, 16), "cuda": (1, 64)}
TF32 = {"off": (False,), "on": (True,), "both": (False, True)}  # whether the peers' convolutions may round on CUDA
ROUNDS = {1: 20}  # batch -> rounds; larger ones get fewer
FEWER_ROUNDS = 6
LIMIT_S = 90.0
MADE_UP, MOST_PICTURES = 64, 5000
_AT_ONCE = 16


@dataclass(frozen=True)
class EngineAgreement:
    """Of an engine with the exact one: share of equal first answers and largest difference of a probability, 0 to 1."""

    same_answers: float
    probability_difference: float


def measure(
    device: str = "auto", weights: str = RANDOM, data: Path | None = None, batch: Sequence[int] = (), tf32: str = ""
) -> list[BenchRow]:
    """A row for each engine and peer, for each batch size; see `measured`."""
    return [row for rows in measured(device, weights, data, batch, tf32) for row in rows]


def measured(
    device: str = "auto", weights: str = RANDOM, data: Path | None = None, batch: Sequence[int] = (), tf32: str = ""
) -> Iterator[list[BenchRow]]:
    """The rows of one batch size after the other, each as soon as it is measured.

    Args:
        device: where.
        weights: a name or a file as for `predict`, or "random": ResNeXt-50 32x4d at 224 pixels as torchvision makes it.
        data: a folder of pictures to measure agreement on.
        batch: sizes; those of `BATCHES` if none.
        tf32: "on", "off" or "both", for the convolutions of peers on CUDA; both if not said. Our exact engine never
            rounds, and torch by itself does.

    Raises:
        UserError: no such device or weights, no pictures in `data`, or TF32 on another device.
    """
    place = choose_device(device)
    if tf32 and place.type != "cuda":
        raise BenchError(f"tf32 is {tf32!r}; only NVIDIA GPUs have that format, so leave it out on {place.type}")
    predictor = load_random(device) if weights == RANDOM else load_predictor(weights, device, allow_pickle_files=True)
    shape = (predictor.spec.in_channels, predictor.image_size, predictor.image_size)
    roundings = TF32[tf32 or "both"] if place.type == "cuda" else TF32["off"]
    engines = [*_peers(predictor, place, shape, roundings), *_ours(predictor, place, shape)]
    pictures = _pictures(predictor, data) if data else fixed_pictures(shape, MADE_UP)
    agreements = _agreements(predictor, engines, pictures)
    macs = complexity(predictor.spec, predictor.image_size).macs
    peaks = {precision: peak_macs(place, precision) for precision in {_precision(engine.name) for engine in engines}}
    for size in batch or BATCHES[place.type]:
        inputs = fixed_pictures(shape, size)
        timers = {engine.name: timed(partial(engine.run, inputs)) for engine in engines}
        samples = in_turns(timers, ROUNDS.get(size, FEWER_ROUNDS), LIMIT_S)
        rows = []
        for row in rows_of("inference", samples, engines[0].name, size):
            peak = peaks[_precision(row.engine)]
            achieved = macs * size / row.median_ms * 1000
            rows.append(
                replace(
                    row,
                    peak_share=round(achieved / peak, 3) if peak else None,
                    same_answers=agreements[row.engine].same_answers,
                    probability_difference=agreements[row.engine].probability_difference,
                )
            )
        yield rows


def load_random(device: str = "auto") -> Predictor:
    """The predictor of ResNeXt-50 32x4d with the random weights that torchvision draws, the same every time."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.safetensors"
        write_random(path)
        return load_predictor(path, device)


def write_random(path: Path) -> None:
    """Writes a checkpoint of ResNeXt-50 32x4d with the random weights that torchvision draws, the same every time."""
    from torchvision.models import resnext50_32x4d

    torch.manual_seed(0)
    classes = [str(number) for number in range(RANDOM_SPEC.num_classes)]
    state = resnext50_32x4d().state_dict()
    save_checkpoint(path, state, RANDOM_SPEC, classes, (0.5,) * 3, (0.25,) * 3, 224, dtype=torch.float32)


def _peers(
    predictor: Predictor, device: torch.device, shape: tuple[int, int, int], roundings: Sequence[bool] = (False,)
) -> Iterator[Engine]:
    """Torchvision's own network with the same weights, or one in its style, run in every way that is installed here."""
    theirs = _torchvisions(predictor)
    network, whose = (theirs.to(device), "torchvision") if theirs else (in_modules(predictor.model), "torch")
    for tf32 in roundings:
        yield peers.eager(network, device, whose, tf32)
    for tf32 in roundings:
        yield from _possible(partial(peers.compiled, network, device, tf32), shape)
    if device.type == "cpu":
        yield from _possible(partial(peers.onnx_runtime, network, fixed_pictures(shape, 2)), shape)


def _torchvisions(predictor: Predictor) -> nn.Module | None:
    """The same network as torchvision builds it; None if it has none of that kind, such as one with CIFAR's stem."""
    from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

    spec = predictor.spec
    block = Bottleneck if spec.block is BlockKind.BOTTLENECK else BasicBlock
    usual = RANDOM_SPEC.with_options(
        depths=spec.depths, block=spec.block, expansion=block.expansion, cardinality=spec.cardinality,
        base_width=spec.base_width, num_classes=spec.num_classes,
    )  # fmt: skip
    if spec != usual or len(spec.depths) != 4:
        return None
    width = {"groups": spec.cardinality, "width_per_group": spec.base_width}
    network: nn.Module = ResNet(block, list(spec.depths), spec.num_classes, **width)
    network.load_state_dict(predictor.model.state_dict())
    return network.eval().requires_grad_(False)


def _ours(predictor: Predictor, device: torch.device, shape: tuple[int, int, int]) -> Iterator[Engine]:
    """Every engine that this package could choose on the device."""
    model = predictor.model
    yield replace(torch_engines.exact_engine(model, device), name="exact: torch, float32")
    half = partial(torch_engines.half, model, device, fixed_pictures(shape), predictor.max_batch)
    yield from _possible(half, shape)
    if device.type == "cpu" and openvino_engines.is_available():
        for precision in reversed(openvino_engines.precisions()):
            yield from _possible(partial(openvino_engines.compiled_engine, model, shape, precision, keep=False), shape)
        found = find_int8(predictor.answering)
        if found:
            yield openvino_engines.quantised_engine(found[0])
        else:
            yield from _possible(partial(_quantised_here, predictor, shape), shape)


def _quantised_here(predictor: Predictor, shape: tuple[int, int, int]) -> Engine:
    """An 8-bit form calibrated on made-up pictures: good for its time, not for its answers."""
    with tempfile.TemporaryDirectory() as folder:
        model = quantised(openvino_engines.converted(predictor.model, shape), fixed_pictures(shape, 16))
        openvino_engines.save(model, Path(folder) / "model.xml")
        engine = openvino_engines.quantised_engine(Path(folder) / "model.xml")
    return replace(engine, name=f"{engine.name}, calibrated on made-up pictures")


def _possible(make: Callable[[], Engine], shape: tuple[int, int, int]) -> Iterator[Engine]:
    """The engine, if it can be made and run here; peers are whatever is installed."""
    try:
        engine = make()
        engine.run(fixed_pictures(shape))
    except Exception as error:  # compilers and exporters of others raise what they like
        logged(error, "an engine to compare with", INFO)
        return
    yield engine


def _agreements(predictor: Predictor, engines: Sequence[Engine], pictures: Tensor) -> dict[str, EngineAgreement]:
    exact = predictor.logits(pictures, EngineChoice.EXACT)
    found = {}
    for engine in engines:
        logits = torch.cat([engine.run(piece) for piece in pictures.split(_AT_ONCE)])[:, : exact.shape[1]]
        same = (logits.argmax(1) == exact.argmax(1)).float().mean()
        difference = (logits.softmax(1) - exact.softmax(1)).abs().max()
        found[engine.name] = EngineAgreement(round(float(same), 4), float(f"{float(difference):.3g}"))
    return found


def _pictures(predictor: Predictor, folder: Path) -> Tensor:
    inputs = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file())[:MOST_PICTURES]:
        try:
            inputs.append(
                predictor.preprocess.tensor(decode_photo(path, path.name, crop=predictor.preprocess.seen_side).image)
            )
        except ImageError:
            continue
    if not inputs:
        raise BenchError(f"data is {folder}, where no picture can be read; name a folder with pictures")
    return torch.stack(inputs)


def _precision(engine: str) -> str:
    return next(precision for precision in ("int8", "bfloat16", "float16", "float32") if precision in engine)
