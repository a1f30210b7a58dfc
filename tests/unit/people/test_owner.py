"""The owner of the cloud account decides by a mail link and the number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.cases.flow import State
from recovery_core.errors import GoneError, UnknownError, WrongError
from recovery_core.messages import FormPurpose
from recovery_core.notices.delivery import Template
from recovery_core.people import deciding, listing
from recovery_core.people.tickets import Reason
from tests.unit.cases.company import DAVE, POSTMASTER
from tests.unit.cases.house import DAY, TICK
from tests.unit.people.house import (
    PeopleHouse,
)


def link_of(house: PeopleHouse) -> str:
    """Return the token of the owner's mail."""
    return house.posted(Template.OWNER_APPROVAL)[0].variables["approval_link"].rpartition("/")[2]


async def test_the_owner_approves_by_a_link_and_the_number(house: PeopleHouse) -> None:
    """R14: case 5; the link alone is not enough."""
    ticket = await house.requested(POSTMASTER.address)
    token = link_of(house)
    (view,) = (await listing.owner_requests(house.parts, token)).items

    with pytest.raises(WrongError):
        await deciding.approve_by_link(house.parts, token, ticket.id, house.wrong_number(ticket))
    await deciding.approve_by_link(house.parts, token, view.ticket.id, house.number(ticket))
    assert house.state() is State.PROVEN
    assert await house.form(FormPurpose.PASSWORD)


async def test_an_owners_link_opens_nothing_else(house: PeopleHouse) -> None:
    """R15: a forged token is unknown, a real one reaches the owner's requests only."""
    await house.requested(POSTMASTER.address)
    other = await house.requested(DAVE.address, house.talk("there"))
    token = link_of(house)

    with pytest.raises(UnknownError):
        await listing.owner_requests(house.parts, token + "x")
    with pytest.raises(UnknownError):
        await deciding.refuse_by_link(house.parts, token, other.id, Reason.OTHER)


@pytest.mark.parametrize("contact", ["new-owner@cloud.example", None])
async def test_an_owners_link_ends_with_the_owner(house: PeopleHouse, contact: str | None) -> None:
    """R14: whoever is no longer the domain's contact holds a link that was never issued."""
    ticket = await house.requested(POSTMASTER.address)
    token = link_of(house)
    house.data.domains["example.com"] = replace(house.data.domains["example.com"], owner_contact=contact)

    with pytest.raises(UnknownError):
        await listing.owner_requests(house.parts, token)
    with pytest.raises(UnknownError):
        await deciding.approve_by_link(house.parts, token, ticket.id, house.number(ticket))


async def test_an_owners_link_ends_when_the_request_is_due(house: PeopleHouse) -> None:
    """R14: three working days (Monday morning to Thursday morning)."""
    await house.requested(POSTMASTER.address)
    token = link_of(house)
    house.clock.move(3 * DAY - TICK)
    assert (await listing.owner_requests(house.parts, token)).items
    house.clock.move(TICK)
    with pytest.raises(GoneError):
        await listing.owner_requests(house.parts, token)
