"""How long the event loop works for SQLite before a thread takes over."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf

QUESTION_SECONDS = 0.01
"""How long a question may take in the event loop; then it is asked again in a thread."""
STEPS = 20_000
"""Steps of SQLite's machine between two looks at the clock, about a millisecond."""
COMMIT_SECONDS = 0.003
"""What a commit may usually take in the event loop: a flash disk needs a tenth of it."""
_SMOOTHING = 4
"""The newest commit's share in what is usual, one in so many: one that is slow by chance changes little."""


class Patience:
    """Interrupts a question that was not put in a thread and takes too long there."""

    def __init__(self) -> None:
        self._deadline = inf

    def at_an_end(self) -> bool:
        """Tell SQLite, which asks every :data:`STEPS`, whether to interrupt."""
        return time.monotonic() > self._deadline

    def begin(self) -> None:
        """Be patient for :data:`QUESTION_SECONDS` from now on."""
        self._deadline = time.monotonic() + QUESTION_SECONDS

    def end(self) -> None:
        """Be patient for ever."""
        self._deadline = inf


class Pace:
    """Learns from each commit whether the next ones may be made in the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._usual = 0.0

    def slow(self) -> bool:
        """Tell whether the disk was slow lately."""
        return self._usual > COMMIT_SECONDS

    def timed(self, commit: Callable[[], None]) -> None:
        """Commit, and remember whether that took long."""
        begun = self._clock()
        try:
            commit()
        finally:
            self._usual += (self._clock() - begun - self._usual) / _SMOOTHING
