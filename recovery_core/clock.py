"""The only source of time: nothing else in the product reads a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; a test passes a clock that it moves by hand."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current moment, timezone-aware, in UTC."""
        return datetime.now(UTC)
