"""The inbox: stored before it is acknowledged, answered once, in order, and nothing kept in the clear."""

from __future__ import annotations

import asyncio
import hmac
import io
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from portal.channels.port import Capabilities, Event, Kind
from recovery_core.adapters.sql.unit_of_work import SqlWork
from rekey.bootstrap import build
from tests.fakes import FakeClock
from tests.integration.channels.conftest import Person, holds
from tests.integration.channels.plain import KEY, PlainChannel, signed
from tests.integration.channels.shape import NOW
from tests.portal_house import PortalHouse, portal_house, settings_for

HELLO = "hello"


async def rows(portal: PortalHouse, statement: str) -> list[tuple[object, ...]]:
    """Return what *statement* finds in the portal's database."""
    work = portal.house.parts.work
    assert isinstance(work, SqlWork)
    async with work.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(sql(statement))]


async def said(portal: PortalHouse) -> list[str]:
    """Return what people said, in the order of the conversation."""
    found = await rows(
        portal, "SELECT json_extract(payload, '$.text') FROM lines WHERE kind = 'said' ORDER BY seq"
    )
    return [str(row[0]) for row in found]


async def test_parallel_redeliveries_are_answered_once(person: Person, portal: PortalHouse) -> None:
    """Twenty times the same event at once: one row, one line, one answer, and every try is acknowledged."""
    statuses = await asyncio.gather(*(person.post({"id": "e-1", "text": HELLO}) for _ in range(20)))
    assert set(statuses) == {200}
    await person.answered()
    assert await person.post({"id": "e-1", "text": HELLO}) == 200
    await person.say("I forgot my password")
    assert await said(portal) == [HELLO, "I forgot my password"]
    assert len(person.messages()) == 2
    assert await rows(portal, "SELECT count(*), count(done_at), count(sealed) FROM channel_events") == [
        (2, 2, 0)
    ]


async def test_an_id_is_unique_in_its_tenant_only(person: Person, portal: PortalHouse) -> None:
    """The same event id in another company is another event of somebody else."""
    assert (
        await person.post({"id": "e-1", "text": "one"}, {"id": "e-1", "tenant": "other", "text": "two"})
        == 200
    )
    await person.answered(2)
    assert sorted(await said(portal)) == ["one", "two"]
    assert len(await rows(portal, "SELECT conversation_id FROM channel_bindings")) == 2


async def test_what_arrives_out_of_order_is_answered_in_order(person: Person, portal: PortalHouse) -> None:
    """The platform's own time decides, then the arrival."""
    told: list[dict[str, object]] = [
        {"id": f"e-{number}", "text": words, "at": (NOW + timedelta(seconds=number)).isoformat()}
        for number, words in ((3, "third"), (1, "first"), (2, "second"))
    ]
    assert await person.post(*told) == 200
    await person.answered(3)
    assert await said(portal) == ["first", "second", "third"]


async def test_a_crash_between_acknowledgement_and_turn_loses_nothing(
    folder: Path, clock: FakeClock, channel: PlainChannel
) -> None:
    """What was acknowledged by a process that never got to its turn is answered by the next one."""
    async with build(settings_for(folder), demo=True, clock=clock, messengers={"plain": channel}) as house:
        assert house.furnishing.messengers is not None
        event = Event("e-1", "corp", "u-1", "room-u-1", Kind.TEXT, HELLO)
        await house.furnishing.messengers.hear("plain", [event])
    async with portal_house(folder, clock=clock, messengers={"plain": channel}) as portal:
        person = Person(portal, channel, await portal.client())
        await person.answered()
        assert await said(portal) == [HELLO]


async def test_a_waiting_event_is_sealed_and_blanked_when_done(
    folder: Path, clock: FakeClock, channel: PlainChannel
) -> None:
    """Neither a code nor a password nor the account lies in the database in the clear, before or after."""
    secrets = ("832117", "my password is Hunter-22-Moon", "u-secret-account")
    async with build(settings_for(folder), demo=True, clock=clock, messengers={"plain": channel}) as house:
        assert house.furnishing.messengers is not None
        events = [
            Event(f"e-{n}", "corp", secrets[2], "r", Kind.TEXT, words) for n, words in enumerate(secrets[:2])
        ]
        await house.furnishing.messengers.hear("plain", events)
    assert not await found(folder, *secrets, "Hunter-22-Moon")
    async with portal_house(folder, clock=clock, messengers={"plain": channel}) as portal:
        await holds(lambda: len(channel.told) >= 2)
        assert await rows(portal, "SELECT count(*) FROM channel_events WHERE sealed IS NOT NULL") == [(0,)]
    assert not await found(folder, *secrets, "Hunter-22-Moon")
    assert not [m.text for _, m in channel.told if "832117" in m.text or "Hunter" in m.text]


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("rekey.db*"))


