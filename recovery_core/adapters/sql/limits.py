"""Guess budgets and the counts behind the limits of R4, R5, R7 and R8."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select

from recovery_core.adapters.sql.tables.proofs import ATTEMPTS, BUDGETS, CLIENT_STARTS, SENDS
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.proofs.ports import Budget

_FIELDS = (
    "consecutive_failures",
    "killed_codes",
    "wait_until",
    "stopped",
    "day_started",
    "day_failures",
)


class SqlBudgets:
    """A budget is held from reading it until the unit of work ends, also one that has no row yet."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def get(self, key: str) -> Budget:
        """Return the budget of *key*, a fresh one if there was none; locks it for this unit of work."""
        await self._transaction.hold(f"budget {key}")
        row = await self._transaction.first(select(BUDGETS).where(BUDGETS.c.key == key))
        if row is None:
            return Budget(key)
        return Budget(key, **{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001

    async def put(self, budget: Budget) -> None:
        """Store the budget."""
        values: dict[str, Any] = {name: getattr(budget, name) for name in _FIELDS}
        statement = self._transaction.insert(BUDGETS).values(key=budget.key, **values)
        await self._transaction.run(statement.on_conflict_do_update(index_elements=["key"], set_=values))


class _Attempt(StrEnum):
    """What the rows of one table of counts are."""

    WRONG_CODE = "wrong_code"
    TRY = "try"


class SqlSends:
    """Counts what was sent and tried; every question is answered from an index."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def count_since(self, key: str, since: datetime) -> int:
        """Return how many sendings (decoys too) were counted on *key* since then."""
        return await self._count((SENDS.c.key == key) & (SENDS.c.at >= since))

    async def last_at(self, key: str) -> datetime | None:
        """Return when *key* last got a sending."""
        row = await self._transaction.first(
            select(SENDS.c.at).where(SENDS.c.key == key).order_by(SENDS.c.at.desc()).limit(1)
        )
        return None if row is None else row.at

    async def money_since(self, since: datetime, domain_key: str | None = None) -> int:
        """Return how many paid messages (no decoys) went out since then, of one domain or of all."""
        condition = SENDS.c.paid & (SENDS.c.at >= since)
        return await self._count(
            condition if domain_key is None else condition & (SENDS.c.domain_key == domain_key)
        )

    async def add(self, key: str, domain_key: str, at: datetime, *, paid: bool) -> None:
        """Count one sending."""
        await self._transaction.run(insert(SENDS).values(key=key, domain_key=domain_key, at=at, paid=paid))

    async def addresses_of_client(self, client_key: str, since: datetime) -> frozenset[str]:
        """Return the address keys for which the client started challenges since then (R4)."""
        starts = CLIENT_STARTS.c
        rows = await self._transaction.all(
            select(starts.address_key).where(starts.client_key == client_key, starts.at >= since).distinct()
        )
        return frozenset(row.address_key for row in rows)

    async def add_client_start(self, client_key: str, address_key: str, at: datetime) -> None:
        """Remember that the client started a challenge for the address."""
        await self._transaction.run(
            insert(CLIENT_STARTS).values(client_key=client_key, address_key=address_key, at=at)
        )

    async def wrong_codes_since(self, domain_key: str, since: datetime) -> int:
        """Return how many wrong codes were entered in the domain since then (R8)."""
        return await self._count(_attempts(_Attempt.WRONG_CODE, domain_key, since))

    async def add_wrong_code(self, domain_key: str, at: datetime) -> None:
        """Count one wrong code in the domain."""
        await self._add(_Attempt.WRONG_CODE, domain_key, at)

    async def attempts_since(self, key: str, since: datetime) -> int:
        """Return how many tries were counted under *key* since then (resume, veto codes)."""
        return await self._count(_attempts(_Attempt.TRY, key, since))

    async def add_attempt(self, key: str, at: datetime) -> None:
        """Count one try under *key*."""
        await self._add(_Attempt.TRY, key, at)

    async def forget_before(self, moment: datetime) -> int:
        """Drop all counts older than *moment*; return how many rows went."""
        dropped = 0
        for table in (SENDS, CLIENT_STARTS, ATTEMPTS):
            dropped += await self._transaction.changed(delete(table).where(table.c.at < moment))
        return dropped

    async def _add(self, kind: _Attempt, key: str, at: datetime) -> None:
        await self._transaction.run(insert(ATTEMPTS).values(kind=kind, key=key, at=at))

    async def _count(self, condition: ColumnElement[bool]) -> int:
        return int(await self._transaction.value(select(func.count()).where(condition)))


def _attempts(kind: _Attempt, key: str, since: datetime) -> ColumnElement[bool]:
    return (ATTEMPTS.c.kind == kind) & (ATTEMPTS.c.key == key) & (ATTEMPTS.c.at >= since)
