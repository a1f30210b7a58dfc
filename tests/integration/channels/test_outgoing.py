"""What rekey says reaches the messenger: in order, split, later if it must be, and never out of date."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from portal.channels.port import Capabilities
from portal.channels.saying import split
from recovery_core.conversations.conversation import LineKind
from tests.fakes import FakeClock
from tests.integration.channels.conftest import PATIENCE, Person, holds
from tests.portal_house import PortalHouse


async def all_answered(portal: PortalHouse, count: int) -> None:
    """Wait until *count* events were taken up and their turns have stored what is to be said."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with portal.house.parts.work.reading() as work:
                waiting = (await work.inbox.backlog("plain")).waiting
                unanswered = await work.conversations.unanswered(10)
            if not waiting and not unanswered and len(portal.assistant.turns) >= count:
                return
            await asyncio.sleep(0.02)


async def tried(portal: PortalHouse) -> None:
    """Wait until a sending was in vain: after it nothing is on its way until the clock moves."""
    messengers = portal.house.furnishing.messengers
    assert messengers is not None
    await holds(lambda: messengers.figures.standings["plain"].failures > 0)


async def all_sent(portal: PortalHouse) -> None:
    """Wait until nothing is left to send, tries that are put off included."""
    later = portal.house.parts.clock.now() + timedelta(days=400)
    async with asyncio.timeout(PATIENCE):
        while True:
            async with portal.house.parts.work.reading() as work:
                if not await work.bindings.behind(["plain"], later, 10):
                    return
            await asyncio.sleep(0.02)


async def test_a_platform_that_was_away_gets_everything_in_order(
    person: Person, portal: PortalHouse, clock: FakeClock
) -> None:
    """An hour without the platform: nothing is lost, nothing is doubled, nothing overtakes."""
    person.channel.away = True
    for number, words in enumerate(("I forgot my password", "bob@example.com", "thanks")):
        assert await person.post({"id": f"e-{number}", "text": words}) == 200
    await all_answered(portal, 3)
    await tried(portal)
    clock.move(timedelta(hours=1))
    person.channel.away = False
    assert "bob@example.com" in (await person.answered(3))[1].text
    await all_sent(portal)
    async with portal.house.parts.work.reading() as work:
        lines = await work.conversations.since(portal.assistant.turns[0].conversation_id, 0, 100)
    replies = [
        line for line in lines if line.kind is LineKind.REPLY and line.payload.get("key") != "gateway.slow"
    ]
    assert len(person.messages()) == len({message.id for message in person.messages()}) == len(replies)


async def test_an_expired_link_is_not_sent(person: Person, portal: PortalHouse, clock: FakeClock) -> None:
    """A form that expired while the platform was away is said to be over, without its link."""
    await person.say("I forgot my password, bob@example.com")
    person.channel.away = True
    await person.post({"id": "b", "kind": "button", "button": person.button("method_sms")})
    await all_answered(portal, 2)
    await tried(portal)
    clock.move(timedelta(minutes=11))
    person.channel.away = False
    answer = (await person.answered())[0]
    assert answer.link is None
    assert "expired" in answer.text


async def test_after_a_day_it_is_too_late(person: Person, portal: PortalHouse, clock: FakeClock) -> None:
    """What could not be said for more than a day is replaced by one sentence that says so."""
    person.channel.away = True
    for number, words in enumerate(("I forgot my password", "bob@example.com")):
        await person.post({"id": f"e-{number}", "text": words})
    await all_answered(portal, 2)
    await tried(portal)
    clock.move(timedelta(hours=24, seconds=1))
    person.channel.away = False
    assert "out of date" in (await person.answered())[0].text
    await all_sent(portal)
    assert len(person.messages()) == 1


async def test_a_lost_answer_repeats_the_same_id(
    person: Person, portal: PortalHouse, clock: FakeClock
) -> None:
    """The platform took it and we never learned: it is sent again under the same id, which platforms know."""
    person.channel.losing = 1
    await person.post({"id": "e-1", "text": "I forgot my password"})
    await person.answered()
    clock.move(timedelta(minutes=1))
    await person.answered()
    first, second = person.messages()
    assert (first.id, first.text) == (second.id, second.text)
    await all_sent(portal)


async def test_who_cannot_be_written_to_holds_up_nobody(person: Person, portal: PortalHouse) -> None:
    """A refused message is given up, and counted; the next one is tried."""
    person.channel.refusing = True
    await person.post({"id": "e-1", "text": "I forgot my password"})
    await all_answered(portal, 1)
    await all_sent(portal)
    person.channel.refusing = False
    assert "bob@example.com" in (await person.say("bob@example.com"))[0].text


async def test_a_long_answer_is_split_and_the_buttons_come_last(person: Person) -> None:
    """Parts are at most as long as the platform takes; together they are the whole."""
    whole = (await person.say("I forgot my password, bob@example.com"))[0]
    person.account, person.seen = "u-2", 0
    person.channel.capabilities = Capabilities(max_text=40, max_buttons=6)
    await person.post({"id": "other", "text": "I forgot my password, bob@example.com"})
    await holds(lambda: any(message.buttons for message in person.messages()))
    parts = person.messages()
    assert len(parts) > 1
    assert all(len(part.text) <= 40 for part in parts)
    assert "".join("".join(part.text for part in parts).split()) == "".join(whole.text.split())
    assert [bool(part.buttons) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert len({part.id for part in parts}) == len(parts)


async def test_an_agents_words_and_notices_arrive_unasked(person: Person, portal: PortalHouse) -> None:
    """A line that nobody asked for, such as a human's answer, is sent too, with the human's name."""
    await person.say("I forgot my password")
    talk = portal.assistant.turns[0].conversation_id
    async with portal.house.parts.work() as unit:
        payload = {"kind": "agent", "text": "I am looking into it.", "by": "Mei"}
        await unit.conversations.append(talk, LineKind.REPLY, "a-1", payload, portal.house.parts.clock.now())
        await unit.commit()
    portal.house.furnishing.turns.wake(talk)
    assert (await person.answered())[0].text == "Mei: I am looking into it."


@pytest.mark.parametrize("longest", [7, 40, 1000])
def test_splitting_keeps_every_character(longest: int) -> None:
    """No piece is too long or empty, and only white space at the cuts goes."""
    text = "One sentence. 第二句话在这里。第三句。\n\nA new paragraph " + "x" * 60 + " end"
    pieces = split(text, longest)
    assert all(0 < len(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
