"""What lands in a virtual environment: from which index, in which version, again after it was cut short, without uv."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.setup.local_index import add_wheel, served

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
pytestmark = [
    pytest.mark.skipif(UV is None, reason="no uv is installed here"),
    pytest.mark.skipif(os.name != "posix", reason="set-up by make is for POSIX"),
]
# The driver is this test's to say: a machine that runs it may have one.
_ON_LINUX = """
import sys
sys.path.insert(0, "scripts")
import install_packages
sys.platform = "linux"
install_packages.nvidia_driver = lambda: {driver}
sys.exit(install_packages.main())
"""
_INSTALLED = """
import importlib.metadata, json
print(json.dumps({found.name: found.version for found in importlib.metadata.distributions()}))
"""


@dataclass(frozen=True)
class Checkout:
    """A small project with the real script, and the indexes it may ask."""

    folder: Path
    indexes: Path
    address: str

    @property
    def python(self) -> Path:
        return self.folder / ".venv/bin/python"

    def environment(self, **more: str) -> dict[str, str]:
        """As on a machine whose owner has set nothing."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_", "TORCH"))}
        return {
            **own,
            "PATH": f"{self.folder / 'programs'}:/usr/bin:/bin",
            "PIP_CONFIG_FILE": os.devnull,
            "UV_NO_CONFIG": "1",
            "UV_CACHE_DIR": str(self.folder / "cache"),
            "UV_DEFAULT_INDEX": f"{self.address}/all",
            "TORCH_CPU_INDEX": f"{self.address}/cpu",
            **more,
        }

    def run(self, *options: str, driver: bool = False, **environment: str) -> subprocess.CompletedProcess[str]:
        """The script's run in the project's virtual environment."""
        return self.run_in(self.environment(**environment), *options, driver=driver)

    def run_in(
        self, environment: dict[str, str], *options: str, driver: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """The same with no other environment than that."""
        command = [self.python, "-c", _ON_LINUX.format(driver=driver), *options]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def installed(self) -> dict[str, str]:
        """The packages in the virtual environment with their versions."""
        listed = subprocess.run([self.python, "-I", "-c", _INSTALLED], capture_output=True, text=True, check=True)
        return dict(json.loads(listed.stdout))


def write_program(path: Path, command: str) -> None:
    """A program that runs one command of the shell's."""
    path.write_text(f"#!/bin/sh\n{command}\n")
    path.chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """A project that needs torch, torchvision and one package more, as uv's users have it."""
    assert UV
    folder, indexes = tmp_path / "project", tmp_path / "indexes"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts/install_packages.py", folder / "scripts")
    (folder / "requirements.txt").write_text("torch>=2.11\ntorchvision>=0.26\nframe\n")
    (folder / "requirements-tools.txt").write_text("# none\n")
    (folder / "requirements-dev.txt").write_text("checker\n")
    (folder / "constraints.txt").write_text("checker==3.0\nframe==1.0\ntorch==2.15.0\ntorchvision==0.29.2\n")
    (folder / "programs").mkdir()
    write_program(folder / "programs/uv", f'exec {shlex.quote(UV)} "$@"')
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    for version in ("2.14.0", "2.15.0"):
        add_wheel(indexes / "all", "torch", version, requires=["cuda-parts"])
        add_wheel(indexes / "cpu", "torch", f"{version}+cpu", requires=["frame"])
    for name, version in (("cuda-parts", "13.0"), ("frame", "1.0"), ("frame", "2.0"), ("checker", "3.0")):
        add_wheel(indexes / "all", name.replace("-", "_"), version)
    shutil.move(indexes / "all/cuda_parts", indexes / "all/cuda-parts")
    add_wheel(indexes / "all", "torchvision", "0.29.2", requires=["torch==2.15.0"])
    add_wheel(indexes / "cpu", "torchvision", "0.29.2+cpu", requires=["torch==2.15.0"])
    add_wheel(indexes / "cpu", "frame", "0.1")  # old copies of others' packages, as PyTorch's index has them
    with served(indexes) as address:
        yield Checkout(folder, indexes, address)


SMALL = {"torch": "2.15.0+cpu", "torchvision": "0.29.2+cpu", "frame": "1.0"}
LARGE = {"torch": "2.15.0", "torchvision": "0.29.2", "frame": "1.0", "cuda-parts": "13.0"}


def with_dashes(packages: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): version for name, version in packages.items()}


def test_the_small_pair_comes_from_one_index_and_the_rest_from_the_other(checkout: Checkout) -> None:
    done = checkout.run()
    assert done.returncode == 0, done.stderr
    assert "No NVIDIA driver is here, so torch is the small one" in done.stdout
    assert checkout.installed() == SMALL


