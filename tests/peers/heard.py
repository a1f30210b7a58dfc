"""What a channel under test hands over, kept as the inbox keeps it, and how long it wants to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.channels.port import Event


@dataclass
class Heard:
    """What was stored, each event once; storing can fail and can be slow."""

    events: list[Event] = field(default_factory=list)
    tries: int = 0
    fail: int = 0
    hold: asyncio.Event | None = None

    async def hear(self, events: Sequence[Event]) -> None:
        """Keep *events* once each."""
        self.tries += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.fail:
            self.fail -= 1
            raise ConnectionError
        known = {event.id for event in self.events}
        self.events += [event for event in events if event.id not in known]


@dataclass
class Pauses:
    """Takes notes of what should be waited, and lets the loop run."""

    taken: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        """Note *seconds*."""
        self.taken.append(seconds)
        await asyncio.sleep(0.01)
