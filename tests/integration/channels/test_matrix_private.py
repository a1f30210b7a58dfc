"""Which Matrix rooms count as private: rekey and one person, and no way in for anybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.channels.matrix.rooms import only_other
from portal.channels.port import (
    ChannelAwayError,
    Event,
    Incoming,
    Kind,
    Link,
    Message,
    NotPrivateError,
    Target,
)
from tests.integration.channels.matrix_platform import MatrixPlatform, matrix
from tests.peers.homeserver import (
    BOT,
    HS_TOKEN,
    SERVER,
    direct,
    event,
    member,
    rule,
    text,
    transaction,
)
from tests.peers.simulated import Fault

ALICE, THIRD = f"@alice:{SERVER}", f"@third:{SERVER}"
ROOM = "!room:example.com"
HERS = Target(SERVER, ALICE, ROOM)
LINK = Message("m", "Here:", (), Link("https://rekey.example.com/secure/x", "Open"))
MORE_THAN_IS_READ = 5_000_000


@pytest.fixture
async def platform() -> AsyncIterator[MatrixPlatform]:
    """Return a homeserver and its application service."""
    async with matrix() as started:
        yield started


async def push(platform: MatrixPlatform, *events: object) -> list[Event]:
    """Push a transaction and return what it told."""
    headers, path = {"authorization": f"Bearer {HS_TOKEN}"}, "/_matrix/app/v1/transactions/7"
    incoming = Incoming("PUT", headers, {}, transaction(*events), platform.clock.now(), path)
    return list((await platform.channel.receive(incoming)).events)


def with_rule(kind: str, value: str | list[str] | None) -> list[dict[str, Any]]:
    """Return alice's chat in which one rule is another."""
    kept = [row for row in direct(BOT, ALICE) if row["type"] != f"m.room.{kind}"]
    return [*kept, rule(kind, value)] if value is not None else kept


def with_member(user: object, membership: object) -> list[Any]:
    """Return alice's chat with one more row about a member."""
    return [*direct(BOT, ALICE), event("m.room.member", {"membership": membership}, state_key=user)]


OTHERS_READ = {
    "anybody": with_rule("history_visibility", "world_readable"),
    "unknown history": with_rule("history_visibility", ["shared"]),
    "no history": with_rule("history_visibility", None),
    "public": with_rule("join_rules", "public"),
    "knock": with_rule("join_rules", "knock"),
    "restricted": with_rule("join_rules", "restricted"),
    "no rule": with_rule("join_rules", None),
    "invited": with_member(THIRD, "invite"),
    "third": with_member(THIRD, "join"),
    "was there": with_member(THIRD, "leave"),
    "banned": with_member(THIRD, "ban"),
    "unreadable": with_member(THIRD, 7),
    "nameless": with_member(None, "join"),
    "by mail": [
        *direct(BOT, ALICE),
        event("m.room.third_party_invite", {"display_name": "t"}, state_key="t"),
    ],
    "no row": [*direct(BOT, ALICE), "?"],
    "no content": [*direct(BOT, ALICE), {"type": "m.room.member", "state_key": THIRD}],
    "without us": direct(ALICE, THIRD),
    "somebody else's": direct(BOT, THIRD),
    "we alone": direct(BOT),
    "she left": [*direct(BOT), member(ALICE, "leave")],
    "nobody": direct(),
}


@pytest.mark.parametrize("name", OTHERS_READ)
async def test_nothing_is_heard_or_said_where_others_may_read(platform: MatrixPlatform, name: str) -> None:
    """Her line is no line of a recovery there, and no answer is said; what is public is."""
    platform.peer.state[ROOM] = OTHERS_READ[name]
    told = await push(platform, text(f"{BOT} I forgot my password"))
    assert [(found.kind, found.text) for found in told] == [(Kind.GROUP, None)]
    with pytest.raises(NotPrivateError):
        await platform.channel.send(HERS, LINK)
    assert platform.peer.took == []
    await platform.channel.send(HERS, Message("p", "Write to me privately.", public=True))
    assert len(platform.peer.took) == 1


