"""DingTalk's Stream mode and REST interface against a simulated platform that misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from structlog.testing import capture_logs

from portal.channels.config import Secret, Tools
from portal.channels.dingtalk import DingTalkChannel, DingTalkConfig
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
from tests.peers.dingtalk import CLIENT, CORP, DingTalk, frame, message, until
from tests.peers.heard import Heard, Pauses
from tests.peers.mounted import listening

TO = Target(CORP, "E1001", "cid-private")


@dataclass
class House:
    """A platform and a channel."""

    platform: DingTalk
    channel: DingTalkChannel
    clock: FakeClock
    pauses: Pauses
    secret: Secret
    heard: Heard = field(default_factory=Heard)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Return a channel whose connection nobody has opened yet."""
    async with DingTalk().running() as platform, aiohttp.ClientSession() as http:
        clock, pauses, secret = FakeClock(), Pauses(), Secret(platform.secret)
        config = DingTalkConfig(
            client_id=CLIENT,
            client_secret=secret,
            corp_id=CORP,
            base_url=platform.url,
            directory_url=platform.url,
            watch=Watch(ping_every=0.2, dead_after=0.6),
        )
        channel = DingTalkChannel(config, Tools(http, clock, FakeEntropy()), pauses)
        yield House(platform, channel, clock, pauses, secret)


async def test_what_people_say_is_stored_and_then_acknowledged(house: House) -> None:
    """The acknowledgement waits for the store and names the frame; the staff id says who it was."""
    house.heard.hold = asyncio.Event()
    async with listening(house.channel, house.heard):
        await until(house.platform.connections)
        number = await house.platform.tell(message("忘记密码了"))
        await until(lambda: house.heard.tries)
        assert house.platform.acknowledged == []
        house.heard.hold.set()
        await until(lambda: house.platform.acknowledged)
    event = house.heard.events[0]
    assert (event.id, event.tenant, event.account, event.room) == ("msg-1", CORP, "E1001", "cid-private")
    assert (event.kind, event.text) == (Kind.TEXT, "忘记密码了")
    assert house.platform.acknowledged[0]["headers"]["messageId"] == number
    assert house.platform.elsewhere == 0


async def test_what_could_not_be_stored_comes_again(house: House) -> None:
    """A failing store acknowledges nothing and costs no connection; the redelivery is taken."""
    house.heard.fail = 1
    async with listening(house.channel, house.heard):
        await until(house.platform.connections)
        await house.platform.tell(message())
        await until(lambda: house.heard.tries)
        await house.platform.redeliver()
        await until(lambda: not house.platform.unacknowledged())
    assert house.platform.opened == 1
    assert [event.id for event in house.heard.events] == ["msg-1"]


async def test_a_late_acknowledgement_costs_nothing(house: House) -> None:
    """The same message under another frame id, while the first is being stored, has the same event id."""
    house.heard.hold = asyncio.Event()
    async with listening(house.channel, house.heard):
        await until(house.platform.connections)
        await house.platform.tell(message())
        await until(lambda: house.heard.tries)
        await house.platform.redeliver()
        await until(lambda: house.heard.tries == 2)
        house.heard.hold.set()
        await until(lambda: not house.platform.unacknowledged())
    assert len(house.heard.events) == 1


async def test_a_thousand_messages_at_once_are_heard_once_each(house: House) -> None:
    """A burst, and a cut in its middle: everything is heard, and nothing twice."""
    async with listening(house.channel, house.heard):
        await until(house.platform.connections)
        for number in range(1000):
            await house.platform.tell(message(str(number), msgId=f"m{number}"))
            if number == 500:
                house.platform.cut()
        await until(lambda: house.platform.opened > 1 and house.platform.connections())
        await until(lambda: not house.platform.unacknowledged())
    assert sorted(int(str(event.text)) for event in house.heard.events) == list(range(1000))


async def test_every_loss_is_followed_by_a_new_connection(house: House) -> None:
    """Cut, moved, silent or with a broken frame: the connection comes back and hears on."""
    async with listening(house.channel, house.heard):
        await until(house.platform.connections)
        house.platform.cut()
        await until(lambda: house.platform.opened == 2 and house.platform.connections())
        await house.platform.disconnect()
        await until(lambda: house.platform.opened == 3 and house.platform.connections())
        house.platform.silent = True
        await until(lambda: house.platform.opened == 4)
        house.platform.silent = False
        await until(house.platform.connections)
        for broken in (
            "{",
            "[]",
            frame({}, "f", "SYSTEM", "ping"),
            frame("no", "g"),
            frame({}, "h", "CALLBACK", "/x"),
        ):
            await house.platform.put(broken)
        await house.platform.tell(message("still here", msgId="m2"))
        await until(lambda: house.heard.events)
    codes = {said["headers"]["messageId"]: said["code"] for said in house.platform.acknowledged}
    assert (codes["f"], codes["g"], codes["h"]) == (200, 200, 404)


async def test_a_platform_that_is_down_is_not_stormed(house: House) -> None:
    """The pauses grow from half a second to five minutes, and are never the whole of a fixed time."""
    house.platform.trouble = "no_stream"
    async with listening(house.channel, house.heard):
        await until(lambda: len(house.pauses.taken) >= 12)
    wholes = [min(300, 2**number) for number in range(12)]
    assert all(whole / 2 <= pause < whole for pause, whole in zip(house.pauses.taken, wholes, strict=False))
    assert house.platform.opened == len(house.pauses.taken)


