"""Installs what the browser tests need: commands that may fail, and Debian's packages where we may install them."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

_LIMIT_S = 900  # for one command


def succeeds(command: Sequence[str], folder: Path | None = None) -> bool:
    """Whether the command, which is printed, runs to its end without a failure."""
    print("  $", *command, flush=True)
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, timeout=_LIMIT_S, check=False)
        return done.returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {error}", flush=True)
        return False


def root_prefix() -> list[str] | None:
    """What to put before a command to run it as root without being asked for a password; None if we may not."""
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "--non-interactive"]
    return sudo if shutil.which("sudo") and succeeds([*sudo, "true"]) else None


def debian_install(root: Sequence[str] | None, *packages: str) -> list[list[str]]:
    """The commands that install Debian's packages behind that prefix; none where they cannot be installed."""
    if root is None or not shutil.which("apt-get"):
        return []
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    return [[*apt, "update"], [*apt, "install", "--yes", "--no-install-recommends", *packages]]
