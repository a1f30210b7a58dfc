"""What the database knows of documents; the documents themselves are encrypted files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, or_, select

from recovery_core.adapters.sql.tables.people import CLAIMS, FILES, TICKETS
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.evidence.evidence import Claim, EvidenceFile, FileKind, Finding
from recovery_core.people.tickets import TicketState

_F, _T = FILES.c, TICKETS.c


class SqlEvidence:
    """Claims and files of tickets; both go together when the last file of a ticket is forgotten (R21)."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, ticket_id: str, claim: Claim, files: Sequence[EvidenceFile], at: datetime) -> None:
        """Store the claim, in place of an earlier one of the ticket, and the files.

        Raises ConflictError if there is no such ticket.
        """
        said = {"company": claim.company, "uscc": claim.uscc, "new_mailbox": claim.new_mailbox, "at": at}
        statement = self._transaction.insert(CLAIMS).values(ticket_id=ticket_id, **said)
        await self._transaction.run(statement.on_conflict_do_update(index_elements=["ticket_id"], set_=said))
        if files:
            await self._transaction.run(insert(FILES), [_values(ticket_id, file) for file in files])

    async def claim(self, ticket_id: str) -> Claim | None:
        """Return what the person typed."""
        row = await self._transaction.first(select(CLAIMS).where(CLAIMS.c.ticket_id == ticket_id))
        return None if row is None else Claim(row.company, row.uscc, row.new_mailbox)

    async def files(self, ticket_id: str) -> Sequence[EvidenceFile]:
        """Return the files of the ticket, in the order in which they were sent."""
        rows = await self._transaction.all(
            select(FILES).where(_F.ticket_id == ticket_id).order_by(_F.at, _F.id)
        )
        return [_file(row) for row in rows]

    async def get(self, file_id: str) -> EvidenceFile | None:
        """Return what is known of the file."""
        row = await self._transaction.first(select(FILES).where(_F.id == file_id))
        return None if row is None else _file(row)

    async def known(self, file_ids: Sequence[str]) -> frozenset[str]:
        """Return those of the ids that belong to a ticket."""
        rows = await self._transaction.all(select(_F.id).where(_F.id.in_(file_ids)))
        return frozenset(row.id for row in rows)

    async def over(self, decided_before: datetime, limit: int) -> Sequence[EvidenceFile]:
        """Return files whose ticket was decided, or withdrawn, before that moment; the oldest files first.

        A withdrawn ticket has no decision, but nobody needs its documents any more.
        """
        withdrawn = _T.decided_at.is_(None) & (_T.state == TicketState.WITHDRAWN)
        rows = await self._transaction.all(
            select(FILES)
            .join(TICKETS, _T.id == _F.ticket_id)
            .where(or_(_T.decided_at < decided_before, withdrawn & (_T.updated_at < decided_before)))
            .order_by(_F.at, _F.id)
            .limit(limit)
        )
        return [_file(row) for row in rows]

    async def forget(self, file_id: str) -> None:
        """Drop the row of a deleted file, and with the last one of a ticket the claim."""
        ticket_id = await self._transaction.value(
            delete(FILES).where(_F.id == file_id).returning(_F.ticket_id)
        )
        if ticket_id is None:
            return
        others = select(func.count()).select_from(FILES).where(_F.ticket_id == ticket_id).scalar_subquery()
        await self._transaction.run(delete(CLAIMS).where(CLAIMS.c.ticket_id == ticket_id, others == 0))


def _values(ticket_id: str, file: EvidenceFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "ticket_id": ticket_id,
        "kind": file.kind,
        "pages": file.pages,
        "size": file.size,
        "sha256": file.sha256,
        "at": file.at,
        "findings": list(file.findings),
    }


def _file(row: Row[Any]) -> EvidenceFile:
    return EvidenceFile(
        id=row.id,
        ticket_id=row.ticket_id,
        kind=FileKind(row.kind),
        pages=row.pages,
        size=row.size,
        sha256=row.sha256,
        at=row.at,
        findings=tuple(Finding(name) for name in row.findings),
    )
