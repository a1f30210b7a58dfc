"""Matrix against a real Synapse: chats, groups, redelivery, restarts, doubles and refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import pytest_asyncio

from portal.channels.config import Tools
from portal.channels.matrix import MatrixChannel
from portal.channels.port import (
    ChannelAwayError,
    ChannelRefusedError,
    Choice,
    Kind,
    Link,
    Message,
    NotPrivateError,
    Person,
    Target,
)
from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from tests.integration.channels.matrix_house import AS_TOKEN, BOT, House, settings, to
from tests.peers.mounted import Mounted
from tests.peers.synapse import SERVER_NAME, Synapse, synapse

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _history(visibility: str) -> dict[str, object]:
    return {"type": "m.room.history_visibility", "content": {"history_visibility": visibility}}


@pytest.fixture(scope="module")
def mounted() -> Mounted:
    """Return the door that Synapse pushes to."""
    return Mounted()


@pytest.fixture(scope="module")
def server(mounted: Mounted) -> Iterator[Synapse]:
    """Return one homeserver for all tests of this file."""
    with synapse(mounted.url, AS_TOKEN, "hs-token") as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(server: Synapse, mounted: Mounted) -> AsyncIterator[House]:
    """Return a running channel that Synapse knows."""
    async with aiohttp.ClientSession() as http:
        tools = Tools(http, SystemClock(), SystemEntropy())
        channel = MatrixChannel(settings(server), tools)
        mounted.channel = channel
        async with mounted.serving(tools.clock):
            yield House(server, mounted, channel, tools)


async def test_a_person_is_heard_and_answered(house: House) -> None:
    """The bot joins the chat, hears each line once and answers; markup in a text stays text."""
    user, room = await house.chat("ann")
    assert [event.kind for event in house.mounted.of(room)] == [Kind.HELLO]
    line = await asyncio.to_thread(user.say, room, "I forgot my <b>password</b>")
    await house.mounted.until(lambda: len(house.mounted.of(room)) == 2)
    event = house.mounted.of(room)[-1]
    assert (event.id, event.account, event.tenant) == (line, user.id, SERVER_NAME)
    assert (event.kind, event.text) == (Kind.TEXT, "I forgot my <b>password</b>")
    assert event.at is not None
    await house.channel.typing(to(room, user))
    link = Link("https://rekey.example.com/secure/x?a=1&b=2", "New <password>")
    await house.channel.send(
        to(room, user), Message("m1", "Is <i>this</i>\nyou?", [Choice("o", "yes", "Yes")], link)
    )
    heard = await asyncio.to_thread(user.until_heard, room, BOT, 1)
    assert (
        heard[0]["body"]
        == "Is <i>this</i>\nyou?\n1. Yes\nNew <password>: https://rekey.example.com/secure/x?a=1&b=2"
    )
    assert "<i>" not in heard[0]["formatted_body"]
    assert '<a href="https://rekey.example.com/secure/x?a=1&amp;b=2">' in heard[0]["formatted_body"]


async def test_what_is_said_before_the_bot_is_in_is_heard(house: House) -> None:
    """Clients write straight after inviting, and Synapse pushes nothing of a room that we are not in."""
    user = await asyncio.to_thread(house.server.user, "fast")

    def open_and_say() -> str:
        room = user.open_chat(BOT)
        user.say(room, "first")
        user.say(room, "second")
        return room

    room = await asyncio.to_thread(open_and_say)
    await house.mounted.until(lambda: {"first", "second"} <= {e.text for e in house.mounted.of(room)})
    lines = sorted((e for e in house.mounted.of(room) if e.kind is Kind.TEXT), key=lambda e: str(e.at))
    assert [event.text for event in lines] == ["first", "second"]


async def test_the_same_message_is_shown_once(house: House) -> None:
    """Synapse drops the second sending of an id, so that trying again never says a thing twice."""
    user, room = await house.chat("once")
    for text in ("one", "one", "two"):
        await house.channel.send(to(room, user), Message(f"id-{text}", text))
    heard = await asyncio.to_thread(user.until_heard, room, BOT, 2)
    assert [content["body"] for content in heard] == ["one", "two"]


async def test_a_failed_transaction_comes_again(house: House) -> None:
    """Synapse repeats what was not answered 200, and the events keep their ids."""
    user, room = await house.chat("again")
    house.mounted.fail = 1
    await asyncio.to_thread(user.say, room, "do you hear me")
    await house.mounted.until(lambda: any(e.text == "do you hear me" for e in house.mounted.of(room)))
    assert house.mounted.fail == 0
    assert [e.text for e in house.mounted.of(room)].count("do you hear me") == 1


async def test_nobody_is_answered_where_others_read_along(house: House) -> None:
    """With a third person it is a group: texts are not told, and only who names the bot is noticed."""
    user, room = await house.chat("open")
    third = await asyncio.to_thread(house.server.user, "third")
    await asyncio.to_thread(user.invite, room, third.id)
    await asyncio.to_thread(user.say, room, "nobody is meant by this")
    await asyncio.to_thread(user.say, room, "help me", **{"m.mentions": {"user_ids": [BOT]}})
    await house.mounted.until(lambda: len(house.mounted.of(room)) == 3)
    group = house.mounted.of(room)[-1]
    assert (group.kind, group.text) == (Kind.GROUP, None)


async def test_a_link_is_said_to_nobody_else(house: House) -> None:
    """Rooms that anybody may enter or read, though only two are in them, are groups."""
    link = Message("m", "Here:", (), Link("https://rekey.example.com/secure/x", "Open"))
    ajar: dict[str, dict[str, object]] = {
        "public": {"preset": "public_chat"},
        "peeked": {"preset": "private_chat", "initial_state": [_history("world_readable")]},
    }
    for name, options in ajar.items():
        user = await asyncio.to_thread(house.server.user, name)
        made = await asyncio.to_thread(user.call, "POST", "createRoom", options | {"invite": [BOT]})
        room = str(made["room_id"])
        await house.joined(user, room)
        await asyncio.to_thread(user.say, room, f"{BOT} I forgot my password")
        await house.heard(room, 2)
        assert {found.kind for found in house.mounted.of(room)} == {Kind.GROUP}
        with pytest.raises(NotPrivateError):
            await house.channel.send(to(room, user), link)


async def test_who_opens_a_chat_is_told_and_hears_no_more(house: House) -> None:
    """Synapse pushes that a third was invited; even after they left, nothing is said there again."""
    user, room = await house.chat("opener")
    await house.channel.send(to(room, user), Message("before", "one"))
    third = await asyncio.to_thread(house.server.user, "guest")
    await asyncio.to_thread(user.invite, room, third.id)
    await house.mounted.until(lambda: house.mounted.of(room)[-1].kind is Kind.EXPOSED)
    assert house.mounted.of(room)[-1].account == user.id
    for act in ("join", "leave"):
        with pytest.raises(NotPrivateError):
            await house.channel.send(to(room, user), Message(f"{act}-ing", "two"))
        await asyncio.to_thread(third.call, "POST", f"rooms/{room}/{act}", {})
    with pytest.raises(NotPrivateError):
        await house.channel.send(to(room, user), Message("after", "two"))
    await house.channel.send(to(room, user), Message("p", "write privately", public=True))
    heard = await asyncio.to_thread(user.until_heard, room, BOT, 2)
    assert [content["body"] for content in heard] == ["one", "write privately"]


async def test_encrypted_chats_are_told_apart(house: House) -> None:
    """What we cannot read is told as such, so that the person learns why."""
    user = await asyncio.to_thread(house.server.user, "sealed")
    room = await asyncio.to_thread(lambda: user.open_chat(BOT, encrypted=True))
    await house.joined(user, room)
    await asyncio.to_thread(
        user.put, room, "m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x"}
    )
    await house.mounted.until(lambda: house.mounted.of(room)[-1].kind is Kind.SEALED)


async def test_edits_notices_and_deletions_are_passed_over(house: House) -> None:
    """Only what a person newly says counts; a picture counts as something that is not text."""
    user, room = await house.chat("quiet")

    def act() -> None:
        line = user.say(room, "first")
        user.say(room, "* changed", **{"m.relates_to": {"rel_type": "m.replace", "event_id": line}})
        user.say(room, "I am a bot", msgtype="m.notice")
        user.put(
            room, "m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": line, "key": "x"}}
        )
        user.call("PUT", f"rooms/{room}/redact/{line}/r1", {})
        user.say(room, "cat.png", msgtype="m.image", url="mxc://example.com/x")
        user.say(room, "last")

    await asyncio.to_thread(act)
    await house.mounted.until(lambda: house.mounted.of(room)[-1].text == "last")
    kinds = [(event.kind, event.text) for event in house.mounted.of(room)]
    assert kinds == [(Kind.HELLO, None), (Kind.TEXT, "first"), (Kind.OTHER, None), (Kind.TEXT, "last")]


async def test_who_put_us_out_is_not_written_to(house: House) -> None:
    """A room that does not let us back in refuses for good."""
    user = await asyncio.to_thread(house.server.user, "leaver")
    room = await asyncio.to_thread(lambda: user.open_chat(BOT, preset="private_chat"))
    await house.joined(user, room)
    await asyncio.to_thread(user.call, "POST", f"rooms/{room}/kick", {"user_id": BOT})
    with pytest.raises(ChannelRefusedError):
        await house.channel.send(to(room, user), Message("late", "are you there"))


async def test_an_invitation_is_accepted_by_who_writes_first(house: House) -> None:
    """A message to a room that we are only invited to joins it, whether or not the invitation was pushed."""
    user = await asyncio.to_thread(house.server.user, "lazy")
    house.mounted.fail = 1
    room = await asyncio.to_thread(user.open_chat, BOT)
    await house.another().send(to(room, user), Message("hi", "good morning"))
    heard = await asyncio.to_thread(user.until_heard, room, BOT, 1)
    assert heard[0]["body"] == "good morning"
    await house.mounted.until(lambda: house.mounted.fail == 0)


async def test_the_support_room_is_only_written_to(house: House) -> None:
    """Supporters may talk among themselves; what they say is told to nobody, and announcements arrive."""
    supporter = await asyncio.to_thread(house.server.user, "support")
    room = await asyncio.to_thread(lambda: supporter.open_chat(BOT, direct=False))
    await house.joined(supporter, room)
    await house.channel.send(to(room, supporter), Message("news", "somebody waits", public=True))
    await asyncio.to_thread(supporter.until_heard, room, BOT, 1)
    user, elsewhere = await house.chat("asking")
    told = len(house.mounted.of(room))
    house.mounted.channel = MatrixChannel(settings(house.server, support_room=room), house.tools)
    try:
        await asyncio.to_thread(supporter.say, room, f"{BOT} shall I take it?")
        await asyncio.to_thread(user.say, elsewhere, "said after it")
        await house.mounted.until(lambda: house.mounted.of(elsewhere)[-1].text == "said after it")
    finally:
        house.mounted.channel = house.channel
    assert len(house.mounted.of(room)) == told


async def test_both_directions_are_checked(house: House) -> None:
    """The check names what is wrong: a token that is not ours, or a door that does not open."""
    assert [(f.good, f.key) for f in await house.channel.check()] == [
        (True, "channel.check.reachable"),
        (True, "channel.check.credentials"),
        (True, "channel.check.calls_us"),
    ]
    wrong = await house.another("wrong").check()
    assert (wrong[-1].good, wrong[-1].key) == (False, "channel.check.not_credentials")
    house.mounted.fail = 10**6  # whatever else is pushed at this moment
    called = (await house.channel.check())[-1]
    house.mounted.fail = 0
    assert (called.good, called.key) == (False, "channel.check.not_calls_us")
    with pytest.raises(ChannelAwayError) as away:
        await house.another("wrong").send(Target(SERVER_NAME, BOT, "!room:example.com"), Message("x", "y"))
    assert away.value.reason == "sign_in"


async def test_people_are_known_by_the_rule_of_the_settings(house: House) -> None:
    """The own homeserver's accounts are mapped; another server's account of the same name is nobody."""
    assert await house.channel.who(SERVER_NAME, f"@alice:{SERVER_NAME}") == Person(mail="alice@example.com")
    assert await house.channel.who(SERVER_NAME, "@alice:evil.example") is None
    assert await house.channel.who("evil.example", f"@alice:{SERVER_NAME}") is None


async def test_a_homeserver_that_restarts_loses_nothing(house: House) -> None:
    """While it is down we are told to wait, and afterwards both directions go on."""
    user, room = await house.chat("patient")
    await asyncio.to_thread(house.server.stop)
    with pytest.raises(ChannelAwayError):
        await house.channel.send(to(room, user), Message("during", "hello"))
    assert [f.key for f in await house.channel.check()] == ["channel.check.not_reachable"]
    await asyncio.to_thread(house.server.start)
    await house.channel.send(to(room, user), Message("during", "hello"))
    assert (await asyncio.to_thread(user.until_heard, room, BOT, 1))[0]["body"] == "hello"
    unheard = await asyncio.to_thread(user.open_chat, BOT)
    await house.joined(user, unheard)
