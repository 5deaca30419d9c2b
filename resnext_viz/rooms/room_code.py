"""The code of a room: four letters that are read from the back row and typed on a phone.

No I and no O, which look like digits, and no other vowel either: so no code is a word. 21⁴ = 194,481 codes.
"""

from __future__ import annotations

import secrets

LETTERS = "BCDFGHJKLMNPQRSTVWXYZ"
LENGTH = 4


def new_code() -> str:
    """A code by chance."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def read_code(typed: object) -> str | None:
    """The code that somebody typed, in capitals or not; None if it cannot be one."""
    if not isinstance(typed, str) or len(typed) != LENGTH or not typed.isascii():
        return None
    code = typed.upper()
    return code if all(letter in LETTERS for letter in code) else None
