"""Proofs of the platforms that sign: what they make is taken, anything else is refused.

Slack's signatures are made by slack-sdk, WeCom's envelopes and signatures by wechatpy, those of Feishu and
Teams by the simulated peers: ``test_feishu.py`` and ``test_teams_tokens.py`` have the vendors judge them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from portal.channels.port import Incoming, Listening, NotGenuineError, NotReadableError
from portal.channels.verify import MAX_BODY
from tests.integration.channels.feishu_platform import FeishuPlatform, feishu
from tests.integration.channels.shape import NOW, Act, What
from tests.integration.channels.slack_platform import SlackPlatform, slack
from tests.integration.channels.teams_platform import TeamsPlatform, teams
from tests.integration.channels.wecom_platform import WecomPlatform, wecom
from tests.peers.mounted import Mounted
from tests.peers.simulated import deliver

Signing = SlackPlatform | FeishuPlatform | WecomPlatform | TeamsPlatform
START = {"slack": slack, "feishu": feishu, "wecom": wecom, "teams": teams}
PROOF = {
    "slack": ("x-slack-request-timestamp", "x-slack-signature"),
    "feishu": ("x-lark-request-timestamp", "x-lark-request-nonce", "x-lark-signature"),
    "wecom": ("timestamp", "nonce", "msg_signature"),
    "teams": ("authorization",),
}
LIMITED = timedelta(minutes=5)


@pytest.fixture(params=sorted(START))
async def platform(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Signing]:
    """Start each platform with its secrets in files."""
    async with START[request.param](tmp_path) as started:
        yield started


def genuine(platform: Signing, act: Act | None = None) -> Incoming:
    """Return a genuine request."""
    incoming = platform.request(act or Act())
    assert incoming is not None
    return incoming


def damaged(text: str) -> Iterator[str]:
    """Return *text* with each character changed in turn, and shortened, and lengthened."""
    for place, letter in enumerate(text):
        yield text[:place] + chr(ord(letter) ^ 1) + text[place + 1 :]
    yield from (text[:-1], text + "0", "")


async def refused(platform: Signing, incoming: Incoming) -> str:
    """Return why *incoming* is not genuine."""
    with pytest.raises(NotGenuineError) as caught:
        await platform.channel.receive(incoming)
    return caught.value.reason


async def test_every_changed_character_of_a_proof_is_refused(platform: Signing) -> None:
    """Each header or field of the proof counts, and each character of it."""
    good = genuine(platform)
    for name in PROOF[platform.name]:
        where = "query" if name in good.query else "headers"
        known = getattr(good, where)
        for value in damaged(known[name].removeprefix("Bearer ")):
            text = f"Bearer {value}" if name == "authorization" else value
            await refused(platform, dataclasses.replace(good, **{where: {**known, name: text}}))
        rest = {key: value for key, value in known.items() if key != name}
        assert await refused(platform, dataclasses.replace(good, **{where: rest})) == "missing"
    assert (await platform.channel.receive(good)).events


async def test_every_changed_byte_of_the_body_is_refused(platform: Signing) -> None:
    """Where the proof covers the body, no byte of it can be changed, taken away or added.

    WeCom signs the envelope inside the body; the token of Teams does not cover the body at all.
    """
    good = genuine(platform)
    if isinstance(platform, TeamsPlatform):
        return
    start, end = 0, len(good.body)
    if isinstance(platform, WecomPlatform):
        start, end = good.body.index(b"<Encrypt>") + 9, good.body.index(b"</Encrypt>")
    for place in range(start, end):
        body = good.body[:place] + bytes([good.body[place] ^ 1]) + good.body[place + 1 :]
        await refused(platform, dataclasses.replace(good, body=body))
    for body in (good.body[: end - 1] + good.body[end:], good.body[:end] + b"A" + good.body[end:]):
        await refused(platform, dataclasses.replace(good, body=body))
    assert (await platform.channel.receive(good)).events


async def test_bodies_are_not_swapped(platform: Signing) -> None:
    """The proof of one message does not carry another; a token of Teams may, as long as it is good."""
    one, two = genuine(platform), genuine(platform, Act(id="event-2", text="please reset postmaster"))
    if isinstance(platform, TeamsPlatform):
        return
    assert await refused(platform, dataclasses.replace(one, body=two.body)) == "signature"


async def test_the_very_same_request_tells_the_very_same_events(platform: Signing) -> None:
    """A platform's own retry is genuine, byte for byte; its ids are those the inbox has."""
    good = genuine(platform)
    received = await platform.channel.receive(good)
    again = await platform.channel.receive(dataclasses.replace(good, at=good.at + timedelta(minutes=4)))
    assert again == received
    assert [event.id for event in again.events] == [event.id for event in received.events]


