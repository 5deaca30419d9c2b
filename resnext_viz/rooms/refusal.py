"""What a room says no to, in words for whoever asked."""

from __future__ import annotations

from resnext_viz.errors import UserError


class RoomRefusalError(UserError):
    """A message that a room does not take.

    Attributes:
        status: as HTTP counts.
        reason: one word for programs.
    """

    def __init__(self, status: int, reason: str, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.reason = reason
