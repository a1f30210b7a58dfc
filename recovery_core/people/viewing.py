"""A reviewer looks at a document: only with the right, one page at a time, each look audited (R15, R17)."""

from __future__ import annotations

from typing import Protocol

from recovery_core.audit import AuditName
from recovery_core.cases.parts import Parts
from recovery_core.errors import UnknownError
from recovery_core.people.agents import agent_with, desk_ticket
from recovery_core.people.rights import Right


class Pages(Protocol):
    """Where the pages of documents are kept."""

    async def get(self, file_id: str, page: int) -> bytes:
        """Return the page; raises UnknownError."""
        ...


async def view(
    parts: Parts, pages: Pages, agent_id: str, file_id: str, page: int, *, of_ticket: str | None = None
) -> bytes:
    """Return one page (from 1) as a PNG without metadata; the look is in the audit trail before it is shown.

    Raises NoRightError, and UnknownError for a page that is not there, belongs to no review of the desk, or
    to another ticket than *of_ticket*, the one that the agent has open.
    """
    async with parts.work() as work:
        agent = await agent_with(work, agent_id, Right.SEE_EVIDENCE)
        file = await work.evidence.get(file_id)
        if file is None or not 1 <= page <= file.pages:
            raise UnknownError("evidence")
        if of_ticket is not None and file.ticket_id != of_ticket:
            raise UnknownError("evidence")
        ticket = await desk_ticket(work, file.ticket_id)
        said: dict[str, str | int] = {"ticket": ticket.id, "by": agent.id, "file": file.id, "page": page}
        await work.audit.append(ticket.case_id, AuditName.EVIDENCE_SEEN, parts.clock.now(), said)
        await work.commit()
    return await pages.get(file_id, page)
