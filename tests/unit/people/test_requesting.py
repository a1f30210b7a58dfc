"""Somebody above is asked: the right one, once, with words that never tell which."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.cases.flow import State
from recovery_core.conversations.conversation import LineKind
from recovery_core.messages import MessageId
from recovery_core.notices.delivery import Template
from recovery_core.people.matching import is_match, match_number, shown_number
from recovery_core.people.requesting import cancel, request_administrator, request_review
from recovery_core.people.statusing import ticket_status
from recovery_core.people.tickets import Kind, Lane, TicketState
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import CAROL, DAVE, NOBODY, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE
from tests.unit.people.house import FRANK, OWNER, SUB_POSTMASTER, SUPER, PeopleHouse, ids

WAYS = [
    (DAVE.address, Kind.RESET, Lane.ADMINISTRATOR),
    (FRANK, Kind.RESET, Lane.ADMINISTRATOR),
    (POSTMASTER.address, Kind.OWNER_APPROVAL, Lane.OWNER),
    (SUB_POSTMASTER, Kind.SUPER_APPROVAL, Lane.SUPER),
    (SUPER, Kind.REVIEW, Lane.DESK),
    (NOBODY, Kind.RESET, Lane.NOBODY),
    ("gm9999@group.example", Kind.REVIEW, Lane.NOBODY),
    ("x@nowhere.example", Kind.RESET, Lane.NOBODY),
]


@pytest.mark.parametrize(("address", "kind", "lane"), WAYS)
async def test_a_request_goes_to_whoever_stands_above(
    house: PeopleHouse, address: str, kind: Kind, lane: Lane
) -> None:
    """R14: role and edition choose kind and lane; an address without an account goes to nobody (R18)."""
    ticket = await house.requested(address)

    assert (ticket.kind, ticket.lane) == (kind, lane)
    assert house.state() is State.ESCALATED


@pytest.mark.parametrize("address", [DAVE.address, POSTMASTER.address, SUB_POSTMASTER, CAROL.address, NOBODY])
async def test_the_words_never_tell_which_way_a_request_went(house: PeopleHouse, address: str) -> None:
    """R2: an administrator, an employee, a disabled account and nobody hear the same."""
    assert ids(await house.ask_above(address)) == [MessageId.REQUEST_FILED]
    assert ids(await ticket_status(house.parts, HERE)) == [MessageId.REQUEST_WAITS, MessageId.NOT_MEASURED]
    assert house.shown() == ["gateway.match_number"]
    assert ids(await request_review(house.parts, HERE)) == [MessageId.REVIEW_LATER]


@pytest.mark.parametrize("address", [SUPER, "gm9999@group.example"])
async def test_a_super_administrator_is_asked_for_documents_at_once(house: PeopleHouse, address: str) -> None:
    """R2, R17: nobody stands above; the form of the typed address decides the words, not the directory."""
    assert ids(await house.ask_above(address)) == [MessageId.REVIEW_OPENED]
    assert house.ticket().state is TicketState.WAITING


@pytest.mark.parametrize("address", [POSTMASTER.address, NOBODY, CAROL.address])
async def test_a_request_costs_the_same_for_everybody(house: PeopleHouse, address: str) -> None:
    """R2: the same calls of the store and as many outbox rows of the same size, delivered or not."""
    other = PeopleHouse()
    for each, who in ((house, address), (other, DAVE.address)):
        await each.identify(who)
        each.work.calls.clear()
        await request_administrator(each.parts, HERE)

    assert house.work.calls == other.work.calls
    rows, others = (sorted(r.size for r in h.data.outbox.values()) for h in (house, other))
    assert rows == others
    assert len(rows) == 3


async def test_nothing_is_delivered_for_an_address_that_does_not_exist(house: PeopleHouse) -> None:
    """R18: nobody's ticket has decoys only."""
    await house.requested(NOBODY)

    assert all(row.delivery.decoy for row in house.data.outbox.values())


async def test_asking_again_opens_no_second_ticket(house: PeopleHouse) -> None:
    """A request is opened once per cause; asking again tells where it is and shows the number again."""
    await house.requested()

    said = await request_administrator(house.parts, HERE)

    assert ids(said)[0] is MessageId.REQUEST_WAITS
    assert len(house.data.tickets) == 1
    assert house.shown() == ["gateway.match_number"] * 2


