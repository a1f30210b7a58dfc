"""Guess budgets and the counts behind the limits of R4, R5, R7 and R8."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, Table, bindparam, delete, func, insert, select
from sqlalchemy.sql.base import Executable

from recovery_core.adapters.sql.tables.proofs import ATTEMPTS, BUDGETS, CLIENT_STARTS, SENDS
from recovery_core.adapters.sql.transaction import Transaction, both
from recovery_core.proofs.ports import Budget

_FIELDS = (
    "consecutive_failures",
    "killed_codes",
    "wait_until",
    "stopped",
    "day_started",
    "day_failures",
)


def _put(insert_into: Callable[[Table], Any]) -> Executable:
    """Return the statement that stores a budget or sets all of its fields anew."""
    statement = insert_into(BUDGETS)
    new = {name: statement.excluded[name] for name in _FIELDS}
    stored: Executable = statement.on_conflict_do_update(index_elements=["key"], set_=new)
    return stored


_OF, _SINCE = bindparam("of", type_=SENDS.c.key.type), bindparam("since", type_=SENDS.c.at.type)
_BUDGET = select(BUDGETS).where(BUDGETS.c.key == _OF)
_PUT = both(_put)
_SENT = select(func.count()).where(SENDS.c.key == _OF, SENDS.c.at >= _SINCE)
_LAST = select(SENDS.c.at).where(SENDS.c.key == _OF).order_by(SENDS.c.at.desc()).limit(1)
_PAID = select(func.count()).where(SENDS.c.paid, SENDS.c.at >= _SINCE)
_PAID_OF_DOMAIN = _PAID.where(SENDS.c.domain_key == _OF)
_ADD_SEND, _ADD_START, _ADD_ATTEMPT = insert(SENDS), insert(CLIENT_STARTS), insert(ATTEMPTS)
_STARTED = (
    select(CLIENT_STARTS.c.address_key)
    .where(CLIENT_STARTS.c.client_key == bindparam("client"), CLIENT_STARTS.c.at >= _SINCE)
    .distinct()
)
_ATTEMPTS = select(func.count()).where(
    ATTEMPTS.c.kind == bindparam("sort"), ATTEMPTS.c.key == _OF, ATTEMPTS.c.at >= _SINCE
)


class SqlBudgets:
    """A budget is held from reading it until the unit of work ends, also one that has no row yet."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def get(self, key: str) -> Budget:
        """Return the budget of *key*, a fresh one if there was none; locks it for this unit of work."""
        await self._transaction.hold(f"budget {key}")
        row = await self._transaction.first(_BUDGET, {"of": key})
        if row is None:
            return Budget(key)
        return Budget(key, **{name: row._mapping[name] for name in _FIELDS})  # noqa: SLF001

    async def put(self, budget: Budget) -> None:
        """Store the budget."""
        values: dict[str, Any] = {name: getattr(budget, name) for name in _FIELDS}
        await self._transaction.run(_PUT.on(self._transaction), {"key": budget.key, **values})


class _Attempt(StrEnum):
    """What the rows of one table of counts are."""

    WRONG_CODE = "wrong_code"
    TRY = "try"


class SqlSends:
    """Counts what was sent and tried; every question is answered from an index.

    A count that decides whether one more may follow is held until the unit of work ends, as a budget is:
    otherwise parallel tries would all see the count before any of them.
    """

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def count_since(self, key: str, since: datetime) -> int:
        """Return how many sendings (decoys too) were counted on *key* since then."""
        return await self._count(_SENT, {"of": key, "since": since})

    async def last_at(self, key: str) -> datetime | None:
        """Return when *key* last got a sending; holds what is counted on *key*."""
        await self._transaction.hold(f"send {key}")
        row = await self._transaction.first(_LAST, {"of": key})
        return None if row is None else row.at

    async def money_since(self, since: datetime, domain_key: str | None = None) -> int:
        """Return how many paid messages (no decoys) went out since then, of one domain or of all.

        The sum of all is held; a domain's is safe behind it.
        """
        if domain_key is None:
            await self._transaction.hold("money")
            return await self._count(_PAID, {"since": since})
        return await self._count(_PAID_OF_DOMAIN, {"since": since, "of": domain_key})

    async def add(self, key: str, domain_key: str, at: datetime, *, paid: bool) -> None:
        """Count one sending."""
        values = {"key": key, "domain_key": domain_key, "at": at, "paid": paid}
        await self._transaction.run(_ADD_SEND, values)

    async def addresses_of_client(self, client_key: str, since: datetime) -> frozenset[str]:
        """Return the address keys for which the client started challenges since then (R4); holds them."""
        await self._transaction.hold(f"client {client_key}")
        rows = await self._transaction.all(_STARTED, {"client": client_key, "since": since})
        return frozenset(row.address_key for row in rows)

    async def add_client_start(self, client_key: str, address_key: str, at: datetime) -> None:
        """Remember that the client started a challenge for the address."""
        values = {"client_key": client_key, "address_key": address_key, "at": at}
        await self._transaction.run(_ADD_START, values)

    async def wrong_codes_since(self, domain_key: str, since: datetime) -> int:
        """Return how many wrong codes were entered in the domain since then (R8)."""
        values = {"sort": _Attempt.WRONG_CODE, "of": domain_key, "since": since}
        return await self._count(_ATTEMPTS, values)

    async def add_wrong_code(self, domain_key: str, at: datetime) -> None:
        """Count one wrong code in the domain."""
        await self._add(_Attempt.WRONG_CODE, domain_key, at)

    async def attempts_since(self, key: str, since: datetime) -> int:
        """Return how many tries were counted under *key* since then (resume, veto codes); holds them."""
        await self._transaction.hold(f"try {key}")
        return await self._count(_ATTEMPTS, {"sort": _Attempt.TRY, "of": key, "since": since})

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
        await self._transaction.run(_ADD_ATTEMPT, {"kind": kind, "key": key, "at": at})

    async def _count(self, statement: Select[Any], values: dict[str, Any]) -> int:
        return int(await self._transaction.value(statement, values))
