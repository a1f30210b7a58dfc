"""A support team's room learns of each person who waits, once, and of nothing that they wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from portal.channels.announcing import BATCH, LONGEST_WAIT, LOOK_SECONDS, Announcing
from portal.channels.port import Message, Target
from recovery_core.people.tickets import Kind, Lane, Ticket, TicketState
from tests.fakes import FakeClock
from tests.integration.channels.plain import PlainChannel
from tests.integration.desk.house import agent, ticket_of
from tests.portal_house import PortalHouse, portal_house

ROOM = Target("company", "bot", "support-room")


@dataclass
class Asking:
    """A house, its support team's room, and how long the announcing wants to wait."""

    house: PortalHouse
    channel: PlainChannel
    waits: list[float] = field(default_factory=list)

    def announcing(self) -> Announcing:
        """Return one that has announced nothing yet, as after a start."""
        parts, texts = self.house.house.parts, self.house.house.furnishing.texts
        return Announcing(parts, texts, self.channel, ROOM, self.pause)

    def said(self) -> Sequence[Message]:
        """Return what stands in the room."""
        assert all(to == ROOM for to, _ in self.channel.told)
        return [message for _, message in self.channel.told]

    async def pause(self, seconds: float) -> None:
        """Note *seconds*; the team's room works again after the seventh pause, and the ninth is the last."""
        self.waits.append(seconds)
        self.channel.away = len(self.waits) < 7
        if len(self.waits) == 9:
            raise asyncio.CancelledError


@pytest.fixture
async def asking(folder: Path) -> AsyncIterator[Asking]:
    """Return a house in which nobody waits."""
    async with portal_house(folder, clock=FakeClock()) as house:
        yield Asking(house, PlainChannel())


async def somebody_waits(asking: Asking) -> Ticket:
    """Let somebody ask for a person; return their ticket."""
    chat = await asking.house.chat()
    await chat.say("a human please")
    return await ticket_of(asking.house, chat)


async def test_each_who_waits_is_announced_once(asking: Asking) -> None:
    """Number and link to the ticket, in both languages; looking again says nothing more."""
    announcing = asking.announcing()
    await announcing.look()
    tickets = [await somebody_waits(asking), await somebody_waits(asking)]
    await announcing.look()
    await announcing.look()
    links = {message.link.url.rpartition("/")[2]: message.text for message in asking.said() if message.link}
    assert len(asking.said()) == 2
    assert set(links) == {ticket.id for ticket in tickets}
    for ticket in tickets:
        assert ticket.number in links[ticket.id]
        assert "等人工" in links[ticket.id]
        assert "waiting" in links[ticket.id]


async def test_a_start_says_the_same_under_the_same_id(asking: Asking) -> None:
    """A platform that drops doubles by their id shows nothing twice."""
    await somebody_waits(asking)
    await asking.announcing().look()
    await asking.announcing().look()
    first, again = asking.said()
    assert first == again


async def test_who_was_taken_is_not_announced(asking: Asking) -> None:
    """Nobody is sent to a talk that somebody has."""
    someone = await agent(asking.house)
    assert (await someone.act(await somebody_waits(asking), "take")).status == 303
    await asking.announcing().look()
    assert asking.said() == []


async def test_a_room_that_is_away_is_tried_more_slowly(asking: Asking) -> None:
    """Nothing is lost: the pauses double up to a minute, and shrink when it works again."""
    await somebody_waits(asking)
    asking.channel.away = True
    with pytest.raises(asyncio.CancelledError):
        await asking.announcing().run()
    waits = [LOOK_SECONDS * 2**number for number in (1, 2, 3, 4)]
    assert asking.waits == [*waits, *[LONGEST_WAIT] * 3, LOOK_SECONDS, LOOK_SECONDS]
    assert len(asking.said()) == 1


async def test_who_stands_far_behind_is_announced_too(asking: Asking) -> None:
    """A queue of more than one batch is read to its end."""
    parts = asking.house.house.parts
    now = parts.clock.now()
    async with parts.work() as work:
        for n in range(BATCH + 5):
            about = (f"pile-{n}", f"T-{n:06d}", Kind.TALK, Lane.DESK, f"case-{n}", "talk", "")
            ticket = Ticket(*about, TicketState.OPEN, now, now, now)
            await work.tickets.add_once(ticket)
        await work.commit()
    await asking.announcing().look()

    assert len(asking.said()) == BATCH + 5
