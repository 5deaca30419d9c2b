"""The package as a stranger has it: built, installed in an environment of its own, and served from an empty folder."""

from __future__ import annotations

import json
import os
import shutil
import site
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from resnext_viz.bench.app.served_apps import free_port

if TYPE_CHECKING:
    import psutil

ROOT = Path(__file__).parents[2]
# What a build reads; the rest of a checkout is not needed for it.
SOURCES = (
    "app.py", "pages", ".streamlit", "resnext_viz", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE",
    "requirements.txt", "requirements-tools.txt", "requirements-dev.txt",
)  # fmt: skip
_BUILD = "import sys, setuptools.build_meta as build; print(getattr(build, sys.argv[1])(sys.argv[2]))"
_START_LIMIT_S = 120
# A config.toml of the user's, whose every line is the opposite of ours.
_OPPOSITE = """[server]
address = "0.0.0.0"
maxUploadSize = 1000
[browser]
gatherUsageStats = true
[client]
toolbarMode = "developer"
[runner]
postScriptGC = true
"""


@dataclass(frozen=True)
class Installed:
    """What was built and installed.

    Attributes:
        wheel: made of the checkout.
        rebuilt: made of the source distribution.
        sdist: the source distribution.
        prefix: the environment in which the wheel is installed.
        home: a user's home, in which Streamlit's settings are the opposite of ours.
    """

    wheel: Path
    rebuilt: Path
    sdist: Path
    prefix: Path
    home: Path

    @property
    def command(self) -> Path:
        """What an installation puts beside Python."""
        return self.prefix / "bin" / "resnext-viz"

    def run(self, *argv: str, folder: Path) -> subprocess.CompletedProcess[str]:
        """The finished command `resnext-viz ARGV`, called in `folder`."""
        return subprocess.run(
            [self.command, *argv], cwd=folder, env=self.environment, capture_output=True, text=True, check=False
        )

    @property
    def environment(self) -> dict[str, str]:
        """That of a stranger: nothing in it leads back to the checkout or says something to Streamlit."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("STREAMLIT_", "PYTHON"))}
        return {**kept, "HOME": str(self.home)}


@dataclass(frozen=True)
class Served:
    """An app that runs: its process, where it is, and the file that its output goes to."""

    process: psutil.Popen
    address: str
    log: Path

    def listening(self) -> set[str]:
        """The addresses that it and its children listen on."""
        family = [self.process, *self.process.children(recursive=True)]
        places = [place for each in family for place in each.net_connections("inet")]
        import psutil

        return {place.laddr.ip for place in places if place.status == psutil.CONN_LISTEN}


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The package, built without a network and installed outside the checkout; only its dependencies are shared.

    The processes that run tests side by side share one: whoever comes first makes it.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "installed"
    made = folder / "made.json"
    with FileLock(f"{folder}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            made.write_text(json.dumps({name: str(path) for name, path in vars(_made_in(folder)).items()}))
    return Installed(**{name: Path(path) for name, path in json.loads(made.read_text()).items()})


def _made_in(folder: Path) -> Installed:
    folder.mkdir()
    checkout = folder / "checkout"
    copy_sources(checkout)
    # As after an earlier build: what is gone since must not be packed again.
    stale = checkout / "build" / "lib" / "resnext_viz" / "pages"
    stale.mkdir(parents=True)
    (stale / "gone_page.py").touch()
    sdist, wheel = built("sdist", checkout, folder / "dist"), built("wheel", checkout, folder / "dist")
    shutil.unpack_archive(sdist, folder / "unpacked", filter="data")
    rebuilt = built("wheel", folder / "unpacked" / sdist.name.removesuffix(".tar.gz"), folder / "rebuilt")
    home = folder / "home"
    (home / ".streamlit").mkdir(parents=True)
    (home / ".streamlit" / "config.toml").write_text(_OPPOSITE)
    return Installed(wheel, rebuilt, sdist, installed_in(wheel, folder / "venv"), home)


@pytest.fixture(scope="module")
def served(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The installed app, served from an empty folder by a server that a file's tests share; no browser is opened."""
    with serving(installed, tmp_path_factory.mktemp("empty")) as app:
        yield app


@contextmanager
def serving(installed: Installed, folder: Path, **environment: str) -> Iterator[Served]:
    """The installed app, served from `folder`; with more in its environment, a browser is looked for in that."""
    import psutil  # all tests read this file, and those of a GPU run where it may be missing

    port = free_port()
    log = installed.home / f"{port}.log"
    command = [installed.command, "app", "--port", str(port), *(() if environment else ("--no-browser",))]
    with log.open("w") as output:
        process = psutil.Popen(
            command, cwd=folder, env={**installed.environment, **environment}, stdout=output, stderr=output
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, log)
            yield Served(process, address, log)
        finally:
            if process.is_running():
                process.kill()
            process.wait()


def contents(wheel: Path) -> dict[str, bytes]:
    """The bytes of each file of a wheel, by its path; the list of hashes left out, which follows from them."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("/RECORD")}


def copy_sources(folder: Path) -> None:
    """What the checkout holds for a build, without what earlier builds and runs left in it."""
    folder.mkdir()
    for source in filter(Path.exists, (ROOT / name for name in SOURCES)):
        if source.is_dir():
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)


def built(what: str, source: Path, out: Path) -> Path:
    """The wheel or sdist of `source`, made by setuptools as pip and `python -m build` have it made."""
    out.mkdir(exist_ok=True)
    command = [sys.executable, "-c", _BUILD, f"build_{what}", str(out)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return out / done.stdout.splitlines()[-1]


def installed_in(wheel: Path, prefix: Path) -> Path:
    """A new environment with the wheel in it; all other packages are those of the Python that runs the tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", prefix], check=True)
    python = prefix / "bin" / "python"
    installer = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([sys.executable, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        installer = [shutil.which("uv") or Path(sys.executable).with_name("uv"), "pip", "install", "--python", python]
    subprocess.run([*installer, "--no-index", "--no-deps", wheel], check=True)
    packages = next(prefix.glob("lib/python3*/site-packages"))
    # Paths in a .pth come behind the environment's own packages, so that ours is the installed one.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    return prefix


def _wait(address: str, process: psutil.Popen, log: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"the installed app did not start: {log.read_text()[-2000:]}")
