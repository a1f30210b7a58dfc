"""WeCom: envelopes made by wechatpy, the check of our address, and messages in parts."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import AsyncIterator

import pytest

from portal.channels.config import Config, ConfigError, Secret, Tools
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
from portal.channels.wecom import build
from portal.channels.wecom.cards import parts
from tests.integration.channels.shape import NOW
from tests.integration.channels.wecom_platform import WecomPlatform, wecom
from tests.peers.simulated import Fault
from tests.peers.wecom import CORP

LINK = Link("https://rekey.example.com/secure/x", "Open the safe page")
YES = Choice("opaque-1", "yes", "Yes")


@pytest.fixture
async def platform() -> AsyncIterator[WecomPlatform]:
    """Start a corporation."""
    async with wecom() as started:
        yield started


async def refused(platform: WecomPlatform, incoming: Incoming) -> str:
    """Return why *incoming* is not genuine."""
    with pytest.raises(NotGenuineError) as caught:
        await platform.channel.receive(incoming)
    return caught.value.reason


async def heard(platform: WecomPlatform, nonce: str = "n", **fields: object) -> Received:
    """Return what the channel makes of a genuine callback."""
    return await platform.channel.receive(
        platform.peer.signed(platform.peer.message(**fields), NOW, nonce=nonce)
    )


async def test_the_signature_of_a_message_does_not_open_it(platform: WecomPlatform) -> None:
    """Whoever saw a message pass cannot have it opened as if it were the check of our address."""
    told = platform.peer.signed(platform.peer.message(), NOW)
    envelope = re.search(rb"<Encrypt>(?:<!\[CDATA\[)?([\w+/=]+)", told.body)
    assert envelope
    asked = Incoming("GET", {}, {**told.query, "echostr": envelope[1].decode()}, b"", NOW)
    assert await refused(platform, asked) == "echo"


async def test_our_address_is_checked(platform: WecomPlatform) -> None:
    """The opened text comes back as it is; a changed one, an old one and another's do not."""
    good = platform.peer.echo("1616140317555161061", NOW)
    received = await platform.channel.receive(good)
    assert (received.body, received.content_type, received.events) == (
        b"1616140317555161061",
        "text/plain",
        (),
    )
    assert await platform.channel.receive(good) == received
    echo = good.query["echostr"]
    changed = {**good.query, "echostr": ("B" if echo[0] == "A" else "A") + echo[1:]}
    assert await refused(platform, dataclasses.replace(good, query=changed)) == "signature"
    assert await refused(platform, platform.peer.echo("1", NOW, corp="ww9999999999999999")) == "receiver"
    assert await refused(platform, dataclasses.replace(good, query={})) == "missing"


async def test_a_message_for_another_corporation_is_refused(platform: WecomPlatform) -> None:
    """Token and key may be right: who stands at the envelope's end decides, and who stands inside."""
    text = platform.peer.message(MsgType="text", Content="hi", MsgId="1")
    assert await refused(platform, platform.peer.signed(text, NOW, corp="ww9999999999999999")) == "receiver"
    inside = platform.peer.message(MsgType="text", Content="hi", MsgId="1", ToUserName="ww9999999999999999")
    assert await refused(platform, platform.peer.signed(inside, NOW)) == "receiver"
    agent = platform.peer.message(MsgType="text", Content="hi", MsgId="1", AgentID=1000003)
    assert await refused(platform, platform.peer.signed(agent, NOW)) == "app"


async def test_an_answer_is_empty(platform: WecomPlatform) -> None:
    """An empty 200 ends WeCom's tries; what rekey says is sent afterwards."""
    received = await heard(platform, MsgType="text", Content=" hi ", MsgId="7")
    assert (received.status, received.body) == (200, b"")
    assert [(event.id, event.text) for event in received.events] == [("7", "hi")]


async def test_events_are_told_apart_without_an_id(platform: WecomPlatform) -> None:
    """Two presses are two events, the same one again is the same, and others are passed over."""
    press = {"MsgType": "event", "Event": "template_card_event", "EventKey": "b-1", "TaskId": "t"}
    ids = []
    for number, code in enumerate(("r-1", "r-1", "r-2")):
        received = await heard(platform, str(number), **press, ResponseCode=code)
        ids += [event.id for event in received.events]
    assert ids[0] == ids[1] != ids[2]
    for number, event in enumerate(("enter_agent", "unsubscribe", "LOCATION", "view")):
        assert not (await heard(platform, f"e{number}", MsgType="event", Event=event)).events
    assert not (await heard(platform, "x", MsgType="hardware")).events


@pytest.mark.parametrize("kind", ["image", "voice", "video", "location", "link", "file"])
async def test_what_is_no_text_is_told_as_such(platform: WecomPlatform, kind: str) -> None:
    """Each kind that WeCom documents gets a kind answer."""
    assert (await heard(platform, MsgType=kind, MsgId="1")).events[0].kind is Kind.OTHER


