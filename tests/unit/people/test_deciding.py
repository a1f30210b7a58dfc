"""An approver decides: once, in scope, by the matching number, in the right order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.accounts.account import Role, Status
from recovery_core.cases import completing
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.errors import GoneError, RecoveryError, UnknownError, WrongError
from recovery_core.messages import MessageId
from recovery_core.notices.delivery import Template
from recovery_core.people import deciding, listing
from recovery_core.people.reporting import report
from recovery_core.people.requesting import cancel, request_administrator
from recovery_core.people.rights import NoRightError
from recovery_core.people.statusing import ticket_status
from recovery_core.people.tickets import Reason, Ticket, TicketState
from tests.unit.cases.company import DAVE, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE, TICK
from tests.unit.people.house import (
    FRANK,
    HELPER_ID,
    OTHER_ADMIN,
    SUB_POSTMASTER,
    SUPER,
    PeopleHouse,
    ids,
)

SUPER_ID = f"id-{SUPER}"


async def approve(house: PeopleHouse, ticket: Ticket, who: str = HELPER_ID) -> Ticket:
    """Approve with the right number."""
    return await deciding.approve(house.parts, who, ticket.id, house.number(ticket))


async def test_an_approval_gives_the_person_one_right_to_set_a_password(house: PeopleHouse) -> None:
    """R10, R14: the conversation that asked gets the form; the administrator receives nothing."""
    ticket = await house.requested()
    approved = await approve(house, ticket)

    assert approved.state is TicketState.APPROVED
    assert house.state() is State.PROVEN
    assert house.events() == [Event.REQUEST_APPROVED]
    assert ids(await report(house.parts, HERE, Event.REQUEST_APPROVED)) == [MessageId.REQUEST_APPROVED]
    form = await house.form()
    assert (await house.set(form=form)).state is State.COMPLETED
    with pytest.raises(GoneError):
        await house.set(form=form)


async def test_a_change_after_an_approval_names_the_approval_as_its_method(house: PeopleHouse) -> None:
    """R12: the notice says that a person vouched."""
    await approve(house, await house.requested())
    await house.set()

    (own,) = house.posted(Template.PASSWORD_CHANGED_OWN)
    assert own.variables["method"] == "approval"


async def test_the_right_of_an_approval_lasts_15_minutes(house: PeopleHouse) -> None:
    """R10: at 15 minutes it is over, the case goes back to challenged and may ask again."""
    await approve(house, await house.requested())
    house.clock.move(15 * MINUTE - TICK)
    assert not await completing.expire_grant(house.parts, HERE)
    house.clock.move(TICK)
    assert await completing.expire_grant(house.parts, HERE)

    assert house.state() is State.CHALLENGED
    assert ids(await request_administrator(house.parts, HERE)) == [MessageId.REQUEST_FILED]
    assert len(house.data.tickets) == 2


async def test_whoever_comes_back_too_late_after_an_approval_can_go_on(house: PeopleHouse) -> None:
    """R10, R13: the next word finds the case challenged again, not stuck with a dead right."""
    await approve(house, await house.requested())
    house.clock.move(15 * MINUTE)
    await house.hear("hello, am I late?")

    assert house.state() is State.CHALLENGED
    assert house.case().grant is None


async def test_three_wrong_numbers_refuse_the_request(house: PeopleHouse) -> None:
    """R14: two wrong entries leave it open, the third ends request and case."""
    ticket = await house.requested()
    for left in (2, 1, 0):
        assert house.ticket().is_open
        with pytest.raises(WrongError) as wrong:
            await deciding.approve(house.parts, HELPER_ID, ticket.id, house.wrong_number(ticket))
        assert wrong.value.tries_left == left

    assert house.ticket().reason is Reason.NUMBER_WRONG
    assert house.state() is State.REFUSED
    with pytest.raises(GoneError):
        await approve(house, ticket)
    assert ids(await ticket_status(house.parts, HERE)) == [MessageId.REFUSED_NUMBER_WRONG]


async def test_the_right_number_counts_after_two_wrong_ones(house: PeopleHouse) -> None:
    """R14: the last good value."""
    ticket = await house.requested()
    for _ in range(2):
        with pytest.raises(WrongError):
            await deciding.approve(house.parts, HELPER_ID, ticket.id, "")

    assert (await approve(house, ticket)).state is TicketState.APPROVED


@pytest.mark.parametrize(
    ("address", "who"),
    [
        (DAVE.address, OTHER_ADMIN),
        (DAVE.address, SUPER_ID),
        (FRANK, HELPER_ID),
        (POSTMASTER.address, HELPER_ID),
        (SUB_POSTMASTER, f"id-{SUB_POSTMASTER}"),
        (SUPER, SUPER_ID),
        ("nobody@example.com", HELPER_ID),
    ],
)
async def test_a_request_out_of_scope_is_unknown_and_audited(
    house: PeopleHouse, address: str, who: str
) -> None:
    """R15: another domain's, the owner's, the desk's and nobody's requests: 404 and an audit event."""
    ticket = await house.requested(address)
    for act in (
        approve(house, ticket, who),
        deciding.refuse(house.parts, who, ticket.id, Reason.OTHER),
        deciding.enable(house.parts, who, ticket.id, "because"),
        listing.request(house.parts, who, ticket.id),
    ):
        with pytest.raises(UnknownError):
            await act

    assert house.ticket().is_open
    names = [event.name for event in house.data.chains["operator"]]
    assert names == ["operator:ticket:out_of_scope"] * 4
    assert ticket.id not in {view.ticket.id for view in (await listing.requests(house.parts, who)).items}


@pytest.mark.parametrize("address", [FRANK, SUB_POSTMASTER])
async def test_the_super_administrator_sees_the_groups_domains(house: PeopleHouse, address: str) -> None:
    """R15: requests of the group's employees and postmasters are in gmxxxx's scope."""
    ticket = await house.requested(address)

    (view,) = (await listing.requests(house.parts, SUPER_ID)).items
    assert view.ticket.id == ticket.id
    assert (await approve(house, ticket, SUPER_ID)).decided_by == SUPER_ID


async def test_nobody_decides_on_the_own_account(house: PeopleHouse) -> None:
    """R14: an administrator who asks cannot grant it."""
    ticket = await house.requested()
    house.change("id-dave", role=Role.ADMINISTRATOR)
    with pytest.raises(RecoveryError) as refused:
        await approve(house, ticket, "id-dave")
    assert refused.value.code == "own_account"
    assert (await listing.request(house.parts, "id-dave", ticket.id)).own


@pytest.mark.parametrize("change", [{"role": Role.EMPLOYEE}, {"status": Status.DISABLED}])
async def test_an_administrator_who_lost_the_role_meanwhile_is_refused(
    house: PeopleHouse, change: dict[str, object]
) -> None:
    """R15: the role counts when the button is pressed, not when the page was opened."""
    ticket = await house.requested()
    await listing.request(house.parts, HELPER_ID, ticket.id)
    house.change(HELPER_ID, **change)

    with pytest.raises(NoRightError):
        await approve(house, ticket)
    assert house.ticket().is_open


async def test_of_two_decisions_the_first_wins(house: PeopleHouse) -> None:
    """R14: what is decided stays decided, whoever comes second."""
    ticket = await house.requested()
    await deciding.refuse(house.parts, HELPER_ID, ticket.id, Reason.LEFT_COMPANY)

    with pytest.raises(GoneError):
        await approve(house, ticket)
    with pytest.raises(GoneError):
        await deciding.refuse(house.parts, HELPER_ID, ticket.id, Reason.OTHER)
    assert house.state() is State.REFUSED
    assert ids(await report(house.parts, HERE, Event.REQUEST_REFUSED)) == [MessageId.REFUSED_LEFT_COMPANY]


async def test_nothing_is_approved_after_the_person_cancelled(house: PeopleHouse) -> None:
    """R14: the ticket is withdrawn with its case."""
    ticket = await house.requested()
    await cancel(house.parts, HERE)

    with pytest.raises(GoneError):
        await approve(house, ticket)


async def test_nothing_is_approved_after_the_case_ended_and_before_the_sweep(house: PeopleHouse) -> None:
    """R13: an expired case is over although its ticket still looks open."""
    ticket = await house.requested()
    case = house.case()
    house.data.cases[case.id] = replace(case, state=State.EXPIRED)

    with pytest.raises(GoneError):
        await approve(house, ticket)


async def test_other_requests_stand_beside_the_one_that_is_opened(house: PeopleHouse) -> None:
    """R14: two people ask for the same account; the approver sees both."""
    first = await house.requested()
    second = await house.requested(where=house.talk("there"))

    view = await listing.request(house.parts, HELPER_ID, first.id)
    assert [other.id for other in view.others] == [second.id]
