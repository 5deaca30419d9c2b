"""Devices by name: what is here, and words for what is not."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
import torch

from resnext_viz.errors import UserError
from resnext_viz.nn.device import choose_device, describe_device, exact_float32, reproducible
from resnext_viz.nn.proof.equivalence import Dtype, check_block, usable_dtypes
from resnext_viz.spec import ResNeXtSpec


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with a processor only; tests put more in."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return monkeypatch


def test_auto_prefers_cuda_then_mps_then_cpu(machine: pytest.MonkeyPatch) -> None:
    assert choose_device() == torch.device("cpu")
    machine.setattr(torch.backends.mps, "is_available", lambda: True)
    assert choose_device() == torch.device("mps")
    machine.setattr(torch.cuda, "is_available", lambda: True)
    machine.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("auto") == torch.device("cuda:0")
    assert choose_device("CUDA:1") == torch.device("cuda:1")
    assert choose_device("cpu") == torch.device("cpu")
    with pytest.raises(UserError, match="this machine has cuda:0 to cuda:1"):
        choose_device("cuda:2")


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cuda", "device is 'cuda:0'; torch finds no CUDA device on this machine, use auto or cpu"),
        ("cuda:3", "device is 'cuda:3'; torch finds no CUDA device"),
        ("mps", "device is 'mps'; torch finds no Apple GPU"),
        ("gpu", "device is 'gpu'; use auto, cpu"),
        ("cpu:1", "device is 'cpu:1'; use auto, cpu"),
        ("", "device is ''; use auto, cpu"),
        ("cuda:-1", "use auto, cpu"),
        ("x" * 1000, "device is 'x{40}'; use"),
    ],
)
def test_a_device_that_is_not_here_is_refused_in_words(name: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        choose_device(name)


def test_apples_gpu_has_no_float64(machine: pytest.MonkeyPatch) -> None:
    machine.setattr(torch.backends.mps, "is_available", lambda: True)
    assert usable_dtypes(torch.device("mps")) == (Dtype.FLOAT32, Dtype.BFLOAT16)
    with pytest.raises(UserError, match="dtype is 'float64', which device 'mps' lacks"):
        check_block(ResNeXtSpec(), 1, 1, dtypes=["float64"], device="mps")


def test_the_processor_is_described_with_its_cores() -> None:
    assert describe_device(torch.device("cpu")).endswith((" core", " cores"))


def test_settings_are_as_before_behind_a_computation_that_fails() -> None:
    torch.set_num_threads(2)
    before = torch.get_num_threads(), torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark
    with pytest.raises(RuntimeError, match="channels"), reproducible():
        torch.conv2d(torch.zeros(1, torch.get_num_threads() + 1, 4, 4), torch.zeros(1, 1, 1, 1))  # 2 channels for 1
    with reproducible():
        assert (torch.get_num_threads(), torch.backends.cudnn.deterministic) == (1, True)
    assert (torch.get_num_threads(), torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark) == before


@pytest.mark.parametrize(
    "exactly", [reproducible, lambda: exact_float32(torch.device("cuda"))], ids=["reproducible", "exact"]
)
@pytest.mark.parametrize("precision", ["high", "medium"])
def test_a_gpu_rounds_no_factor_although_the_process_allows_it(
    exactly: Callable[[], AbstractContextManager[None]], precision: str
) -> None:
    """TF32 keeps 10 bits of a factor: allowed in convolutions unless told otherwise, in products by this setting."""
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision(precision)
        with exactly():
            assert not torch.backends.cuda.matmul.allow_tf32
            assert not torch.backends.cudnn.allow_tf32
        assert torch.get_float32_matmul_precision() == precision
        assert torch.backends.cudnn.allow_tf32
    finally:
        torch.set_float32_matmul_precision(before)
