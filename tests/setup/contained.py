"""Whether a server answers where a container would run it: `python -m tests.setup.contained`, the job as JSON on stdin.

To be started within namespaces of its own (`unshare --map-root-user --mount --net`). All that is mounted becomes
read-only but for the folders that a container may write to; there is no network but loopback; the server has another
user's number and no rights. Prints a JSON object: whether it came to be healthy, what a visitor then says who is run
beside it, and where it could write.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_AS_ANOTHER = ["unshare", "--user", "--map-user=10001", "--map-group=10001"]
_READY_LIMIT_S = 240.0
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 0x1  # of a network interface: SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP


def raise_loopback() -> None:
    """A new network namespace has its loopback switched off."""
    with socket.socket() as any_socket:
        flags = struct.unpack("16xh14x", fcntl.ioctl(any_socket, _GET_FLAGS, struct.pack("16sh14x", b"lo", 0)))[0]
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", flags | _UP))


def make_read_only(but: list[str]) -> None:
    """Nothing that is mounted can be written, but for the devices and new folders in memory at `but`."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        place = line.split()[1]
        if not place.startswith(("/proc", "/sys", "/dev")):
            subprocess.run(["mount", "-o", "remount,bind,ro", place], capture_output=True, check=False)
    for place in but:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "nosuid,nodev,noexec,mode=1777", "tmpfs", place], check=True)


def can_write(folder: str) -> bool:
    """Whether a process as the server's makes a file there."""
    command = [*_AS_ANOTHER, sys.executable, "-c", f"import tempfile; tempfile.TemporaryFile(dir={folder!r})"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def becomes_healthy(server: subprocess.Popen[bytes], check: list[str], settings: dict[str, Any]) -> bool:
    """Whether the check succeeds before the server ends or the time is over."""
    deadline = time.monotonic() + _READY_LIMIT_S
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(check, capture_output=True, check=False, **settings).returncode == 0:
            return True
        time.sleep(0.5)
    return False


def main() -> None:
    """Runs the job."""
    job = json.load(sys.stdin)
    raise_loopback()
    make_read_only(job["writable"])
    settings = {"cwd": job["folder"], "env": {**os.environ, **job["environment"]}}
    with subprocess.Popen([*_AS_ANOTHER, *job["command"]], stdout=sys.stderr, **settings) as server:
        try:
            healthy = becomes_healthy(server, job["health"], settings)
            visitor = subprocess.run(job["visitor"], cwd=job["home"], stdout=subprocess.PIPE, text=True, check=False)
        finally:
            server.terminate()
    written = [folder for folder in (job["folder"], *job["writable"]) if can_write(folder)]
    json.dump({"healthy": healthy, "said": visitor.stdout, "written": written}, sys.stdout)


if __name__ == "__main__":
    main()
