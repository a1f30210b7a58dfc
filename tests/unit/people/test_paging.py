"""Long lists are read to their end: nothing stands so far behind that nobody finds it."""

from __future__ import annotations

from datetime import timedelta

from recovery_core.conversations.conversation import Mode
from recovery_core.people import desk, listing, live
from recovery_core.people.filing import owner_token
from recovery_core.people.paging import SIZE
from recovery_core.people.tickets import Kind, Lane, Ticket, TicketState
from tests.unit.cases.company import ALICE
from tests.unit.people.house import HELPER_ID, OWNER, PeopleHouse

SUPER_ID = "id-gm0001@group.example"
SECOND = timedelta(seconds=1)


def pile_up(house: PeopleHouse, count: int, **fields: object) -> list[str]:
    """Store *count* tickets, each older than the next; return their ids."""
    now = house.clock.now()
    for n in range(count):
        values = {
            "id": f"{fields.get('lane')}-{n:04d}", "number": f"T-{n}", "kind": Kind.RESET,
            "lane": Lane.ADMINISTRATOR, "case_id": f"case-{n}", "conversation_id": "here",
            "domain": "example.com", "state": TicketState.OPEN, "created_at": now + n * SECOND,
            "updated_at": now, "due_at": now + timedelta(days=3) + n * SECOND,
        }  # fmt: skip
        ticket = Ticket(**{**values, **fields})
        house.data.tickets[ticket.id] = ticket
    return [ticket_id for ticket_id in house.data.tickets if ticket_id.startswith(f"{fields.get('lane')}-")]


async def test_a_request_behind_two_hundred_others_is_listed(house: PeopleHouse) -> None:
    """Five pages hold 204 requests of a crowd and, behind them, the one that somebody needs."""
    pile_up(house, 204)
    house.clock.move(timedelta(hours=1))
    mine = await house.requested(ALICE.address)
    listed = []
    for number in range(1, 6):
        page = await listing.requests(house.parts, HELPER_ID, number)
        assert page.more is (number < 5)
        assert page.last == min(number * SIZE, 205)
        listed += [view.ticket.id for view in page.items]

    assert listed[-1] == mine.id
    assert len(set(listed)) == len(listed) == 205
    assert (await listing.requests(house.parts, HELPER_ID, 6)).items == ()


async def test_the_pages_of_a_super_administrator_join_two_queues(house: PeopleHouse) -> None:
    """R15: requests of the own lane and of the administrators' stand in one order over all pages."""
    for lane in (Lane.SUPER, Lane.ADMINISTRATOR):
        pile_up(house, 60, lane=lane, domain="sub.group.example")
    pages = [await listing.requests(house.parts, SUPER_ID, number) for number in (1, 2, 3)]
    tickets = [view.ticket for page in pages for view in page.items]

    assert [len(page.items) for page in pages] == [50, 50, 20]
    assert len({ticket.id for ticket in tickets}) == 120
    assert tickets == sorted(tickets, key=lambda ticket: (ticket.due_at, ticket.created_at, ticket.id))


async def test_the_owners_list_has_pages(house: PeopleHouse) -> None:
    """R14: the link of a mail leads to every open request of the domain."""
    pile_up(house, SIZE + 1, lane=Lane.OWNER, kind=Kind.OWNER_APPROVAL)
    token = owner_token(house.parts, f"{Lane.OWNER}-0000", OWNER)
    first, second = [await listing.owner_requests(house.parts, token, number) for number in (1, 2)]

    assert (len(first.items), first.more) == (SIZE, True)
    assert [view.ticket.id for view in second.items] == [f"{Lane.OWNER}-{SIZE:04d}"]
    assert not second.more


async def test_the_desks_queue_has_pages(house: PeopleHouse) -> None:
    """A talk behind a full page is on the next one."""
    pile_up(house, SIZE + 1, lane=Lane.DESK, kind=Kind.TALK)
    page = await desk.queue(house.parts, "agent1", 2)

    assert [ticket.id for ticket in page.items] == [f"{Lane.DESK}-{SIZE:04d}"]


async def test_who_waits_behind_a_crowd_is_not_left_waiting(house: PeopleHouse) -> None:
    """After ten minutes the assistant goes on for everybody, however long the queue is."""
    house.agent_arrives()
    await house.identify(ALICE.address)
    case = house.case().id
    pile_up(house, 250, lane=Lane.DESK, kind=Kind.TALK, state=TicketState.TAKEN, case_id=case)
    house.clock.move(timedelta(hours=1))
    house.agent_arrives()
    where = house.talk("behind")
    await live.talk_to_human(house.parts, where)
    assert house.data.conversations[where].mode is Mode.WAITING
    await house.sweep(house.parts.numbers.live_wait)

    assert house.data.conversations[where].mode is Mode.BOT
