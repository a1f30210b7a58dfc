"""What rekey sends to the platforms that simulate Slack, Feishu, WeCom and Teams when they fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.channels.port import ChannelAwayError, ChannelRefusedError, Message, Person
from tests.integration.channels.feishu_platform import FeishuPlatform, feishu
from tests.integration.channels.shape import NOW
from tests.integration.channels.slack_platform import SlackPlatform, slack
from tests.integration.channels.teams_platform import TeamsPlatform, teams
from tests.integration.channels.wecom_platform import WecomPlatform, wecom
from tests.peers.simulated import Fault

Calling = SlackPlatform | FeishuPlatform | WecomPlatform | TeamsPlatform
START = {"slack": slack, "feishu": feishu, "wecom": wecom, "teams": teams}
SAYING = {
    "slack": "/chat.postMessage",
    "feishu": "/im/v1/messages",
    "wecom": "/message/send",
    "teams": "/activities",
}
SIGNING_IN = {
    "feishu": "/open-apis/auth/v3/tenant_access_token/internal",
    "wecom": "/cgi-bin/gettoken",
    "teams": "/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/oauth2/v2.0/token",
}
KEY = {"slack": "bot_token", "feishu": "app_secret", "wecom": "secret", "teams": "client_secret"}
HELLO = Message("m-1", "Hello.")


@pytest.fixture(params=sorted(START))
async def platform(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Calling]:
    """Start each platform with its secrets in files."""
    async with START[request.param](tmp_path) as started:
        yield started


async def away(platform: Calling, message: Message = HELLO) -> ChannelAwayError:
    """Return why *message* is to be sent later."""
    with pytest.raises(ChannelAwayError) as caught:
        await platform.channel.send(platform.target, message)
    return caught.value


def said(platform: Calling) -> int:
    """Return how many tries of saying something the platform saw."""
    return len([call for call in platform.peer.calls if call.path.endswith(SAYING[platform.name])])


async def test_too_many_requests_name_the_seconds(platform: Calling) -> None:
    """429 with Retry-After: later, and when; WeCom has a code of its own and no seconds."""
    if isinstance(platform, WecomPlatform):
        platform.peer.faults.append(
            Fault(200, {}, {"errcode": 45033, "errmsg": "api concurrent out of limit"})
        )
        assert (await away(platform)).retry_after is None
    else:
        platform.peer.faults.append(Fault(429, {"Retry-After": "7"}))
        assert (await away(platform)).retry_after == 7
    await platform.channel.send(platform.target, HELLO)
    assert len(platform.told()) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_failure_of_the_server_passes(platform: Calling, status: int) -> None:
    """5xx is tried again by whoever keeps the message, not here."""
    platform.peer.faults.append(Fault(status))
    await away(platform)
    assert said(platform) == 1


async def test_a_cut_connection_passes(platform: Calling) -> None:
    """Nobody knows whether it was said: the message is kept."""
    platform.peer.faults.append(Fault(cut=True))
    assert (await away(platform)).reason == "unreachable"
    await platform.channel.send(platform.target, HELLO)


async def test_a_second_try_after_a_lost_answer(platform: Calling) -> None:
    """Feishu drops the double by its id; on the others the platform has no way to."""
    platform.peer.faults.append(Fault(cut=True, done=True))
    await away(platform)
    await platform.channel.send(platform.target, HELLO)
    assert len(platform.told()) == (1 if platform.channel.capabilities.same_id_once else 2)


async def test_an_answer_that_is_none_passes(platform: Calling) -> None:
    """A page of a proxy instead of JSON is no refusal; the status of Teams' connector alone says it."""
    if isinstance(platform, TeamsPlatform):
        return
    platform.peer.faults.append(Fault(200, {}, {}))
    await away(platform)


async def test_a_refusal_is_a_refusal(platform: Calling) -> None:
    """What the platform will not take whenever it is sent is given up."""
    refusals = {
        "slack": Fault(200, {}, {"ok": False, "error": "is_archived"}),
        "feishu": Fault(400, {}, {"code": 230013, "msg": "Bot has NO availability to this user."}),
        "wecom": Fault(200, {}, {"errcode": 81013, "errmsg": "user & party & tag all invalid"}),
        "teams": Fault(404, {}, {"error": {"code": "ConversationNotFound"}}),
    }
    platform.peer.faults.append(refusals[platform.name])
    with pytest.raises(ChannelRefusedError):
        await platform.channel.send(platform.target, HELLO)


