"""How many multiply-adds a second this machine does at best: a large matrix product in each precision."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

_SIDE = {"cpu": 2048, "mps": 4096, "cuda": 8192}
_RUNS = 5
_SLOW_S = 0.1  # for a quarter of the side: a kernel without units for the precision, which would take minutes for all
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "int8": torch.int8}


def peak_macs(device: torch.device, precision: str) -> float | None:
    """Multiply-adds a second of the fastest of some square products in `precision`; None where torch has none.

    float32 is float32: TF32 is off in torch's matrix products unless somebody turns it on.
    """
    whole = _SIDE[device.type]
    try:
        quarter_s = _fastest_s(device, precision, whole // 4)
        if quarter_s > _SLOW_S:
            return (whole // 4) ** 3 / quarter_s
        return whole**3 / _fastest_s(device, precision, whole)
    except (RuntimeError, NotImplementedError):
        return None


def _fastest_s(device: torch.device, precision: str, side: int) -> float:
    """Seconds of the fastest of some products of `side`, warmed up."""
    product = _product(device, _DTYPES[precision], side)
    product()
    return min(_seconds(product, device) for _ in range(_RUNS))


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