async def test_five_minutes_either_way_and_no_more(platform: Signing) -> None:
    """At exactly five minutes of skew a request is taken; a second later, or at ten minutes, it is not."""
    if isinstance(platform, TeamsPlatform):
        return
    for skew in (LIMITED, -LIMITED):
        good = genuine(platform)
        sent = _sent(platform, good)
        await platform.channel.receive(dataclasses.replace(good, at=sent + skew))
    for skew in (LIMITED + timedelta(seconds=1), -LIMITED - timedelta(seconds=1), timedelta(minutes=10)):
        good = genuine(platform)
        late = dataclasses.replace(good, at=_sent(platform, good) + skew)
        assert await refused(platform, late) == "stale"


async def test_the_limit_of_size(platform: Signing) -> None:
    """The longest body is looked at, and refused for its proof; a longer one is not looked at."""
    good = genuine(platform)
    with pytest.raises((NotGenuineError, NotReadableError)) as caught:
        await platform.channel.receive(dataclasses.replace(good, body=b"x" * MAX_BODY))
    assert "too_large" not in str(caught.value)
    with pytest.raises(NotReadableError, match="too_large"):
        await platform.channel.receive(dataclasses.replace(good, body=b"x" * (MAX_BODY + 1)))


async def test_a_redelivery_until_it_is_acknowledged(platform: Signing) -> None:
    """A platform that gets 500 twice tries again with a new proof, and the event is one event."""
    mounted = Mounted(channel=_listening(platform), fail=2)
    async with mounted.serving(platform.clock):
        tries = [genuine(platform) for _ in range(4)]
        assert await deliver(f"{mounted.url}/", tries) == [500, 500, 200]
        assert await deliver(f"{mounted.url}/", [genuine(platform)]) == [200]
    assert len(mounted.heard) == 1
    assert mounted.repeated == 1


async def test_buttons_are_pressed_in_chats_of_two_alone(platform: Signing) -> None:
    """A pressed button is told with the chat it stands in."""
    event = (await platform.channel.receive(genuine(platform, Act(What.BUTTON, button="b-1")))).events[0]
    assert (event.button, event.room, event.account) == ("b-1", platform.target.room, platform.target.account)


async def test_a_rotated_signing_secret_counts_at_once(platform: Signing, tmp_path: Path) -> None:
    """What was signed with the old one is refused after the file changed, what has the new one is taken."""
    name = {"slack": "signing_secret", "feishu": "encrypt_key", "wecom": "token"}.get(platform.name)
    if name is None:
        return
    old = genuine(platform)
    setattr(platform.peer, name, "a new secret")
    assert await refused(platform, genuine(platform)) == "signature"
    (tmp_path / name).write_text("a new secret")
    assert (await platform.channel.receive(genuine(platform))).events
    assert await refused(platform, old) == "signature"


async def test_nothing_of_a_request_is_shown(platform: Signing) -> None:
    """What people write and secrets stand in no description of an event, a request or a channel."""
    good = genuine(platform, Act(text="Demo-Passw0rd!"))
    received = await platform.channel.receive(good)
    shown = f"{good!r}{received!r}{platform.channel!r}{json.dumps(str(received.events))}"
    assert "Demo-Passw0rd!" not in shown
    assert PROOF[platform.name][-1] not in shown


def _sent(platform: Signing, incoming: Incoming) -> datetime:
    """Return when *incoming* was signed."""
    name = PROOF[platform.name][0]
    stamp = incoming.headers.get(name) or incoming.query[name]
    return NOW + timedelta(seconds=int(stamp) - int(NOW.timestamp()))


def _listening(platform: Signing) -> Listening:
    return platform.channel
