"""Cases are forgotten a time after their end, with what hangs on them and nothing else (R21)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from recovery_core.adapters.sql.tables.people import CLAIMS, NOTES, VOTES
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.audit import AuditName
from recovery_core.cases.flow import ENDED, State
from recovery_core.evidence.evidence import Claim
from recovery_core.people.tickets import Kind, Note, Ticket, TicketState, Vote
from recovery_core.proofs.challenge import ChallengeState
from tests.contract.samples import NOW, SECOND, a_case, a_challenge, a_form, a_veto, with_accounts
from tests.contract.samples_people import a_file, a_ticket

LATER = NOW + SECOND


async def with_case(work: SqlWork, name: str, state: State, **fields: object) -> None:
    """Store a case with a challenge, a form, a veto and a link of the audit trail."""
    async with work() as unit:
        await unit.cases.add(a_case(name, state=state, **fields))
        await unit.challenges.add(a_challenge(f"c-{name}", case_id=name, state=ChallengeState.USED))
        await unit.forms.add(a_form(f"f-{name}", case_id=name, finished_at=NOW))
        await unit.vetoes.add(a_veto(f"v-{name}", case_id=name))
        await unit.audit.append(name, AuditName.CASE_OPENED, NOW)
        await unit.commit()


async def with_ticket(work: SqlWork, case: str, *, document: bool = False, **fields: object) -> Ticket:
    """Store a ticket of the case with a vote, a note and what was typed, and a document if wanted."""
    ticket = a_ticket(f"t-{case}", case_id=case, **fields)
    async with work() as unit:
        await unit.tickets.add_once(ticket)
        await unit.tickets.add_vote(Vote(ticket.id, "r", approve=True, reason=None, at=NOW))
        await unit.tickets.add_note(Note(ticket.id, "a", "text", NOW))
        files = [a_file(f"d-{case}", ticket_id=ticket.id)] if document else []
        await unit.evidence.add(ticket.id, Claim("c", "u", "m"), files, NOW)
        await unit.commit()
    return ticket


async def forget(work: SqlWork, limit: int = 10) -> int:
    """Forget what ended before a second after NOW."""
    async with work() as unit:
        gone = await unit.cases.forget_ended(LATER, limit)
        await unit.commit()
    return gone


async def is_whole(work: SqlWork, name: str) -> set[bool]:
    """Return whether case, challenge, form and veto are there."""
    async with work.reading() as unit:
        found = (
            await unit.cases.get(name),
            await unit.challenges.latest(name),
            await unit.forms.get(f"f-{name}"),
            await unit.vetoes.by_token_hash(f"token-v-{name}"),
        )
    return {item is not None for item in found}


@pytest.mark.parametrize("state", State)
async def test_only_what_has_ended_is_forgotten(work: SqlWork, state: State) -> None:
    """R1, R21: every end, and no state that still goes on; the audit chain stays and is whole."""
    await with_accounts(work)
    await with_case(work, "old", state)
    await with_case(work, "young", state, updated_at=LATER)

    assert await forget(work) == (state in ENDED)
    assert await is_whole(work, "old") == {state not in ENDED}
    assert await is_whole(work, "young") == {True}
    async with work() as unit:
        assert [event.name for event in await unit.audit.events("old")] == [AuditName.CASE_OPENED]
        await unit.audit.anchor(LATER)
        assert await unit.audit.problems() == []


@pytest.mark.parametrize("state", TicketState)
async def test_a_case_stays_while_somebody_acts_on_it(work: SqlWork, state: TicketState) -> None:
    """R18, R21: an open or approved ticket keeps its case; a decided one goes with it, and its votes too."""
    await with_case(work, "case", State.CANCELLED)
    ticket = await with_ticket(work, "case", state=state, kind=Kind.TAKEOVER)
    decided = state in {TicketState.REFUSED, TicketState.WITHDRAWN, TicketState.CLOSED}

    assert await forget(work) == decided
    assert await is_whole(work, "case") == {not decided}
    async with work.reading() as unit:
        assert (await unit.tickets.get(ticket.id) is None) is decided
    async with work.engine.connect() as connection:
        rows = [await connection.scalar(select(func.count()).select_from(t)) for t in (VOTES, NOTES, CLAIMS)]
    assert rows == ([0, 0, 0] if decided else [1, 1, 1])


async def test_a_case_stays_while_a_document_of_it_is_kept(work: SqlWork) -> None:
    """R21: documents have a time of their own; the case goes after the last of them."""
    await with_case(work, "case", State.REFUSED)
    await with_ticket(work, "case", state=TicketState.REFUSED, document=True)
    assert await forget(work) == 0
    async with work() as unit:
        await unit.evidence.forget("d-case")
        await unit.commit()

    assert await forget(work) == 1


async def test_the_longest_ended_go_first(work: SqlWork) -> None:
    """R21: a full batch leaves the rest to the next sweep; nothing is forgotten twice."""
    await with_case(work, "b", State.EXPIRED)
    await with_case(work, "a", State.EXPIRED, updated_at=NOW - SECOND)
    assert await forget(work, limit=1) == 1
    assert await is_whole(work, "a") == {False}
    assert await forget(work, limit=5) == 1
    assert await forget(work) == 0
