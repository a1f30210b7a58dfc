"""Slack: what people write and press, whom the workspace vouches for, and how texts stay texts."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

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
from portal.channels.slack.events import plain
from tests.integration.channels.shape import NOW
from tests.integration.channels.slack_platform import SlackPlatform, slack
from tests.peers.simulated import Fault
from tests.peers.slack import BOT, FORM, JSON, TEAM

SAID = {
    "type": "message",
    "channel": "D1",
    "channel_type": "im",
    "user": "U1",
    "text": "hi",
    "ts": "1.000001",
}
LINK = Link("https://rekey.example.com/secure/x", "Open the safe page")


@pytest.fixture
async def platform() -> AsyncIterator[SlackPlatform]:
    """Start a workspace."""
    async with slack() as started:
        yield started


async def heard(platform: SlackPlatform, **changes: object) -> Received:
    """Return what the channel makes of a message in a chat of two, changed by *changes*."""
    body = platform.peer.event({**SAID, **changes})
    return await platform.channel.receive(platform.peer.signed(body, NOW))


async def test_our_address_is_checked(platform: SlackPlatform) -> None:
    """The challenge comes back, and only to a signed request."""
    body = json.dumps({"type": "url_verification", "challenge": 'c"1', "token": "x"}).encode()
    incoming = platform.peer.signed(body, NOW)
    assert json.loads((await platform.channel.receive(incoming)).body) == {"challenge": 'c"1'}
    with pytest.raises(NotGenuineError):
        await platform.channel.receive(dataclasses.replace(incoming, headers={}))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("it is <mailto:wang@example.com|wang@example.com>", "it is wang@example.com"),
        ("<http://example.com|example.com> &amp; <https://x.cn>", "example.com & https://x.cn"),
        ("a &lt;b&gt; &amp;lt; c", "a <b> &lt; c"),
        ("<@U123> hello <#C1|general> <!here>", "hello general"),
        ("<tel:+8613800138000|138 0013 8000>", "138 0013 8000"),
    ],
)
def test_what_was_written_is_read(written: str, read: str) -> None:
    """Slack wraps addresses and escapes three characters; people wrote neither."""
    assert " ".join(plain(written).split()) == read


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B2"},
        {"user": BOT},
        {"user": "USLACKBOT"},
        {"user": None},
        {"subtype": "channel_join"},
        {"subtype": "message_changed", "hidden": True},
        {"channel_type": "channel"},
        {"channel_type": "group", "text": "hi"},
        {"channel_type": "mpim", "text": "hi"},
        {"type": "reaction_added"},
    ],
)
async def test_what_is_not_for_us_is_nothing(platform: SlackPlatform, changes: dict[str, Any]) -> None:
    """Bots, edits, joins and talk of others that does not name the bot."""
    assert (await heard(platform, **changes)).events == ()


async def test_a_group_that_names_the_bot_is_told_as_such(platform: SlackPlatform) -> None:
    """What was said there is not."""
    event = (await heard(platform, channel_type="mpim", text=f"<@{BOT}> my password is x")).events[0]
    assert (event.kind, event.text) == (Kind.GROUP, None)


async def test_an_empty_line_is_no_text(platform: SlackPlatform) -> None:
    """Only a mention, or nothing, gets the answer to what is not understood."""
    assert (await heard(platform, text=" <@U1> ")).events[0].kind is Kind.OTHER


async def test_another_workspace_is_refused(platform: SlackPlatform) -> None:
    """The app may be installed elsewhere by mistake: those people are nobody's."""
    body = platform.peer.event(SAID)
    other = body.replace(f'"team_id": "{TEAM}", "api'.encode(), b'"team_id": "T0OTHER", "api')
    assert other != body
    with pytest.raises(NotGenuineError, match="tenant"):
        await platform.channel.receive(platform.peer.signed(other, NOW))


async def test_a_workspace_of_the_organisation_is_taken() -> None:
    """With the organisation's id in the settings each of its workspaces counts, for texts and for buttons."""
    async with slack(team="E0COMPANY") as grid:
        said = json.loads(grid.peer.event(SAID)) | {"enterprise_id": "E0COMPANY"}
        pressed = json.loads(parse_qs(grid.peer.pressed("U1", "D1", "b", "1.1").decode())["payload"][0])
        form = urlencode({"payload": json.dumps(pressed | {"enterprise": {"id": "E0COMPANY"}})}).encode()
        for body, kind in ((json.dumps(said).encode(), JSON), (form, FORM)):
            assert (await grid.channel.receive(grid.peer.signed(body, NOW, kind=kind))).events
        with pytest.raises(NotGenuineError, match="tenant"):
            await grid.channel.receive(grid.peer.signed(grid.peer.event(SAID), NOW))


async def test_followed_links_and_presses_among_others_are_nothing(platform: SlackPlatform) -> None:
    """Slack tells of a button with an address too; and a card that was shared presses nothing."""
    peer = platform.peer
    for body in (peer.pressed("U1", "D1", None, "1.1"), peer.pressed("U1", "C1", "b", "1.2")):
        assert not (await platform.channel.receive(platform.peer.signed(body, NOW, kind=FORM))).events


