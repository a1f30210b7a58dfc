"""Tickets, votes and notes of the store."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import ConflictError, MoveNotAllowedError
from recovery_core.people.tickets import OPEN_STATES, Kind, Lane, Note, Reason, Ticket, TicketState, Vote
from tests.contract.samples import HOUR, NOW, SECOND
from tests.contract.samples_people import a_ticket, with_tickets

RACERS = 8


async def test_a_ticket_comes_back_whole(work: SqlWork) -> None:
    """Every field is read as it was stored, also the longest name of a deciding owner."""
    full = a_ticket(
        kind=Kind.REVIEW,
        lane=Lane.DESK,
        account_id="id-alice",
        address="alice@example.com",
        proofs="sms,mail",
        assignee="id-agent1",
        decided_at=NOW + HOUR,
        decided_by=f"owner:{'x' * 255}",
        reason=Reason.NAME_DIFFERS,
        match_tries_left=2,
        effective_at=NOW + 24 * HOUR,
    )
    await with_tickets(work, full, a_ticket("bare"))
    async with work.reading() as unit:
        assert await unit.tickets.get("ticket") == full
        assert await unit.tickets.get("bare") == a_ticket("bare")
        assert await unit.tickets.get("other") is None


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
async def test_one_cause_gives_one_ticket(work: SqlWork, state: TicketState) -> None:
    """A second request of the same case and kind finds the open one; another kind is another cause."""
    await with_tickets(work, a_ticket(case_id="case", state=state))
    talk = a_ticket("talk", case_id="case", kind=Kind.TALK)
    async with work() as unit:
        found = await unit.tickets.add_once(a_ticket("again", case_id="case"))
        assert found == a_ticket(case_id="case", state=state)
        assert await unit.tickets.add_once(talk) == talk
        assert [t.id for t in await unit.tickets.of_case("case")] == ["ticket", "talk"]


async def test_a_decided_ticket_makes_room_for_a_new_one(work: SqlWork) -> None:
    """After a refusal the same case and kind may ask again; the newest comes first."""
    await with_tickets(work, a_ticket(case_id="case", state=TicketState.REFUSED))
    again = a_ticket("again", case_id="case", created_at=NOW + SECOND)
    async with work() as unit:
        assert await unit.tickets.add_once(again) == again
        assert [t.id for t in await unit.tickets.of_case("case")] == ["again", "ticket"]


async def test_requests_in_parallel_end_with_one_ticket(work: SqlWork) -> None:
    """Of many requests for one cause at the same moment one is stored, and all return it."""

    async def ask(number: int) -> Ticket:
        async with work() as unit:
            ticket = await unit.tickets.add_once(a_ticket(f"t{number}", case_id="case"))
            await unit.commit()
            return ticket

    got = await asyncio.gather(*(ask(number) for number in range(RACERS)))
    async with work.reading() as unit:
        stored = await unit.tickets.of_case("case")
    assert len(stored) == 1
    assert {ticket.id for ticket in got} == {stored[0].id}


async def test_an_older_version_is_not_stored(work: SqlWork) -> None:
    """Saving over a version that was not read raises ConflictError and changes nothing."""
    await with_tickets(work)
    async with work() as unit:
        read = await unit.tickets.lock("ticket")
        assert read is not None
        await unit.tickets.save(replace(read, assignee="first"))
        with pytest.raises(ConflictError):
            await unit.tickets.save(replace(read, assignee="second"))
        await unit.commit()
    async with work.reading() as unit:
        assert await unit.tickets.get("ticket") == a_ticket(assignee="first", version=1)


async def test_of_two_agents_one_takes_the_ticket(work: SqlWork) -> None:
    """The lock lets one agent after the other see the ticket: the second finds it taken."""
    await with_tickets(work)

    async def take(agent: str) -> bool:
        async with work() as unit:
            ticket = await unit.tickets.lock("ticket")
            assert ticket is not None
            if ticket.state is TicketState.TAKEN:
                return False
            await unit.tickets.save(replace(ticket.move(TicketState.TAKEN, NOW), assignee=agent))
            await unit.commit()
            return True

    assert sorted(await asyncio.gather(take("one"), take("two"))) == [False, True]


async def test_approve_and_refuse_at_once_leave_one_decision(work: SqlWork) -> None:
    """R14: of decisions in parallel exactly one is stored; the others find the ticket decided."""
    await with_tickets(work)

    async def decide(to: TicketState) -> TicketState | None:
        async with work() as unit:
            ticket = await unit.tickets.lock("ticket")
            assert ticket is not None
            try:
                await unit.tickets.save(ticket.move(to, NOW))
            except MoveNotAllowedError:
                return None
            await unit.commit()
            return to

    sides = [TicketState.REFUSED, TicketState.WITHDRAWN] * (RACERS // 2)
    decided = [side for side in await asyncio.gather(*map(decide, sides)) if side]
    async with work.reading() as unit:
        stored = await unit.tickets.get("ticket")
    assert stored is not None
    assert decided == [stored.state]
    assert stored.version == 1


async def test_only_open_tickets_of_the_account_stand_side_by_side(work: SqlWork) -> None:
    """R14: requests for one account from several conversations are listed, oldest first, others left out."""
    own = {"account_id": "id-alice"}
    await with_tickets(
        work,
        a_ticket("b", created_at=NOW + SECOND, **own),
        a_ticket("a", **own),
        a_ticket("closed", state=TicketState.CLOSED, **own),
        a_ticket("bob", account_id="id-bob"),
    )
    async with work.reading() as unit:
        assert [t.id for t in await unit.tickets.of_account("id-alice", 10)] == ["a", "b"]
        assert [t.id for t in await unit.tickets.of_account("id-alice", 1)] == ["a"]
        assert await unit.tickets.of_account("nobody", 10) == []


async def test_a_vote_counts_once(work: SqlWork) -> None:
    """R17: a reviewer's second vote is refused, the first one stays; votes come in their order."""
    await with_tickets(work)
    first = Vote("ticket", "reviewer2", approve=True, reason=None, at=NOW)
    second = Vote("ticket", "reviewer1", approve=False, reason=Reason.UNREADABLE, at=NOW + SECOND)
    async with work() as unit:
        assert await unit.tickets.add_vote(first)
        assert await unit.tickets.add_vote(second)
        assert not await unit.tickets.add_vote(replace(first, approve=False, reason=Reason.OTHER))
        assert await unit.tickets.votes("ticket") == [first, second]
        assert await unit.tickets.votes("other") == []


