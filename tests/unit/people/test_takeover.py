"""Somebody else got in: what a contact can stop, and what a stranger cannot."""

from __future__ import annotations

from recovery_core.cases.flow import State
from recovery_core.cases.vetoing import VetoOutcome
from recovery_core.messages import MessageId
from recovery_core.notices.delivery import Template
from recovery_core.people import desk, takeover
from recovery_core.people.statusing import ticket_status
from recovery_core.people.tickets import Kind, Priority, TicketState
from tests.unit.cases.house import DAY, HERE
from tests.unit.people.house import PeopleHouse, ids


def veto_of(house: PeopleHouse) -> str:
    """Return the token in the newest mail to the backup mailbox."""
    mails = [d for d in house.posted(Template.PASSWORD_CHANGED) if "veto_link" in d.variables]
    return mails[-1].variables["veto_link"].rpartition("/")[2]


async def test_a_revoked_recovery_opens_an_urgent_ticket(house: PeopleHouse) -> None:
    """R12: completed to revoked, and the desk finds it first in its queue."""
    await house.reviewed(where=house.talk("there"))
    await house.completed()
    assert await takeover.veto(house.parts, veto_of(house)) is VetoOutcome.REVOKED

    first, *_ = (await desk.queue(house.parts, "agent1")).items
    assert (first.kind, first.priority, first.case_id) == (Kind.TAKEOVER, Priority.URGENT, house.case().id)
    assert house.state() is State.REVOKED
    await house.sweep(DAY)
    assert house.ticket(kind=Kind.TAKEOVER).is_open


async def test_a_second_hold_in_30_days_only_opens_a_ticket(house: PeopleHouse) -> None:
    """R12: one automatic hold per account; the next veto stops nothing but people look at it."""
    await house.completed()
    await takeover.veto(house.parts, veto_of(house))
    there = house.talk("there")
    house.change("id-alice", two_methods_required=False)
    house.clock.move(DAY)
    await house.proven(where=there)
    await house.set("Cedar&Brook88", there)
    assert await takeover.veto(house.parts, veto_of(house)) is VetoOutcome.NOTED

    assert house.state(there) is State.COMPLETED
    assert house.ticket(there).kind is Kind.TAKEOVER


async def test_a_strangers_report_blocks_nothing(house: PeopleHouse) -> None:
    """R12: without a proof there is no ticket and no hold, only what helps."""
    await house.identify()
    before = house.data.accounts["id-alice"]
    said = await takeover.report_takeover(house.parts, HERE)

    assert ids(said) == [MessageId.REPORT_TAKEOVER, MessageId.REMIND_METHOD]
    assert house.data.tickets == {}
    assert house.data.accounts["id-alice"] == before
    assert ids(await takeover.report_takeover(house.parts, house.talk("x"))) == [MessageId.REPORT_TAKEOVER]


async def test_a_report_after_a_proof_opens_an_urgent_ticket_once(house: PeopleHouse) -> None:
    """R12: the person goes on to set a new password, and people look at it."""
    await house.proven()
    for _ in range(2):
        said = await takeover.report_takeover(house.parts, HERE)
        assert ids(said) == [MessageId.TAKEOVER_FILED, MessageId.REMIND_PASSWORD]

    assert len(house.data.tickets) == 1
    assert ids(await ticket_status(house.parts, HERE))[0] is MessageId.TAKEOVER_FILED
    assert (await house.set()).state is State.COMPLETED


async def test_the_desk_closes_a_takeover_with_no_vote(house: PeopleHouse) -> None:
    """R12: one agent decides what is left to do."""
    await house.proven()
    await takeover.report_takeover(house.parts, HERE)
    ticket = house.ticket()

    assert (await desk.close(house.parts, "agent1", ticket.id)).state is TicketState.CLOSED
