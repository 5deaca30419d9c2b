"""What people would use instead, as engines: torchvision's network run or compiled by torch, or run by ONNX Runtime."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from resnext_viz.inference.engines.engine import Engine


def eager(model: nn.Module, device: torch.device, whose: str, tf32: bool = False) -> Engine:
    """The network as anybody runs it; on CUDA with or without TF32 convolutions."""

    def run(inputs: Tensor) -> Tensor:
        with torch.inference_mode(), _tf32(device, tf32):
            logits: Tensor = model(inputs.to(device)).cpu()
        return logits

    return Engine(f"{whose} eager, float32{_remark(tf32)}", run)


def compiled(model: nn.Module, device: torch.device, tf32: bool = False) -> Engine:
    """`torch.compile` as it comes; on CUDA with or without TF32 convolutions."""
    network: Any = torch.compile(model)

    def run(inputs: Tensor) -> Tensor:
        with torch.inference_mode(), _tf32(device, tf32):
            logits: Tensor = network(inputs.to(device)).cpu()
        return logits

    return Engine(f"torch.compile, float32{_remark(tf32)}", run)


def onnx_runtime(model: nn.Module, inputs: Tensor) -> Engine:
    """ONNX Runtime on the CPU, as it comes.

    Raises:
        ImportError: it, or what exports to it, is not installed.
    """
    import onnxruntime
    import onnxscript  # noqa: F401  # torch's exporter needs it, and says so late

    batch = torch.export.Dim("batch", min=1, max=64)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(model, (inputs,), dynamo=True, verbose=False, dynamic_shapes=({0: batch},))
    if program is None:
        raise ImportError("torch exported nothing")
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(inputs: Tensor) -> Tensor:
        return torch.from_numpy(session.run(None, {name: inputs.numpy()})[0])

    return Engine("ONNX Runtime, float32", run)


def _remark(tf32: bool) -> str:
    return ", TF32 convolutions" if tf32 else ""


@contextmanager
def _tf32(device: torch.device, allowed: bool) -> Iterator[None]:
    if device.type != "cuda":
        yield
        return
    with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=False, allow_tf32=allowed):
        yield
