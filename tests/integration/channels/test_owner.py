"""A messenger's account that the directory knows: spared the address, proving like anybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.channels.port import Capabilities
from portal.channels.port import Person as Known
from recovery_core.cases.flow import State
from tests.fakes import FakeClock
from tests.integration.channels.conftest import Person
from tests.portal_house import PortalHouse

ALICE, BOB = "alice@example.com", "bob@example.com"
FRANK = "frank@sub.group.example"
STAFF_NUMBER_OF_ALICE, STAFF_NUMBER_OF_FRANK = "E1001", "E3101"


async def state(portal: PortalHouse) -> tuple[State, str | None, int]:
    """Return state, address and number of proofs of the newest case."""
    async with portal.house.parts.work.reading() as work:
        case = await work.cases.current(portal.assistant.turns[0].conversation_id)
    assert case is not None
    return case.state, case.address, len(case.proofs)


@pytest.mark.parametrize(
    "known",
    [
        Known(staff_number=STAFF_NUMBER_OF_ALICE),
        Known(mail=ALICE),
        Known(mail="Alice@EXAMPLE.com"),
        Known(staff_number=STAFF_NUMBER_OF_ALICE, mail=ALICE),
        Known(staff_number="unknown-here", mail=ALICE),
    ],
)
async def test_a_known_account_is_asked_about_its_mailbox(
    person: Person, portal: PortalHouse, known: Known
) -> None:
    """Yes is as good as typing the address; the contacts are shown masked, and nothing is proven by it."""
    person.channel.people["u-1"] = known
    asked = (await person.say("I forgot my password"))[0]
    assert asked.text == f"Is this about {ALICE}?"
    assert [choice.name for choice in asked.buttons] == ["yes", "no"]
    offered = (await person.press("yes"))[0]
    assert "•••• 8000" in offered.text
    assert "a•••@backup.example" in offered.text
    assert "13800138000" not in offered.text
    assert [choice.name for choice in offered.buttons] == ["method_sms", "method_mail", "method_questions"]
    assert await state(portal) == (State.IDENTIFIED, ALICE, 0)


@pytest.mark.parametrize(
    "known",
    [
        None,
        Known(),
        Known(staff_number="E9999"),
        Known(mail="nobody@example.com"),
        Known(mail="no address"),
        Known(staff_number=STAFF_NUMBER_OF_ALICE, mail=BOB),
    ],
)
async def test_an_unknown_account_goes_the_anonymous_way(person: Person, known: Known | None) -> None:
    """Nobody, a stranger, or two answers that differ: the address is asked for, contacts stay hidden."""
    if known is not None:
        person.channel.people["u-1"] = known
    asked = (await person.say("I forgot my password"))[0]
    assert "Which mailbox" in asked.text
    assert not asked.buttons
    assert "•••" not in (await person.say(ALICE))[0].text


@pytest.mark.parametrize(
    "known",
    [
        Known(staff_number=STAFF_NUMBER_OF_FRANK),
        Known(mail=FRANK),
        Known(staff_number=STAFF_NUMBER_OF_FRANK, mail=FRANK),
        Known(staff_number=STAFF_NUMBER_OF_ALICE, mail=FRANK),
    ],
)
async def test_a_directory_names_nobody_of_another_company(person: Person, known: Known) -> None:
    """An administrator of one company who gives a member another's number or address learns nothing."""
    person.channel.people["u-1"] = known
    asked = (await person.say("I forgot my password"))[0]
    assert "Which mailbox" in asked.text
    assert "•••" not in (await person.say(FRANK))[0].text


async def test_of_several_domains_none_is_guessed(person: Person, portal: PortalHouse) -> None:
    """Where no domains are set and rekey has several, nobody is named, though the number is alice's alone."""
    messengers = portal.house.furnishing.messengers
    assert messengers is not None
    messengers._worker._owners = replace(messengers._worker._owners, domains={})
    person.channel.people["u-1"] = Known(staff_number=STAFF_NUMBER_OF_ALICE, mail=ALICE)
    assert "Which mailbox" in (await person.say("I forgot my password"))[0].text


async def test_another_mailbox_than_the_own(person: Person, portal: PortalHouse) -> None:
    """No asks for the address; the contacts of somebody else's mailbox are not shown."""
    person.channel.people["u-1"] = Known(mail=ALICE)
    await person.say("I forgot my password")
    assert "Which mailbox is it then?" in (await person.press("no"))[0].text
    assert "•••" not in (await person.say(BOB))[0].text
    assert (await state(portal))[:2] == (State.IDENTIFIED, BOB)


@pytest.mark.parametrize("words", ["yes", "Yes.", "是的。", "1"])
async def test_yes_may_be_written(person: Person, portal: PortalHouse, words: str) -> None:
    """Without buttons the word or the number says yes."""
    person.channel.capabilities = Capabilities(max_text=2000, max_buttons=0)
    person.channel.people["u-1"] = Known(mail=ALICE)
    await person.say("I forgot my password")
    await person.say(words)
    assert (await state(portal))[:2] == (State.IDENTIFIED, ALICE)


async def test_who_left_the_company_is_nobody_any_more(
    person: Person, portal: PortalHouse, clock: FakeClock
) -> None:
    """Half an hour later the directory is asked again; the old button is out of use then."""
    person.channel.people["u-1"] = Known(mail=ALICE)
    await person.say("I forgot my password")
    person.channel.people.clear()
    clock.move(timedelta(minutes=30))
    assert "no longer in use" in (await person.press("yes"))[0].text
    assert (await state(portal))[:2] == (State.OPENED, None)


async def test_a_button_of_somebody_else_is_worth_nothing(person: Person, portal: PortalHouse) -> None:
    """The yes of one conversation is no button of another."""
    person.channel.people |= {"u-1": Known(mail=ALICE), "u-2": Known(mail=BOB)}
    await person.say("I forgot my password")
    yes = person.button("yes")
    other = Person(portal, person.channel, person.http, "u-2")
    await other.say("I forgot my password")
    await other.post({"id": "stolen", "kind": "button", "button": yes})
    assert "no longer in use" in (await other.answered())[0].text
