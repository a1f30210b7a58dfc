"""Who listens to which conversation, within this process; nothing said between two looks is missed."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class News:
    """Wakes the listeners of a conversation; remembers nothing of conversations nobody listens to."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self.watchers: list[Callable[[str], None]] = []
        """Called with the id of every conversation that has news; they return at once and never raise."""

    def __len__(self) -> int:
        """Return how many conversations have listeners."""
        return len(self._listeners)

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[asyncio.Event]:
        """Yield an event that :meth:`tell` sets; clear it *before* looking, then wait for it."""
        event = asyncio.Event()
        self._listeners[conversation_id].add(event)
        try:
            yield event
        finally:
            self._listeners[conversation_id].discard(event)
            if not self._listeners[conversation_id]:
                del self._listeners[conversation_id]

    def listeners(self, conversation_id: str) -> int:
        """Return how many listen to the conversation."""
        return len(self._listeners.get(conversation_id, ()))

    def tell(self, conversation_id: str) -> None:
        """Wake everyone who listens to the conversation."""
        for event in self._listeners.get(conversation_id, ()):
            event.set()
        for watch in self.watchers:
            watch(conversation_id)


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Wait until *event* is set, at most *seconds*."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
