"""Messengers whose buttons come back as numbers, and chats that rekey cannot read."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from portal.channels.outgoing import Outgoing
from portal.channels.port import Capabilities, Message, Target
from tests.fakes import FakeClock
from tests.integration.channels.conftest import Person, holds
from tests.integration.channels.plain import PlainChannel
from tests.portal_house import PortalHouse

TICK = timedelta(microseconds=1)


class Slow(PlainChannel):
    """Answers a sending when the gate opens, if there is one; the person has seen the message by then."""

    gate: asyncio.Event | None = None

    async def send(self, to: Target, message: Message) -> None:
        """Take *message*, and let rekey wait."""
        await super().send(to, message)
        if self.gate is not None:
            await self.gate.wait()


@pytest.fixture
def channel() -> PlainChannel:
    """Return a messenger like DingTalk, where a tapped choice sends its number."""
    return Slow(capabilities=Capabilities(max_text=2000, max_buttons=6, buttons_say_numbers=True))


async def test_a_number_is_the_press_of_that_choice(person: Person, portal: PortalHouse) -> None:
    """Choices are sent as buttons, and the number that a press or a finger writes chooses."""
    await person.say("I forgot my password")
    offered = (await person.say("bob@example.com"))[-1]
    names = [choice.name for choice in offered.buttons]
    assert names == ["method_sms", "method_mail", "method_questions"]
    assert "1. " not in offered.text
    chosen = await person.say("1")
    assert chosen[-1].link is not None, chosen
    assert await portal.code()


async def test_a_number_counts_before_the_platform_has_answered(person: Person, portal: PortalHouse) -> None:
    """The choices are known to be numbered before they leave: a quick finger is not too quick."""
    await person.say("I forgot my password")
    channel = person.channel
    assert isinstance(channel, Slow)
    channel.gate = asyncio.Event()
    await person.post({"id": "the-address", "text": "bob@example.com"})
    await holds(lambda: "method_sms" in [choice.name for choice in channel.last.buttons])
    await person.post({"id": "quick", "text": "1"})
    await holds(lambda: "gateway_method_sms" in [turn.intent for turn in portal.assistant.turns])
    channel.gate.set()


async def test_a_number_chooses_from_what_was_said_last(person: Person, portal: PortalHouse) -> None:
    """After another answer an old list is over: its number is a word like any other."""
    await person.say("I forgot my password, bob@example.com")
    assert "only read text" in (await person._act({"kind": "other"}))[0].text
    await person.say("1")
    assert [turn.intent for turn in portal.assistant.turns] == [None] * 2


@pytest.mark.parametrize(("late", "intent"), [(-TICK, "gateway_method_sms"), (timedelta(), None)])
async def test_a_list_is_good_for_a_day(
    person: Person, portal: PortalHouse, clock: FakeClock, late: timedelta, intent: str | None
) -> None:
    """Just before 24 hours are over the number still chooses, and then no more."""
    await person.say("I forgot my password, bob@example.com")
    await holds(lambda: not _outgoing(portal)._tasks)
    clock.move(portal.house.parts.numbers.idle_expiry + late)
    await person.post({"id": "late", "text": "1"})
    await holds(lambda: len(portal.assistant.turns) == 2)
    assert portal.assistant.turns[-1].intent == intent


async def test_a_list_that_nobody_has_seen_is_not_chosen_from(person: Person, portal: PortalHouse) -> None:
    """While the platform is away a number cannot mean what could not be said."""
    await person.say("I forgot my password")
    person.channel.away = True
    await person.post({"id": "the-address", "text": "bob@example.com"})
    standings = portal.house.furnishing.messengers.figures.standings  # type: ignore[union-attr]
    await holds(lambda: standings["plain"].failures > 0)
    await holds(lambda: not _outgoing(portal)._tasks)
    await person.post({"id": "blind", "text": "1"})
    await holds(lambda: len(portal.assistant.turns) == 3)
    assert portal.assistant.turns[-1].intent is None


def _outgoing(portal: PortalHouse) -> Outgoing:
    messengers = portal.house.furnishing.messengers
    assert messengers is not None
    return messengers.outgoing


async def test_a_sealed_chat_is_told_how_to_go_on(person: Person) -> None:
    """What is encrypted from end to end cannot be read, and the person learns what to do."""
    (answer,) = await person._act({"kind": "sealed"})
    assert "without encryption" in answer.text