async def test_xml_with_a_document_type_is_refused(platform: WecomPlatform) -> None:
    """Outside it is no proof, inside it is not readable; no entity is ever put in."""
    good = platform.request_of("hi")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    assert await refused(platform, dataclasses.replace(good, body=bomb + good.body)) == "envelope"
    with pytest.raises(NotReadableError):
        await platform.channel.receive(platform.peer.signed(bomb.decode() + "<xml/>", NOW))


def test_a_long_text_with_buttons_goes_in_parts() -> None:
    """The text first, its last sentence in the card: nothing is lost or doubled."""
    text = "我们已经找到您的账号。" * 20 + "请选择验证方式。"
    sent = parts(Message("m-1", text, [YES]))
    assert [part["msgtype"] for part in sent] == ["text", "template_card"]
    card = sent[1]["template_card"]
    assert sent[0]["text"]["content"] + card["sub_title_text"] == text
    assert len(card["sub_title_text"]) <= 112
    assert sent[0]["text"]["content"].endswith("。")
    assert card["button_list"] == [{"text": "Yes", "style": 1, "key": "opaque-1"}]


@pytest.mark.parametrize("text", ["", "x" * 112, "x" * 113, "a b " * 120, "\n" * 200, "。" * 113])
def test_no_part_is_empty_or_too_long(text: str) -> None:
    """Whatever the text is, a card has words, and nothing is lost but space."""
    sent = parts(Message("m-1", text, [YES], LINK))
    said = [p["text"]["content"] if "text" in p else p["template_card"]["sub_title_text"] for p in sent]
    assert all(words.strip() for words in said)
    assert "".join("".join(said).replace("…", "").split()) == "".join(text.split())
    for part in sent:
        if "template_card" in part:
            assert len(part["template_card"]["sub_title_text"]) <= 112
            assert part["template_card"]["task_id"].replace("-", "").isalnum()


async def test_link_and_buttons_together_are_two_cards(platform: WecomPlatform) -> None:
    """The link opens a browser, the buttons come back; neither is a field."""
    await platform.channel.send(platform.target, Message("m-1", "Open it or stop.", [YES], LINK))
    notice, buttons = [call.body["template_card"] for call in platform.peer.took]
    assert notice["card_type"] == "text_notice"
    assert notice["card_action"] == {"type": 1, "url": LINK.url}
    assert buttons["card_type"] == "button_interaction"
    assert notice["task_id"] != buttons["task_id"]


async def test_a_second_try_repeats_no_part(platform: WecomPlatform) -> None:
    """The card failed after the text went out: only the card is sent again, and WeCom drops doubles of it."""
    message = Message("m-1", "x" * 300, [YES])
    platform.peer.standing = Fault(503)
    with pytest.raises(ChannelAwayError):
        await platform.channel.send(platform.target, message)
    platform.peer.standing = None
    await platform.channel.send(platform.target, Message("m-0", "before"))
    platform.peer.faults.extend((None, Fault(503)))
    with pytest.raises(ChannelAwayError):
        await platform.channel.send(platform.target, message)
    await platform.channel.send(platform.target, message)
    kinds = [call.body["msgtype"] for call in platform.peer.took]
    assert kinds == ["text", "text", "template_card"]
    assert platform.peer.took[-1].body["enable_duplicate_check"] == 1
    assert "enable_duplicate_check" not in platform.peer.took[0].body  # equal texts may be meant


async def test_texts_are_no_markup_and_fit(platform: WecomPlatform) -> None:
    """The one tag that clients read is broken, and the longest text has no more than 2,048 bytes."""
    await platform.channel.send(platform.target, Message("m", 'a < b <a href="x">y</a> </A>'))
    assert platform.peer.took[-1].body["text"]["content"] == 'a < b ＜a href="x">y＜/a> ＜/A>'
    longest = "\U0001f512" * platform.channel.capabilities.max_text
    await platform.channel.send(platform.target, Message("m2", longest))
    assert len(platform.peer.took[-1].body["text"]["content"].encode()) <= 2048


async def test_who_left_is_written_to_no_more_and_nobody(platform: WecomPlatform) -> None:
    """Members that were disabled or left have another status."""
    for status in (2, 4, 5):
        platform.peer.person(f"E{status}", "x@example.com", status)
        assert await platform.channel.who(CORP, f"E{status}") is None


async def test_settings_that_cannot_be_right_are_named(platform: WecomPlatform) -> None:
    """A key of another length and an agent that is no number are said at once."""
    secrets = {name: Secret("x") for name in ("secret", "token")} | {"aes_key": Secret(platform.peer.aes_key)}
    texts = {"corp_id": CORP, "agent_id": "1"}
    tools = Tools(None, platform.clock, None)  # type: ignore[arg-type]
    assert build(Config("wecom", texts, secrets), tools).name == "wecom"
    short = base64.b64encode(bytes(31)).decode().rstrip("=")
    for wrong_texts, wrong_secrets, name in (
        ({**texts, "agent_id": "one"}, secrets, "agent_id"),
        (texts, {**secrets, "aes_key": Secret(short)}, "aes_key"),
    ):
        with pytest.raises(ConfigError) as caught:
            build(Config("wecom", wrong_texts, wrong_secrets), tools)
        assert caught.value.setting == name
