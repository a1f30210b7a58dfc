"""A crash after the line was stored and before its event was marked done: the line is not stored again."""

from __future__ import annotations

from pathlib import Path

from portal.channels.conversing import conversation_of
from portal.channels.intake import account_key, message_id
from portal.channels.port import Event, Kind
from recovery_core.cases import hearing
from recovery_core.conversations.conversation import LineKind
from rekey.bootstrap import build
from tests.fakes import FakeClock
from tests.integration.channels.conftest import Person, holds
from tests.integration.channels.plain import PlainChannel
from tests.portal_house import portal_house, settings_for


async def test_a_half_done_event_is_finished_and_not_repeated(
    folder: Path, clock: FakeClock, channel: PlainChannel
) -> None:
    """One line, one turn, and the event is done."""
    async with build(settings_for(folder), demo=True, clock=clock, messengers={"plain": channel}) as house:
        assert house.furnishing.messengers is not None
        event = Event("e-1", "corp", "u-1", "room-u-1", Kind.TEXT, "hello")
        await house.furnishing.messengers.hear("plain", [event])
        parts = house.parts
        key = account_key(parts, "plain", "corp", "u-1")
        async with parts.work.reading() as work:
            [item] = await work.inbox.waiting(key, 10)
        talk, _, _ = await conversation_of(parts, item, item.content or {})
        await hearing.hear(parts, talk, message_id(parts, item), "hello", key)
    async with portal_house(folder, clock=clock, messengers={"plain": channel}) as portal:
        person = Person(portal, channel, await portal.client())
        portal.house.furnishing.turns.wake(talk.id)
        await person.answered()
        await person.say("I forgot my password")
        work_of = portal.house.parts.work
        async with work_of.reading() as work:
            lines = await work.conversations.since(talk.id, 0, 100)
            backlog = await work.inbox.backlog("plain")
        said = [line.payload["text"] for line in lines if line.kind is LineKind.SAID]
        assert said == ["hello", "I forgot my password"]
        assert backlog.waiting == 0
        await holds(lambda: len(portal.assistant.turns) == 2)
