"""The lines that administrators read once a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from recovery_core.adapters.sql.tables.notices import DIGEST_LINES
from recovery_core.adapters.sql.transaction import Transaction

_D = DIGEST_LINES.c


class SqlDigests:
    """A line is taken once, in the unit of work that puts the digest into the outbox."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, domain: str, line: Mapping[str, str], at: datetime) -> None:
        """Keep one line for the next digest of *domain*."""
        await self._transaction.run(insert(DIGEST_LINES).values(domain=domain, line=dict(line), at=at))

    async def due(self, before: datetime) -> Sequence[str]:
        """Return the domains whose oldest kept line is older than *before*, by name."""
        rows = await self._transaction.all(
            select(_D.domain).group_by(_D.domain).having(func.min(_D.at) < before).order_by(_D.domain)
        )
        return [row.domain for row in rows]

    async def take(self, domain: str) -> Sequence[Mapping[str, str]]:
        """Return and drop the kept lines of *domain*, oldest first."""
        rows = await self._transaction.all(
            delete(DIGEST_LINES).where(_D.domain == domain).returning(_D.id, _D.line)
        )
        return [row.line for row in sorted(rows, key=lambda row: row.id)]