@pytest.mark.parametrize("history", ["shared", "invited", "joined"])
async def test_a_chat_of_two_by_invitation_is_private(platform: MatrixPlatform, history: str) -> None:
    """What clients make as a direct chat is heard and answered; so is one with a taken back mail."""
    taken_back = event("m.room.third_party_invite", {}, state_key="t")
    platform.peer.state[ROOM] = [*with_rule("history_visibility", history), taken_back]
    assert [found.kind for found in await push(platform, text("hello"))] == [Kind.TEXT]
    await platform.channel.send(HERS, LINK)
    assert len(platform.peer.took) == 1


async def test_a_chat_is_looked_at_again_before_each_message(platform: MatrixPlatform) -> None:
    """Nobody has told yet that a third was invited, and still the next link is not said."""
    await push(platform, text("hello"))
    await platform.channel.send(HERS, LINK)
    platform.peer.state[ROOM] = OTHERS_READ["invited"]
    with pytest.raises(NotPrivateError):
        await platform.channel.send(HERS, Message("m2", "again"))
    assert len(platform.peer.took) == 1


@pytest.mark.parametrize(
    "change",
    [
        member(THIRD, "invite"),
        rule("join_rules", "public"),
        rule("history_visibility", "world_readable"),
        event("m.room.third_party_invite", {"display_name": "t"}, state_key="t"),
    ],
    ids=lambda change: str(change["type"]),
)
async def test_who_opens_a_chat_is_told(platform: MatrixPlatform, change: dict[str, Any]) -> None:
    """Whatever may let others in is told as done by its sender, who alone can in a private chat."""
    (told,) = await push(platform, change)
    assert (told.kind, told.account, told.room, told.text) == (Kind.EXPOSED, ALICE, ROOM, None)


async def test_what_opens_nothing_is_not_told(platform: MatrixPlatform) -> None:
    """Who comes was invited before; the room's name, rekey's own doing and strangers change nothing."""
    quiet = (
        member(THIRD, "join", sender=THIRD),
        member(BOT, "leave"),
        event("m.room.name", {"name": "x"}, state_key=""),
        member(THIRD, "invite", sender=BOT),
        member(THIRD, "invite", sender="@alice:evil.example"),
    )
    assert await push(platform, *quiet) == []


async def test_a_room_too_big_to_read_is_not_private(platform: MatrixPlatform) -> None:
    """It is neither taken for an empty room nor asked about for ever, which would hold up everybody."""
    rows = [member(f"@u{number}:{SERVER}", "join", pad="x" * 1000) for number in range(5000)]
    assert sum(len(row["pad"]) for row in rows) >= MORE_THAN_IS_READ
    platform.peer.state[ROOM] = [*direct(BOT, ALICE), *rows]
    told = await push(
        platform, text(f"{BOT} hello"), text("hello", room_id="!bob:example.com", sender=f"@bob:{SERVER}")
    )
    assert [found.kind for found in told] == [Kind.GROUP, Kind.TEXT]
    with pytest.raises(NotPrivateError):
        await platform.channel.send(HERS, LINK)


@pytest.mark.parametrize("answer", [{}, {"chunk": []}, {"errcode": "M_UNKNOWN"}])
async def test_an_answer_that_names_nobody_is_none(platform: MatrixPlatform, answer: dict[str, Any]) -> None:
    """A 200 without the state is asked for again: it is no room without readers."""
    platform.peer.standing = Fault(200, {}, answer)
    with pytest.raises(ChannelAwayError):
        await push(platform, text("hello"))
    with pytest.raises(ChannelAwayError):
        await platform.channel.send(HERS, LINK)


def test_the_state_is_judged_as_a_whole() -> None:
    """Nothing at all, or one good row, is no private room."""
    assert only_other([], BOT) is None
    assert only_other(direct(BOT, ALICE)[:-1], BOT) is None
    assert only_other(direct(BOT, ALICE), BOT) == ALICE
