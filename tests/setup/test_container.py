"""The container's files, as far as they can be held without a daemon: no image is built here.

They are read; what the Dockerfile copies is copied, and its very command runs there as another user on a read-only
system, where the system has namespaces. What stays untried is the base image and the installation inside it.
"""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.support.installed import built, installed_in

ROOT = Path(__file__).parents[2]
PORT = 8501  # Streamlit's own
# Of Docker's reference: what may begin a line.
KNOWN = {"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN",
         "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}  # fmt: skip


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, each with the rest of its line, continued lines joined."""
    text = "\n".join(line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#"))
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def the(instruction: str) -> str:
    """The rest of the one line that begins so."""
    (rest,) = [rest for word, rest in instructions() if word == instruction]
    return rest


def environment() -> dict[str, str]:
    """What ENV sets."""
    return dict(pair.split("=", 1) for word, rest in instructions() if word == "ENV" for pair in shlex.split(rest))


def health_program() -> list[str]:
    """The command that tells whether a container is well."""
    words = json.loads(the("HEALTHCHECK").partition("CMD ")[2])
    assert all(isinstance(word, str) for word in words)
    return list(words)


def copied() -> list[tuple[str, str]]:
    """Every source of a COPY with its place."""
    return [
        (source, shlex.split(rest)[-1])
        for word, rest in instructions()
        if word == "COPY"
        for source in shlex.split(rest)[:-1]
    ]


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a path through: the last rule that names it or a folder above it decides."""
    sent = True
    above = [path, *(str(parent) for parent in Path(path).parents)]
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = rule.lstrip("!").removeprefix("**/")
        within = [part for name in above for part in ((name, Path(name).name) if "**/" in rule else (name,))]
        if rule and not rule.startswith("#") and any(fnmatch.fnmatchcase(name, pattern) for name in within):
            sent = rule.startswith("!")
    return sent


def test_every_line_is_an_instruction() -> None:
    words = [word for word, _ in instructions()]
    assert words[0] == "FROM"
    assert set(words) <= KNOWN


def test_the_image_has_a_python_that_the_project_takes() -> None:
    found = re.fullmatch(r"python:(\d+\.\d+)-slim", the("FROM"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert found
    assert found[1] in SpecifierSet(project["requires-python"])


def test_what_is_copied_is_here_and_reaches_the_builder() -> None:
    assert len(copied()) >= 6
    for source, _ in copied():
        assert (ROOT / source).exists(), source
        assert is_sent(source.rstrip("/")), source
    for path in (".git", ".venv/bin/python", "tests/support/ci.py", "scripts/make-venv", "pages/__pycache__/a.pyc"):
        assert not is_sent(path), path


def test_the_app_runs_as_a_user_without_rights() -> None:
    words = [word for word, _ in instructions()]
    assert int(the("USER")) > 0
    # By number, so that an orchestrator sees it; and nothing is installed after it.
    assert words.index("USER") > max(number for number, word in enumerate(words) if word in {"RUN", "COPY"})
    assert f"--uid {the('USER')} " in " ".join(rest for word, rest in instructions() if word == "RUN")


def test_one_port_is_served_exposed_asked_and_published_to_this_machine() -> None:
    (service,) = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"].values()
    assert int(the("EXPOSE")) == PORT
    assert str(PORT) in the("CMD")
    assert f"127.0.0.1:{PORT}/readyz" in health_program()[-1]
    assert service["ports"] == [f"127.0.0.1:{PORT}:{PORT}"]


def test_the_service_may_do_no_more_than_it_needs() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text())
    (service,) = composed["services"].values()
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["build"] == "."
    assert not {"privileged", "network_mode", "cap_add", "user", "pid"} & set(service)
    volumes = dict(volume.split(":") for volume in service["volumes"])
    assert set(volumes) == set(composed["volumes"])
    # What it writes at home and for torch lies where it may be written.
    assert environment()["HOME"] in service["tmpfs"]
    assert environment()["TORCH_HOME"] in volumes.values()


@pytest.mark.parametrize(
    ("path", "status", "body", "exit_status"),
    [
        ("/readyz", 200, b'{"ready": true}', 0),
        ("/readyz", 503, b'{"ready": false}', 1),
        ("/", 200, b"<!doctype html>", 1),  # what Streamlit answers to an address it does not know
    ],
)
def test_the_health_check_is_what_readyz_says(path: str, status: int, body: bytes, exit_status: int) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = path in {self.path, "/"}
            self.send_response(status if known else 404)
            self.end_headers()
            self.wfile.write(body if known else b"")

        def log_message(self, *_words: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        program = health_program()[-1].replace(str(PORT), str(server.server_port))
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    finally:
        server.shutdown()
        server.server_close()
    assert health_program()[:2] == ["python", "-c"]
    assert run.returncode == exit_status


def has_namespaces() -> bool:
    """Whether this system lets us make a small container of our own."""
    command = ["unshare", "--map-root-user", "--mount", "--net", "unshare", "--user", "--map-user=10001", "true"]
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """An environment with the package, built from what the Dockerfile copies and nothing else."""
    folder = tmp_path / "source"
    for source, place in copied():
        target = folder / place
        target.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / source, target)
    return installed_in(built("wheel", folder, tmp_path / "wheel"), tmp_path / "environment")


# Raises what a page shows as an exception.
_VISITOR = f"""
import json
from resnext_viz.bench.app.session import visit
with visit("http://127.0.0.1:{PORT}") as session:
    for page in list(session.pages.values()):
        session.rerun(page)
    print(json.dumps(list(session.pages)))
"""


@pytest.mark.skipif(not has_namespaces(), reason="this system makes no namespaces for us")
def test_the_command_serves_from_what_is_copied_on_a_read_only_system(image: Path) -> None:
    folder = image.with_name("empty")
    writable = {place: image.with_name(place.strip("/")) for place in ("/tmp", "/weights")}
    for each in (folder, *writable.values()):
        each.mkdir()
    job = {
        "command": json.loads(the("CMD")),
        "health": [sys.executable, *health_program()[1:]],
        "visitor": [sys.executable, "-c", _VISITOR],
        "home": str(ROOT),
        "folder": str(folder),
        "writable": [str(each) for each in writable.values()],
        # As in the image, but for the two folders, which are where the test has put them.
        "environment": {
            **{name: str(writable.get(value, value)) for name, value in environment().items()},
            "TMPDIR": str(writable["/tmp"]),
            "PATH": f"{image / 'bin'}:/usr/bin:/bin",
        },
    }
    command = ["unshare", "--map-root-user", "--mount", "--net", sys.executable, "-m", "tests.setup.contained"]
    run = subprocess.run(command, cwd=ROOT, input=json.dumps(job), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["healthy"], run.stderr
    assert told["said"], run.stderr
    assert len(json.loads(told["said"])) == len(list((ROOT / "pages").glob("*.py")))
    assert told["written"] == job["writable"]