async def test_an_expired_token_is_replaced(platform: Calling) -> None:
    """A token that the platform took back leads to a new one and one message, unseen by anybody."""
    if isinstance(platform, SlackPlatform):
        return
    await platform.channel.send(platform.target, HELLO)
    platform.peer.expire()
    await platform.channel.send(platform.target, Message("m-2", "Again."))
    assert [told.text for told in platform.told()] == ["Hello.", "Again."]
    assert len(platform.peer.asked(SIGNING_IN[platform.name])) == 2


async def test_a_token_is_fetched_once_for_many(platform: Calling) -> None:
    """Fifty messages at once sign in once; hours later once more."""
    if isinstance(platform, SlackPlatform):
        return
    await asyncio.gather(
        *(platform.channel.send(platform.target, Message(f"m-{number}", "Hi.")) for number in range(50))
    )
    assert len(platform.peer.asked(SIGNING_IN[platform.name])) == 1
    platform.clock.move(timedelta(hours=3))
    await platform.channel.send(platform.target, HELLO)
    assert len(platform.peer.asked(SIGNING_IN[platform.name])) == 2


async def test_refused_credentials_keep_the_message(platform: Calling) -> None:
    """Until an operator has mended them; the platform is asked twice at most."""
    platform.peer.locked = True
    assert (await away(platform)).reason == "sign_in"
    assert len(platform.peer.calls) <= 4


async def test_a_rotated_key_counts_without_a_restart(platform: Calling, tmp_path: Path) -> None:
    """The vendor's console gives a new one, the file changes, and the next message goes out."""
    await platform.channel.send(platform.target, HELLO)
    platform.peer.rotate("new")
    assert (await away(platform)).reason == "sign_in"
    (tmp_path / KEY[platform.name]).write_text("new")
    await platform.channel.send(platform.target, Message("m-2", "Hello."))
    assert len(platform.told()) == 2


async def test_the_directory_vouches_for_people(platform: Calling) -> None:
    """Mail and number come from fields that people do not set themselves; who left is nobody."""
    known = await platform.channel.who(platform.target.tenant, platform.target.account)
    number = None if isinstance(platform, SlackPlatform) else "E1001"
    assert known == Person(number, "alice@example.com")
    assert await platform.channel.who("another-tenant", platform.target.account) is None or isinstance(
        platform, FeishuPlatform
    )


async def test_a_directory_that_is_away_is_not_nobody(platform: Calling) -> None:
    """Asked later it may know the person."""
    platform.peer.standing = Fault(503)
    with pytest.raises(ChannelAwayError):
        await platform.channel.who(platform.target.tenant, platform.target.account)


async def test_a_directory_that_is_closed_knows_nobody(platform: Calling) -> None:
    """Without the permission everybody goes the anonymous way, and the check says so."""
    if isinstance(platform, SlackPlatform):
        platform.peer.scopes.discard("users:read")
    elif isinstance(platform, WecomPlatform):
        platform.peer.trusted = False
    else:
        platform.peer.may_read_directory = False
    assert await platform.channel.who(platform.target.tenant, platform.target.account) is None
    keys = {finding.key for finding in await platform.channel.check() if not finding.good}
    expected = "address_not_trusted" if isinstance(platform, WecomPlatform) else "not_directory"
    assert keys == {f"channel.check.{expected}"}


async def test_a_platform_that_is_away_is_said_to_be(platform: Calling) -> None:
    """The check names the host that does not answer, and never raises."""
    platform.peer.standing = Fault(503)
    findings = await platform.channel.check()
    assert [(finding.good, finding.key) for finding in findings] == [(False, "channel.check.not_reachable")]
    assert findings[0].variables == {"host": "127.0.0.1"}


async def test_typing_is_shown_or_nothing(platform: Calling) -> None:
    """Where the platform can show it, it does; a failure of it is nobody's matter."""
    await platform.channel.typing(platform.target)
    assert bool(platform.peer.calls) == platform.channel.capabilities.typing
    platform.peer.standing = Fault(500)
    await platform.channel.typing(platform.target)


@pytest.mark.parametrize(
    ("apart", "told"), [(29, []), (30, [True]), (300, [True]), (301, [False]), (600, [False])]
)
async def test_clocks_that_differ_are_said_to(platform: Calling, apart: int, told: list[bool]) -> None:
    """From half a minute on, and as a failure beyond five minutes, in whatever direction."""
    for sign in (1, -1):
        platform.peer.date = NOW + sign * timedelta(seconds=apart)
        found = [f for f in await platform.channel.check() if f.key == "channel.check.clock"]
        assert [finding.good for finding in found] == told
        assert [finding.variables for finding in found] == [{"seconds": str(apart)}] * len(told)
