"""A chat that others come to read: what was said there opens nothing any more, and no link follows."""

from __future__ import annotations

from tests.integration.channels.conftest import Person, holds
from tests.integration.channels.test_forms import proven
from tests.portal_house import PortalHouse

PRIVATELY = "Others read along here"


async def test_links_die_when_a_chat_is_opened(person: Person, portal: PortalHouse) -> None:
    """The password form answers 410 as soon as the platform was told that its event is stored."""
    path = await proven(person, portal)
    stranger = await portal.client()
    assert (await stranger.get(path)).status == 200
    assert await person.post({"id": "third", "kind": "exposed"}) == 200
    assert (await stranger.get(path)).status == 410
    await holds(lambda: PRIVATELY in person.messages()[-1].text)


async def test_an_older_chat_counts_too(person: Person, portal: PortalHouse) -> None:
    """Links are as good where they were said first; nothing is said in a chat that is not the newest."""
    path = await proven(person, portal)
    before = len(person.messages())
    assert await person.post({"id": "third", "kind": "exposed", "room": "an older one"}) == 200
    assert (await (await portal.client()).get(path)).status == 410
    await person.say("hello")
    assert not any(PRIVATELY in message.text for message in person.messages()[before:])


async def test_a_chat_of_somebody_else_ends_nothing(person: Person, portal: PortalHouse) -> None:
    """Only the links of whoever opened a chat die; somebody unknown has none."""
    path = await proven(person, portal)
    assert await person.post({"id": "other", "kind": "exposed", "account": "u-9"}) == 200
    assert (await (await portal.client()).get(path)).status == 200


async def test_no_link_is_said_where_others_read(person: Person, portal: PortalHouse) -> None:
    """The platform finds a third just before sending: the form dies unsaid, and the chat is told why."""
    await person.say("I forgot my password, bob@example.com")
    await person.press("method_sms")
    code, links = await portal.code(), len([m for m in person.messages() if m.link])
    earlier = person.link()
    person.channel.overheard = True
    assert await person.post({"id": "code", "text": code}) == 200
    await holds(lambda: PRIVATELY in person.messages()[-1].text)
    assert len([m for m in person.messages() if m.link]) == links
    assert (await (await portal.client()).get(earlier)).status == 410
    person.channel.overheard = False
    person.seen = len(person.messages())
    await person.say("I forgot my password")
    await holds(lambda: person.link() != earlier)
    assert (await (await portal.client()).get(person.link())).status == 200
