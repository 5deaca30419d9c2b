"""Two networks in turns: milliseconds of a forward pass of each, so that what equal MACs cost in time is seen.

Both have random weights and run as torch runs them by itself: eager, float32, eval mode, TF32 off. Timed is from
pictures in memory to logits on the CPU. Weights do not change the time, nor do pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from resnext_viz.complexity import BYTES_PER_FLOAT32, Complexity
from resnext_viz.errors import UserError
from resnext_viz.kit.number_format import byte_size, short
from resnext_viz.kit.timing import PAIR_ROUNDS, timed, turns
from resnext_viz.nn.device import choose_device, exact_float32
from resnext_viz.nn.network import build
from resnext_viz.spec import map_size

ENGINE = "torch eager, float32"
LIMIT_S = 30.0  # for the rounds of one batch
MOST_BYTES = 4_000_000_000  # of both networks with their largest batch
MOST_MACS = 400_000_000_000  # of the largest batch of either
_MAPS_AT_ONCE = 4  # what a block reads, its shortcut, and what a layer reads and puts out
Forward = Callable[[Tensor], Tensor]  # pictures (N, C, H, W) -> logits (N, classes) on the CPU


class TooLargeError(UserError):
    """A network that takes more than a machine should be asked for."""


def forward_passes(ours: Complexity, theirs: Complexity, device: str = "auto") -> tuple[Forward, Forward]:
    """The forward pass of each network, built and ready.

    Raises:
        UserError: no such device, or networks too large to be timed.
    """
    place = choose_device(device)
    for counts in (ours, theirs):
        check_size(counts)
    return _forward(ours, place), _forward(theirs, place)


def rounds(
    ours: Complexity, theirs: Complexity, passes: tuple[Forward, Forward], batch: int
) -> Iterator[tuple[float, float]]:
    """Milliseconds of a batch through each network, round by round."""
    mine, other = (
        timed(partial(run, _pictures(counts, batch))) for run, counts in zip(passes, (ours, theirs), strict=True)
    )
    for once in turns({"ours": mine, "theirs": other}, PAIR_ROUNDS[batch], LIMIT_S):
        yield once["ours"], once["theirs"]


def check_size(counts: Complexity) -> None:
    """Nothing, if the network may be timed here.

    Raises:
        TooLargeError: its largest batch takes more memory or work than a machine should be asked for.
    """
    batch, largest = max(PAIR_ROUNDS), max(layer.acts for layer in counts.layers)
    size = BYTES_PER_FLOAT32 * (counts.params + _MAPS_AT_ONCE * batch * largest)
    if size > MOST_BYTES // 2:
        raise TooLargeError(
            f"network takes up to {byte_size(size)} for {batch} images, at most "
            f"{byte_size(MOST_BYTES // 2)} are measured; choose a smaller network or image_size"
        )
    if batch * counts.macs > MOST_MACS:
        raise TooLargeError(
            f"network takes {short(batch * counts.macs)} MACs for {batch} images, at most "
            f"{short(MOST_MACS)} are measured; choose a smaller network or image_size"
        )


def _forward(counts: Complexity, place: torch.device) -> Forward:
    model = build(counts.walk.spec).eval().to(place)

    def run(pictures: Tensor) -> Tensor:
        with torch.inference_mode(), exact_float32(place):
            logits: Tensor = model(pictures.to(place)).cpu()
        return logits

    return run


def _pictures(counts: Complexity, batch: int) -> Tensor:
    shape = (batch, counts.walk.spec.in_channels, *map_size(counts.walk.image_size))
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))
