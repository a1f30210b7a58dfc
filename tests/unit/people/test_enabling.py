"""A disabled account: enabled first, then reset, and who learns of it."""

from __future__ import annotations

import pytest

from recovery_core.accounts.account import Status
from recovery_core.audit import AuditName
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.cases.proving import Try
from recovery_core.errors import RecoveryError
from recovery_core.messages import MessageId
from recovery_core.notices.delivery import Template
from recovery_core.people import deciding, listing
from recovery_core.people.reporting import report
from recovery_core.people.tickets import Kind, Ticket, TicketState
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import CAROL
from tests.unit.cases.house import DAY, HERE, MINUTE
from tests.unit.people.house import (
    HELPER_ID,
    PeopleHouse,
    ids,
)


async def approve(house: PeopleHouse, ticket: Ticket, who: str = HELPER_ID) -> Ticket:
    """Approve with the right number."""
    return await deciding.approve(house.parts, who, ticket.id, house.number(ticket))


async def test_a_disabled_account_is_enabled_first_then_reset(house: PeopleHouse) -> None:
    """R10: approving is refused while it is disabled, also by a direct call; after enabling it works."""
    ticket = await house.requested(CAROL.address)
    assert not (await listing.request(house.parts, HELPER_ID, ticket.id)).may_approve
    with pytest.raises(RecoveryError) as refused:
        await approve(house, ticket)
    assert refused.value.code == "still_disabled"

    await deciding.enable(house.parts, HELPER_ID, ticket.id, "back from leave")

    assert house.ticket().is_open
    assert (await approve(house, ticket)).state is TicketState.APPROVED
    assert (await house.set()).state is State.COMPLETED


async def proven_disabled(house: PeopleHouse) -> Ticket:
    """Prove a disabled account; the request to enable it opens by itself."""
    await house.proven(CAROL.address)
    assert ids(await report(house.parts, HERE, Event.CODE_RIGHT)) == [MessageId.DISABLED_REQUEST_FILED]
    return house.ticket()


async def test_a_proof_on_a_disabled_account_asks_its_administrator(house: PeopleHouse) -> None:
    """R10: only after the proof the person is told, and a request to enable stands open."""
    ticket = await proven_disabled(house)

    assert (ticket.kind, ticket.proofs) == (Kind.ENABLE, "sms")
    with pytest.raises(RecoveryError) as refused:
        await approve(house, ticket)
    assert refused.value.code == "wants_enabling"


async def test_enabling_asks_one_fresh_proof(house: PeopleHouse) -> None:
    """R10: escalated to challenged; the old proof gives nothing, a fresh one gives the grant."""
    ticket = await proven_disabled(house)
    await deciding.enable(house.parts, HELPER_ID, ticket.id, "back from leave")

    assert house.state() is State.CHALLENGED
    assert house.data.accounts["id-carol"].status is Status.ACTIVE
    assert ids(await report(house.parts, HERE, Event.ACCOUNT_ENABLED)) == [MessageId.ACCOUNT_ENABLED]
    house.clock.move(2 * MINUTE)
    await house.ask(Method.SMS)
    assert (await house.try_code(house.code())).outcome is Try.RIGHT
    assert house.state() is State.PROVEN


async def test_news_reach_the_contact_proven_in_the_case_and_no_other(house: PeopleHouse) -> None:
    """R18: the phone that gave the proof is told, also hours later; the backup mailbox is not."""
    ticket = await proven_disabled(house)
    house.clock.move(DAY)
    await house.hear("hello?")
    await deciding.enable(house.parts, HELPER_ID, ticket.id, "back from leave")

    assert [news.to for news in house.posted(Template.TICKET_NEWS)] == [CAROL.phone]


async def test_news_of_an_unproven_request_reach_the_chat_alone(house: PeopleHouse) -> None:
    """R18: never an account's contacts at a stranger's wish."""
    await approve(house, await house.requested("alice@example.com"))

    assert house.posted(Template.TICKET_NEWS) == []


@pytest.mark.parametrize("reason", ["", "   "])
async def test_enabling_wants_a_reason(house: PeopleHouse, reason: str) -> None:
    """R15: no reason, no enabling."""
    ticket = await house.requested(CAROL.address)
    with pytest.raises(RecoveryError) as refused:
        await deciding.enable(house.parts, HELPER_ID, ticket.id, reason)
    assert refused.value.code == "reason_missing"


async def test_a_password_in_a_reason_is_hidden(house: PeopleHouse) -> None:
    """R16: masking applies to what administrators write, too."""
    ticket = await house.requested(CAROL.address)
    await deciding.enable(house.parts, HELPER_ID, ticket.id, "the password is Tr0ub4dor&3x")

    assert "Tr0ub4dor" not in repr([note.text for note in house.data.notes])


async def test_the_console_shows_who_disabled_the_account_and_why(house: PeopleHouse) -> None:
    """R15: since when, by whom and for what reason."""
    ticket = await house.requested(CAROL.address)
    since = house.data.status_at["id-carol"] = house.clock.now() - DAY
    async with house.work() as work:
        said = {"account": "id-carol", "by": "id-helper", "reason": "left on leave"}
        await work.audit.append("operator", AuditName.ACCOUNT_DISABLED, since, said)
        await work.commit()

    view = await listing.request(house.parts, HELPER_ID, ticket.id)
    assert (view.disabled_since, view.disabled_by, view.disabled_why) == (since, "id-helper", "left on leave")
