"""Queues, positions, measures and what the sweep asks of the tickets."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.adapters.sql.engine import count_statements
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases.flow import ENDED, State
from recovery_core.people.ports import Crowd, Measured
from recovery_core.people.tickets import Kind, Lane, TicketState, queue_order
from tests.contract.samples import HOUR, NOW, SECOND, a_case
from tests.contract.samples_people import a_ticket, with_tickets

MINUTE = timedelta(minutes=1)
DECIDED = {"state": TicketState.CLOSED}


async def test_the_queue_is_sorted_as_the_core_says(work: SqlWork) -> None:
    """Priority, then due time, then age; only open tickets of the lane."""
    desk = {"lane": Lane.DESK}
    tickets = [
        a_ticket("late", kind=Kind.TALK, due_at=NOW + 2 * HOUR, **desk),
        a_ticket("young", kind=Kind.TALK, due_at=NOW + HOUR, created_at=NOW + SECOND, **desk),
        a_ticket("old", kind=Kind.REVIEW, due_at=NOW + HOUR, **desk),
        a_ticket("urgent", kind=Kind.TAKEOVER, due_at=NOW + 9 * HOUR, **desk),
        a_ticket("taken", kind=Kind.ENABLE, state=TicketState.TAKEN, **desk),
        a_ticket("waiting", kind=Kind.REVIEW, state=TicketState.WAITING, **desk),
    ]
    decided = [a_ticket(s.value, state=s, **desk) for s in TicketState if s not in {t.state for t in tickets}]
    await with_tickets(work, *tickets, *decided, a_ticket("elsewhere", lane=Lane.NOBODY))
    async with work.reading() as unit:
        queue = await unit.tickets.queue(Lane.DESK, None, 10)
        assert await unit.tickets.queue(Lane.DESK, None, 2) == queue[:2]
    assert queue == sorted(tickets, key=queue_order)
    assert queue[0].id == "urgent"


async def test_a_queue_may_be_of_some_domains(work: SqlWork) -> None:
    """R15: an administrator's queue holds the own domains' requests; no domain means no request."""
    names = ("a.example", "b.example", "c.example")
    await with_tickets(work, *(a_ticket(name, domain=name) for name in names))
    async with work.reading() as unit:
        found = await unit.tickets.queue(Lane.ADMINISTRATOR, names[:2], 10)
        assert [ticket.id for ticket in found] == ["a.example", "b.example"]
        assert await unit.tickets.queue(Lane.ADMINISTRATOR, [], 10) == []


async def test_the_pages_of_a_queue_hold_every_ticket_once(work: SqlWork) -> None:
    """What stands behind a full page is found by skipping those before it."""
    await with_tickets(work, *(a_ticket(f"t{n}") for n in range(7)))
    async with work.reading() as unit:
        whole = await unit.tickets.queue(Lane.ADMINISTRATOR, None, 10)
        pages = [await unit.tickets.queue(Lane.ADMINISTRATOR, None, 3, skip) for skip in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [ticket for page in pages for ticket in page] == whole


async def test_a_crowd_counts_what_is_open_for_a_mailbox_and_from_a_client(work: SqlWork) -> None:
    """Decided tickets, other kinds, other mailboxes and other clients do not count."""
    here, whose = {"client": "one"}, {"address": "dave@example.com"}
    await with_tickets(
        work,
        a_ticket("both", **here, **whose),
        a_ticket("mailbox", **whose, client="other"),
        a_ticket("client", **here, address="erin@example.com"),
        a_ticket("talk", kind=Kind.TALK, **here),
        a_ticket("done", **here, **whose, **DECIDED),
        a_ticket("nothing", address="erin@example.com", client="other"),
        a_ticket("nobody"),
    )
    async with work() as unit:
        assert await unit.tickets.crowd([Kind.RESET], "dave@example.com", "one") == Crowd(2, 2, 1)
        assert await unit.tickets.crowd([Kind.TALK], None, "one") == Crowd(0, 1, 0)
        assert await unit.tickets.crowd([Kind.RESET], None, "nobody") == Crowd(0, 0, 0)


async def test_a_position_counts_all_lanes_of_a_kind(work: SqlWork) -> None:
    """R18: tickets of nobody stand in the same line; other kinds and decided tickets do not count."""
    line = [
        a_ticket("first", due_at=NOW + HOUR),
        a_ticket("decoy", due_at=NOW + HOUR, created_at=NOW + SECOND, lane=Lane.NOBODY),
        a_ticket("owner", due_at=NOW + 2 * HOUR, lane=Lane.OWNER, state=TicketState.TAKEN),
    ]
    others = [a_ticket("talk", kind=Kind.TALK, due_at=NOW), a_ticket("done", due_at=NOW, **DECIDED)]
    await with_tickets(work, *line, *others)
    async with work.reading() as unit:
        assert [await unit.tickets.position(ticket) for ticket in line] == [1, 2, 3]


async def test_equal_moments_still_give_different_positions(work: SqlWork) -> None:
    """Tickets of the same microsecond are told apart by their ids, in the queue and in the position."""
    await with_tickets(work, *(a_ticket(name) for name in ("b", "a", "c")))
    async with work.reading() as unit:
        queue = await unit.tickets.queue(Lane.ADMINISTRATOR, None, 10)
        assert [await unit.tickets.position(ticket) for ticket in queue] == [1, 2, 3]


async def test_real_and_decoy_requests_cost_the_same(work: SqlWork) -> None:
    """R2, R18: opening, reading and placing a ticket of nobody takes as many statements as any other."""
    counts = []
    for lane in (Lane.ADMINISTRATOR, Lane.NOBODY):
        account = "id-alice" if lane is Lane.ADMINISTRATOR else None
        async with work() as unit:
            with count_statements(work.engine) as count:
                ticket = await unit.tickets.add_once(a_ticket(lane.value, lane=lane, account_id=account))
                await unit.tickets.of_case(ticket.case_id)
                await unit.tickets.lock(ticket.id)
                await unit.tickets.position(ticket)
                await unit.tickets.measured(ticket.kind, 10)
                await unit.tickets.save(replace(ticket, updated_at=NOW))
            counts.append(count.statements)
    assert counts == [6, 6]


async def test_what_was_never_decided_is_not_measured(work: SqlWork) -> None:
    """Without a decided ticket of the kind there is no median; decoys and other kinds give none."""
    await with_tickets(
        work,
        a_ticket("open"),
        a_ticket("decoy", lane=Lane.NOBODY, decided_at=NOW + HOUR, **DECIDED),
        a_ticket("talk", kind=Kind.TALK, decided_at=NOW + HOUR, **DECIDED),
    )
    async with work.reading() as unit:
        assert await unit.tickets.measured(Kind.RESET, 10) == Measured(None, None, 0)


async def test_the_last_tickets_of_a_kind_are_measured(work: SqlWork) -> None:
    """Median and p90 are those of the newest decisions: one beyond the sample does not count."""
    spans = [900, *range(1, 11)]
    tickets = [
        a_ticket(f"t{n}", created_at=NOW + n * HOUR, decided_at=NOW + n * HOUR + span * MINUTE, **DECIDED)
        for n, span in enumerate(spans, start=20)
    ]
    longest = replace(tickets[0], created_at=NOW, decided_at=NOW + 15 * HOUR)
    await with_tickets(work, longest, *tickets[1:])
    async with work.reading() as unit:
        assert await unit.tickets.measured(Kind.RESET, 10) == Measured(5 * MINUTE, 9 * MINUTE, 10)
        assert await unit.tickets.measured(Kind.RESET, 11) == Measured(6 * MINUTE, 10 * MINUTE, 11)


async def test_decoys_are_due_by_age(work: SqlWork) -> None:
    """R18: open tickets of nobody older than the moment; what waits for documents is not due."""
    nobody = {"lane": Lane.NOBODY}
    await with_tickets(
        work,
        a_ticket("due", created_at=NOW - SECOND, **nobody),
        a_ticket("oldest", created_at=NOW - HOUR, **nobody),
        a_ticket("now", created_at=NOW, **nobody),
        a_ticket("waits", created_at=NOW - HOUR, kind=Kind.REVIEW, state=TicketState.WAITING, **nobody),
        a_ticket("refused", created_at=NOW - HOUR, state=TicketState.REFUSED, **nobody),
        a_ticket("real", created_at=NOW - HOUR),
    )
    async with work.reading() as unit:
        assert await unit.tickets.due_decoys(NOW, 10) == ["oldest", "due"]
        assert await unit.tickets.due_decoys(NOW, 1) == ["oldest"]


async def test_reviews_take_effect_at_their_moment(work: SqlWork) -> None:
    """R17: an approved review counts from its moment on, not a microsecond earlier, until it is closed."""
    approved = {"kind": Kind.REVIEW, "state": TicketState.APPROVED}
    await with_tickets(
        work,
        a_ticket("now", effective_at=NOW, **approved),
        a_ticket("soon", effective_at=NOW + timedelta(microseconds=1), **approved),
        a_ticket("closed", kind=Kind.REVIEW, effective_at=NOW, **DECIDED),
        a_ticket("reset", state=TicketState.APPROVED),
    )
    async with work.reading() as unit:
        assert await unit.tickets.effective(NOW, 10) == ["now"]


@pytest.mark.parametrize("state", State)
async def test_orphans_are_tickets_of_ended_cases(work: SqlWork, state: State) -> None:
    """Open and approved tickets of an ended case are found; talks and takeovers outlive it."""
    live = {"open", "taken", "waiting", "approved"}
    tickets = [a_ticket(s.value, state=s, case_id=f"case-{s.value}") for s in TicketState]
    outliving = [a_ticket(k.value, kind=k, case_id="case-open") for k in (Kind.TALK, Kind.TAKEOVER)]
    await with_tickets(work, *tickets, *outliving)
    async with work() as unit:
        for ticket in tickets:
            await unit.cases.add(a_case(ticket.case_id, state=state))
        found = await unit.tickets.orphans(10)
        assert set(found) == (live if state in ENDED else set())
        assert len(await unit.tickets.orphans(1)) == (1 if state in ENDED else 0)


async def test_tickets_become_due_once(work: SqlWork) -> None:
    """Spans that follow each other find every due ticket in exactly one of them."""
    await with_tickets(
        work,
        *(a_ticket(f"t{n}", due_at=NOW + n * SECOND) for n in range(4)),
        a_ticket("done", due_at=NOW, **DECIDED),
    )
    async with work.reading() as unit:
        assert await unit.tickets.due_between(NOW, NOW + 2 * SECOND, 10) == ["t0", "t1"]
        assert await unit.tickets.due_between(NOW + 2 * SECOND, NOW + 4 * SECOND, 10) == ["t2", "t3"]
        assert await unit.tickets.due_between(NOW, NOW + 4 * SECOND, 1) == ["t0"]


async def test_decisions_of_a_time_are_listed(work: SqlWork) -> None:
    """The start belongs to the time, the end does not; decoys are in the list, marked by their lane."""
    await with_tickets(
        work,
        a_ticket("early", decided_at=NOW - SECOND, **DECIDED),
        a_ticket("start", decided_at=NOW, **DECIDED),
        a_ticket("decoy", decided_at=NOW + SECOND, lane=Lane.NOBODY, state=TicketState.REFUSED),
        a_ticket("end", decided_at=NOW + HOUR, **DECIDED),
        a_ticket("open"),
    )
    async with work.reading() as unit:
        found = await unit.tickets.decided_between(NOW, NOW + HOUR)
    assert [ticket.id for ticket in found] == ["start", "decoy"]
