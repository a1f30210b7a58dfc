"""Matrix when the homeserver or somebody in it does odd things, against a simulated homeserver."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator

import pytest

from portal.channels.port import (
    ChannelAwayError,
    ChannelRefusedError,
    Incoming,
    Kind,
    Message,
    NotGenuineError,
    NotReadableError,
    Received,
)
from tests.integration.channels.matrix_platform import MatrixPlatform, matrix
from tests.integration.channels.shape import Act
from tests.peers.homeserver import BOT, HS_TOKEN, event, member, text, transaction
from tests.peers.simulated import Fault

TRANSACTION = "/_matrix/app/v1/transactions/7"
THIRD = "@third:example.com"
BEARER = f"Bearer {HS_TOKEN}"
FULL_TRANSACTION_BYTES = 100 * 65_536


@pytest.fixture
async def platform() -> AsyncIterator[MatrixPlatform]:
    """Return a homeserver and its application service."""
    async with matrix() as started:
        yield started


async def push(platform: MatrixPlatform, *events: object) -> Received:
    """Push a transaction."""
    return await ask(platform, "PUT", TRANSACTION, transaction(*events))


async def ask(
    platform: MatrixPlatform, method: str, path: str, body: bytes = b"", authorization: str = BEARER
) -> Received:
    """Ask as the homeserver does."""
    headers = {"authorization": authorization} if authorization else {}
    return await platform.channel.receive(Incoming(method, headers, {}, body, platform.clock.now(), path))


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {HS_TOKEN}", HS_TOKEN, f"{BEARER}x", "Bearer é"],
)
async def test_only_the_homeserver_is_believed(platform: MatrixPlatform, authorization: str) -> None:
    """Every way to be asked wants the token; it is taken from the header alone."""
    for method, path in (
        ("PUT", TRANSACTION),
        ("POST", "/_matrix/app/v1/ping"),
        ("GET", f"/_matrix/app/v1/users/{BOT}"),
        ("GET", "/"),
    ):
        with pytest.raises(NotGenuineError):
            await ask(platform, method, path, transaction(text("hello")), authorization)
    query = Incoming("PUT", {}, {"access_token": HS_TOKEN}, transaction(), platform.clock.now(), TRANSACTION)
    with pytest.raises(NotGenuineError):
        await platform.channel.receive(query)


async def test_an_empty_token_believes_nobody(platform: MatrixPlatform) -> None:
    """A secret file that was emptied lets nobody in."""
    platform.channel._config.hs_token._value = ""
    with pytest.raises(NotGenuineError):
        await ask(platform, "PUT", TRANSACTION, transaction(), "Bearer ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/_matrix/app/v1/ping", 200),
        ("GET", f"/_matrix/app/v1/users/{BOT}", 200),
        ("GET", "/_matrix/app/v1/users/%40rekey%3Aexample.com", 200),
        ("GET", "/_matrix/app/v1/users/@other:example.com", 404),
        ("GET", "/_matrix/app/v1/rooms/%23x%3Aexample.com", 404),
        ("GET", "/_matrix/app/v1/thirdparty/protocol/x", 404),
        ("POST", TRANSACTION, 404),
        ("PUT", "/_matrix/app/v1/transactions", 404),
        ("PUT", "/transactions/1", 404),
        ("GET", "", 404),
    ],
)
async def test_what_else_it_asks(platform: MatrixPlatform, method: str, path: str, status: int) -> None:
    """Only the bot exists; anything else is answered as the standard wants, in JSON."""
    received = await ask(platform, method, path, transaction(text("hello")))
    assert (received.status, received.events) == (status, ())
    assert isinstance(json.loads(received.body), dict)


async def test_a_full_transaction_is_taken(platform: MatrixPlatform) -> None:
    """A hundred events of the longest kind are below the limit of the door; order is kept."""
    rows = [text("x" * 60_000, event_id=f"${number}") for number in range(100)]
    assert len(transaction(*rows)) < FULL_TRANSACTION_BYTES < platform.channel.max_body
    received = await push(platform, *rows)
    assert [found.id for found in received.events] == [f"${number}" for number in range(100)]


async def test_strangers_servers_are_not_answered(platform: MatrixPlatform) -> None:
    """Who is of another server is not heard, and their invitations are not accepted."""
    stranger = "@alice:evil.example"
    received = await push(platform, text("hello", sender=stranger), member(BOT, "invite", sender=stranger))
    assert (received.events, platform.peer.calls) == ([], [])


async def test_who_is_there_is_asked_again_after_somebody_came(platform: MatrixPlatform) -> None:
    """The answer is remembered, and forgotten when a member changes."""
    room = "!room:example.com"
    await push(platform, text("one"), text("two", event_id="$2"))
    assert len(platform.peer.asked(f"/_matrix/client/v3/rooms/{room}/state")) == 1
    platform.peer.members[room] = [BOT, "@alice:example.com", THIRD]
    received = await push(platform, member(THIRD, "join", sender=THIRD), text("three", event_id="$3"))
    assert received.events == []


async def test_nothing_is_told_while_nobody_says_who_reads_along(platform: MatrixPlatform) -> None:
    """A homeserver that does not answer gets its transaction back; a room we may not see is not private."""
    platform.peer.standing = Fault(500)
    with pytest.raises(ChannelAwayError):
        await push(platform, text("hello"))
    platform.peer.standing = Fault(403, {}, {"errcode": "M_FORBIDDEN"})
    assert (await push(platform, text("hello"))).events == []


async def test_an_invitation_that_fails_does_not_hold_up_others(
    platform: MatrixPlatform,
) -> None:
    """It is tried some times, then given up; one that was taken back is given up at once."""
    invited = member(BOT, "invite", room_id="!slow:example.com")
    platform.peer.standing = Fault(504)
    for _ in range(4):
        with pytest.raises(ChannelAwayError):
            await push(platform, invited)
    assert (await push(platform, invited)).events == []
    platform.peer.standing = None
    platform.peer.closed = True
    assert (await push(platform, invited)).events == []


async def test_a_group_is_told_that_it_is_none_of_it(platform: MatrixPlatform) -> None:
    """An invitation to a room with others is accepted, and only that is told."""
    room = "!many:example.com"
    platform.peer.members[room] = [BOT, "@alice:example.com", "@third:example.com"]
    platform.peer.recent = [text("private talk", room_id=room), member(BOT, "invite", room_id=room)]
    (found,) = (await push(platform, member(BOT, "invite", room_id=room))).events
    assert (found.kind, found.text, found.room) == (Kind.GROUP, None, room)


async def test_a_kicked_bot_says_no_more(platform: MatrixPlatform) -> None:
    """It tries to come back once, then gives the message up."""
    platform.peer.closed = True
    with pytest.raises(ChannelRefusedError):
        await platform.channel.send(platform.target, Message("m", "hello"))
    paths = [call.path.rpartition("/")[2] for call in platform.peer.calls]
    assert paths == ["state", "join"]


async def test_what_the_homeserver_asks_to_wait_is_waited(platform: MatrixPlatform) -> None:
    """Its own field in milliseconds counts, within an hour."""
    for given, taken in ((7000, 7.0), (10**12, 3600.0), (-5, 0.0)):
        platform.peer.standing = Fault(429, {}, {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": given})
        with pytest.raises(ChannelAwayError) as away:
            await platform.channel.send(platform.target, Message("m", "hello"))
        assert away.value.retry_after == taken


async def test_no_redirect_is_followed(platform: MatrixPlatform) -> None:
    """The token goes to the homeserver of the settings and nowhere else."""
    platform.peer.standing = Fault(307, {"Location": f"{platform.peer.url}/elsewhere"})
    with pytest.raises(ChannelAwayError):
        await platform.channel.send(platform.target, Message("m", "hello"))
    assert platform.peer.asked("/elsewhere") == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"events":{}}', b'{"events":null}', b"{}"])
async def test_what_is_no_transaction_is_not_readable(platform: MatrixPlatform, body: bytes) -> None:
    """The list of events must be there; what stands in it may be anything."""
    with pytest.raises(NotReadableError):
        await ask(platform, "PUT", TRANSACTION, body)
    assert (await push(platform, None, 7, {}, event("x", None))).events == []


async def test_a_rotated_token_counts_at_once(platform: MatrixPlatform) -> None:
    """The old one is refused from the moment that the new one is in the file."""
    genuine = platform.request(Act())
    assert genuine is not None
    platform.channel._config.hs_token._value = "rotated"
    with pytest.raises(NotGenuineError):
        await platform.channel.receive(genuine)
    new = dataclasses.replace(genuine, headers={"authorization": "bearer rotated"})
    assert (await platform.channel.receive(new)).events
