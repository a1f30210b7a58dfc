"""Mattermost's WebSocket, posts and buttons against a simulated server that misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import aiohttp
import pytest
from structlog.testing import capture_logs

from portal.channels.config import Secret, Tools
from portal.channels.mattermost import MattermostChannel, MattermostConfig
from portal.channels.port import (
    ChannelAwayError,
    ChannelRefusedError,
    Choice,
    Kind,
    Link,
    Message,
    Person,
    Target,
)
from portal.channels.watching import Watch
from tests.fakes import FakeClock, FakeEntropy
from tests.peers.dingtalk import until
from tests.peers.heard import Heard, Pauses
from tests.peers.mattermost import ANN, BOT, ROOM, Mattermost
from tests.peers.mounted import Mounted, listening

HOST = "127.0.0.1"
TO = Target(HOST, ANN, ROOM)
CHOICES = [Choice("opaque1", "method_sms", "By SMS"), Choice("opaque2", "method_mail", "By mail")]


@dataclass
class House:
    """A server, a channel, and the door for its buttons."""

    server: Mattermost
    channel: MattermostChannel
    mounted: Mounted
    pauses: Pauses
    token: Secret
    clock: FakeClock
    heard: Heard = field(default_factory=Heard)

    def texts(self) -> list[str | None]:
        """Return what was heard."""
        return [event.text for event in self.heard.events]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Return a channel whose connection nobody has opened yet."""
    async with Mattermost().running() as server, aiohttp.ClientSession() as http:
        clock, pauses, token, mounted = FakeClock(), Pauses(), Secret(server.token), Mounted()
        config = MattermostConfig(
            base_url=server.url,
            token=token,
            callback_url=f"{mounted.url}/",
        )
        channel = MattermostChannel(config, Tools(http, clock, FakeEntropy()), pauses)
        mounted.channel = channel
        server.people[ANN] = {
            "id": ANN,
            "locale": "zh-CN",
            "email": "ann@example.com",
            "email_verified": True,
        }
        async with mounted.serving(clock):
            yield House(server, channel, mounted, pauses, token, clock)


async def test_what_people_write_is_heard(house: House) -> None:
    """A direct post is heard with its author's id and language; the name shown beside it is not read."""
    async with listening(house.channel, house.heard):
        await until(house.server.connections)
        post = await house.server.post("忘记密码了")
        await until(lambda: house.heard.events)
    event = house.heard.events[0]
    assert (event.id, event.tenant, event.account, event.room) == (post["id"], HOST, ANN, ROOM)
    assert (event.kind, event.text, event.locale) == (Kind.TEXT, "忘记密码了", "zh-CN")


async def test_programs_edits_and_deletions_are_passed_over(house: House) -> None:
    """Bots, webhooks, notices and what is gone are not heard; a file without words is no text."""
    async with listening(house.channel, house.heard):
        await until(house.server.connections)
        await house.server.post("me", user=BOT)
        await house.server.post("bot", props={"from_bot": "true"})
        await house.server.post("hook", props={"from_webhook": "true"})
        await house.server.post("joined", type="system_join_channel")
        await house.server.post("gone", delete_at=5)
        edited = house.server.posts[0] | {"user_id": ANN, "message": "edited"}
        await house.server.tell("post_edited", {"post": json.dumps(edited)})
        await house.server.post("", file_ids=["f1"])
        await house.server.post("last")
        await until(lambda: "last" in house.texts())
    assert [event.kind for event in house.heard.events] == [Kind.OTHER, Kind.TEXT]


async def test_in_channels_only_who_names_the_bot_is_noticed(house: House) -> None:
    """Where others read along the words are not told."""
    async with listening(house.channel, house.heard):
        await until(house.server.connections)
        for mentions in (None, json.dumps(["someone"]), "no json", json.dumps([BOT])):
            data = {"channel_type": "O", "post": json.dumps(house.server.write("help", room="town"))}
            await house.server.tell("posted", data | ({"mentions": mentions} if mentions else {}), "town")
        await house.server.tell("direct_added", {"creator_id": BOT, "teammate_id": ANN}, "other")
        await house.server.tell("direct_added", {"creator_id": ANN, "teammate_id": BOT})
        await until(lambda: len(house.heard.events) == 2)
    group, hello = house.heard.events
    assert (group.kind, group.text, group.room) == (Kind.GROUP, None, "town")
    assert (hello.kind, hello.account, hello.room) == (Kind.HELLO, ANN, ROOM)


