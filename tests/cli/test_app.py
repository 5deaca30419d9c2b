"""`app` up to where a server would start: the port it takes, and what it says of the address."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from streamlit import config
from streamlit.web import bootstrap

from resnext_viz import cli
from resnext_viz.bench.app.served_apps import free_port
from resnext_viz.commands import app


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, list[str]]]:
    """What a server would have been started with, instead of starting it."""
    calls: list[tuple[str, int, list[str]]] = []
    monkeypatch.setattr(app, "_serve", lambda *call: calls.append(call))
    monkeypatch.setattr(app, "_welcome", lambda *_: None)
    monkeypatch.setattr(app.signal, "signal", lambda *_: None)
    return calls


def test_a_taken_port_is_told_in_a_line(
    capsys: pytest.CaptureFixture[str], taken_port: int, started: list[object]
) -> None:
    assert cli.main(["app", "--port", str(taken_port)]) == 2
    assert capsys.readouterr().err == f"resnext_viz: port is {taken_port}, which is taken; use --port with a free one\n"
    assert not started


def test_without_a_port_the_first_free_one_is_taken(
    monkeypatch: pytest.MonkeyPatch, taken_port: int, started: list[tuple[str, int, list[str]]]
) -> None:
    free = free_port()
    monkeypatch.setattr(app, "PORTS", [taken_port, free])
    assert cli.main(["app"]) == 0
    assert started == [("127.0.0.1", free, [])]


def test_port_and_address_have_streamlits_names_too(started: list[tuple[str, int, list[str]]]) -> None:
    free = free_port()
    assert cli.main(["app", f"--server.port={free}", "--server.address=0.0.0.0"]) == 0
    assert started == [("0.0.0.0", free, [])]


def test_all_ports_taken_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, taken_port: int
) -> None:
    monkeypatch.setattr(app, "PORTS", [taken_port])
    assert cli.main(["app"]) == 2
    assert "all taken" in capsys.readouterr().err


def test_what_streamlit_reads_from_the_environment_counts_here_too(
    monkeypatch: pytest.MonkeyPatch, started: list[tuple[str, int, list[str]]]
) -> None:
    free = free_port()
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(free))
    monkeypatch.setenv("STREAMLIT_SERVER_ADDRESS", "0.0.0.0")
    assert cli.main(["app", "--", "--server.maxUploadSize", "200"]) == 0
    assert cli.main(["app", "--address", "localhost"]) == 0
    assert started == [
        ("0.0.0.0", free, ["--server.maxUploadSize", "200"]),
        ("localhost", free, []),
    ]


def test_without_streamlit_the_app_says_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, started: list[object]
) -> None:
    monkeypatch.setattr(app, "find_spec", lambda _: None)
    assert cli.main(["app"]) == 2
    assert "pip install streamlit" in capsys.readouterr().err
    assert not started


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, list[str]], str]:
    """The address that is told where Streamlit, with such options, is about to serve."""
    monkeypatch.setattr(config, "_config_options", config._config_options)  # put back afterwards, as are the others
    monkeypatch.setattr(config, "_main_script_path", config._main_script_path)
    monkeypatch.setattr(sys, "argv", sys.argv)

    def address_told(address: str, options: list[str]) -> str:
        addresses: list[str] = []
        monkeypatch.setattr(bootstrap, "run_asgi_app", lambda *_: addresses.append(app._url(address, 8600)))
        with pytest.raises(SystemExit):
            app._serve(address, 8600, options)
        return addresses[0]

    return address_told


@pytest.mark.parametrize(
    ("address", "options", "url"),
    [
        ("127.0.0.1", [], "http://127.0.0.1:8600"),
        ("::1", [], "http://[::1]:8600"),
        ("localhost", ["--server.baseUrlPath=/net/"], "http://localhost:8600/net"),
        ("localhost", ["--server.sslCertFile", "a.pem", "--server.sslKeyFile", "b.pem"], "https://localhost:8600"),
    ],
)
def test_the_address_that_is_told_is_one_to_open(
    address: str, options: list[str], url: str, told: Callable[[str, list[str]], str]
) -> None:
    assert told(address, options) == url


def test_streamlits_variables_hold_for_the_address_that_is_told(
    monkeypatch: pytest.MonkeyPatch, told: Callable[[str, list[str]], str]
) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "net")
    monkeypatch.setenv("STREAMLIT_SERVER_SSL_CERT_FILE", "a.pem")
    assert told("localhost", []) == "https://localhost:8600/net"


@pytest.mark.parametrize(
    ("variable", "words", "opens"),
    [
        ("true", [], False),
        ("1", [], False),
        ("false", [], True),
        ("", [], True),
        ("false", ["--no-browser"], False),
    ],
)
def test_a_server_without_a_head_opens_no_browser(
    variable: str, words: list[str], opens: bool, monkeypatch: pytest.MonkeyPatch, started: list[object]
) -> None:
    welcomed = threading.Event()
    opened: list[object] = []

    def welcome(*call: object) -> None:
        opened.append(call[-1])
        welcomed.set()

    monkeypatch.setattr(app, "_welcome", welcome)
    monkeypatch.setenv("STREAMLIT_SERVER_HEADLESS", variable)
    assert cli.main(["app", "--port", str(free_port()), *words]) == 0
    assert welcomed.wait(60)
    assert (opened, len(started)) == ([opens], 1)
