"""Feishu: envelopes, the check of our address, rich text and cards; lark-oapi judges the same requests."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from portal.channels.feishu.events import events
from portal.channels.port import (
    ChannelAwayError,
    Choice,
    Incoming,
    Kind,
    Link,
    Message,
    NotGenuineError,
    NotReadableError,
    Received,
)
from tests.architecture.source import ROOT
from tests.integration.channels.feishu_platform import MESSAGE, FeishuPlatform, feishu
from tests.integration.channels.shape import NOW, Act
from tests.peers.feishu import TENANT
from tests.peers.simulated import Fault

HEADERS = {
    "x-lark-request-timestamp": "X-Lark-Request-Timestamp",
    "x-lark-request-nonce": "X-Lark-Request-Nonce",
    "x-lark-signature": "X-Lark-Signature",
}


@pytest.fixture
async def platform() -> AsyncIterator[FeishuPlatform]:
    """Start an organisation."""
    async with feishu() as started:
        yield started


async def refused(platform: FeishuPlatform, incoming: Incoming) -> str:
    """Return why *incoming* is not genuine."""
    with pytest.raises(NotGenuineError) as caught:
        await platform.channel.receive(incoming)
    return caught.value.reason


async def heard(platform: FeishuPlatform, plain: bytes, nonce: str = "n") -> Received:
    """Return what the channel makes of a genuine request with *plain* in its envelope."""
    return await platform.channel.receive(platform.peer.signed(platform.peer.sealed(plain), NOW, nonce=nonce))


def message(kind: str, content: object, **more: object) -> dict[str, Any]:
    """Return the event of a message."""
    known = {"message_id": "om", "chat_id": "oc", "chat_type": "p2p", "message_type": kind}
    sender = {"sender_id": {"open_id": "ou"}, "sender_type": "user"}
    return {"sender": sender, "message": {**known, "content": json.dumps(content), **more}}


def verification(platform: FeishuPlatform, **more: object) -> bytes:
    """Return the body with which Feishu checks our address."""
    known = {"type": "url_verification", "challenge": 'c"1', "token": platform.peer.verification_token}
    return platform.peer.sealed(json.dumps({**known, **more}).encode())


def bare(body: bytes) -> Incoming:
    """Return a request without a signature."""
    return Incoming("POST", {"content-type": "application/json"}, {}, body, NOW)


async def test_our_address_is_checked_with_and_without_a_signature(platform: FeishuPlatform) -> None:
    """The challenge comes back as JSON, whatever is in it."""
    body = verification(platform)
    for incoming in (bare(body), platform.peer.signed(body, NOW)):
        received = await platform.channel.receive(incoming)
        assert json.loads(received.body) == {"challenge": 'c"1'}
        assert not received.events


async def test_without_a_signature_nothing_else_is_told_apart(platform: FeishuPlatform) -> None:
    """Wrong token, wrong key, broken padding, an event: the answer is one and the same."""
    event = platform.peer.event(MESSAGE, message("text", {"text": "hi"}))
    sealed = platform.peer.sealed(event)
    envelope = json.loads(sealed)["encrypt"]
    bodies = [
        verification(platform, token="wrong"),
        verification(platform, token=None),
        verification(platform, challenge=None),
        sealed,
        json.dumps({"encrypt": envelope[:-24] + "AAAAAAAAAAAAAAAAAAAAAA=="}).encode(),
        json.dumps({"encrypt": "x"}).encode(),
        b'{"encrypt": 1}',
        b'{"type": "url_verification", "challenge": "c"}',
        b"[]",
        b"",
    ]
    assert {await refused(platform, bare(body)) for body in bodies} == {"missing"}


async def test_plain_events_are_refused(platform: FeishuPlatform) -> None:
    """An app without an Encrypt Key sends what anybody could: a right signature over it does not help."""
    event = platform.peer.event(MESSAGE, message("text", {"text": "hi"}))
    assert await refused(platform, platform.peer.signed(event, NOW)) == "not_encrypted"


@pytest.mark.parametrize(
    ("header", "reason"),
    [({"token": "x"}, "token"), ({"app_id": "cli_x"}, "app"), ({"tenant_key": "x"}, "tenant")],
)
async def test_events_of_others_are_refused(
    platform: FeishuPlatform, header: dict[str, str], reason: str
) -> None:
    """The verification token, the app and the organisation have to be the right ones."""
    event = platform.peer.event(MESSAGE, message("text", {"text": "hi"}), **header)
    assert await refused(platform, platform.peer.signed(platform.peer.sealed(event), NOW)) == reason


async def test_rich_text_is_text(platform: FeishuPlatform) -> None:
    """Pasted lines come as rich text: words and link titles are kept, mentions and pictures are not."""
    content = {
        "title": "help",
        "content": [
            [
                {"tag": "text", "text": "write to "},
                {"tag": "a", "text": "a_b@x.cn", "href": "mailto:a_b@x.cn"},
            ],
            [
                {"tag": "at", "user_id": "@_user_1"},
                {"tag": "img", "image_key": "x"},
                {"tag": "text", "text": "bye"},
            ],
        ],
    }
    event = (await heard(platform, platform.peer.event(MESSAGE, message("post", content)))).events[0]
    assert (event.kind, event.text) == (Kind.TEXT, "help\nwrite to a_b@x.cn\nbye")


async def test_a_mention_in_a_text_is_left_out(platform: FeishuPlatform) -> None:
    """Who addresses the bot by name means what follows."""
    event = (
        await heard(platform, platform.peer.event(MESSAGE, message("text", {"text": "@_user_1 hi"})))
    ).events[0]
    assert event.text == "hi"


async def test_what_is_not_for_us_is_nothing(platform: FeishuPlatform) -> None:
    """Other events, groups that do not mean the bot, and chats that are opened again."""
    group = message("text", {"text": "hi"}, chat_type="group")
    entered = {"chat_id": "oc", "operator_id": {"open_id": "ou"}, "last_message_id": "om"}
    told = [
        (MESSAGE, group),
        (MESSAGE, message("system", {})),
        ("im.message.reaction.created_v1", {}),
        ("im.chat.access_event.bot_p2p_chat_entered_v1", entered),
    ]
    for number, (kind, inner) in enumerate(told):
        received = await heard(platform, platform.peer.event(kind, inner), str(number))
        assert (received.events, received.body) == ((), b"{}")


async def test_an_envelope_with_something_else_is_not_readable(platform: FeishuPlatform) -> None:
    """Signed and sealed, and yet no event."""
    for number, plain in enumerate((b"", b"[]", b"{}", b"\xff", platform.peer.event(MESSAGE, {}))):
        with pytest.raises(NotReadableError):
            await heard(platform, plain, str(number))


async def test_a_card_is_exact_and_stays_here(platform: FeishuPlatform) -> None:
    """Texts are plain_text, nothing is forwarded, and plain texts need no card."""
    link = Link("https://rekey.example.com/secure/x", "Open")
    await platform.channel.send(platform.target, Message("m-1", "**b**", [Choice("o-1", "yes", "Yes")], link))
    sent = platform.peer.took[-1]
    assert sent.query == {"receive_id_type": "chat_id"}
    card = json.loads(sent.body["content"])
    assert card["config"] == {"enable_forward": False}
    assert card["body"]["elements"][0] == {"tag": "div", "text": {"tag": "plain_text", "content": "**b**"}}
    for text, kind in (("plain words", "text"), ("[OK] <at>", "interactive")):
        await platform.channel.send(platform.target, Message(text, text))
        assert platform.peer.took[-1].body["msg_type"] == kind


async def test_the_longest_message_fits_a_card(platform: FeishuPlatform) -> None:
    """Four thousand Chinese characters with all buttons stay under 30 kB, and the id under 50 characters."""
    takes = platform.channel.capabilities
    choices = [Choice(f"opaque-{n}" * 4, "n", "确认" * 10) for n in range(takes.max_buttons)]
    await platform.channel.send(platform.target, Message("m" * 200, "密" * takes.max_text, choices))
    sent = platform.peer.took[-1].body
    assert len(sent["content"].encode()) < 30_000
    assert len(sent["uuid"]) <= 50


async def test_who_left_is_nobody(platform: FeishuPlatform) -> None:
    """Resigned and frozen people stand in the directory still."""
    platform.peer.person("ou_2", "E2", "x@example.com", is_resigned=True)
    platform.peer.person("ou_3", "E3", "x@example.com", is_frozen=True, is_resigned=False)
    assert await platform.channel.who(TENANT, "ou_2") is None
    assert await platform.channel.who(TENANT, "ou_3") is None


async def test_a_limit_in_the_body_is_a_limit(platform: FeishuPlatform) -> None:
    """Feishu says "too many" with 400 and a code, too."""
    platform.peer.faults.append(Fault(400, {}, {"code": 99991400, "msg": "request trigger frequency limit"}))
    with pytest.raises(ChannelAwayError, match="too_many"):
        await platform.channel.send(platform.target, Message("m", "Hi."))


async def test_lark_oapi_agrees(platform: FeishuPlatform) -> None:
    """What we take it takes, what we refuse it refuses, but for old requests: it looks at no time."""
    good = platform.request(Act(text="判断"))
    assert good is not None
    checked = platform.peer.signed(verification(platform), NOW)
    bad = [dataclasses.replace(good, body=good.body[:-4] + b'A"}')]
    for name in HEADERS:
        wrong = good.headers[name][:-1] + ("0" if good.headers[name][-1] != "0" else "1")
        bad.append(dataclasses.replace(good, headers={**good.headers, name: wrong}))
    bad.append(platform.peer.signed(verification(platform, token="wrong"), NOW))
    verdicts = await _judged(platform, [good, checked, *bad])
    assert verdicts[0] == [200, '{"msg":"success"}', json.dumps({"text": "判断"})]
    assert verdicts[1][0] == 200
    assert [verdict[0] for verdict in verdicts[2:]] == [500] * len(bad)
    assert (await platform.channel.receive(good)).events
    assert (await platform.channel.receive(checked)).body
    for incoming in bad:
        await refused(platform, incoming)
    assert await refused(platform, dataclasses.replace(good, at=NOW + timedelta(hours=1))) == "stale"


async def _judged(platform: FeishuPlatform, requests: Sequence[Incoming]) -> list[list[Any]]:
    rows = [
        {"headers": {HEADERS.get(k, k): v for k, v in row.headers.items()}, "body": row.body.decode()}
        for row in requests
    ]
    task = {
        "encrypt_key": platform.peer.encrypt_key,
        "token": platform.peer.verification_token,
        "requests": rows,
    }
    command = [sys.executable, "-m", "tests.peers.lark_judge"]
    pipe = asyncio.subprocess.PIPE
    judge = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdin=pipe, stdout=pipe)
    out, _ = await judge.communicate(json.dumps(task).encode())
    found = json.loads(out)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("chat", ["oc_other", None, 7])
async def test_a_button_counts_in_its_own_chat_alone(platform: FeishuPlatform, chat: object) -> None:
    """Pressed in another chat, or made without the name of one, it only says to write privately."""
    (message,) = await platform.act(Act()) or ()
    data: dict[str, Any] = {
        "header": {"event_type": "card.action.trigger", "event_id": "e", "tenant_key": TENANT},
        "event": {
            "operator": {"open_id": "ou_E1001"},
            "context": {"open_chat_id": message.room},
            "action": {"value": {"choice": "b", "chat": chat}},
        },
    }
    assert [found.kind for found in events(data)] == [Kind.GROUP]
    data["event"]["action"]["value"]["chat"] = message.room
    assert [(found.kind, found.button) for found in events(data)] == [(Kind.BUTTON, "b")]
