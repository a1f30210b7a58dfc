"""What the database knows of documents."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import ConflictError
from recovery_core.evidence.evidence import Claim, FileKind, Finding
from recovery_core.people.tickets import Kind, TicketState
from tests.contract.samples import HOUR, NOW, SECOND
from tests.contract.samples_people import a_file, a_ticket, with_tickets

CLAIM = Claim("示例科技有限公司", "91330100MA2DEMA01A", "alice.new@backup.example")


async def test_claim_and_files_come_back_whole(work: SqlWork) -> None:
    """What was typed and every file with its findings, in the order of sending."""
    await with_tickets(work)
    files = [
        a_file("b", findings=(Finding.NAME_DIFFERS, Finding.TOO_FEW_PIXELS)),
        a_file("a", kind=FileKind.PNG, pages=1, at=NOW + SECOND),
    ]
    async with work() as unit:
        await unit.evidence.add("ticket", CLAIM, files[::-1], NOW)
        assert await unit.evidence.claim("ticket") == CLAIM
        assert await unit.evidence.files("ticket") == files
        assert await unit.evidence.claim("other") is None
        assert await unit.evidence.files("other") == []


async def test_sending_again_adds_files_and_renews_the_claim(work: SqlWork) -> None:
    """The later words count; earlier files stay for the reviewers; words alone may be sent too."""
    await with_tickets(work)
    later = replace(CLAIM, company="示例科技(杭州)有限公司")
    async with work() as unit:
        await unit.evidence.add("ticket", CLAIM, [a_file("a")], NOW)
        await unit.evidence.add("ticket", later, [a_file("b", at=NOW + SECOND)], NOW + SECOND)
        await unit.evidence.add("ticket", later, [], NOW + SECOND)
        assert await unit.evidence.claim("ticket") == later
        assert [file.id for file in await unit.evidence.files("ticket")] == ["a", "b"]


async def test_documents_belong_to_a_ticket(work: SqlWork) -> None:
    """Documents of no ticket, and a second file of the same id, raise ConflictError."""
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.evidence.add("nowhere", CLAIM, [], NOW)
    await with_tickets(work)
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.evidence.add("ticket", CLAIM, [a_file(), a_file()], NOW)


async def test_files_are_found_by_id(work: SqlWork) -> None:
    """One file whole, and of many ids those that belong to a ticket."""
    await with_tickets(work)
    async with work() as unit:
        await unit.evidence.add("ticket", CLAIM, [a_file("a"), a_file("b")], NOW)
        assert await unit.evidence.get("a") == a_file("a")
        assert await unit.evidence.get("c") is None
        assert await unit.evidence.known(["a", "c", "b"]) == {"a", "b"}
        assert await unit.evidence.known([]) == frozenset()


async def test_documents_are_over_after_the_decision(work: SqlWork) -> None:
    """R21: only files of tickets decided or withdrawn before the moment, never of one still undecided."""
    ended = {"created_at": NOW - HOUR, "updated_at": NOW - SECOND}
    tickets = [
        a_ticket("before", state=TicketState.REFUSED, decided_at=NOW - SECOND),
        a_ticket("now", state=TicketState.CLOSED, decided_at=NOW, **ended),
        a_ticket("withdrawn", state=TicketState.WITHDRAWN, **ended),
        a_ticket("withdrawn now", state=TicketState.WITHDRAWN),
        a_ticket("open", **ended),
    ]
    await with_tickets(work, *(replace(ticket, kind=Kind.REVIEW) for ticket in tickets))
    async with work() as unit:
        for n, ticket in enumerate(tickets):
            file = a_file(f"file {ticket.id}", ticket_id=ticket.id, at=NOW - n * SECOND)
            await unit.evidence.add(ticket.id, CLAIM, [file], NOW)
        assert [f.ticket_id for f in await unit.evidence.over(NOW, 10)] == ["withdrawn", "before"]
        assert [f.ticket_id for f in await unit.evidence.over(NOW, 1)] == ["withdrawn"]


async def test_the_claim_goes_with_the_last_file(work: SqlWork) -> None:
    """R21: forgetting files one by one leaves nothing of them; other tickets keep theirs."""
    await with_tickets(work, a_ticket(), a_ticket("other"))
    async with work() as unit:
        await unit.evidence.add("ticket", CLAIM, [a_file("a"), a_file("b")], NOW)
        await unit.evidence.add("other", CLAIM, [a_file("c", ticket_id="other")], NOW)
        await unit.evidence.forget("a")
        assert [file.id for file in await unit.evidence.files("ticket")] == ["b"]
        assert await unit.evidence.claim("ticket") == CLAIM
        await unit.evidence.forget("b")
        await unit.evidence.forget("b")
        assert await unit.evidence.files("ticket") == []
        assert await unit.evidence.claim("ticket") is None
        assert await unit.evidence.claim("other") == CLAIM
