"""Small real classes that implement the core's ports and remember what happened."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that moves only by hand."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        """Start at *start*."""
        self.moment = start

    def now(self) -> datetime:
        """Return the moment that the test set."""
        return self.moment

    def move(self, step: timedelta) -> None:
        """Move the clock by *step*, which may be negative."""
        self.moment += step


class FakeEntropy:
    """Predictable values: each draw differs from the last and none is secret."""

    def __init__(self) -> None:
        """Start the count at one."""
        self._count = itertools.count(1)

    def digits(self, count: int) -> str:
        """Return the running number, padded to *count* digits."""
        return f"{next(self._count):0{count}d}"

    def token(self, bits: int = 256) -> str:
        """Return a readable token."""
        return f"token-{next(self._count)}-{bits}"

    def base32(self, length: int) -> str:
        """Return base32 letters that spell the running number."""
        return _letters(next(self._count), length, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    def readable(self, length: int) -> str:
        """Return readable characters that spell the running number."""
        return _letters(next(self._count), length, "23456789ABCDEFGHJKMNPQRSTUVWXYZ")


def _letters(number: int, length: int, alphabet: str) -> str:
    text = ""
    for _ in range(length):
        number, rest = divmod(number, len(alphabet))
        text = alphabet[rest] + text
    return text
