"""The order in which people list names: `file 9` before `file 10`."""

from __future__ import annotations

import re

_NUMBERS = re.compile(r"([0-9]{1,18})")


def natural_order(name: str) -> list[str | int]:
    """What names are sorted by, so that `file 9` comes before `file 10`."""
    return [int(part) if place % 2 else part.casefold() for place, part in enumerate(_NUMBERS.split(name))]
