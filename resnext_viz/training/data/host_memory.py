"""How much memory this process may still take, as the system and a container's limit say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_SYSTEM = Path("/proc/meminfo")


class _Group(NamedTuple):
    """Files of a control group with the limit and what is used of it, and the part of that which is only cache."""

    limit: Path
    used: Path
    cache: str


_ROOT = Path("/sys/fs/cgroup")
_GROUPS = (  # both versions; in a container they stand at the root
    _Group(_ROOT / "memory.max", _ROOT / "memory.current", "file"),
    _Group(_ROOT / "memory/memory.limit_in_bytes", _ROOT / "memory/memory.usage_in_bytes", "total_cache"),
)


def available_bytes() -> int | None:
    """Bytes that can be had without pushing others out; None where nobody says."""
    said = [amount for amount in (_of_system(), *map(_of_group, _GROUPS)) if amount is not None]
    return min(said, default=None)


def _of_system() -> int | None:
    """What Linux says is available; elsewhere what is built in, for want of better."""
    try:
        return _number_after("MemAvailable:", _SYSTEM) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_group(group: _Group) -> int | None:
    try:
        cache = _number_after(group.cache, group.limit.with_name("memory.stat"))
        return max(0, int(group.limit.read_text()) - int(group.used.read_text()) + cache)
    except (OSError, ValueError):  # no container, or one whose limit is "max"
        return None


def _number_after(word: str, path: Path) -> int:
    for line in path.read_text().splitlines():
        name, *rest = line.split()
        if name == word:
            return int(rest[0])
    raise ValueError(f"no {word} in {path}")
