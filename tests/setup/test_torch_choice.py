"""Which torch a machine gets, and that an index that does not answer keeps nobody waiting."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts import install_packages
from scripts.install_packages import nvidia_driver, reachable, torch_index
from tests.setup.local_index import add_wheel, served


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """The address of an index with torch for CPUs."""
    add_wheel(tmp_path / "cpu", "torch", "2.15.0+cpu")
    with served(tmp_path) as address:
        yield f"{address}/cpu"


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/cpu"


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/cpu"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A Linux machine without a driver and without variables of its own."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(install_packages, "nvidia_driver", lambda: False)
    monkeypatch.delenv(install_packages.OTHER_CPU_INDEX, raising=False)
    monkeypatch.setattr(install_packages, "REACH_LIMIT_S", 0.3)
    return monkeypatch


def no_question(_index: str) -> bool:
    raise AssertionError("an index was asked that cannot matter")


@pytest.mark.parametrize("asked", ["", "cpu"])
def test_without_a_driver_torch_is_the_small_one(asked: str, index: str, here: pytest.MonkeyPatch) -> None:
    here.setenv(install_packages.OTHER_CPU_INDEX, index)
    source, sentence = torch_index(asked)
    assert source == index
    assert "small one for CPUs" in sentence


def test_the_small_torch_is_pytorchs_own(here: pytest.MonkeyPatch) -> None:
    here.setattr(install_packages, "reachable", lambda _index: True)
    # As PyTorch's own instructions for CPUs give it.
    assert torch_index("")[0] == "https://download.pytorch.org/whl/cpu"


def test_with_a_driver_torch_comes_with_cuda(here: pytest.MonkeyPatch) -> None:
    here.setattr(install_packages, "nvidia_driver", lambda: True)
    here.setattr(install_packages, "reachable", no_question)
    assert torch_index("")[0] is None
    here.setattr(install_packages, "reachable", lambda _index: True)
    assert torch_index("cpu")[0] == install_packages.CPU_INDEX


def test_cuda_can_be_asked_for_without_a_driver(here: pytest.MonkeyPatch) -> None:
    here.setattr(install_packages, "reachable", no_question)
    assert torch_index("cuda")[0] is None


@pytest.mark.parametrize("asked", ["", "cpu", "cuda"])
def test_a_mac_takes_the_torch_that_everybody_gets(asked: str, here: pytest.MonkeyPatch) -> None:
    here.setattr("sys.platform", "darwin")
    here.setattr(install_packages, "reachable", no_question)
    assert torch_index(asked)[0] is None


@pytest.mark.parametrize("kind", ["closed", "silent"])
def test_an_index_that_does_not_answer_gives_way_to_pypi(
    kind: str, here: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    here.setenv(install_packages.OTHER_CPU_INDEX, request.getfixturevalue(kind))
    source, sentence = torch_index("")
    assert source is None
    assert "does not answer" in sentence


def test_who_asks_for_the_small_torch_gets_no_other(closed: str, here: pytest.MonkeyPatch) -> None:
    here.setenv(install_packages.OTHER_CPU_INDEX, closed)
    with pytest.raises(SystemExit, match=r"does not answer.*TORCH=cuda"):
        torch_index("cpu")


def test_another_word_is_refused() -> None:
    with pytest.raises(SystemExit, match="TORCH is cpu or cuda, not 'gpu'"):
        torch_index("gpu")


def test_a_name_server_that_never_answers_is_not_waited_for(here: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def unanswered(*_address: Any, **_options: Any) -> None:
        over.wait()
        raise OSError

    here.setattr("socket.getaddrinfo", unanswered)
    assert not reachable("http://index.invalid/cpu")
    over.set()


def test_an_index_without_torch_or_no_address_at_all_is_no_index(index: str) -> None:
    assert reachable(f"{index}/")
    assert not reachable(f"{index}/nothing")
    assert not reachable("cpu")


def test_the_limit_is_a_few_seconds() -> None:
    assert install_packages.REACH_LIMIT_S <= 5


def test_the_drivers_tool_tells_of_a_driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    without = nvidia_driver()
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    assert nvidia_driver()
    if without:
        pytest.skip("an NVIDIA driver is here, so that this machine cannot show how one is missed")


def test_a_library_that_is_not_here_is_no_driver() -> None:
    assert not install_packages._loads("libno-such-driver.so.1")
