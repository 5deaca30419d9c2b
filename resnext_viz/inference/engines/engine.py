"""What an engine is: one way to run a network, which says in words what arithmetic it does, and proves itself.

Source of the limit: bfloat16 keeps 8 bits of a number, and 50 layers of it end about 5e-3 off (measured on ResNeXt-50);
the faults known of bfloat16 kernels are off by tenths and more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import torch
from torch import Tensor

from resnext_viz.kit.number_format import difference_text

MAX_RELATIVE_ERROR = 2e-2
_RUNS = 5


class EngineChoice(StrEnum):
    """What a user asks for."""

    AUTO = "auto"  # the fastest that proves itself
    EXACT = "exact"  # torch, float32, deterministic: logits equal torchvision's
    INT8 = "int8"  # whole numbers of 8 bits, where the share of equal answers was measured


@dataclass(frozen=True)
class Engine:
    """One way to run a network.

    Attributes:
        name: what people read beside a latency, the arithmetic included.
        run: inputs `(N, channels, side, side)` -> logits `(N, classes)`, both float32 on the CPU; returns
            when they are there. For one caller at a time.
    """

    name: str
    run: Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class EngineVerdict:
    """What came of one fixed picture through the exact engine and through another.

    Attributes:
        engine: the other's name.
        relative_error: largest difference of a logit over the largest exact logit; infinite where it gave no numbers.
        probability_difference: largest difference of a probability, 0 to 1.
        same_answer: whether both put the same class first.
        exact_ms, engine_ms: milliseconds of each for one picture, the best of a few runs: a busy moment at loading
            must not decide for good.
        problem: why it could not be run at all, in words.
    """

    engine: str
    relative_error: float = float("inf")
    probability_difference: float = 1.0
    same_answer: bool = False
    exact_ms: float = 0.0
    engine_ms: float = float("inf")
    problem: str = ""

    @property
    def agrees(self) -> bool:
        return not self.problem and self.same_answer and self.relative_error <= MAX_RELATIVE_ERROR

    @property
    def faster(self) -> bool:
        return self.engine_ms < self.exact_ms

    @property
    def accepted(self) -> bool:
        return self.agrees and self.faster

    def in_words(self) -> str:
        """The verdict as a sentence."""
        if self.problem:
            return f"{self.engine} is not used: {self.problem}."
        speed = f"{self.engine_ms:.3g} ms against {self.exact_ms:.3g} ms"
        near = f"logits within {difference_text(100 * self.relative_error)} % of the exact ones"
        if not self.agrees:
            return f"{self.engine} is not used: on a fixed picture it does not agree with exact arithmetic ({near})."
        if not self.faster:
            return f"{self.engine} is not used: it is right, but not faster here ({speed})."
        return f"Checked on a fixed picture: {near}, same answer, {speed} exact."


def prove(
    engine: Engine, exact: Engine, inputs: Tensor, turn: AbstractContextManager[Any] | None = None
) -> EngineVerdict:
    """How `engine` does on `inputs` `(N, C, H, W)` against `exact`: both are run and timed, warmed up, in turns.

    `turn` is held for one run at a time, so that what others ask of the device meanwhile goes in between.
    """
    alone = turn or nullcontext()
    (wanted, _), (found, _) = _timed(exact, inputs, alone), _timed(engine, inputs, alone)
    exact_ms, engine_ms = zip(
        *((_timed(exact, inputs, alone)[1], _timed(engine, inputs, alone)[1]) for _ in range(_RUNS)), strict=True
    )
    difference = (found - wanted).abs().max() / wanted.abs().max().clamp_min(1e-12)
    return EngineVerdict(
        engine.name,
        float(difference.nan_to_num(nan=float("inf"))),
        float((found.softmax(1) - wanted.softmax(1)).abs().max().nan_to_num(nan=1.0)),
        torch.equal(found.argmax(1), wanted.argmax(1)),
        min(exact_ms),
        min(engine_ms),
    )


def fixed_pictures(shape: tuple[int, int, int], count: int = 1) -> Tensor:
    """Always the same inputs `(count, *shape)` about as large as normalised pictures, with structure at many scales."""
    generator = torch.Generator().manual_seed(1611_05431)
    picture = torch.zeros(count, *shape)
    side = 2
    while side <= max(shape[1:]):
        coarse = torch.randn(count, shape[0], side, side, generator=generator)
        picture += torch.nn.functional.interpolate(coarse, shape[1:], mode="bilinear", align_corners=False)
        side *= 2
    return picture / picture.std()


def _timed(engine: Engine, inputs: Tensor, alone: AbstractContextManager[Any]) -> tuple[Tensor, float]:
    """The logits, and milliseconds without the wait for its turn."""
    with alone:
        began = time.perf_counter()
        logits = engine.run(inputs)
        return logits, 1000 * (time.perf_counter() - began)
