"""Gets a Chromium for the browser tests where none starts yet: `python -m tests.browser.chromium`."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence

from resnext_viz.bench.browser import chromium
from resnext_viz.bench.result import BenchError
from tests.ci import under_ci

_LIMIT_S = 900  # for one command
LEFT_OUT = "the browser tests are left out: no Chromium starts here"


def starts() -> bool:
    """Whether a Chromium starts here."""
    try:
        with chromium():
            return True
    except BenchError:
        return False


def fetched() -> bool:
    """Whether a Chromium starts, after one way of installing it after another until one does."""
    return starts() or any(all(map(_succeeds, commands)) and starts() for commands in _ways())


def _ways() -> Iterator[list[list[str]]]:
    """Commands that install a Chromium: Debian's package where we may, then Playwright's own."""
    root = _root_prefix()
    if root is not None and shutil.which("apt-get"):
        apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
        packages = ["chromium", "fonts-dejavu-core"]
        yield [[*apt, "update"], [*apt, "install", "--yes", "--no-install-recommends", *packages]]
    # The libraries it needs come with it where we may install them, and are taken to be there where we may not.
    libraries = [] if root is None else ["--with-deps"]
    yield [[sys.executable, "-m", "playwright", "install", *libraries, "chromium"]]


def _root_prefix() -> list[str] | None:
    """What to put before a command to run it as root without being asked for a password; None if we may not."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    return sudo if shutil.which("sudo") and _succeeds([*sudo, "true"]) else None


def _succeeds(command: Sequence[str]) -> bool:
    print("  $", *command, flush=True)
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=_LIMIT_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", flush=True)
        return False


def main() -> int:
    """Exit status: 0, but 1 under CI if there is no Chromium."""
    if fetched():
        return 0
    print(f"Note: {LEFT_OUT}, and neither apt-get nor playwright could get one.", file=sys.stderr)
    return int(under_ci())


if __name__ == "__main__":
    sys.exit(main())
