"""Which number format a device trains in: bf16 where the hardware has units for it, else float32."""

from __future__ import annotations

from pathlib import Path

import torch

_CPU_INFO = Path("/proc/cpuinfo")
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # x86 twice, ARM


def training_type(device: torch.device) -> torch.dtype:
    """bfloat16 or float32. Emulated bf16 is slower than float32, so a device must have it in hardware."""
    has_units = {"cuda": _cuda_has_units, "cpu": _cpu_has_units}.get(device.type)
    return torch.bfloat16 if has_units and has_units() else torch.float32


def _cuda_has_units() -> bool:
    return bool(torch.cuda.is_bf16_supported(including_emulation=False))


def _cpu_has_units() -> bool:
    if not _CPU_INFO.exists():  # macOS and Windows do not say
        return False
    return not _BF16_FLAGS.isdisjoint(_CPU_INFO.read_text(errors="replace").split())