async def test_requests_for_one_account_stand_side_by_side(house: PeopleHouse) -> None:
    """R14: three conversations ask for one account: three tickets, three numbers, none merged."""
    tickets = [await house.requested(DAVE.address, house.talk(f"talk {n}")) for n in range(3)]

    assert len({house.number(ticket) for ticket in tickets}) == 3
    assert len(house.data.tickets) == 3


async def test_an_approver_gets_one_mail_in_15_minutes(house: PeopleHouse) -> None:
    """R14: the second request within 15 minutes is not mailed, the one after them is."""
    for n, wait in enumerate((timedelta(0), 14 * MINUTE, MINUTE + timedelta(microseconds=1))):
        house.clock.move(wait)
        await house.requested(POSTMASTER.address, house.talk(f"talk {n}"))

    mails = [d for d in house.posted(Template.OWNER_APPROVAL) if not d.decoy]
    assert [mail.to for mail in mails] == [OWNER, OWNER]


async def test_the_lost_mailbox_itself_is_never_told(house: PeopleHouse) -> None:
    """R6: no mail of a request goes to the mailbox that is being recovered."""
    house.data.domains["example.com"] = type(house.data.domains["example.com"])(
        "example.com", house.data.domains["example.com"].edition, "c", "", owner_contact=POSTMASTER.address
    )
    await house.requested(POSTMASTER.address)

    assert all(row.delivery.decoy for row in house.data.outbox.values())


async def test_the_number_is_eight_digits_of_this_ticket_alone(house: PeopleHouse) -> None:
    """R14: derived by key from the ticket, read with or without spaces, stored nowhere."""
    first = await house.requested()
    second = await house.requested(where=house.talk("there"))
    number = match_number(house.keyed, first.id)

    assert len(number) == 8
    assert number.isdecimal()
    assert is_match(house.keyed, first.id, shown_number(house.keyed, first.id))
    assert not is_match(house.keyed, second.id, number)
    assert number not in repr(house.data.lines) + repr(house.data.tickets)


async def test_a_request_without_an_address_asks_for_one(house: PeopleHouse) -> None:
    """Nothing is opened for nobody in particular."""
    assert ids(await request_administrator(house.parts, HERE)) == [MessageId.ASK_ADDRESS]
    assert ids(await request_review(house.parts, HERE)) == [MessageId.ASK_ADDRESS]


async def test_a_pending_code_dies_with_the_request(house: PeopleHouse) -> None:
    """Whoever asks somebody above proves nothing beside it."""
    await house.challenged(Method.SMS)
    code = house.code()
    await request_administrator(house.parts, HERE)

    assert (await house.try_code(code)).outcome.value == "not_pending"


async def test_cancelling_withdraws_the_request(house: PeopleHouse) -> None:
    """The approver no longer sees what the person gave up."""
    await house.requested()

    assert ids(await cancel(house.parts, HERE)) == [MessageId.CANCELLED]
    assert house.ticket().state is TicketState.WITHDRAWN


async def test_one_client_asks_for_five_addresses_an_hour(house: PeopleHouse) -> None:
    """R4: the sixth address from one client is refused, for requests too."""
    for n in range(5):
        await house.ask_above(f"p{n}@example.com", house.talk(f"talk {n}", "one client"))
        await cancel(house.parts, f"talk {n}")

    said = await house.ask_above("p5@example.com", house.talk("talk 5", "one client"))

    assert ids(said) == [MessageId.ADDRESS_LIMIT]


async def test_the_match_number_is_a_reply_of_the_gateway(house: PeopleHouse) -> None:
    """R14: the line holds the ticket's id only; the assistant is told nothing of it."""
    ticket = await house.requested()
    (line,) = [ln for ln in house.data.lines.values() if ln.payload.get("key") == "gateway.match_number"]

    assert line.kind is LineKind.REPLY
    assert line.payload == {"kind": "notice", "key": "gateway.match_number", "ticket": ticket.id}
