"""Whether these tests run under CI, where nothing may be left out and nothing is drawn by chance."""

import os


def under_ci() -> bool:
    """True where the environment variable CI is set to anything but nothing, 0 or false."""
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}
