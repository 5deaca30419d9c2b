"""How long the network of a prediction takes, ResNeXt-50 32x4d at 224 pixels, against torchvision's in float32.

Both have the same random weights. Timed on both sides: from the prepared input on the CPU to the logits on the CPU.
Decoding and preparing are not in it.
"""

from __future__ import annotations

import tempfile
import time
from functools import partial
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from resnext_viz.bench.result import BenchRow, in_turns, rows_of
from resnext_viz.inference.checkpoint import save_checkpoint
from resnext_viz.inference.predictor import Predictor, load_predictor
from resnext_viz.names import preset
from resnext_viz.nn.device import choose_device

SPEC = preset("resnext50_32x4d")
SIDE = 224
ROUNDS = {1: 12, 16: 4}  # batch -> rounds
_AGAINST = "torchvision eager, float32"


def measure() -> list[BenchRow]:
    """Rows for the predictor and for torchvision, for each batch size."""
    from torchvision.models import resnext50_32x4d

    torch.manual_seed(0)
    theirs = resnext50_32x4d().eval().to(choose_device())
    ours = _predictor(theirs.state_dict())
    rows = []
    for batch, rounds in ROUNDS.items():
        engines = {
            f"this package ({ours.engine})": partial(_our_ms, ours, batch),
            _AGAINST: partial(_their_ms, theirs, batch),
        }
        rows += rows_of("inference", in_turns(engines, rounds), _AGAINST, batch)
    return rows


def _predictor(state: dict[str, Tensor]) -> Predictor:
    classes = [str(number) for number in range(SPEC.num_classes)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.safetensors"
        save_checkpoint(path, state, SPEC, classes, (0.5,) * 3, (0.25,) * 3, SIDE, dtype=torch.float32)
        return load_predictor(path)


def _our_ms(predictor: Predictor, batch: int) -> float:
    photo = Image.new("RGB", (SIDE, SIDE), "grey")
    latencies = [prediction.latency_ms for prediction in predictor.predict([photo] * batch, top_k=1)]
    return sum(latency for latency in latencies if latency is not None)


def _their_ms(model: torch.nn.Module, batch: int) -> float:
    inputs, device = torch.zeros(batch, 3, SIDE, SIDE), next(model.parameters()).device
    began = time.perf_counter()
    with torch.inference_mode():
        model(inputs.to(device)).cpu()
    return (time.perf_counter() - began) * 1000
