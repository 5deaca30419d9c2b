"""Queue of the training runs of all visitors: one has its turn, the others know their place."""

from __future__ import annotations

import threading
from collections.abc import Callable

from resnext_viz.errors import UserError

MAX_WAITING = 8
_LOOK_S = 0.2


class TrainingQueue:
    """First come, first served. Whoever stands in it is any object of its own."""

    def __init__(self) -> None:
        self._standing: list[object] = []
        self._changed = threading.Condition()

    def join(self, who: object) -> None:
        """Takes the last place.

        Raises:
            UserError: too many are waiting.
        """
        with self._changed:
            if len(self._standing) > MAX_WAITING:
                raise UserError(f"{MAX_WAITING} runs are waiting already; try again when some of them have ended")
            self._standing.append(who)

    def place(self, who: object) -> int | None:
        """1 for the one whose turn it is, 2 for the next; None for whoever does not stand here."""
        with self._changed:
            return self._standing.index(who) + 1 if who in self._standing else None

    def wait(self, who: object, gives_up: Callable[[], bool]) -> bool:
        """Returns when it is this one's turn, which stays so until it leaves; False if it gave up before."""
        with self._changed:
            while self._standing[0] is not who:
                if gives_up():
                    return False
                self._changed.wait(_LOOK_S)
        return not gives_up()

    def leave(self, who: object) -> None:
        """Makes room for those behind."""
        with self._changed:
            self._standing.remove(who)
            self._changed.notify_all()


def place_in_words(place: int) -> str:
    """`2nd in the queue`."""
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place}{ending} in the queue"
