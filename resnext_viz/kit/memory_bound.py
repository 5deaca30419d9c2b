"""A bound on what this process may put into memory, where the system has one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


@contextmanager
def memory_bound(most_bytes: int) -> Iterator[None]:
    """Within it this process may hold so much data of its own: what asks for more gets an error."""
    if resource is None:
        yield
        return
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = most_bytes if before == resource.RLIM_INFINITY else min(most_bytes, before)
    with suppress(ValueError, OSError):  # macOS has limits that it does not let be set
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (before, hard))
