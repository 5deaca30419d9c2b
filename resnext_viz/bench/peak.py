"""How many multiply-adds a second this machine does at best: a large matrix product in each precision."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

_SIDE = {"cpu": 2048, "mps": 4096, "cuda": 8192}
_RUNS = 5
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "int8": torch.int8}


def peak_macs(device: torch.device, precision: str) -> float | None:
    """Multiply-adds a second of the fastest of some square products in `precision`; None where torch has none.

    float32 is float32: TF32 is off in torch's matrix products unless somebody turns it on.
    """
    side = _SIDE[device.type]
    try:
        product = _product(device, _DTYPES[precision], side)
        product()
        return side**3 / min(_seconds(product, device) for _ in range(_RUNS))
    except (RuntimeError, NotImplementedError):
        return None


def _product(device: torch.device, dtype: torch.dtype, side: int) -> Callable[[], object]:
    if dtype is torch.int8:
        whole = torch.randint(-100, 100, (side, side), dtype=torch.int8, device=device)
        return lambda: torch._int_mm(whole, whole)  # noqa: SLF001  # torch has no public name for it
    matrix = torch.randn(side, side, device=device, dtype=dtype)
    return lambda: matrix @ matrix


def _seconds(call: Callable[[], object], device: torch.device) -> float:
    began = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
    return time.perf_counter() - began