async def test_what_was_written_meanwhile_is_caught_up(house: House) -> None:
    """Before the first connection, between two, after a lost number or a failing store: nothing is missed."""
    house.server.write("before the start")
    async with listening(house.channel, house.heard):
        await until(lambda: "before the start" in house.texts())
        await house.server.post("live")
        await until(lambda: "live" in house.texts())
        house.server.write("lost with its number")
        house.server.skip()
        await house.server.post("after the gap")
        await until(lambda: "lost with its number" in house.texts())
        await until(lambda: house.server.connections() and house.server.signed_in == 2)
        house.heard.fail = 1
        await house.server.post("not stored")
        await until(lambda: "not stored" in house.texts())
        await until(lambda: house.server.connections() and house.server.signed_in == 3)
        house.server.cut()
        house.server.write("while it was cut")
        await until(lambda: "while it was cut" in house.texts())
    lost = ["lost with its number", "after the gap", "not stored", "while it was cut"]
    assert house.texts() == ["before the start", "live", *lost]


async def test_a_silent_server_is_left(house: House) -> None:
    """Who answers no ping is dead, whatever the socket says; the next connection hears on."""
    quick = replace(house.channel._config, watch=Watch(ping_every=0.2, dead_after=0.6))
    channel = MattermostChannel(quick, house.channel._tools, house.pauses)
    async with listening(channel, house.heard):
        await until(house.server.connections)
        house.server.silent = True
        await until(lambda: house.server.signed_in >= 2)
        house.server.silent = False
        await until(house.server.connections)
        await house.server.post("still here")
        await until(lambda: "still here" in house.texts())


async def test_what_is_no_event_is_passed_over(house: House) -> None:
    """Broken frames cost nothing."""
    async with listening(house.channel, house.heard):
        await until(house.server.connections)
        for broken in ("{", "[]", '{"event":"posted","data":{"post":"{"}}', '{"event":5,"seq":true}'):
            await house.server.put(broken)
        await house.server.post("still here")
        await until(lambda: "still here" in house.texts())
    assert house.server.signed_in == 1


async def test_a_server_that_is_down_is_not_stormed(house: House) -> None:
    """The pauses grow from half a second to five minutes, and are never the whole of a fixed time."""
    house.server.trouble = "away"
    async with listening(house.channel, house.heard):
        await until(lambda: len(house.pauses.taken) >= 11)
    wholes = [min(300, 2**number) for number in range(11)]
    assert all(whole / 2 <= pause < whole for pause, whole in zip(house.pauses.taken, wholes, strict=False))


async def test_it_stops_at_once_and_a_rotated_token_counts_at_once(house: House) -> None:
    """Cancelling closes the connection; the next sign-in takes the secret that is in the file now."""
    async with listening(house.channel, house.heard) as task:
        await until(house.server.connections)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await until(lambda: not house.server.connections())
    house.server.token = "rotated"
    with capture_logs() as logs:
        async with listening(house.channel, house.heard):
            await until(lambda: house.channel.connection.losses >= 1)
            house.token._value = "rotated"
            await until(house.server.connections)
    assert logs[0]["reason"] == "sign_in"
    assert "mattermost-token" not in json.dumps(logs)


async def test_posts_are_written_once(house: House) -> None:
    """The same message again is not shown again; markup is shown as it is, a link stays a link."""
    link = Link("https://rekey.example.com/secure/a_b-c", "Open the safe page")
    message = Message("m1", "Sent to a***@b.example <at> [x](y) https://x.example/a_b", (), link)
    await house.channel.send(TO, message)
    await house.channel.send(TO, message)
    await house.channel.typing(TO)
    (post,) = house.server.from_bot()
    assert post["channel_id"] == ROOM
    assert post["message"] == (
        "Sent to a\\*\\*\\*@b.example \\<at\\> \\[x\\](y) https://x.example/a_b"
        "\n\n[Open the safe page](https://rekey.example.com/secure/a_b-c)"
    )
    assert house.server.typed == 1


