"""Two programs that answer each other, a sign of writing, and a connection that gives up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from portal.channels.intake import account_key
from portal.channels.port import Capabilities, Event, Hear, Kind, Target
from tests.fakes import FakeClock
from tests.integration.channels.conftest import Person, holds
from tests.integration.channels.plain import PlainChannel
from tests.portal_house import PortalHouse, portal_house


async def test_two_programs_that_answer_each_other_end(
    person: Person, portal: PortalHouse, clock: FakeClock
) -> None:
    """After 2,000 messages in an hour an account is heard no more, and again when the hour is over."""
    limits = portal.house.furnishing.limits
    key = account_key(portal.house.parts, "plain", "corp", "u-1")
    for _ in range(1999):
        assert await limits.hit("messages_per_account", key) is None
    await person.say("thanks")
    await person.post({"id": "one-too-many", "text": "thanks"})
    work = portal.house.parts.work
    async with asyncio.timeout(30):
        while True:
            async with work.reading() as unit:
                if (await unit.inbox.backlog("plain")).waiting == 0:
                    break
            await asyncio.sleep(0.02)
    assert len(portal.assistant.turns) == 1
    clock.move(timedelta(hours=1, seconds=1))
    await person.post({"id": "an-hour-later", "text": "thanks"})
    await holds(lambda: len(portal.assistant.turns) == 2)


class Typing(PlainChannel):
    """Shows who is writing."""

    typed: int = 0

    async def typing(self, to: Target) -> None:
        """Count the signs."""
        del to
        self.typed += 1


async def test_writing_is_shown_while_an_answer_is_found(folder: Path, clock: FakeClock) -> None:
    """The sign comes before the answer does."""
    channel = Typing(capabilities=Capabilities(max_text=2000, max_buttons=6, typing=True))
    async with portal_house(folder, clock=clock, messengers={"plain": channel}) as portal:
        person = Person(portal, channel, await portal.client())
        portal.assistant.gate = asyncio.Event()
        await person.post({"id": "e-1", "text": "I forgot my password"})
        await holds(lambda: channel.typed > 0)
        assert person.messages() == []
        portal.assistant.gate.set()
        await person.answered()


class Connected(PlainChannel):
    """Hands one event over and gives up the first time, stays the second time."""

    listened: int = 0

    async def listen(self, hear: Hear) -> None:
        """Tell one event."""
        self.listened += 1
        events: Sequence[Event] = [Event("e-1", "corp", "u-1", "room-u-1", Kind.TEXT, "thanks")]
        await hear(events)
        if self.listened == 1:
            raise RuntimeError("a secret that no log may hold")
        await asyncio.Event().wait()


async def test_a_connection_that_gives_up_is_made_again(folder: Path, clock: FakeClock) -> None:
    """Its events are stored before they are acknowledged, and what it tells twice is answered once."""
    channel = Connected()
    async with portal_house(folder, clock=clock, messengers={"plain": channel}) as portal:
        person = Person(portal, channel, await portal.client())
        await person.answered()
        await holds(lambda: channel.listened == 2)
        await asyncio.sleep(0)
        assert len(portal.assistant.turns) == 1