async def found(folder: Path, *secrets: str) -> list[str]:
    """Return which of *secrets* stand in the files of the database."""
    raw = await asyncio.to_thread(_bytes_of, folder)
    return [secret for secret in secrets if secret.encode() in raw]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"kind": "other"}, "only read text"),
        ({"text": "x" * 20_000}, "more than I can read"),
        ({"text": "x" * 4_001}, "more than I can read"),
        ({"text": " / "}, "nothing in that message"),
        ({"text": ""}, "nothing in that message"),
        ({"kind": "button", "button": "never-offered"}, "no longer in use"),
        ({"kind": "hello"}, "I help people"),
    ],
)
async def test_what_cannot_be_a_turn_gets_a_kind_answer(
    person: Person, portal: PortalHouse, row: dict[str, object], words: str
) -> None:
    """Pictures, endless or empty texts and old buttons are answered; none of them reaches the assistant."""
    assert await person.post({"id": "e-1"} | row) == 200
    assert words in (await person.answered())[0].text
    assert portal.assistant.turns == []
    assert await person.post({"id": "e-1"} | row) == 200
    await person.say("thanks")
    assert len(person.messages()) == 2


async def test_the_longest_text_is_read(person: Person, portal: PortalHouse) -> None:
    """4,000 characters are a turn."""
    assert await person.post({"id": "e-1", "text": "help " * 800}) == 200
    await person.answered()
    assert len(portal.assistant.turns) == 1


async def test_a_greeting_is_not_repeated(person: Person) -> None:
    """Opening the chat again says nothing new."""
    await person.post({"id": "e-1", "kind": "hello"})
    await person.answered()
    await person.post({"id": "e-2", "kind": "hello"})
    await person.say("thanks")
    assert len(person.messages()) == 2


async def test_a_group_hears_write_to_me_privately_and_nothing_is_stored(
    person: Person, portal: PortalHouse
) -> None:
    """In a group only the event's id is kept; a redelivery is not answered again."""
    row: dict[str, object] = {"id": "g-1", "kind": "group", "room": "team", "locale": "zh-CN"}
    assert await person.post(row) == 200
    assert "单独聊天" in (await person.answered())[0].text
    assert await person.post(row) == 200
    assert await rows(portal, "SELECT event_id, sealed FROM channel_events") == [("g-1", None)]
    assert await rows(portal, "SELECT count(*) FROM channel_bindings") == [(0,)]
    assert len(person.messages()) == 1


async def test_the_language_is_the_platforms_until_the_person_writes(person: Person) -> None:
    """A Chinese locale is greeted in Chinese; who then writes English is answered in English."""
    await person.post({"id": "e-1", "kind": "hello", "locale": "zh_cn"})
    assert "您好" in (await person.answered())[0].text
    assert "mailbox" in (await person.say("I forgot my password"))[0].text


async def test_choices_are_numbers_where_there_are_no_buttons(person: Person) -> None:
    """Without buttons the choices are numbered lines, and the number alone chooses."""
    person.channel.capabilities = Capabilities(max_text=2000, max_buttons=0)
    offered = (await person.say("I forgot my password, bob@example.com"))[-1]
    assert not offered.buttons
    assert "\n1. " in offered.text
    assert "\n3. " in offered.text
    answer = await person.say("1.")
    assert "code" in answer[0].text.lower()
    assert answer[0].link is not None


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/channels/plain", {}, b'{"events": []}', 401),
        ("/channels/plain", {"X-Signature": "00" * 32}, b'{"events": []}', 401),
        ("/channels/nothing", {}, b"", 404),
        ("/channels/plain", None, b"no json", 400),
        ("/channels/plain", {}, b"x" * (1024 * 1024 + 1), 413),
    ],
)
async def test_the_door_refuses(
    person: Person, path: str, headers: dict[str, str] | None, body: bytes, status: int
) -> None:
    """Unsigned, unknown, unreadable and endless requests are told apart by status and learn nothing else."""
    if headers is None:
        _, headers = signed()
        headers["X-Signature"] = hmac.digest(KEY, body, sha256).hex()
    response = await person.http.post(path, data=io.BytesIO(body), headers=headers)
    assert (response.status, await response.read()) == (status, b"")


async def test_no_line_is_an_event_of_the_portal(person: Person, portal: PortalHouse) -> None:
    """A command to the assistant is a word like any other, as in the web chat."""
    await person.say(" /restart")
    assert await said(portal) == ["restart"]
    lines = await rows(portal, "SELECT count(*) FROM lines WHERE kind = 'event'")
    assert lines == [(0,)]