async def test_only_buttons_that_rekey_made_are_believed(house: House) -> None:
    """A press counts for the person, channel and button of its value; any other is refused."""
    await house.channel.send(TO, Message("m1", "How?", CHOICES))
    (post,) = house.server.from_bot()
    actions = post["props"]["attachments"][0]["actions"]
    assert [action["name"] for action in actions] == ["By SMS", "By mail"]
    assert all(action["id"].isalnum() for action in actions)
    assert await house.server.press(post, 1) == 200
    assert await house.server.press(post, 1) == 200
    first, second = house.mounted.heard
    assert (first.kind, first.button, first.account, first.room) == (Kind.BUTTON, "opaque2", ANN, ROOM)
    assert first.id != second.id
    good = actions[1]["integration"]["context"]
    for change in (
        {"user_id": "malloryid"},
        {"channel_id": "otherroom"},
        {"context": good | {"button": "opaque1"}},
        {"context": good | {"proof": good["proof"][:-1] + ("0" if good["proof"][-1] != "0" else "1")}},
        {"context": {"button": "opaque2"}},
    ):
        assert await house.server.press(post, 1, **change) == 401
    assert await house.server.press(post, 1, context=None) == 400
    house.token._value = "rotated"
    assert await house.server.press(post, 1) == 401
    assert len(house.mounted.heard) == 2


async def test_without_a_way_back_choices_are_numbered(house: House) -> None:
    """Where the server cannot reach rekey there are no buttons."""
    channel = MattermostChannel(MattermostConfig(house.server.url, house.token), house.channel._tools)
    assert (channel.capabilities.max_buttons, house.channel.capabilities.max_buttons) == (0, 9)


@pytest.mark.parametrize(
    ("trouble", "error", "reason"),
    [
        ("away", ChannelAwayError, "failed"),
        ("busy", ChannelAwayError, "too_many"),
        ("wrong_key", ChannelAwayError, "sign_in"),
        ("refused", ChannelRefusedError, "post"),
    ],
)
async def test_what_a_refusal_means(house: House, trouble: str, error: type[Exception], reason: str) -> None:
    """Only a channel that does not take the post is given up; what a busy server asks for is waited."""
    await house.channel.typing(TO)
    house.server.trouble = trouble
    with pytest.raises(error) as raised:
        await house.channel.send(TO, Message("1", "hello"))
    assert raised.value.reason == reason  # type: ignore[attr-defined]
    if trouble == "busy":
        assert raised.value.retry_after == 7  # type: ignore[attr-defined]
    assert house.server.from_bot() == []


@pytest.mark.parametrize(
    ("profile", "person"),
    [
        ({"email": "a@example.com", "email_verified": True}, Person(mail="a@example.com")),
        ({"email": "a@example.com", "auth_service": "saml"}, Person(mail="a@example.com")),
        ({"email": "a@example.com", "email_verified": False, "auth_service": ""}, Person()),
        ({"email": "", "email_verified": True}, Person()),
        ({"email": "a@example.com", "email_verified": True, "is_bot": True}, None),
        ({"email": "a@example.com", "email_verified": True, "delete_at": 7}, None),
    ],
)
async def test_only_verified_addresses_count(
    house: House, profile: dict[str, object], person: Person | None
) -> None:
    """The server or its sign-in service vouches for an address, or it says nothing."""
    house.server.people["someid"] = profile
    assert await house.channel.who(HOST, "someid") == person
    assert await house.channel.who("other.example", "someid") is None
    assert await house.channel.who(HOST, "nobodyid") is None
    assert await house.channel.who(HOST, "../users/me") is None


@pytest.mark.parametrize(
    ("trouble", "keys"),
    [
        ("", ["reachable", "credentials", "directory"]),
        ("no_directory", ["reachable", "credentials", "not_directory"]),
        ("wrong_key", ["reachable", "not_credentials"]),
        ("away", ["not_reachable"]),
    ],
)
async def test_the_check_names_what_is_wrong(house: House, trouble: str, keys: list[str]) -> None:
    """Token, connection and addresses are told apart."""
    house.server.trouble = trouble
    findings = await house.channel.check()
    assert [finding.key.removeprefix("channel.check.") for finding in findings] == keys
