"""Who is writing just now in a talk between two people: kept for seconds, in memory only."""

from __future__ import annotations

import asyncio
from enum import StrEnum

from portal.chat.news import News

SECONDS = 6.0
"""How long somebody counts as writing after their last sign of it; both pages send one every 3 s."""


class Side(StrEnum):
    """The two sides of a live talk."""

    PERSON = "person"
    AGENT = "agent"


class Writing:
    """Remembers who writes; a change wakes everyone who listens to the conversation."""

    def __init__(self, news: News) -> None:
        self._news = news
        self._timers: dict[tuple[str, Side], asyncio.TimerHandle] = {}

    def hear(self, conversation_id: str, side: Side, *, on: bool) -> None:
        """Note that *side* writes, or has stopped or sent it."""
        key = (conversation_id, side)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        if on:
            self._timers[key] = asyncio.get_running_loop().call_later(SECONDS, self._over, key)
        if on is not (timer is not None):
            self._news.tell(conversation_id)

    def now(self, conversation_id: str, side: Side) -> bool:
        """Tell whether *side* is writing."""
        return (conversation_id, side) in self._timers

    def close(self) -> None:
        """Forget everybody."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _over(self, key: tuple[str, Side]) -> None:
        self._timers.pop(key, None)
        self._news.tell(key[0])
