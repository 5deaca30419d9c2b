"""Token buckets: how often somebody may ask, without a list of everybody who ever did."""

from __future__ import annotations

from collections import OrderedDict


class Buckets:
    """A bucket of `burst` for each name, filled by `per_second`; of the names, only the latest `most` are kept."""

    def __init__(self, per_second: float, burst: float, most: int = 4096) -> None:
        self.per_second = per_second
        self.burst = burst
        self.most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, now: float) -> bool:
        """Takes one out of the name's bucket; False if it is empty."""
        left, then = self._left.pop(name, (self.burst, now))
        left = min(self.burst, left + self.per_second * max(0.0, now - then))
        is_allowed = left >= 1
        self._left[name] = (left - 1 if is_allowed else left, now)
        while len(self._left) > self.most:
            self._left.popitem(last=False)
        return is_allowed
