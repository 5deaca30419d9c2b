"""Where torch computes: the device a user asks for, checked, and its name for people."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import torch

from resnext_viz.errors import UserError

TORCH = f"torch {torch.__version__.split('+')[0]}"  # without the name of the build
_NAME = re.compile(r"(auto|cpu|mps|cuda)(?::(\d{1,3}))?")
_CPU_INFO = Path("/proc/cpuinfo")
_SETTINGS = Lock()


def choose_device(name: str = "auto") -> torch.device:
    """The device called `name`: "auto" (CUDA, then MPS, then CPU), "cpu", "mps", "cuda" or "cuda:1".

    Raises:
        UserError: no such name, or this machine has no such device.
    """
    match = _NAME.fullmatch(name.strip().lower())
    if match is None or (match[2] and match[1] != "cuda"):
        raise UserError(f"device is {name[:40]!r}; use auto, cpu, cuda, cuda:1 (any number) or mps")
    kind, number = match[1], int(match[2] or 0)
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    if kind == "cuda":
        return _cuda(number)
    if kind == "mps" and not torch.backends.mps.is_available():
        raise UserError("device is 'mps'; torch finds no Apple GPU on this machine, use auto or cpu")
    return torch.device(kind)


def describe_device(device: torch.device) -> str:
    """What people call `device`: the GPU's name, or the processor's and its cores ("AMD EPYC, 2 cores")."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"Apple GPU (MPS, {platform.processor() or platform.machine()})"
    cores = _usable_cores()
    return f"{_processor()}, {cores} {'core' if cores == 1 else 'cores'}"


def describe_torch(device: torch.device) -> str:
    """Torch's version, and on the processor its threads: `torch 2.15.0, 2 threads`."""
    count = torch.get_num_threads()
    return f"{TORCH}, {count} {'thread' if count == 1 else 'threads'}" if device.type == "cpu" else TORCH


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside, torch uses one CPU thread, then as many as before; the number belongs to the process."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@contextmanager
def reproducible() -> Iterator[None]:
    """Inside, torch computes float32 as float32 (no TF32), by deterministic kernels, on one CPU thread; then as before.

    One thread, because a block of many narrow paths is hundreds of small convolutions: a pool's threads spend their
    time waiting for each other (two took 13 times the processor time of one, on a busy machine 40 times as long). The
    settings belong to the process, so only one caller is inside at a time: keep it short.
    """
    with _SETTINGS, _without_tf32(), one_thread():
        yield


@contextmanager
def exact_float32(device: torch.device) -> Iterator[None]:
    """Inside, `device` computes float32 as float32 by deterministic kernels; on a CPU torch does so anyway.

    The settings belong to the process, so only one caller is inside at a time, and none of `reproducible`.
    """
    if device.type != "cuda":
        yield
        return
    with _SETTINGS, _without_tf32():
        yield


@contextmanager
def _without_tf32() -> Iterator[None]:
    """Inside, no factor of a convolution or a matrix product is rounded, and kernels are deterministic; then as before.

    Convolutions may round unless told otherwise; products only where somebody in the process allowed it.
    """
    products = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False):
            yield
    finally:
        torch.set_float32_matmul_precision(products)


def _cuda(number: int) -> torch.device:
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if count == 0:
        raise UserError(f"device is 'cuda:{number}'; torch finds no CUDA device on this machine, use auto or cpu")
    if number >= count:
        raise UserError(f"device is 'cuda:{number}'; this machine has cuda:0 to cuda:{count - 1}")
    return torch.device("cuda", number)


def _usable_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _processor() -> str:
    if _CPU_INFO.is_file():
        found = re.search(r"^model name\s*:\s*(.+)$", _CPU_INFO.read_text(errors="replace"), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor() or platform.machine() or "CPU"
