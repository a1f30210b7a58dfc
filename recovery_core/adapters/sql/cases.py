"""The cases of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy import case as when

from recovery_core.adapters.sql.tables.cases import CASES, FORMS
from recovery_core.adapters.sql.tables.notices import VETOES
from recovery_core.adapters.sql.tables.people import CLAIMS, FILES, TICKETS
from recovery_core.adapters.sql.tables.proofs import CHALLENGES
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.flow import ENDED, State
from recovery_core.errors import ConflictError
from recovery_core.passwords.grant import Grant
from recovery_core.people.tickets import OPEN_STATES, TicketState
from recovery_core.proofs.methods import Method

_C, _F, _T = CASES.c, FILES.c, TICKETS.c
_ENDED = tuple(state.value for state in ENDED)
_AT_WORK = tuple(state.value for state in (*OPEN_STATES, TicketState.APPROVED))
"""Tickets on which somebody, or the sweep, still acts."""
_OPEN = tuple(state.value for state in State if state not in ENDED | {State.ESCALATED, State.COMPLETING})
"""States that expire when nothing happens; *completing* ends by what the directory says, not by time."""

# What every turn runs is built once: building a statement anew costs more than running it.
_TALK = bindparam("talk", type_=_C.conversation_id.type)
_OTHERS = CASES.alias()
_NEXT_THERE = (
    select(func.coalesce(func.max(_OTHERS.c.joined), 0) + 1)
    .where(_OTHERS.c.conversation_id == _TALK)
    .scalar_subquery()
)
_GET = select(CASES).where(_C.id == bindparam("case"))
_LOCK = _GET.with_for_update()
_CURRENT = (
    select(CASES)
    .where(_C.conversation_id == _TALK)
    .order_by(_C.joined.desc(), _C.created_at.desc(), _C.id.desc())
    .limit(1)
)
_LOCK_CURRENT = _CURRENT.with_for_update()
_ADD = insert(CASES).values(joined=_NEXT_THERE)
_SAVE = (
    update(CASES)
    .where(_C.id == bindparam("case"), _C.version == bindparam("read_version"))
    .values(joined=when((_C.conversation_id == _TALK, _C.joined), else_=_NEXT_THERE))
)


class SqlCases:
    """A case is written only over the version that it was read as."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, case: Case) -> None:
        """Store a new case; it is the newest of its conversation."""
        await self._transaction.run(_ADD, {"id": case.id, "talk": case.conversation_id, **_values(case)})

    async def save(self, case: Case) -> None:
        """Store *case* as its next version; raises ConflictError if another version was stored meanwhile.

        A case that moves to another conversation becomes the newest there (R13).
        """
        found = {"case": case.id, "read_version": case.version, "talk": case.conversation_id}
        values = _values(case) | {"version": case.version + 1} | found
        if not await self._transaction.changed(_SAVE, values):
            raise ConflictError

    async def get(self, case_id: str) -> Case | None:
        """Return the case, without a lock."""
        return await self._one(_GET, {"case": case_id})

    async def lock(self, case_id: str) -> Case | None:
        """Return the case and keep others from changing it until the unit of work ends."""
        return await self._one(_LOCK, {"case": case_id})

    async def lock_current(self, conversation_id: str) -> Case | None:
        """Return the newest case of the conversation, locked as by :meth:`lock`."""
        return await self._one(_LOCK_CURRENT, {"talk": conversation_id})

    async def current(self, conversation_id: str) -> Case | None:
        """Return the newest case of the conversation, without a lock."""
        return await self._one(_CURRENT, {"talk": conversation_id})

    async def by_reference(self, reference: str) -> Case | None:
        """Return the case with that reference, without a lock."""
        return await self._one(select(CASES).where(_C.reference == reference))

    async def idle_since(self, unproven: datetime, escalated: datetime, limit: int) -> Sequence[str]:
        """Return ids of open cases untouched since *unproven* (or *escalated*), the longest idle first."""
        return await self._ids(
            select(_C.id)
            .where(
                or_(
                    _C.state.in_(_OPEN) & (_C.updated_at < unproven),
                    (_C.state == State.ESCALATED) & (_C.updated_at < escalated),
                )
            )
            .order_by(_C.updated_at, _C.id)
            .limit(limit)
        )

    async def completing(self, before: datetime, limit: int) -> Sequence[str]:
        """Return ids of cases that have been *completing* since before the given moment."""
        return await self._ids(
            select(_C.id)
            .where(_C.state == State.COMPLETING, _C.updated_at < before)
            .order_by(_C.updated_at, _C.id)
            .limit(limit)
        )

    async def forget_ended(self, before: datetime, limit: int) -> int:
        """Drop cases that ended before that moment with what hangs on them; return how many (R21)."""
        at_work = or_(_T.state.in_(_AT_WORK), select(_F.id).where(_F.ticket_id == _T.id).exists())
        held = select(_T.id).where(_T.case_id == _C.id, at_work).exists()
        over = await self._ids(
            select(_C.id)
            .where(_C.state.in_(_ENDED), _C.updated_at < before, ~held)
            .order_by(_C.updated_at, _C.id)
            .limit(limit)
        )
        if not over:
            return 0
        theirs = select(_T.id).where(_T.case_id.in_(over))
        await self._transaction.run(delete(CLAIMS).where(CLAIMS.c.ticket_id.in_(theirs)))
        for table in (TICKETS, CHALLENGES, FORMS, VETOES):
            await self._transaction.run(delete(table).where(table.c.case_id.in_(over)))
        return await self._transaction.changed(delete(CASES).where(_C.id.in_(over)))

    async def _one(self, statement: Select[Any], values: dict[str, Any] | None = None) -> Case | None:
        row = await self._transaction.first(statement, values)
        return None if row is None else _case(row)

    async def _ids(self, statement: Select[Any]) -> Sequence[str]:
        return [row.id for row in await self._transaction.all(statement)]