@pytest.mark.parametrize(("driver", "asked"), [(True, ""), (False, "cuda")])
def test_with_cuda_everything_comes_from_where_all_packages_do(checkout: Checkout, driver: bool, asked: str) -> None:
    assert checkout.run(driver=driver, TORCH=asked).returncode == 0
    assert with_dashes(checkout.installed()) == LARGE


def test_tools_come_on_top_and_ask_nobody_for_torch_again(checkout: Checkout) -> None:
    assert checkout.run().returncode == 0
    shutil.rmtree(checkout.indexes / "cpu")
    done = checkout.run("--dev")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert checkout.installed() == {**SMALL, "checker": "3.0"}


def test_an_index_without_the_version_gives_way(checkout: Checkout) -> None:
    shutil.rmtree(checkout.indexes / "cpu/torch")
    add_wheel(checkout.indexes / "cpu", "torch", "2.14.0+cpu")
    asked = checkout.run(TORCH="cpu")
    assert asked.returncode != 0
    assert "torch==2.15.0" in asked.stderr
    assert checkout.installed() == {}
    done = checkout.run()
    assert done.returncode == 0, done.stderr
    assert "could not be had for this machine" in done.stdout
    assert with_dashes(checkout.installed()) == LARGE


def test_a_broken_transfer_is_a_failure_that_the_next_call_mends(checkout: Checkout) -> None:
    with served(checkout.indexes, breaking_off=True) as address:
        cut = checkout.run(TORCH_CPU_INDEX=f"{address}/cpu", UV_HTTP_RETRIES="0")
    assert cut.returncode != 0
    assert "torch" not in checkout.installed()
    assert checkout.run().returncode == 0
    assert checkout.installed() == SMALL


def test_a_package_that_was_cut_short_is_installed_again(checkout: Checkout) -> None:
    assert checkout.run().returncode == 0
    module = next((checkout.folder / ".venv").glob("lib/python*/site-packages/frame.py"))
    module.unlink()
    next(module.parent.glob("frame-*.dist-info/INSTALLER")).unlink()
    assert checkout.run().returncode == 0
    assert module.is_file()


def test_a_package_of_somebody_elses_is_left_alone(checkout: Checkout) -> None:
    assert checkout.run().returncode == 0
    packages = next((checkout.folder / ".venv").glob("lib/python*/site-packages"))
    own = packages / "own-1.0.dist-info"  # INSTALLER is optional: packaging.python.org, "Recording installed projects"
    own.mkdir()
    (packages / "own.py").touch()
    (own / "METADATA").write_text("Metadata-Version: 2.1\nName: own\nVersion: 1.0\n")
    (own / "entry_points.txt").write_text("[console_scripts]\nown = own:main\n")
    (own / "RECORD").write_text("own.py,,\nown-1.0.dist-info/METADATA,,\nown-1.0.dist-info/RECORD,,\n")
    write_program(checkout.folder / ".venv/bin/own", "exit 0")
    assert checkout.run().returncode == 0
    assert checkout.installed() == {**SMALL, "own": "1.0"}
    (checkout.folder / ".venv/bin/own").unlink()  # the last that is written before INSTALLER
    assert checkout.run().returncode == 0
    assert checkout.installed() == SMALL


def with_pip(checkout: Checkout) -> dict[str, str]:
    """Variables that let the project's Python find this Python's pip, which saves half a minute of ensurepip."""
    pip = next(Path(folder) / "pip" for folder in sys.path if (Path(folder) / "pip/__main__.py").is_file())
    shutil.copytree(pip, checkout.folder / "pip/pip", ignore=shutil.ignore_patterns("__pycache__"))
    return {"PYTHONPATH": str(checkout.folder / "pip")}


