"""What time decides about tickets: decoys, orphans, figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.cases.flow import State
from recovery_core.messages import MessageId
from recovery_core.people import deciding
from recovery_core.people.figures import figures
from recovery_core.people.reporting import report
from recovery_core.people.rights import NoRightError
from recovery_core.people.statusing import ticket_status
from recovery_core.people.tickets import DUE, Kind, Reason, TicketState
from tests.unit.cases.company import CAROL, DAVE, NOBODY
from tests.unit.cases.house import DAY, HERE, MINUTE, TICK
from tests.unit.people.house import HELPER_ID, SUPER, PeopleHouse, ids


async def test_a_decoy_from_the_first_word_to_the_refusal(house: PeopleHouse) -> None:
    """R18: same words, same position, refused with the common code after the median of its kind."""
    real = await house.requested(DAVE.address, house.talk("there"))
    house.clock.move(42 * MINUTE)
    await deciding.approve(house.parts, HELPER_ID, real.id, house.number(real))

    ticket = await house.requested(NOBODY)
    waits, measured = await ticket_status(house.parts, HERE)
    assert dict(waits.variables) == {"number": ticket.number, "position": 1}
    assert dict(measured.variables) == {"count": 1, "median": 42, "p90": 42}

    await house.sweep(42 * MINUTE - TICK)
    assert house.ticket().is_open
    await house.sweep(TICK)
    assert house.ticket().reason is Reason.NOT_MATCHED
    assert house.state() is State.REFUSED
    (event,) = house.events()
    assert ids(await report(house.parts, HERE, event)) == [MessageId.REFUSED_NOT_MATCHED]
    assert ids(await ticket_status(house.parts, HERE)) == [MessageId.REFUSED_NOT_MATCHED]


async def test_a_decoy_waits_a_third_of_its_time_while_nothing_is_measured(house: PeopleHouse) -> None:
    """R18: the first decoy is refused too, and not at once."""
    await house.requested(NOBODY)
    await house.sweep(DUE[Kind.RESET] / 3 - TICK)
    assert house.ticket().is_open
    await house.sweep(TICK)
    assert house.ticket().state is TicketState.REFUSED


async def test_positions_count_decoys(house: PeopleHouse) -> None:
    """R18: who stands behind a decoy is one place further back."""
    await house.requested(NOBODY, house.talk("there"))
    house.clock.move(MINUTE)
    await house.requested(DAVE.address)

    (waits, _) = await ticket_status(house.parts, HERE)
    assert waits.variables["position"] == 2


async def test_a_decoy_without_documents_waits_like_a_real_review(house: PeopleHouse) -> None:
    """R18: nothing is refused before the documents are sent."""
    await house.ask_above("gm9999@group.example")
    await house.ask_above(SUPER, house.talk("there"))
    await house.sweep(10 * DAY)

    assert {t.state for t in house.data.tickets.values()} == {TicketState.WAITING}


@pytest.mark.parametrize(
    ("state", "end", "reason"),
    [
        (State.CANCELLED, TicketState.WITHDRAWN, None),
        (State.EXPIRED, TicketState.WITHDRAWN, None),
        (State.FROZEN, TicketState.REFUSED, Reason.VETOED),
    ],
)
async def test_a_ticket_ends_as_its_case_did(
    house: PeopleHouse, state: State, end: TicketState, reason: Reason | None
) -> None:
    """R18: the sweep leaves no ticket to a case that has ended."""
    await house.requested()
    case = house.case()
    house.data.cases[case.id] = case.move(state, house.clock.now())
    await house.sweep()

    assert (house.ticket().state, house.ticket().reason) == (end, reason)


async def test_an_approved_ticket_is_closed_when_the_person_is_back(house: PeopleHouse) -> None:
    """R18: done is done."""
    ticket = await house.requested()
    await deciding.approve(house.parts, HELPER_ID, ticket.id, house.number(ticket))
    await house.set()
    await house.sweep()

    assert house.ticket().state is TicketState.CLOSED


async def test_an_enabled_account_that_expires_keeps_its_decision(house: PeopleHouse) -> None:
    """R18: when the case ends later, the ticket still says by whom it was approved."""
    await house.proven(CAROL.address)
    await report(house.parts, HERE, "gateway_code_right")
    ticket = house.ticket()
    await deciding.enable(house.parts, HELPER_ID, ticket.id, "back")
    house.data.cases[house.case().id] = house.case().move(State.EXPIRED, house.clock.now())
    await house.sweep()

    assert (house.ticket().state, house.ticket().decided_by) == (TicketState.CLOSED, HELPER_ID)


async def test_the_figures_leave_decoys_out(house: PeopleHouse) -> None:
    """R18: counts and spans are of real requests."""
    start = house.clock.now()
    ticket = await house.requested()
    house.clock.move(10 * MINUTE)
    await deciding.refuse(house.parts, HELPER_ID, ticket.id, Reason.LEFT_COMPANY)
    await house.requested(NOBODY, house.talk("there"))
    await house.sweep(5 * DAY)

    found = await figures(house.parts, "auditor1", start, start + timedelta(days=10))
    assert found.refusals == {Reason.LEFT_COMPANY: 1}
    assert found.waiting[Kind.RESET].median == 10 * MINUTE
    with pytest.raises(NoRightError):
        await figures(house.parts, HELPER_ID, start, start + DAY)
