"""How many requests an address may send: a token bucket (RFC 2697, section 3) for each."""

import time
from collections.abc import Callable

LARGEST = 10_000  # addresses that are remembered


class Rate:
    """At most `per_minute` requests of an address at once, which come back evenly over a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self.clock = per_minute, clock
        self._left: dict[str, tuple[float, float]] = {}  # requests, and when they were counted

    def wait_s(self, address: str) -> float:
        """Count a request; 0 where it may be answered, else seconds until the next one may."""
        now = self.clock()
        left, counted = self._left.pop(address, (float(self.per_minute), now))
        left = min(left + (now - counted) * self.per_minute / 60, self.per_minute)
        allowed = left >= 1
        self._left[address] = (left - 1 if allowed else left, now)
        while len(self._left) > LARGEST:
            del self._left[next(iter(self._left))]  # the one that was silent longest
        return 0.0 if allowed else (1 - left) * 60 / self.per_minute