def test_pips_settings_are_uvs(checkout: Checkout) -> None:
    (checkout.folder / "pip.conf").write_text(
        textwrap.dedent(f"""\
        [global]
        index-url = {checkout.address}/nowhere
        extra-index-url =
            {checkout.address}/cpu
            {checkout.address}/all
        """)
    )
    settings = {**with_pip(checkout), "PIP_CONFIG_FILE": str(checkout.folder / "pip.conf"), "TORCH": "cuda"}
    environment = checkout.environment(**settings, PIP_INDEX_URL=f"{checkout.address}/all")
    del environment["UV_DEFAULT_INDEX"]
    command = [checkout.python, "scripts/install_packages.py"]
    done = subprocess.run(command, cwd=checkout.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Of one version in two places, as pip ranks them.
    assert checkout.installed()["torch"] == "2.15.0+cpu"


def test_where_pip_asks_no_index_uv_asks_none(checkout: Checkout) -> None:
    wheels = checkout.folder / "wheels"
    wheels.mkdir()
    for wheel in (checkout.indexes / "all").rglob("*.whl"):
        shutil.copy(wheel, wheels)
    (checkout.folder / "pip.conf").write_text(
        f"[global]\nno-index = true\nfind-links = {wheels}\nindex-url = {checkout.address}/cpu\n"
    )
    environment = checkout.environment(**with_pip(checkout), PIP_CONFIG_FILE=str(checkout.folder / "pip.conf"))
    del environment["UV_DEFAULT_INDEX"]
    done = checkout.run_in(environment)
    assert done.returncode == 0, done.stderr
    assert with_dashes(checkout.installed()) == LARGE


def test_pips_proxy_is_uvs_and_is_asked_for_the_small_torch(checkout: Checkout) -> None:
    # A server of files that is asked for a whole address looks for folders of that name.
    (checkout.indexes / "http:").mkdir()
    (checkout.indexes / "http:/index.invalid").symlink_to(checkout.indexes)
    settings = {"PIP_PROXY": checkout.address, "UV_DEFAULT_INDEX": "http://index.invalid/all"}
    environment = checkout.environment(**with_pip(checkout), **settings, TORCH_CPU_INDEX="http://index.invalid/cpu")
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"):
        environment.pop(name, None)
    done = checkout.run_in(environment)
    assert done.returncode == 0, done.stderr
    assert checkout.installed() == SMALL


def test_pip_puts_uv_beside_python_where_the_machine_has_none(checkout: Checkout) -> None:
    (checkout.folder / "programs/uv").unlink()
    add_wheel(checkout.indexes / "all", "uv", "0.9.0", program=f'#!/bin/sh\necho >uv-was-used\nexec {UV} "$@"\n')
    with (checkout.folder / "constraints.txt").open("a") as constraints:
        constraints.write("uv==0.9.0\n")
    done = checkout.run(**with_pip(checkout), PIP_INDEX_URL=f"{checkout.address}/all")
    assert done.returncode == 0, done.stderr
    assert (checkout.folder / "uv-was-used").is_file()
    assert checkout.installed() == {**SMALL, "uv": "0.9.0"}


@pytest.mark.parametrize(
    "stand_in",
    [
        b"#!/bin/sh\nexit 127\n",  # a version manager's
        b"\x7fELF of another kind of machine",
    ],
)
def test_without_any_uv_pip_installs_the_same(checkout: Checkout, stand_in: bytes) -> None:
    (checkout.folder / "programs/uv").write_bytes(stand_in)
    done = checkout.run(**with_pip(checkout), PIP_INDEX_URL=f"{checkout.address}/all")
    assert done.returncode == 0, done.stderr
    assert "so pip installs" in done.stdout
    assert checkout.installed() == SMALL


def make(checkout: Checkout, *words: str) -> subprocess.CompletedProcess[str]:
    """A run of the real Makefile on this project."""
    command = ["make", *words, f"PYTHON={sys.executable}", "TORCH=cuda"]
    environment = checkout.environment()
    return subprocess.run(command, cwd=checkout.folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("make"), reason="no make is installed here")
def test_make_sets_up_once_and_again_after_a_change(checkout: Checkout) -> None:
    shutil.rmtree(checkout.folder / ".venv")
    shutil.copy(ROOT / "Makefile", checkout.folder)
    shutil.copy(ROOT / "scripts/make-venv", checkout.folder / "scripts")
    done = make(checkout, ".venv/.dev")
    assert done.returncode == 0, done.stderr
    assert {**LARGE, "checker": "3.0"}.items() <= with_dashes(checkout.installed()).items()
    # -q: 0 if nothing is left to do, 1 if something is.
    assert make(checkout, "-q", ".venv/.dev").returncode == 0
    os.utime(checkout.folder / "constraints.txt")
    assert make(checkout, "-q", ".venv/.dev").returncode == 1


def test_a_python_that_makes_no_environments_is_told_what_it_lacks(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    write_program(python, f'case "$2" in *ensurepip*) exit 1;; esac\nexec {shlex.quote(sys.executable)} "$@"')
    command = ["sh", ROOT / "scripts/make-venv"]
    environment = {**os.environ, "PYTHON": str(python)}
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"sudo apt-get install python{version}-venv" in told.stderr
    assert not (tmp_path / ".venv").exists()
