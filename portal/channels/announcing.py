"""Tells a support team, in a room of their messenger, who waits for a person; they answer at the desk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, runtime_checkable

import structlog

from portal.channels.port import Channel, ChannelAwayError, ChannelRefusedError, Link, Message, Target
from portal.chat.replies import Texts
from recovery_core.cases.parts import Parts
from recovery_core.errors import RecoveryError
from recovery_core.people.tickets import Kind, Lane, Ticket, TicketState

_log = structlog.get_logger("channels")

LOOK_SECONDS = 2.0
LONGEST_WAIT = 60.0
BATCH = 200
"""Tickets that are read at once."""
_LANGUAGES = ("zh", "en")
"""The team reads one message in both, for nobody says which one it prefers."""

Pause = Callable[[float], Awaitable[None]]


@runtime_checkable
class HasSupportRoom(Protocol):
    """A channel in which a support team has a room."""

    support: Target | None
    """Where to announce; None where no room is set."""


class Announcing:
    """Looks for talks that nobody has taken, and announces each once.

    What was announced is remembered in memory only. After a restart the same message is sent again with the
    same id, which a platform with ``same_id_once`` drops.
    """

    def __init__(
        self, parts: Parts, texts: Texts, channel: Channel, room: Target, pause: Pause = asyncio.sleep
    ) -> None:
        self._parts = parts
        self._texts = texts
        self._channel = channel
        self._room = room
        self._pause = pause
        self._announced: set[str] = set()

    async def run(self) -> None:
        """Announce for ever; a room that cannot be written to is tried again more and more slowly."""
        wait = LOOK_SECONDS
        while True:
            try:
                await self.look()
                wait = LOOK_SECONDS
            except (ChannelAwayError, ChannelRefusedError, RecoveryError) as error:
                _log.warning("channels.not_announced", kind=type(error).__name__)
                wait = min(wait * 2, LONGEST_WAIT)
            except Exception as error:  # noqa: BLE001  without this loop nobody would be announced any more
                _log.error("channels.announcing_broken", kind=type(error).__name__)
                wait = LONGEST_WAIT
            await self._pause(wait)

    async def look(self) -> None:
        """Announce who is new; raises what sending raises, and then tries the same again the next time."""
        waiting = {ticket.id: ticket for ticket in await self._queue() if _waits(ticket)}
        self._announced &= waiting.keys()
        for ticket in waiting.values():
            if ticket.id not in self._announced:
                await self._channel.send(self._room, self._message(ticket))
                self._announced.add(ticket.id)

    async def _queue(self) -> Sequence[Ticket]:
        """Return the whole queue: nobody waits so far behind that the team does not hear of them."""
        found: list[Ticket] = []
        async with self._parts.work.reading() as work:
            while queue := await work.tickets.queue(Lane.DESK, None, BATCH, len(found)):
                found += queue
        return found

    def _message(self, ticket: Ticket) -> Message:
        """Say that somebody waits, and nothing of who it is or what was said."""
        lines = [self._texts.text("channel.waiting", code, number=ticket.number) for code in _LANGUAGES]
        title = " · ".join(self._texts.text("channel.open_ticket", code) for code in _LANGUAGES)
        link = Link(f"{self._parts.public_url}/desk/tickets/{ticket.id}", title)
        return Message(
            self._parts.keyed.of("channel-waiting", ticket.id), "\n".join(lines), (), link, public=True
        )


def _waits(ticket: Ticket) -> bool:
    return ticket.kind is Kind.TALK and ticket.state is TicketState.OPEN
