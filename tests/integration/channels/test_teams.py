"""Teams: who is heard, and where the answer goes."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest

from portal.channels.port import (
    ChannelRefusedError,
    Incoming,
    Kind,
    Message,
    NotGenuineError,
    NotReadableError,
    Target,
)
from tests.integration.channels.shape import NOW
from tests.integration.channels.teams_platform import TeamsPlatform, teams
from tests.peers.teams import TENANT, object_id

KEYS = "/openid/keys"


@pytest.fixture
async def platform() -> AsyncIterator[TeamsPlatform]:
    """Start an organisation."""
    async with teams() as started:
        yield started


async def refused(platform: TeamsPlatform, incoming: Incoming) -> str:
    """Return why *incoming* is not genuine."""
    with pytest.raises(NotGenuineError) as caught:
        await platform.channel.receive(incoming)
    return caught.value.reason


def request(platform: TeamsPlatform, token: str | None = None, **changes: object) -> Incoming:
    """Return a request with *token* and an activity changed by *changes*."""
    return platform.peer.signed(platform.peer.activity(**changes), platform.clock.now(), token)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"channelId": "webchat"}, "channel"),
        ({"serviceUrl": "https://evil.example/"}, "service_url"),
        ({"serviceUrl": None}, "service_url"),
        ({"channelData": {"tenant": {"id": "other"}}}, "tenant"),
        ({"channelData": {}, "conversation": {"conversationType": "personal", "id": "a"}}, "tenant"),
    ],
)
async def test_an_activity_that_the_token_is_not_for(
    platform: TeamsPlatform, changes: dict[str, Any], reason: str
) -> None:
    """The channel, the service address and the organisation have to be the right ones."""
    assert await refused(platform, request(platform, **changes)) == reason


async def test_other_tenants_are_not_served(platform: TeamsPlatform) -> None:
    """A bot that was installed elsewhere hears nothing from there."""
    chat = {"conversationType": "personal", "id": "a:1", "tenantId": "other"}
    incoming = request(platform, conversation=chat, channelData={"tenant": {"id": "other"}})
    assert await refused(platform, incoming) == "tenant"


@pytest.mark.parametrize(
    "host", ["https://evil.example/", "https://x.trafficmanager.net/", "ftp://x", "http://["]
)
async def test_our_token_goes_to_teams_alone(platform: TeamsPlatform, host: str) -> None:
    """Even an address that a token names is refused if it is none of Teams', and none is ever written to."""
    token = platform.peer.token(NOW, serviceurl=host)
    assert await refused(platform, request(platform, token, serviceUrl=host)) == "service_url"
    to = dataclasses.replace(platform.target, address={"service_url": host})
    with pytest.raises(ChannelRefusedError):
        await platform.channel.send(to, Message("m", "Hello."))
    await platform.channel.typing(to)


async def test_a_text_with_its_html_double_is_a_text(platform: TeamsPlatform) -> None:
    """Teams adds rich text as an attachment; a file beside a text is a file."""
    rich = [{"contentType": "text/html", "content": "<div>hi</div>"}]
    assert (await platform.channel.receive(request(platform, attachments=rich))).events[0].kind is Kind.TEXT
    file = [*rich, {"contentType": "application/vnd.microsoft.teams.file.download.info"}]
    received = await platform.channel.receive(request(platform, id="2", attachments=file))
    assert [event.kind for event in received.events] == [Kind.OTHER]


async def test_an_event_knows_where_the_answer_goes(platform: TeamsPlatform) -> None:
    """Service address, bot and person come along, and the locale."""
    event = (await platform.channel.receive(request(platform))).events[0]
    assert event.locale == "zh-CN"
    assert event.account == object_id("E1001")
    to = Target(event.tenant, event.account, event.room, event.address)
    await platform.channel.send(to, Message("m", "{braces} & <tags>"))
    sent = platform.peer.took[-1]
    assert sent.path == "/emea/v3/conversations/a:chat-E1001/activities"
    assert sent.body["recipient"] == {"id": "29:1E1001"}
    assert "text" not in sent.body  # Teams would drop what stands in braces; a card does not
    assert platform.told()[-1].text == "{braces} & <tags>"


async def test_a_group_that_does_not_mean_us_is_nothing(platform: TeamsPlatform) -> None:
    """Only who names the bot gets an answer in a channel."""
    group = {"conversationType": "channel", "id": "19:x", "tenantId": TENANT}
    assert not (await platform.channel.receive(request(platform, conversation=group))).events


async def test_who_is_disabled_or_a_guest_is_nobody(platform: TeamsPlatform) -> None:
    """The directory's mail of a guest is no mail of the company."""
    channel, peer = platform.channel, platform.peer
    peer.person(object_id("E2"), "x@example.com", "E2", accountEnabled=False)
    peer.person(object_id("E3"), "x@example.com", "E3", userType="Guest")
    assert await channel.who(TENANT, object_id("E2")) is None
    assert await channel.who(TENANT, object_id("E3")) is None
    assert await channel.who(TENANT, "29:1E1001") is None


async def test_what_is_no_activity_is_not_readable(platform: TeamsPlatform) -> None:
    """A genuine token with a body of something else."""
    incoming = request(platform)
    for body in (b"", b"[]", b"{"):
        with pytest.raises(NotReadableError):
            await platform.channel.receive(dataclasses.replace(incoming, body=body))