async def test_it_stops_at_once(house: House) -> None:
    """Cancelling ends the connection and leaves no task behind, even while something is being stored."""
    before = asyncio.all_tasks()
    house.heard.hold = asyncio.Event()
    async with listening(house.channel, house.heard) as task:
        await until(house.platform.connections)
        await house.platform.tell(message())
        await until(lambda: house.heard.tries)
        task.cancel()
        house.heard.hold.set()
        with pytest.raises(asyncio.CancelledError):
            await task
    await until(lambda: not house.platform.connections())
    assert {task for task in asyncio.all_tasks() - before if "listen" in repr(task.get_coro())} == set()


async def test_no_ticket_and_no_token_is_logged(house: House) -> None:
    """A refused handshake and a failing directory log reasons, and neither ticket nor token nor secret."""
    with capture_logs() as logs:
        async with listening(house.channel, house.heard):
            await until(house.platform.connections)
            house.platform._tickets = _Closed()
            house.platform.cut()
            await until(lambda: house.channel.connection.losses >= 3)
        house.platform.trouble = "no_directory"
        with pytest.raises(ChannelAwayError) as away:
            await house.channel.who(CORP, "E1001")
    words = json.dumps(logs, default=str) + repr(away.value) + repr(away.value.__context__)
    assert logs
    assert not any(secret in words for secret in ("ticket/", "token-", house.platform.secret))


class _Closed(set[str]):
    """Tickets of which none is good."""

    def __contains__(self, ticket: object) -> bool:
        return False


async def test_messages_go_to_the_person_by_staff_id(house: House) -> None:
    """Plain text, tappable numbers, a link as a card; the address that a message brought is never called."""
    await house.channel.send(TO, Message("1", "Hello\nyou"))
    choices = [Choice("o1", "method_sms", "By SMS"), Choice("o2", "method_mail", "By mail")]
    await house.channel.send(TO, Message("2", "How?\nChoose.", choices))
    link = Link("https://rekey.example.com/secure/abc", "Open the safe page")
    await house.channel.send(TO, Message("3", "Set it here.", (), link))
    await house.channel.send(TO, Message("4", "Sent to a***@b.example", choices, link))
    assert {(tuple(body["userIds"]), body["robotCode"]) for body in house.platform.sent} == {
        (("E1001",), CLIENT)
    }
    keys = [body["msgKey"] for body in house.platform.sent]
    assert keys == ["sampleText", "sampleMarkdown", "sampleActionCard", "sampleText"]
    texts = [json.loads(body["msgParam"]) for body in house.platform.sent]
    assert texts[0] == {"content": "Hello\nyou"}
    assert "How?\n\nChoose.\n\n[1. By SMS](dtmd://dingtalkclient/sendMessage?content=1)" in texts[1]["text"]
    assert (texts[2]["singleURL"], texts[2]["singleTitle"]) == (link.url, link.title)
    assert texts[3]["content"].splitlines()[1:3] == ["1. By SMS", "2. By mail"]
    assert link.url in texts[3]["content"]
    assert house.platform.tokens_given == 1
    assert house.platform.elsewhere == 0


async def test_tokens_are_renewed_in_time_and_when_they_end_early(house: House) -> None:
    """One token serves many calls; a rotated secret counts at once, without a restart."""
    for step in ("first", "early", "late"):
        if step == "early":
            house.platform.end_tokens()
        if step == "late":
            house.clock.move(house.channel._api._until - house.clock.now())  # type: ignore[operator]
        await house.channel.send(TO, Message(step, step))
        await house.channel.send(TO, Message(step, step))
    assert house.platform.tokens_given == 3
    house.platform.secret = "rotated"
    house.secret._value = "rotated"
    await house.channel.send(TO, Message("4", "rotated"))
    assert house.platform.tokens_given == 4


@pytest.mark.parametrize(
    ("trouble", "error", "reason"),
    [
        ("away", ChannelAwayError, "failed"),
        ("busy", ChannelAwayError, "too_many"),
        ("wrong_key", ChannelAwayError, "sign_in"),
        ("refused", ChannelRefusedError, "person"),
    ],
)
async def test_what_a_refusal_means(house: House, trouble: str, error: type[Exception], reason: str) -> None:
    """Only who has left is given up; everything else is tried again."""
    house.platform.trouble = trouble
    with pytest.raises(error) as raised:
        await house.channel.send(TO, Message("1", "hello"))
    assert raised.value.reason == reason  # type: ignore[attr-defined]
    assert house.platform.sent == []


async def test_the_directory_says_who_it_is(house: House) -> None:
    """Job number and the organisation's mail count; the address that a person typed does not."""
    house.platform.people["E1001"] = {
        "job_number": "1001",
        "org_email": "alice@example.com",
        "email": "x@evil.example",
    }
    house.platform.people["E1002"] = {"email": "x@evil.example", "name": "postmaster"}
    assert await house.channel.who(CORP, "E1001") == Person("1001", "alice@example.com")
    house.platform.end_tokens()
    assert await house.channel.who(CORP, "E1002") == Person(None, None)
    assert await house.channel.who(CORP, "E9") is None
    assert await house.channel.who("other-corp", "E1001") is None
    house.platform.trouble = "away"
    with pytest.raises(ChannelAwayError):
        await house.channel.who(CORP, "E1001")


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
    """Credentials, connection and directory are told apart."""
    house.platform.trouble = trouble
    findings = await house.channel.check()
    assert [finding.key.removeprefix("channel.check.") for finding in findings] == keys
    assert all(finding.good != ("not_" in finding.key) for finding in findings)
