"""The contract of the port: what every platform, the web widget included, does alike."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.channels.port import (
    Channel,
    ChannelAwayError,
    ChannelRefusedError,
    Choice,
    Event,
    Kind,
    Link,
    Listening,
    Message,
    NotGenuineError,
    NotReadableError,
)
from recovery_core.adapters.catalogue import Catalogue
from tests.integration.channels.platforms import PLATFORMS
from tests.integration.channels.shape import NOW, Act, Platform, Trouble, What

WORDS = Catalogue(Path(__file__).parents[3] / "locale")
LINK = Link("https://rekey.example.com/secure/form-1.mac-of-the-form", "Open the safe page")
CHOICES = (Choice("opaque-1", "method_sms", "Send a code"), Choice("opaque-2", "method_mail", "Send a link"))


@pytest.fixture(params=sorted(PLATFORMS))
async def platform(request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    """Start each platform in turn."""
    async with PLATFORMS[request.param]() as started:
        yield started


async def told(platform: Platform, act: Act) -> Event:
    """Let the platform tell *act*; return the one event of it."""
    events = await platform.act(act)
    assert events is not None
    assert len(events) == 1, events
    return events[0]


async def test_a_text_arrives_as_it_was_written(platform: Platform) -> None:
    """Text, person, chat and moment come through; the moment is aware."""
    event = await told(platform, Act(text="我的密码忘了 <b>&amp; \\n\U0001f512"))
    assert event.kind is Kind.TEXT
    assert event.text == "我的密码忘了 <b>&amp; \\n\U0001f512"
    assert event.button is None
    assert event.tenant
    assert event.account
    assert event.room
    assert event.at is None or event.at.tzinfo is not None


async def test_a_redelivery_is_the_same_event(platform: Platform) -> None:
    """The same event has the same id again, another one another id, and the same person."""
    first, again = await told(platform, Act()), await told(platform, Act())
    other = await told(platform, Act(id="event-2"))
    assert (first.id, first.tenant, first.account) == (again.id, again.tenant, again.account)
    assert other.id != first.id
    assert (other.tenant, other.account, other.room) == (first.tenant, first.account, first.room)


async def test_two_people_are_two_accounts(platform: Platform) -> None:
    """Another person has another account."""
    one, two = await told(platform, Act()), await told(platform, Act(id="event-2", account="E1002"))
    assert one.account != two.account


async def test_a_button_comes_back_by_its_opaque_id(platform: Platform) -> None:
    """A pressed button carries the id that was sent, and no words; not where it comes back as a number."""
    takes = platform.channel.capabilities
    if not takes.max_buttons or takes.buttons_say_numbers:
        return
    event = await told(platform, Act(What.BUTTON, button="opaque-7"))
    assert (event.kind, event.button, event.text) == (Kind.BUTTON, "opaque-7", None)


@pytest.mark.parametrize(
    ("what", "kind"), [(What.PICTURE, Kind.OTHER), (What.GROUP, Kind.GROUP), (What.HELLO, Kind.HELLO)]
)
async def test_what_is_no_text_has_no_content(platform: Platform, what: What, kind: Kind) -> None:
    """Of pictures, group talk and greetings only the kind is told."""
    for event in await platform.act(Act(what)) or ():
        assert (event.kind, event.text, event.button) == (kind, None, None)


@pytest.mark.parametrize("what", [What.EDIT, What.DELETE, What.BOT])
async def test_edits_deletions_and_programs_are_nothing(platform: Platform, what: What) -> None:
    """What was changed afterwards, taken back or written by a bot is no event."""
    assert not await platform.act(Act(what))


async def test_a_message_is_sent_whole(platform: Platform) -> None:
    """The longest text that fits arrives as it is, markup of the platform included."""
    text = "*a* _b_ <c> & `d` 您好。" + "x" * (platform.channel.capabilities.max_text - 30)
    await platform.channel.send(platform.target, Message("m-1", text))
    assert "".join(platform.told()[-1].text.split()) == "".join(text.split())


async def test_buttons_are_sent_with_their_ids(platform: Platform) -> None:
    """Each button carries its opaque id; neither its name nor anything else that means something."""
    takes = platform.channel.capabilities
    if takes.max_buttons < len(CHOICES) or takes.buttons_say_numbers:
        return
    await platform.channel.send(platform.target, Message("m-1", "Choose.", CHOICES))
    said = platform.told()[-1]
    assert list(said.buttons) == ["opaque-1", "opaque-2"]
    assert "Send a code" in said.text
    assert "method_sms" not in said.raw


async def test_a_link_is_a_link(platform: Platform) -> None:
    """A form is a link that a browser opens, and never a field to fill in."""
    link = Link(getattr(platform, "link_url", LINK.url), LINK.title)
    await platform.channel.send(platform.target, Message("m-1", "Set a new password.", (), link))
    said = platform.told()[-1]
    assert said.link == link.url
    assert "Set a new password." in said.text
    assert not [
        word for word in ('"input', "text_input", "plain_text_input", "Input.Text") if word in said.raw
    ]


@pytest.mark.parametrize("trouble", [Trouble.AWAY, Trouble.BUSY, Trouble.WRONG_KEY])
async def test_what_may_be_tried_again(platform: Platform, trouble: Trouble) -> None:
    """A platform that is down, asks to wait or refuses our key today: the message is kept."""
    platform.trouble(trouble)
    with pytest.raises(ChannelAwayError):
        await platform.channel.send(platform.target, Message("m-1", "Hello."))
    platform.trouble(Trouble.NONE)
    await platform.channel.send(platform.target, Message("m-1", "Hello."))
    assert platform.told()[-1].text.strip() == "Hello."


async def test_what_never_will_work(platform: Platform) -> None:
    """Somebody who cannot be written to any more: the message is given up."""
    platform.trouble(Trouble.REFUSED)
    with pytest.raises(ChannelRefusedError):
        await platform.channel.send(platform.target, Message("m-1", "Hello."))


async def test_the_check_speaks_in_words_of_the_catalogue(platform: Platform) -> None:
    """Every finding has words in both languages with exactly its variables, and a wrong key shows."""
    good = await platform.channel.check()
    assert good
    assert all(finding.good for finding in good), good
    platform.trouble(Trouble.WRONG_KEY)
    bad = await platform.channel.check()
    assert not all(finding.good for finding in bad)
    for finding in [*good, *bad]:
        for language in ("en", "zh"):
            assert WORDS.text(finding.key, language, **finding.variables)
        assert WORDS.variables(finding.key) == set(finding.variables)


async def test_nobody_is_known_by_a_strange_account(platform: Platform) -> None:
    """The directory of the platform knows no account that was never there."""
    assert await platform.channel.who(platform.target.tenant, "nobody-of-that-name") is None


async def test_a_forged_request_is_refused(platform: Platform) -> None:
    """Without its proof, or with a body changed by one byte, a request is not genuine."""
    channel, genuine = listening(platform.channel), platform.request(Act())
    if channel is None or genuine is None:
        return
    bare = dataclasses.replace(genuine, headers={"content-type": "application/json"}, query={})
    with pytest.raises((NotGenuineError, NotReadableError)):
        await channel.receive(bare)
    assert (await channel.receive(genuine)).events


async def test_junk_is_refused_and_nothing_else(platform: Platform) -> None:
    """Whatever the body is, it is not genuine or not readable; nothing else is ever raised."""
    channel, genuine = listening(platform.channel), platform.request(Act())
    if channel is None or genuine is None:
        return
    deep = b"[" * 20_000
    for junk in (
        b"",
        b"null",
        b"[]",
        b'{"a":',
        b"\xff\xfe\x00",
        b"<xml/>",
        deep,
        json.dumps("x" * 9000).encode(),
    ):
        with pytest.raises((NotGenuineError, NotReadableError)):
            await channel.receive(dataclasses.replace(genuine, body=junk))


async def test_an_old_proof_is_refused_where_it_has_a_time(platform: Platform) -> None:
    """Ten minutes later the same request is refused, unless the proof of the platform holds no time."""
    channel, genuine = listening(platform.channel), platform.request(Act())
    if channel is None or genuine is None or not getattr(platform, "proof_has_time", True):
        return
    platform.clock.move(timedelta(minutes=10))
    with pytest.raises(NotGenuineError):
        await channel.receive(dataclasses.replace(genuine, at=NOW + timedelta(minutes=10)))


def listening(channel: Channel) -> Listening | None:
    """Return the channel as one that is called, None for one that connects."""
    return channel if isinstance(channel, Listening) else None
