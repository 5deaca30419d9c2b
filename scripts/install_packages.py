"""Installs what requirements.txt asks for, in the versions of constraints.txt, for the Python that runs this file.

    .venv/bin/python scripts/install_packages.py          what the app needs
    .venv/bin/python scripts/install_packages.py --dev    the tools for tests and checks too

uv installs, in seconds where pip takes minutes: the one on PATH, else one that pip puts beside this Python. torch and
torchvision are a pair and come from one index. On Linux without an NVIDIA driver that is PyTorch's own, whose torch for
CPUs is small, if it can be reached; everywhere else they come from where all packages do. The environment variable
TORCH, "cpu" or "cuda", decides otherwise. Standard library only: this runs before anything is installed.
"""

from __future__ import annotations

import ast
import csv
import ctypes
import os
import shutil
import subprocess
import sys
import sysconfig
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from http.client import HTTPException
from importlib.metadata import Distribution, PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
PAIR = ("torch", "torchvision")
_FOR_CHECKS = ("requirements-tools.txt", "requirements-dev.txt")
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
OTHER_CPU_INDEX = "TORCH_CPU_INDEX"  # names another in the environment: a mirror, or a test's
LARGE, SMALL = "3.3 GB", "0.5 GB"  # the wheels that the app needs, on Linux with Python 3.11
REACH_LIMIT_S = 4.0  # for name, connection and first answer together
NO_SUCH_VERSION = 1  # what uv exits with when an index lacks it; a connection that breaks gives another
# uv does not read pip's settings: pip's word, and the variable that says the same to uv.
SETTINGS = (
    ("index-url", "UV_DEFAULT_INDEX"),
    ("extra-index-url", "UV_INDEX"),
    ("find-links", "UV_FIND_LINKS"),
    ("trusted-host", "UV_INSECURE_HOST"),
    ("cert", "SSL_CERT_FILE"),
    ("proxy", "HTTP_PROXY"),
    ("proxy", "HTTPS_PROXY"),
)
INDEXES = {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"}
PLACES = {*INDEXES, "UV_FIND_LINKS"}
YES = {"1", "on", "t", "true", "y", "yes"}  # as pip reads a setting
PIPS_MANNER = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # of several indexes, whichever has the version
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
# Progress for a person who watches, quiet in a log.
QUIET = [] if sys.stderr.isatty() else ["--quiet"]


def say(sentence: str) -> None:
    """Tells it at once, in order with what uv writes."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def nvidia_driver() -> bool:
    """Whether an NVIDIA driver is here, by its tool, its kernel module or its library."""
    return bool(shutil.which("nvidia-smi")) or Path("/proc/driver/nvidia/version").exists() or _loads("libcuda.so.1")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def reachable(index: str) -> bool:
    """Whether an index has a page for torch, within REACH_LIMIT_S whatever name servers and connections do."""
    answers: list[bool] = []
    asking = threading.Thread(target=lambda: answers.append(_has_torch(index)), daemon=True)
    asking.start()
    asking.join(REACH_LIMIT_S)
    return any(answers)


def _has_torch(index: str) -> bool:
    try:
        with urllib.request.urlopen(f"{index.rstrip('/')}/torch/", timeout=REACH_LIMIT_S):  # noqa: S310  # ours, or the user's
            return True
    except (OSError, ValueError, HTTPException):  # nobody, no such name or page, no certificate, no address, no HTTP
        return False


def torch_index(asked: str) -> tuple[str | None, str]:
    """The index that torch and torchvision come from, None for that of all packages, and a sentence that says so.

    Raises:
        SystemExit: TORCH is neither, or asks for what cannot be reached.
    """
    if asked not in {"", "cpu", "cuda"}:
        raise SystemExit(f"TORCH is cpu or cuda, not {asked!r}; without it this machine's driver decides.")
    if sys.platform != "linux":
        return None, "torch is the one that PyPI has for this system."
    if asked == "cuda":
        return None, f"torch comes with CUDA, as TORCH=cuda asks: {LARGE} to download."
    if not asked and nvidia_driver():
        return None, f"An NVIDIA driver is here, so torch comes with CUDA: {LARGE} to download (TORCH=cpu: {SMALL})."
    index = os.environ.get(OTHER_CPU_INDEX) or CPU_INDEX
    why = "As TORCH=cpu asks" if asked else "No NVIDIA driver is here"
    if reachable(index):
        return index, f"{why}, so torch is the small one for CPUs, from PyTorch's own index: {SMALL} to download."
    if asked:
        raise SystemExit(f"{index} does not answer, so there is no small torch. Try again, or take TORCH=cuda.")
    return None, (
        "No NVIDIA driver is here, but PyTorch's index with the small torch does not answer: "
        f"torch comes with CUDA, {LARGE} to download."
    )


def pinned(package: str) -> str:
    """The version in constraints.txt."""
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    return next(line.removeprefix(f"{package}==").split()[0] for line in lines if line.startswith(f"{package}=="))


def pair_is_here() -> bool:
    """Whether torch and torchvision are installed in the pinned versions, for CPUs ("2.15.0+cpu") or with CUDA."""
    try:
        return all(version(package).partition("+")[0] == pinned(package) for package in PAIR)
    except PackageNotFoundError:
        return False


def forget_unfinished() -> None:
    """Lets a package in this virtual environment count as missing if its installation was cut short.

    uv and pip would count it as there. Both write INSTALLER when all else lies in its place; others need not write it.
    """
    if sys.prefix == sys.base_prefix:
        return  # somebody else's house
    for package in Path(sysconfig.get_path("purelib")).glob("*.dist-info"):
        if not (package / "INSTALLER").exists() and not _is_whole(package):
            shutil.rmtree(package)


def _is_whole(package: Path) -> bool:
    """Whether all that a package's RECORD names is there, and its programs, which no wheel's own RECORD names."""
    found = Distribution.at(package)
    record = found.read_text("RECORD")
    programs = [entry.name for entry in found.entry_points if entry.group in {"console_scripts", "gui_scripts"}]
    rows = [line for line in csv.reader((record or "").splitlines()) if line]
    return (
        record is not None
        and all((package.parent / line[0]).exists() for line in rows if not line[0].endswith(".pyc"))
        and all(shutil.which(name, path=sysconfig.get_path("scripts")) for name in programs)
    )


def pips_settings() -> dict[str, str]:
    """Pip's settings, of its files and variables."""
    listed = subprocess.run([*PIP, "config", "list"], capture_output=True, text=True, check=False).stdout.splitlines()  # noqa: S603
    found = dict[str, str]()
    for section in ("global.", "install.", ":env:."):  # each outdoes the one before
        for line in listed:
            name, _, value = line.partition("=")
            if name.startswith(section):
                found[name.removeprefix(section)] = ast.literal_eval(value)
    return found


def settings_for_uv(settings: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str]:
    """The environment with pip's settings put as uv's, where uv's own say nothing."""
    same = dict[str, str]()
    for name, variable in SETTINGS:
        if name in settings and variable.lower() not in environment:  # as proxies are often named
            same[variable] = ("," if name == "find-links" else " ").join(settings[name].split())  # as uv parts them
    return {**(PIPS_MANNER if "UV_INDEX" in same else {}), **same, **environment}


def without_index(settings: Mapping[str, str], environment: Mapping[str, str]) -> bool:
    """Whether pip is told to ask no index, for which uv has an option but no variable."""
    return settings.get("no-index", "").lower() in YES and not INDEXES & environment.keys()


def installer() -> list[str]:
    """The command that installs packages: uv's, or pip's where there is no uv for this machine."""
    beside = str(Path(sys.executable).parent)
    uv = _working(shutil.which("uv")) or _working(shutil.which("uv", path=beside))
    if not uv:
        subprocess.run([*PIP, "install", *QUIET, "--constraint", CONSTRAINTS, "uv"], check=False)  # noqa: S603
        uv = _working(shutil.which("uv", path=beside))
    if uv:
        return [uv, "pip", "install", "--python", sys.executable]
    say("There is no uv to be had here, so pip installs: that takes some minutes.")
    return [*PIP, "install"]


def _working(program: str | None) -> str | None:
    """The program if it runs: a version manager's stand-in for another Python's does not."""
    if program is None:
        return None
    try:
        done = subprocess.run([program, "--version"], capture_output=True, check=False)  # noqa: S603
    except OSError:  # made for another kind of machine, say
        return None
    return program if done.returncode == 0 else None


def install(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit status of an installation within constraints.txt."""
    return subprocess.run([*command, *QUIET, "--constraint", CONSTRAINTS], env=environment, check=False).returncode  # noqa: S603


def install_pair(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Installs torch and torchvision where they come from an index of their own; the exit status."""
    asked = os.environ.get("TORCH", "")
    if "--no-index" in command:
        say("Pip is told to ask no index, so torch is the one in the places that it is given.")
        return 0
    index, sentence = torch_index(asked)
    say(sentence)
    if index is None:
        return 0
    # From that index only, and without what they need, which comes with the rest: it holds other versions of it.
    alone = {name: value for name, value in environment.items() if name not in PLACES}
    status = install([*command, "--no-deps", "--index-url", index, *PAIR], alone)
    if status == NO_SUCH_VERSION and not asked:
        say(f"There it could not be had for this machine, so torch comes with CUDA: {LARGE} to download.")
        return 0
    return status


def main() -> int:
    """Exit status: 0 when everything is in its place."""
    forget_unfinished()
    settings = pips_settings()
    no_index = ["--no-index"] if without_index(settings, os.environ) else []
    os.environ.update(settings_for_uv(settings, os.environ))  # for what is asked of indexes here, too
    command, environment = [*installer(), *no_index], os.environ
    if not pair_is_here() and (status := install_pair(command, environment)):
        return status
    files = ["requirements.txt", *(_FOR_CHECKS if "--dev" in sys.argv[1:] else [])]
    return install([*command, *(f"--requirement={ROOT / name}" for name in files)], environment)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Stopped; the next call goes on from here.")
