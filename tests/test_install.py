"""What `pip install` gives: the whole package and nothing beside it, a command, and the app from any folder."""

import email
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

import resnext_viz
from resnext_viz.bench.app.session import Session, visit
from tests.support.installed import ROOT, Installed, Served, contents, copy_sources, serving

# What one page says and no other, as far down as it can be.
ON_ONE_PAGE = {
    "Anatomy": "Arcs are shortcuts: dashed",
    "Design space": "Eq. 4 of the paper",
    "Counting": "What each counting tool says of this network",
    "Block forms": "Why they are equal",
    "Paper": "Xie, Girshick, Dollár, Tu and He",
    "Study": "Errors are the share of test pictures",
    "Code": "Names in the state_dict",
    "Train": "A small network learns on this server",
    "Predict": "Probabilities are the network’s softmax",
    "Lessons": "Handout for students",
}


class Heard:
    """A connection that keeps what the server sends."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.messages: list[bytes] = []

    def send(self, message: bytes) -> None:
        self.connection.send(message)

    def recv(self, timeout: float) -> bytes:
        self.messages.append(bytes(self.connection.recv(timeout)))
        return self.messages[-1]


def wait_for_text(path: Path) -> None:
    """Returns once something is written there, or after a minute."""
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)


def mapped(path: Path) -> str:
    """Where a file of the checkout lies once it is installed."""
    places = {"app.py": "resnext_viz/served/app.py", ".streamlit": "resnext_viz/served/.streamlit/config.toml"}
    relative = path.relative_to(ROOT)
    return places.get(relative.parts[0], f"resnext_viz/{relative}" if relative.parts[0] == "pages" else str(relative))


def test_the_wheel_holds_the_whole_package_the_app_and_nothing_beside_it(installed: Installed) -> None:
    sources = [ROOT / "app.py", ROOT / ".streamlit" / "config.toml", *(ROOT / "pages").glob("*.py")]
    sources += [path for path in (ROOT / "resnext_viz").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    held = contents(installed.wheel)
    ours = {name: data for name, data in held.items() if ".dist-info/" not in name}
    assert ours == {mapped(path): path.read_bytes() for path in sources}
    assert {name.split("/")[0] for name in held} == {"resnext_viz", f"resnext_viz-{resnext_viz.__version__}.dist-info"}


def test_no_pages_lie_beside_a_script_that_runs(installed: Installed) -> None:
    folders = {name.rpartition("/")[0] for name in contents(installed.wheel)}
    scripts = {"resnext_viz/served", "resnext_viz/ui"}
    assert scripts < folders
    assert not {f"{folder}/pages" for folder in scripts} & folders


def test_a_wheel_of_the_source_distribution_is_the_same(installed: Installed) -> None:
    assert contents(installed.rebuilt) == contents(installed.wheel)


def test_a_build_removes_nothing_of_others_from_the_folder_that_it_is_given(tmp_path: Path) -> None:
    checkout, mine = tmp_path / "checkout", tmp_path / "mine"
    copy_sources(checkout)
    (mine / "resnext_viz").mkdir(parents=True)
    (mine / "notes").touch()
    (mine / "resnext_viz" / "gone.py").touch()
    command = [sys.executable, "setup.py", "-q", "build_py", "--build-lib", str(mine)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    assert sorted(path.name for path in mine.iterdir()) == ["notes", "resnext_viz"]
    assert (mine / "resnext_viz" / "cli.py").is_file()
    assert not (mine / "resnext_viz" / "gone.py").exists()


def test_the_metadata_say_what_it_is(installed: Installed) -> None:
    held = contents(installed.wheel)
    said = email.message_from_bytes(next(data for name, data in held.items() if name.endswith("/METADATA")))
    assert (said["Name"], said["Version"]) == ("resnext-viz", resnext_viz.__version__)
    assert said["License-Expression"] == "MIT"
    needed = {line.split("<")[0].split(">")[0] for line in said.get_all("Requires-Dist", []) if "extra" not in line}
    assert {"torch", "torchvision", "streamlit", "openvino"} <= needed
    assert "pytest" not in needed


def test_the_command_answers_from_anywhere(installed: Installed, tmp_path: Path) -> None:
    told = installed.run("--version", folder=tmp_path)
    assert told.stdout.startswith(f"resnext-viz {resnext_viz.__version__} (Python ")
    counted = installed.run("count", "resnext50_32x4d", folder=tmp_path)
    assert "25,028,904" in counted.stdout  # torchvision documents them
    alone = installed.run(folder=tmp_path)
    assert (alone.returncode, alone.stdout.splitlines()[0]) == (0, "usage: resnext-viz COMMAND ...")
    where = subprocess.run(
        [installed.prefix / "bin" / "python", "-c", "import resnext_viz; print(resnext_viz.__file__)"],
        cwd=tmp_path, env=installed.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(where.stdout).is_relative_to(installed.prefix)
    assert not list(tmp_path.iterdir())


def test_every_page_is_drawn(served: Served) -> None:
    stream = served.address.replace("http://", "ws://") + "/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None) as connection:  # type: ignore[list-item]
        heard = Heard(connection)
        session: Any = Session(heard)  # type: ignore[arg-type]
        session.rerun()
        said = {}
        for title, page in session.pages.items():
            heard.messages.clear()
            session.rerun(page)  # raises what the page shows as an exception
            said[title] = b"".join(heard.messages).decode(errors="replace")
    says_it = {title: [other for other in said if words in said[other]] for title, words in ON_ONE_PAGE.items()}
    assert says_it == {title: [title] for title in said}


def test_only_this_machine_is_answered_whatever_the_user_has_set_for_others(served: Served) -> None:
    assert served.listening() == {"127.0.0.1"}


def test_the_apps_settings_hold_and_nothing_is_told_to_anybody(served: Served) -> None:
    stream = served.address.replace("http://", "ws://") + "/_stcore/stream"
    with connect(stream, subprotocols=["streamlit"], max_size=None) as connection:  # type: ignore[list-item]
        heard = Heard(connection)
        Session(heard).rerun()  # type: ignore[arg-type]
    messages = [ForwardMsg.FromString(each) for each in heard.messages]
    opening: Any = next(each.new_session for each in messages if each.WhichOneof("type") == "new_session")
    assert not opening.config.gather_usage_stats
    assert opening.config.ToolbarMode.Name(opening.config.toolbar_mode) == "VIEWER"
    assert opening.custom_theme.dark.background_color == "#101317"


def test_nonsense_through_a_connection_is_refused_without_a_traceback(installed: Installed, tmp_path: Path) -> None:
    with serving(installed, tmp_path) as app:
        stream = app.address.replace("http://", "ws://") + "/_stcore/stream"
        # By RFC 6455: data of a kind that is not taken, a breach of the protocol.
        assert refusal(stream, "text") == 1003
        assert refusal(stream, b"\xff no message") == 1002
        with pytest.raises(InvalidStatus) as refused, connect(stream, additional_headers={"Origin": "http://["}):
            pass
        assert refused.value.response.status_code == 403
        app.process.send_signal(signal.SIGINT)  # then its log is whole
        assert app.process.wait(60) == 0
        assert "Traceback" not in app.log.read_text()


def refusal(stream: str, message: str | bytes) -> int:
    """The code with which the server closes a connection after that message."""
    with connect(stream, subprotocols=["streamlit"]) as connection:  # type: ignore[list-item]
        connection.send(message)
        with suppress(ConnectionClosed):
            connection.recv(60)
    assert connection.close_code is not None
    return connection.close_code


def test_it_opens_the_browser_keeps_its_port_and_ends_in_a_line(installed: Installed, tmp_path: Path) -> None:
    opened, browser, folder = (tmp_path / name for name in ("opened", "browser", "empty"))
    browser.write_text(f"#!/bin/sh\necho $1 > {opened}\n")
    browser.chmod(0o755)
    folder.mkdir()
    with serving(installed, folder, BROWSER=str(browser)) as app:
        wait_for_text(opened)
        again = installed.run("app", "--port", app.address.rpartition(":")[2], folder=folder)
        assert (again.returncode, again.stderr.count("\n")) == (2, 1)
        assert "which is taken" in again.stderr
        app.process.send_signal(signal.SIGINT)
        assert app.process.wait(60) == 0
        told = app.log.read_text().splitlines()
    assert told == [f"ResNeXt Explorer is at {app.address}. Ctrl-C ends it.", "resnext_viz: stopped"]
    assert opened.read_text().strip() == app.address
    assert not list(folder.iterdir())


def test_who_presses_ctrl_c_twice_gets_a_line_whatever_was_loaded(served: Served) -> None:
    with visit(served.address) as visitor:
        visitor.rerun(visitor.pages["Predict"])
        served.process.send_signal(signal.SIGINT)
        time.sleep(0.05)  # one that follows at once would be taken for the same
        with suppress(psutil.NoSuchProcess):
            served.process.send_signal(signal.SIGINT)
        assert served.process.wait(60) == 0
    first, *between, last = served.log.read_text().splitlines()
    assert (first, last) == (f"ResNeXt Explorer is at {served.address}. Ctrl-C ends it.", "resnext_viz: stopped")
    # A processor may be unable to run an engine, which is a record of the log: a line with its time, and indented ones.
    assert not [line for line in between if not re.match(r"\d{4}-|  ", line)]
