"""Rate limits per client and per conversation: moving windows in memory, on the clock of the house."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from limits import parse

from recovery_core.clock import Clock

KEYS_BEFORE_SWEEP = 1024
"""New keys after which those that nobody used within their window are dropped."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What is allowed, in the notation of the *limits* library; a list separated by semicolons."""

    messages_per_conversation: str = "20/10second;120/10minute"
    messages_per_client: str = "60/10second;1200/10minute"
    sessions_per_client: str = "60/10minute"
    forms_per_client: str = "60/minute"
    desk_per_agent: str = "240/minute"
    typing_per_conversation: str = "12/10second"
    uploads_per_client: str = "30/10minute"
    resumes_per_client: str = "30/10minute"
    messages_per_account: str = "2000/hour"
    """Of a messenger's account: far above any person, and the end of two programs that answer each other."""
    answers_per_group: str = "2/minute"


@dataclass(frozen=True, slots=True)
class _Window:
    amount: int
    seconds: float


class Limits:
    """Counts hits; memory is enough because one process is the only door.

    The moments of each key are kept as long as its longest window. The *limits* library's own memory storage
    looks at every key after every hit, which costs more the more people write.
    """

    def __init__(self, clock: Clock, rates: Rates | None = None) -> None:
        self._clock = clock
        rates = rates or Rates()
        self._windows = {name: _windows(getattr(rates, name)) for name in Rates.__slots__}
        self._hits: dict[tuple[str, str], deque[float]] = {}
        self._new = 0

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._hits)

    async def hit(self, name: str, key: str) -> int | None:
        """Count one hit of *key* under the limit *name*; return the seconds to wait if it is one too many."""
        now, windows = self._clock.now().timestamp(), self._windows[name]
        moments = self._moments(name, key, now)
        _forget(moments, now, windows)
        waits = [wait for window in windows if (wait := _wait(moments, window, now)) > 0]
        if waits:
            return max(1, math.ceil(max(waits)))
        moments.append(now)
        return None

    def _moments(self, name: str, key: str, now: float) -> deque[float]:
        if (name, key) not in self._hits:
            self._new += 1
            if self._new > KEYS_BEFORE_SWEEP:
                self._sweep(now)
            self._hits[name, key] = deque()
        return self._hits[name, key]

    def _sweep(self, now: float) -> None:
        self._new = 0
        for each, moments in list(self._hits.items()):
            _forget(moments, now, self._windows[each[0]])
            if not moments:
                del self._hits[each]


def _windows(rates: str) -> tuple[_Window, ...]:
    items = [parse(part) for part in rates.split(";")]
    return tuple(_Window(item.amount, item.get_expiry()) for item in items)


def _forget(moments: deque[float], now: float, windows: tuple[_Window, ...]) -> None:
    longest = max(window.seconds for window in windows)
    while moments and moments[0] <= now - longest:
        moments.popleft()
    while moments and moments[-1] > now:  # the clock went back; the future must not keep anyone out
        moments.pop()


def _wait(moments: deque[float], window: _Window, now: float) -> float:
    """Return the seconds until one more hit fits into *window*; not positive when it fits now."""
    if len(moments) < window.amount:
        return 0.0
    return moments[-window.amount] + window.seconds - now
