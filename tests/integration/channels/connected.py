"""For the contract tests: what a channel that holds a connection makes of one act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from portal.channels.port import Connecting, Event
from tests.peers.mounted import listening

PATIENCE = 30.0


@dataclass
class Line:
    """Everything that was heard, repetitions too."""

    events: list[Event] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    markers: int = 0

    async def hear(self, events: Sequence[Event]) -> None:
        """Keep *events*."""
        self.events += events
        self.arrived.set()

    async def made_of(
        self, tell: Callable[[], Awaitable[object]], mark: Callable[[str], Awaitable[object]]
    ) -> list[Event]:
        """Return the events of *tell*: those that are heard before the text that *mark* says after it."""
        self.markers += 1
        marker, before = f"marker {self.markers}", len(self.events)
        await tell()
        await mark(marker)
        async with asyncio.timeout(PATIENCE):
            while not any(event.text == marker for event in self.events):
                self.arrived.clear()
                await self.arrived.wait()
        found = self.events[before:]
        return [event for event in found if event.text != marker]


@asynccontextmanager
async def connected(channel: Connecting, is_open: Callable[[], object]) -> AsyncIterator[Line]:
    """Let *channel* listen, and wait until the platform has it."""
    line = Line()
    async with listening(channel, line):
        async with asyncio.timeout(PATIENCE):
            while not is_open():  # noqa: ASYNC110  there is no event for what the platform has
                await asyncio.sleep(0.01)
        yield line