@pytest.mark.parametrize("body", [b"", b"payload=", b"payload=%7B", b"a=b", b"&" * 100])
async def test_an_odd_form_is_not_readable(platform: SlackPlatform, body: bytes) -> None:
    """Signed, and yet nothing that Slack sends."""
    with pytest.raises(NotReadableError):
        await platform.channel.receive(platform.peer.signed(body, NOW, kind=FORM))


async def test_an_odd_signature_is_refused(platform: SlackPlatform) -> None:
    """slack-sdk stumbles over these; they are not genuine and nothing else."""
    good = platform.request_of("hi")
    for name, value in (
        ("x-slack-request-timestamp", "soon"),
        ("x-slack-request-timestamp", "1e9"),
        ("x-slack-signature", "v0=ä"),
        ("x-slack-signature", "v1=" + good.headers["x-slack-signature"][3:]),
    ):
        with pytest.raises(NotGenuineError):
            await platform.channel.receive(dataclasses.replace(good, headers={**good.headers, name: value}))
    with pytest.raises(NotGenuineError):
        await platform.channel.receive(dataclasses.replace(good, body=b"\xff\xfe"))


async def test_nothing_that_rekey_says_is_markup(platform: SlackPlatform) -> None:
    """Texts are plain, addresses are not fetched by Slack, and there is no field to fill in."""
    text = "*a* <!channel> & <https://x|y>"
    await platform.channel.send(platform.target, Message("m", text, [Choice("o-1", "yes", "Yes")], LINK))
    body = platform.peer.took[-1].body
    assert (body["mrkdwn"], body["unfurl_links"], body["unfurl_media"]) == (False, False, False)
    assert body["text"] == "*a* &lt;!channel&gt; &amp; &lt;https://x|y&gt;"
    assert body["blocks"][0]["text"] == {"type": "plain_text", "text": text, "emoji": False}
    assert [row["type"] for row in body["blocks"][1]["elements"]] == ["button", "button"]


async def test_the_limits_of_block_kit(platform: SlackPlatform) -> None:
    """3,000 characters in a section, 25 elements in a row, 75 characters on a button."""
    takes = platform.channel.capabilities
    choices = [Choice(f"o-{n}", "n", "t" * 76) for n in range(takes.max_buttons)]
    await platform.channel.send(platform.target, Message("m", "x" * takes.max_text, choices, LINK))
    section, actions = platform.peer.took[-1].body["blocks"]
    assert len(section["text"]["text"]) == 3000
    assert len(actions["elements"]) == 25
    assert len({row["action_id"] for row in actions["elements"]}) == 25
    assert max(len(row["text"]["text"]) for row in actions["elements"]) == 75


@pytest.mark.parametrize(
    "marks",
    [
        {"deleted": True},
        {"is_bot": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"team_id": "T0OTHER"},
    ],
)
async def test_guests_and_strangers_are_nobody(platform: SlackPlatform, marks: dict[str, Any]) -> None:
    """Their addresses are not the company's, whatever they are."""
    platform.peer.person("U9", "postmaster@example.com", **marks)
    assert await platform.channel.who(TEAM, "U9") is None


async def test_an_address_that_was_not_confirmed_is_none(platform: SlackPlatform) -> None:
    """The person is known, the address is not."""
    platform.peer.person("U9", "postmaster@example.com", is_email_confirmed=False)
    known = await platform.channel.who(TEAM, "U9")
    assert known is not None
    assert known.mail is None


async def test_somebody_of_an_organisation_is_known_in_its_workspaces(platform: SlackPlatform) -> None:
    """With an enterprise grid the home workspace may be another one of the company's."""
    grid = {"enterprise_id": "E1", "teams": ["T0OTHER", TEAM]}
    platform.peer.person("U9", "wang@example.com", team_id="T0OTHER", enterprise_user=grid)
    known = await platform.channel.who(TEAM, "U9")
    assert known is not None
    assert known.mail == "wang@example.com"


@pytest.mark.parametrize("error", ["token_revoked", "missing_scope", "ratelimited", "internal_error"])
async def test_what_passes_or_can_be_mended_is_kept(platform: SlackPlatform, error: str) -> None:
    """Slack says most failures with 200."""
    platform.peer.faults.append(Fault(200, {}, {"ok": False, "error": error}))
    with pytest.raises(ChannelAwayError):
        await platform.channel.send(platform.target, Message("m", "Hi."))


async def test_a_token_of_another_workspace_is_named(platform: SlackPlatform) -> None:
    """The check compares whom the token belongs to with the settings."""
    platform.peer.faults.append(Fault(200, {}, {"ok": True, "team_id": "T0OTHER", "user_id": BOT}))
    findings = await platform.channel.check()
    assert [(finding.good, finding.key) for finding in findings] == [(False, "channel.check.wrong_account")]


def test_an_incoming_request_hides_what_it_holds() -> None:
    """A request in a log line shows neither headers nor body."""
    shown = repr(Incoming("POST", {"authorization": "hush"}, {"q": "hush"}, b"hush", NOW))
    assert "hush" not in shown
