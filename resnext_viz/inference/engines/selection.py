"""Selection of a network's engine: the fastest that proves itself, or the one that the user asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

import torch

from resnext_viz.errors import UserError
from resnext_viz.inference.engines import openvino_engines
from resnext_viz.inference.engines.engine import Engine, EngineChoice, EngineVerdict, fixed_pictures, prove
from resnext_viz.inference.engines.fallback import Fallback
from resnext_viz.inference.engines.int8 import find_int8
from resnext_viz.inference.engines.torch_engines import exact_engine, half
from resnext_viz.kit.operator_log import logged
from resnext_viz.nn import build
from resnext_viz.nn.network import ResNeXt

Make = Callable[[], Engine]

REFERENCE = "This is the reference: torch in float32, as torchvision computes it."


@dataclass(frozen=True)
class Network:
    """What engines are made from: `model` in eval mode on `device`, inputs `(C, H, W)`, pictures at once.

    `turn` is held while something runs on the device, for all networks there. A CPU builds engines without it, which
    takes seconds: nobody's answer waits for another's network. A GPU's graphs bear no other work beside them.
    """

    model: ResNeXt
    device: torch.device
    shape: tuple[int, int, int]
    max_batch: int
    keep: bool  # compiled forms on disk
    turn: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Chosen:
    """An engine on its fallback.

    Attributes:
        check: how it was checked against exact arithmetic, in words.
        verdicts: what came of proving it and those that were tried before it.
    """

    fallback: Fallback
    check: str
    verdicts: tuple[EngineVerdict, ...] = ()


def choose_engine(choice: EngineChoice, network: Network) -> Chosen:
    """The engine for `choice`, proven on a fixed picture.

    Raises:
        UserError: int8 was asked for, but there is none for these weights, or it does not agree.
    """
    if choice is EngineChoice.EXACT:
        return Chosen(Fallback(_exact_steps(network), network.max_batch), REFERENCE)
    if choice is EngineChoice.INT8:
        return _int8(network)
    verdicts = []
    for make in _fast_engines(network):
        verdict = _verdict(make, network)
        verdicts.append(verdict)
        if verdict.accepted:
            fallback = Fallback([make, *_exact_steps(network)], network.max_batch)
            return Chosen(fallback, " ".join(verdict.in_words() for verdict in verdicts), tuple(verdicts))
    words = " ".join((*(verdict.in_words() for verdict in verdicts), REFERENCE))
    return Chosen(Fallback(_exact_steps(network), network.max_batch), words, tuple(verdicts))


def _int8(network: Network) -> Chosen:
    found = find_int8(network.model) if network.device.type == "cpu" else None
    if found is None:
        raise UserError(
            "engine is 'int8'; these weights have no measured 8-bit form here. Make one with `python -m resnext_viz "
            "quantise`, which measures how often it agrees, or use auto or exact (8 bits run on the CPU)"
        )
    path, record = found
    make = _once(partial(openvino_engines.quantised_engine, path))
    verdict = _verdict(make, network)
    if verdict.problem:
        raise UserError(f"engine is 'int8', but {verdict.in_words()} Use auto or exact")
    return Chosen(Fallback([make, *_exact_steps(network)], network.max_batch), f"{record.in_words()}.", (verdict,))


def _exact_steps(network: Network) -> list[Make]:
    """The exact engine where the network lives, and on the CPU if that is elsewhere and fails."""
    steps: list[Make] = [partial(exact_engine, network.model, network.device)]
    if network.device.type != "cpu":
        steps.append(partial(_exact_on_cpu, network.model))
    return steps


def _exact_on_cpu(model: ResNeXt) -> Engine:
    with torch.device("meta"):
        copy = build(model.spec)
    copy.load_state_dict({key: value.cpu() for key, value in model.state_dict().items()}, assign=True)
    cpu = exact_engine(copy.eval().requires_grad_(False), torch.device("cpu"))
    return Engine(f"{cpu.name}, on the CPU", cpu.run)


def _fast_engines(network: Network) -> Iterator[Make]:
    """Makers of engines worth trying, the fastest as a rule first; each makes its engine once."""
    if network.device.type == "cpu" and openvino_engines.is_available():
        for precision in openvino_engines.precisions():
            yield _once(
                partial(openvino_engines.compiled_engine, network.model, network.shape, precision, network.keep)
            )
    else:
        picture = fixed_pictures(network.shape)
        yield _once(partial(half, network.model, network.device, picture, network.max_batch))


def _verdict(make: Make, network: Network) -> EngineVerdict:
    """What a fixed picture shows; an engine that cannot even be made or run is a verdict too."""
    try:
        with nullcontext() if network.device.type == "cpu" else network.turn:
            engine = make()
    except Exception as error:  # other people's compilers raise what they like; torch is there still
        return EngineVerdict(
            "A faster engine", problem=f"it cannot be made here ({_logged(error, 'making an engine')})"
        )
    try:
        return prove(engine, exact_engine(network.model, network.device), fixed_pictures(network.shape), network.turn)
    except Exception as error:
        return EngineVerdict(engine.name, problem=f"it fails on a fixed picture ({_logged(error, engine.name)})")


def _logged(error: Exception, where: str) -> str:
    return f"reference {logged(error, where)} in the operator's log"


def _once(make: Make) -> Make:
    """`make`, which gives the engine of its first call again."""
    made: list[Engine] = []

    def engine() -> Engine:
        if not made:
            made.append(make())
        return made[0]

    return engine
