"""Vetoes, found by the keyed hash of their token or code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update

from recovery_core.adapters.sql.tables.notices import VETOES
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.notices.veto import Veto

_V = VETOES.c
_ADD = insert(VETOES)


class SqlVetoes:
    """A veto is used once and within its time, by one statement."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, veto: Veto) -> None:
        """Store a new veto."""
        values = {
            "id": veto.id,
            "account_id": veto.account_id,
            "case_id": veto.case_id,
            "contact_id": veto.contact_id,
            "gave_proof": veto.gave_proof,
            "token_hash": veto.token_hash,
            "issued_at": veto.issued_at,
            "expires_at": veto.expires_at,
            "used_at": veto.used_at,
        }
        await self._transaction.run(_ADD, values)

    async def by_token_hash(self, token_hash: str) -> Veto | None:
        """Return the veto with that token or code."""
        row = await self._transaction.first(select(VETOES).where(_V.token_hash == token_hash))
        if row is None:
            return None
        return Veto(
            id=row.id,
            account_id=row.account_id,
            case_id=row.case_id,
            contact_id=row.contact_id,
            gave_proof=row.gave_proof,
            token_hash=row.token_hash,
            issued_at=row.issued_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
        )

    async def use(self, veto_id: str, at: datetime) -> bool:
        """Mark it used, if its time is not over; tell whether this call did it (exactly one can)."""
        statement = (
            update(VETOES)
            .where(_V.id == veto_id, _V.used_at.is_(None), _V.expires_at > at)
            .values(used_at=at)
        )
        return await self._transaction.changed(statement) == 1

    async def used_by_contact_since(self, contact_id: str, since: datetime) -> int:
        """Return how many vetoes of the contact were used since then."""
        return int(
            await self._transaction.value(
                select(func.count())
                .select_from(VETOES)
                .where(_V.contact_id == contact_id, _V.used_at >= since)
            )
        )

    async def end_of_contacts(self, account_id: str, kept: Sequence[str], at: datetime) -> int:
        """End open vetoes of contacts that the account no longer has: their time is over at *at*."""
        return await self._transaction.changed(
            update(VETOES)
            .where(
                _V.account_id == account_id,
                _V.contact_id.not_in(kept),
                _V.used_at.is_(None),
                _V.expires_at > at,
            )
            .values(expires_at=at)
        )
