"""Room for uploads at the same moment: what is on its way is held in memory."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager

MOST = 8
"""Browsers that may send documents at the same moment, each at most 50 MB."""
EACH = 2
"""Of these, of one network address: one address cannot keep everybody else out."""
PATIENCE = 30.0
"""Seconds that an upload may take whatever its size."""
SLOWEST = 16 * 1024
"""Bytes a second that an upload must bring beyond that, on the average."""
LONGEST = 300.0
"""Seconds after which every upload ends."""


class NoRoomError(Exception):
    """Raised when too many uploads are on their way, in all or from one address."""


class UploadSlots:
    """Counts uploads; belongs to one event loop."""

    def __init__(self) -> None:
        """Begin without any."""
        self._on_their_way: Counter[str] = Counter()

    @contextmanager
    def taken(self, client: str, trusted: Container[str]) -> Iterator[None]:
        """Hold a place for *client*; the addresses *trusted* (company exits) may take them all.

        Raises NoRoomError at once: who cannot be taken now is asked to come back.
        """
        mine = MOST if client in trusted else EACH
        if self._on_their_way[client] >= mine or self._on_their_way.total() >= MOST:
            raise NoRoomError
        self._on_their_way[client] += 1
        try:
            yield
        finally:
            self._on_their_way[client] -= 1
            self._on_their_way += Counter()  # forgets clients that are at zero


def more_time(limit: asyncio.Timeout, begun: float, size: int) -> None:
    """Let *limit* fit an upload that began at the loop's time *begun* and has brought *size* bytes."""
    limit.reschedule(begun + min(LONGEST, PATIENCE + size / SLOWEST))
