"""How long it takes to count ResNeXt-101 32x8d: our walk, from a fresh spec each time, against fvcore's tracing."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

import torch

from resnext_viz.bench.result import BenchError, BenchRow, rows_of
from resnext_viz.complexity import complexity
from resnext_viz.kit.timing import in_turns, timed
from resnext_viz.nn import build
from resnext_viz.spec import ResNeXtSpec

if TYPE_CHECKING:
    from resnext_viz.complexity import Cost

ROUNDS = 3
SIDE = 224
_AGAINST = "fvcore"


def measure() -> list[BenchRow]:
    """Rows for this package and fvcore, which traces the network while it computes one picture on the CPU."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # fvcore imports what torch has marked as old
        try:
            from fvcore.nn import FlopCountAnalysis
        except ImportError as error:
            raise BenchError("fvcore is not installed; pip install fvcore") from error
    logging.getLogger("fvcore.nn.jit_analysis").setLevel(logging.ERROR)  # it lists the operators it does not count
    model, picture = build(_spec()).eval(), torch.zeros(1, 3, SIDE, SIDE)

    def traced() -> object:
        with torch.no_grad():
            return FlopCountAnalysis(model, picture).total()

    return rows_of("count", in_turns({"this package": timed(_counted, 50), _AGAINST: timed(traced)}, ROUNDS), _AGAINST)


def _spec() -> ResNeXtSpec:
    return ResNeXtSpec(depths=(3, 4, 23, 3), cardinality=32, base_width=8)


def _counted() -> Cost:
    return complexity(_spec(), SIDE).total