def _values(case: Case) -> dict[str, Any]:
    grant = case.grant
    return {
        "reference": case.reference,
        "conversation_id": case.conversation_id,
        "state": case.state,
        "created_at": case.created_at,
        "updated_at": case.updated_at,
        "address": case.address,
        "account_id": case.account_id,
        "proofs": list(case.proofs),
        "proof_contacts": list(case.proof_contacts),
        "failed_methods": list(case.failed_methods),
        "escalation": case.escalation,
        "grant_issued_at": grant and grant.issued_at,
        "grant_expires_at": grant and grant.expires_at,
        "grant_password_version": grant and grant.password_version,
        "grant_contacts_version": grant and grant.contacts_version,
        "grant_status": grant and grant.status,
        "grant_sendings_left": grant and grant.sendings_left,
        "resume_hash": case.resume_hash,
        "completed_at": case.completed_at,
        "first_challenge_at": case.first_challenge_at,
        "version": case.version,
    }


def _grant(row: Row[Any]) -> Grant | None:
    if row.grant_issued_at is None:
        return None
    return Grant(
        issued_at=row.grant_issued_at,
        expires_at=row.grant_expires_at,
        password_version=row.grant_password_version,
        contacts_version=row.grant_contacts_version,
        status=row.grant_status,
        sendings_left=row.grant_sendings_left,
    )


def _case(row: Row[Any]) -> Case:
    return Case(
        id=row.id,
        reference=row.reference,
        conversation_id=row.conversation_id,
        state=State(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        address=row.address,
        account_id=row.account_id,
        proofs=tuple(Method(value) for value in row.proofs),
        proof_contacts=tuple(row.proof_contacts),
        failed_methods=tuple(Method(value) for value in row.failed_methods),
        escalation=None if row.escalation is None else Escalation(row.escalation),
        grant=_grant(row),
        resume_hash=row.resume_hash,
        completed_at=row.completed_at,
        first_challenge_at=row.first_challenge_at,
        version=row.version,
    )
