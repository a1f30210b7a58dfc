"""Operators of both consoles, their second factors and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, select, update
from sqlalchemy import case as when

from recovery_core.adapters.sql.tables.people import CONSOLE_SESSIONS, OPERATORS
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.people.rights import RIGHTS, DeskRole, Right

_O, _S = OPERATORS.c, CONSOLE_SESSIONS.c
_FORGOTTEN_AFTER = timedelta(days=1)
"""Sessions last 8 hours (R15); what is so much older goes when the next one begins."""
_CHATTING = tuple(role.value for role, rights in RIGHTS.items() if Right.CHAT in rights)


class SqlOperators:
    """A time step of a second factor is accepted once, by one statement."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def by_name(self, console: Console, name: str) -> Operator | None:
        """Return the operator with that sign-in name."""
        return await self._one(select(OPERATORS).where(_O.console == console, _O.name == name))

    async def by_id(self, operator_id: str) -> Operator | None:
        """Return the operator."""
        return await self._one(select(OPERATORS).where(_O.id == operator_id))

    async def put(self, operator: Operator) -> None:
        """Store a new or changed operator; raises ConflictError if the name belongs to another one.

        The last accepted step never goes back while the second factor stays the same: an operator that was
        read before a sign-in must not make its code good again.
        """
        statement = self._transaction.insert(OPERATORS).values(id=operator.id, **_values(operator))
        new = statement.excluded
        kept = (_O.totp_last_step > new.totp_last_step) & _O.totp_sealed.is_not_distinct_from(new.totp_sealed)
        changes = _values(operator) | {
            "totp_last_step": when((kept, _O.totp_last_step), else_=new.totp_last_step)
        }
        await self._transaction.run(statement.on_conflict_do_update(index_elements=["id"], set_=changes))

    async def agents(self) -> Sequence[Operator]:
        """Return all agents of the desk, by name."""
        rows = await self._transaction.all(
            select(OPERATORS).where(_O.console == Console.DESK).order_by(_O.name)
        )
        return [_operator(row) for row in rows]

    async def present(self, since: datetime) -> int:
        """Return how many enabled agents have used a fully signed-in session of the desk since then.

        Only roles that may talk to people are counted: nobody waits for an auditor.
        """
        statement = (
            select(func.count(_S.operator_id.distinct()))
            .join(OPERATORS, _O.id == _S.operator_id)
            .where(
                _S.console == Console.DESK,
                _S.last_seen_at >= since,
                _S.second_factor_at.is_not(None),
                _O.console == Console.DESK,
                _O.role.in_(_CHATTING),
                _O.disabled.is_(False),
            )
        )
        return int(await self._transaction.value(statement))

    async def accept_step(self, operator_id: str, step: int) -> bool:
        """Remember a TOTP step as used; False if this or a later one was used before."""
        return (
            await self._transaction.changed(
                update(OPERATORS)
                .where(_O.id == operator_id, _O.totp_last_step < step)
                .values(totp_last_step=step)
            )
            == 1
        )

    async def add_session(self, session: ConsoleSession) -> None:
        """Store a new session; sessions that are long over are forgotten."""
        await self._transaction.run(
            delete(CONSOLE_SESSIONS).where(_S.issued_at < session.issued_at - _FORGOTTEN_AFTER)
        )
        await self._transaction.run(
            insert(CONSOLE_SESSIONS).values(
                token_hash=session.token_hash,
                operator_id=session.operator_id,
                console=session.console,
                issued_at=session.issued_at,
                last_seen_at=session.last_seen_at,
                second_factor_at=session.second_factor_at,
                password_version=session.password_version,
            )
        )

    async def session(self, token_hash: str) -> ConsoleSession | None:
        """Return the session of that token."""
        row = await self._transaction.first(select(CONSOLE_SESSIONS).where(_S.token_hash == token_hash))
        if row is None:
            return None
        return ConsoleSession(
            token_hash=row.token_hash,
            operator_id=row.operator_id,
            console=Console(row.console),
            issued_at=row.issued_at,
            last_seen_at=row.last_seen_at,
            second_factor_at=row.second_factor_at,
            password_version=row.password_version,
        )

    async def touch(self, token_hash: str, at: datetime, second_factor_at: datetime | None) -> None:
        """Remember when the session was last used and its second factor last proven."""
        await self._transaction.run(
            update(CONSOLE_SESSIONS)
            .where(_S.token_hash == token_hash)
            .values(last_seen_at=at, second_factor_at=second_factor_at)
        )

    async def end_session(self, token_hash: str) -> None:
        """End one session."""
        await self._transaction.run(delete(CONSOLE_SESSIONS).where(_S.token_hash == token_hash))

    async def end_sessions_of(self, operator_id: str) -> int:
        """End all sessions of the operator; return how many."""
        return await self._transaction.changed(delete(CONSOLE_SESSIONS).where(_S.operator_id == operator_id))

    async def _one(self, statement: Select[Any]) -> Operator | None:
        row = await self._transaction.first(statement)
        return None if row is None else _operator(row)


def _values(operator: Operator) -> dict[str, Any]:
    return {
        "console": operator.console,
        "name": operator.name,
        "display_name": operator.display_name,
        "language": operator.language,
        "role": operator.role,
        "password_hash": operator.password_hash,
        "totp_sealed": operator.totp_sealed,
        "totp_last_step": operator.totp_last_step,
        "totp_changed_at": operator.totp_changed_at,
        "disabled": operator.disabled,
    }


def _operator(row: Row[Any]) -> Operator:
    return Operator(
        id=row.id,
        console=Console(row.console),
        name=row.name,
        display_name=row.display_name,
        language=row.language,
        role=row.role and DeskRole(row.role),
        password_hash=row.password_hash,
        totp_sealed=row.totp_sealed,
        totp_last_step=row.totp_last_step,
        totp_changed_at=row.totp_changed_at,
        disabled=row.disabled,
    )
