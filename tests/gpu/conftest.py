"""The GPU that tests compute on. RESNEXT_VIZ_TEST_DEVICE=cpu runs on the processor what does not need a GPU itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import torch

from resnext_viz.inference.engines.engine import Engine
from tests.support.one_thread import one_thread

__all__ = ["one_thread"]

Capped = Callable[[Engine, int], AbstractContextManager[Engine]]


@pytest.fixture(scope="session")
def gpu() -> torch.device:
    """The first NVIDIA GPU, or the processor where that was asked for; without either the test is left out."""
    if os.environ.get("RESNEXT_VIZ_TEST_DEVICE") == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        pytest.skip("no NVIDIA GPU here; RESNEXT_VIZ_TEST_DEVICE=cpu runs the same on the processor")
    return torch.device("cuda", 0)


@pytest.fixture
def real_gpu(gpu: torch.device) -> torch.device:
    """A GPU, for what a processor does not have."""
    if gpu.type != "cuda":
        pytest.skip("only an NVIDIA GPU has this")
    return gpu


@pytest.fixture
def tf32_allowed() -> Iterator[None]:
    """Factors may be rounded in convolutions and in matrix products, as careless code of the same process leaves it."""
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.allow_tf32 = True
    yield
    torch.set_float32_matmul_precision(before[0])
    torch.backends.cudnn.allow_tf32 = before[1]


@contextmanager
def little_memory(device: torch.device, more_bytes: int) -> Iterator[None]:
    """Inside, this process gets `more_bytes` of the GPU's memory beyond what it holds."""
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(device).total_memory
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved(device) + more_bytes) / total, device)
    try:
        yield
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0, device)
        torch.cuda.empty_cache()


@pytest.fixture
def capped(gpu: torch.device) -> Capped:
    """Makes an engine run short of memory: on a GPU really, to so many bytes; on a processor at more than one picture.

    With no bytes at all it fails at any number of pictures.
    """

    def run_short(engine: Engine, more_bytes: int) -> Iterator[Engine]:
        if gpu.type == "cuda":
            with little_memory(gpu, more_bytes):
                yield engine
            return

        def run(inputs: torch.Tensor) -> torch.Tensor:
            if len(inputs) > 1 or not more_bytes:
                raise torch.OutOfMemoryError("out of memory, as a GPU says it")
            return engine.run(inputs)

        yield Engine(engine.name, run)

    return contextmanager(run_short)
