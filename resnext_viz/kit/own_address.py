"""Under which address this machine is known to others."""

from __future__ import annotations

import ipaddress
import socket

EVERYBODY = ("0.0.0.0", "::")  # noqa: S104  # compared with, not listened on


def outward_address() -> str:
    """The address under which this machine's network knows it; no packet is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            trial.connect(("198.51.100.1", 9))  # an address for documents, which nobody has
        except OSError:
            return socket.gethostname()
        return str(trial.getsockname()[0])


def is_own_alone(host: str) -> bool:
    """Whether a host's name or address means this machine to whoever says it."""
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