async def test_a_reviewer_voting_in_parallel_votes_once(work: SqlWork) -> None:
    """R17: of one reviewer's votes at the same moment one is stored."""
    await with_tickets(work)

    async def vote(approve: bool) -> bool:  # noqa: FBT001
        async with work() as unit:
            stored = await unit.tickets.add_vote(Vote("ticket", "reviewer1", approve, None, NOW))
            await unit.commit()
            return stored

    votes = await asyncio.gather(*(vote(number % 2 == 0) for number in range(RACERS)))
    assert sorted(votes) == [False] * (RACERS - 1) + [True]


async def test_notes_come_in_the_order_of_writing(work: SqlWork) -> None:
    """Notes of the same moment keep their order; a note of no ticket is refused."""
    await with_tickets(work)
    notes = [Note("ticket", "id-agent1", text, NOW) for text in ("zwei", "eins", "三\u0001")]
    async with work() as unit:
        for note in notes:
            await unit.tickets.add_note(note)
        assert await unit.tickets.notes("ticket") == notes
        await unit.commit()
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.tickets.add_note(replace(notes[0], ticket_id="other"))


async def test_a_number_is_given_once(work: SqlWork) -> None:
    """Two tickets of one number would be mixed up on the telephone: the second raises ConflictError."""
    await with_tickets(work)
    with pytest.raises(ConflictError):
        await with_tickets(work, a_ticket("other", number="T-ticket", created_at=NOW + timedelta(days=99)))
