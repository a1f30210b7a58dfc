"""The tickets of the store. Tickets of nobody run through the same statements as all others (R18)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, TextClause, func, insert, or_, select, tuple_, update

from recovery_core.adapters.sql.tables.cases import CASES
from recovery_core.adapters.sql.tables.people import (
    APPROVED_LATER,
    DECIDED,
    DUE_DECOY,
    MEASURED,
    NOTES,
    TICKETS,
    UNDECIDED,
    UNFINISHED,
    VOTES,
)
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.cases.flow import ENDED
from recovery_core.errors import ConflictError
from recovery_core.people.figures import measure
from recovery_core.people.ports import Crowd, Measured
from recovery_core.people.tickets import Kind, Lane, Note, Reason, Ticket, TicketState, Vote

_T = TICKETS.c
_QUEUE = (_T.priority, _T.due_at, _T.created_at, _T.id)
_ENDED = tuple(state.value for state in ENDED)


class SqlTickets:
    """A ticket is written only over the version that it was read as."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add_once(self, ticket: Ticket) -> Ticket:
        """Store the ticket, or return the open one of the same case and kind.

        Raises ConflictError if the number is taken, or if the open one was decided at this very moment.
        """
        statement = (
            self._transaction.insert(TICKETS)
            .values(id=ticket.id, **_values(ticket))
            .on_conflict_do_nothing(index_elements=["case_id", "kind"], index_where=UNDECIDED)
        )
        if await self._transaction.changed(statement):
            return ticket
        found = await self._one(
            select(TICKETS).where(_T.case_id == ticket.case_id, _T.kind == ticket.kind, UNDECIDED)
        )
        if found is None:
            raise ConflictError
        return found

    async def lock(self, ticket_id: str) -> Ticket | None:
        """Return the ticket and keep others from changing it until the unit of work ends."""
        return await self._one(select(TICKETS).where(_T.id == ticket_id).with_for_update())

    async def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket, without a lock."""
        return await self._one(select(TICKETS).where(_T.id == ticket_id))

    async def save(self, ticket: Ticket) -> None:
        """Store *ticket* as its next version; raises ConflictError if another was stored meanwhile."""
        statement = (
            update(TICKETS)
            .where(_T.id == ticket.id, _T.version == ticket.version)
            .values(_values(ticket) | {"version": ticket.version + 1})
        )
        if not await self._transaction.changed(statement):
            raise ConflictError

    async def of_case(self, case_id: str) -> Sequence[Ticket]:
        """Return the tickets of the case, newest first."""
        return await self._many(
            select(TICKETS).where(_T.case_id == case_id).order_by(_T.created_at.desc(), _T.id.desc())
        )

    async def of_account(self, account_id: str, limit: int) -> Sequence[Ticket]:
        """Return the open tickets of the account, oldest first."""
        return await self._many(
            select(TICKETS)
            .where(_T.account_id == account_id, UNDECIDED)
            .order_by(_T.created_at, _T.id)
            .limit(limit)
        )

    async def crowd(self, kinds: Collection[Kind], address: str | None, client: str) -> Crowd:
        """Count the open tickets of *kinds* for that mailbox and from that client; holds both."""
        if address is not None:
            await self._transaction.hold(f"asked for {address}")
        await self._transaction.hold(f"asked by {client}")
        here, whose = _T.client == client, _T.address == (address or "")
        of_address, of_client, of_both = (func.count().filter(rows) for rows in (whose, here, whose & here))
        statement = select(of_address, of_client, of_both)
        statement = statement.where(or_(whose, here), _T.kind.in_(kinds), UNDECIDED)
        (counts,) = await self._transaction.all(statement)
        return Crowd(*map(int, counts))

    async def queue(
        self, lane: Lane, domains: Sequence[str] | None, limit: int, skip: int = 0
    ) -> Sequence[Ticket]:
        """Return open tickets of *lane* in queue order after the first *skip*, of *domains* where given."""
        statement = select(TICKETS).where(_T.lane == lane, UNDECIDED)
        if domains is not None:
            statement = statement.where(_T.domain.in_(domains))
        return await self._many(statement.order_by(*_QUEUE).limit(limit).offset(skip))

    async def position(self, ticket: Ticket) -> int:
        """Return the place in its kind's queue, from 1, over all lanes."""
        place = tuple_(_T.due_at, _T.created_at, _T.id)
        before = place < (ticket.due_at, ticket.created_at, ticket.id)
        ahead = select(func.count()).select_from(TICKETS).where(_T.kind == ticket.kind, before, UNDECIDED)
        return int(await self._transaction.value(ahead)) + 1

    async def measured(self, kind: Kind, sample: int) -> Measured:
        """Return median and p90 of the last *sample* decided tickets of the kind, decoys left out."""
        rows = await self._transaction.all(
            select(_T.created_at, _T.decided_at)
            .where(_T.kind == kind, MEASURED)
            .order_by(_T.decided_at.desc())
            .limit(sample)
        )
        return measure([row.decided_at - row.created_at for row in rows])

    async def due_decoys(self, before: datetime, limit: int) -> Sequence[str]:
        """Return ids of open tickets in the lane *nobody* created before the given moment, oldest first.

        Tickets that wait for documents are not due: they end with their case.
        """
        return await self._ids(DUE_DECOY, _T.created_at < before, limit=limit, by=_T.created_at)

    async def effective(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of approved reviews whose waiting time is over and that are not closed."""
        return await self._ids(APPROVED_LATER, _T.effective_at <= now, limit=limit, by=_T.effective_at)

    async def orphans(self, limit: int) -> Sequence[str]:
        """Return ids of open or approved tickets whose case has ended, oldest first.

        Talks and takeovers outlive their case and would fill every batch.
        """
        ended = select(CASES.c.id).where(CASES.c.id == _T.case_id, CASES.c.state.in_(_ENDED)).exists()
        return await self._ids(UNFINISHED, ended, limit=limit, by=_T.created_at)

    async def due_between(self, start: datetime, end: datetime, limit: int) -> Sequence[str]:
        """Return ids of open tickets that became due from *start* until before *end*, oldest first."""
        return await self._ids(UNDECIDED, _T.due_at >= start, _T.due_at < end, limit=limit, by=_T.due_at)

    async def decided_between(self, start: datetime, end: datetime) -> Sequence[Ticket]:
        """Return the tickets decided from *start* until before *end*, in that order."""
        return await self._many(
            select(TICKETS)
            .where(DECIDED, _T.decided_at >= start, _T.decided_at < end)
            .order_by(_T.decided_at, _T.id)
        )

    async def add_vote(self, vote: Vote) -> bool:
        """Store a vote; False if this reviewer has voted on the ticket before."""
        statement = (
            self._transaction.insert(VOTES)
            .values(
                ticket_id=vote.ticket_id,
                reviewer=vote.reviewer,
                approve=vote.approve,
                reason=vote.reason,
                at=vote.at,
            )
            .on_conflict_do_nothing(index_elements=["ticket_id", "reviewer"])
        )
        return await self._transaction.changed(statement) == 1

    async def votes(self, ticket_id: str) -> Sequence[Vote]:
        """Return the votes in order."""
        rows = await self._transaction.all(
            select(VOTES).where(VOTES.c.ticket_id == ticket_id).order_by(VOTES.c.at, VOTES.c.reviewer)
        )
        return [Vote(r.ticket_id, r.reviewer, r.approve, r.reason and Reason(r.reason), r.at) for r in rows]

    async def add_note(self, note: Note) -> None:
        """Store an internal note."""
        await self._transaction.run(
            insert(NOTES).values(ticket_id=note.ticket_id, author=note.author, text=note.text, at=note.at)
        )

    async def notes(self, ticket_id: str) -> Sequence[Note]:
        """Return the notes in order."""
        rows = await self._transaction.all(
            select(NOTES).where(NOTES.c.ticket_id == ticket_id).order_by(NOTES.c.id)
        )
        return [Note(row.ticket_id, row.author, row.text, row.at) for row in rows]

    async def _one(self, statement: Select[Any]) -> Ticket | None:
        row = await self._transaction.first(statement)
        return None if row is None else _ticket(row)

    async def _many(self, statement: Select[Any]) -> Sequence[Ticket]:
        return [_ticket(row) for row in await self._transaction.all(statement)]

    async def _ids(
        self,
        *conditions: ColumnElement[bool] | TextClause,
        limit: int,
        by: ColumnElement[Any],
    ) -> Sequence[str]:
        statement = select(_T.id).where(*conditions).order_by(by, _T.id).limit(limit)
        return [row.id for row in await self._transaction.all(statement)]


def _values(ticket: Ticket) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "kind": ticket.kind,
        "lane": ticket.lane,
        "priority": int(ticket.priority),
        "case_id": ticket.case_id,
        "conversation_id": ticket.conversation_id,
        "domain": ticket.domain,
        "state": ticket.state,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "due_at": ticket.due_at,
        "account_id": ticket.account_id,
        "address": ticket.address,
        "proofs": ticket.proofs,
        "assignee": ticket.assignee,
        "decided_at": ticket.decided_at,
        "decided_by": ticket.decided_by,
        "reason": ticket.reason,
        "match_tries_left": ticket.match_tries_left,
        "effective_at": ticket.effective_at,
        "client": ticket.client,
        "version": ticket.version,
    }


def _ticket(row: Row[Any]) -> Ticket:
    return Ticket(
        id=row.id,
        number=row.number,
        kind=Kind(row.kind),
        lane=Lane(row.lane),
        case_id=row.case_id,
        conversation_id=row.conversation_id,
        domain=row.domain,
        state=TicketState(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
        due_at=row.due_at,
        account_id=row.account_id,
        address=row.address,
        proofs=row.proofs,
        assignee=row.assignee,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason and Reason(row.reason),
        match_tries_left=row.match_tries_left,
        effective_at=row.effective_at,
        client=row.client,
        version=row.version,
    )
