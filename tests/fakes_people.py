"""Tickets, operators and documents in memory, beside the other stores of :mod:`tests.fakes_store`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from recovery_core.conversations.conversation import Mode
from recovery_core.errors import ConflictError
from recovery_core.evidence.evidence import Claim, EvidenceFile
from recovery_core.keyed import KeyedHash
from recovery_core.people.figures import measure
from recovery_core.people.ports import CaseFigures, Crowd, Measured
from recovery_core.people.tickets import (
    OPEN_STATES,
    Kind,
    Lane,
    Note,
    Ticket,
    TicketState,
    Vote,
    queue_order,
)
from tests.fakes_operators import Operators
from tests.fakes_people_data import PeopleData
from tests.fakes_store import MemoryUnit, MemoryWork

_DONE = frozenset({TicketState.APPROVED, TicketState.REFUSED, TicketState.CLOSED})


class Tickets:
    """The TicketStore."""

    def __init__(self, data: PeopleData) -> None:
        """Work on *data*."""
        self._data = data

    async def add_once(self, ticket: Ticket) -> Ticket:
        """Store the ticket, or return the open one of the same case and kind."""
        for old in self._data.tickets.values():
            if (old.case_id, old.kind) == (ticket.case_id, ticket.kind) and old.is_open:
                return old
        self._data.tickets[ticket.id] = ticket
        return ticket

    async def lock(self, ticket_id: str) -> Ticket | None:
        """Return the ticket; a unit of work never waits here."""
        return self._data.tickets.get(ticket_id)

    async def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket."""
        return self._data.tickets.get(ticket_id)

    async def save(self, ticket: Ticket) -> None:
        """Store the next version over the one that was read."""
        if self._data.tickets[ticket.id].version != ticket.version:
            raise ConflictError
        self._data.tickets[ticket.id] = replace(ticket, version=ticket.version + 1)

    async def of_case(self, case_id: str) -> Sequence[Ticket]:
        """Return the case's tickets, newest first."""
        return [t for t in self._data.tickets.values() if t.case_id == case_id][::-1]

    async def of_account(self, account_id: str, limit: int) -> Sequence[Ticket]:
        """Return the account's open tickets."""
        own = [t for t in self._data.tickets.values() if t.account_id == account_id and t.is_open]
        return sorted(own, key=queue_order)[:limit]

    async def crowd(self, kinds: Collection[Kind], address: str | None, client: str) -> Crowd:
        """Count the open tickets of the kinds beside a new one."""
        found = [t for t in self._data.tickets.values() if t.is_open and t.kind in kinds]
        whose = [t for t in found if address is not None and t.address == address]
        here = [t for t in found if t.client == client]
        return Crowd(len(whose), len(here), len([t for t in whose if t in here]))

    async def queue(
        self, lane: Lane, domains: Sequence[str] | None, limit: int, skip: int = 0
    ) -> Sequence[Ticket]:
        """Return the open tickets of the lane."""
        found = [t for t in self._data.tickets.values() if t.lane is lane and t.is_open]
        within = [t for t in found if domains is None or t.domain in domains]
        return sorted(within, key=queue_order)[skip : skip + limit]

    async def position(self, ticket: Ticket) -> int:
        """Count the open tickets of the kind up to this one."""
        alike = [t for t in self._data.tickets.values() if t.kind is ticket.kind and t.is_open]
        return sum(queue_order(t) <= queue_order(ticket) for t in alike)

    async def measured(self, kind: Kind, sample: int) -> Measured:
        """Measure the last decided tickets of the kind."""
        done = [
            t
            for t in self._data.tickets.values()
            if t.kind is kind and t.lane is not Lane.NOBODY and t.state in _DONE and t.decided_at
        ]
        last = sorted(done, key=lambda t: t.decided_at)[-sample:]
        return measure([t.decided_at - t.created_at for t in last])

    async def due_decoys(self, before: datetime, limit: int) -> Sequence[str]:
        """Return open tickets of nobody."""
        found = [t for t in self._data.tickets.values() if t.lane is Lane.NOBODY and t.is_open]
        return [t.id for t in found if t.created_at < before or t.created_at == before][:limit]

    async def effective(self, now: datetime, limit: int) -> Sequence[str]:
        """Return approved reviews whose waiting is over."""
        approved = [t for t in self._data.tickets.values() if t.state is TicketState.APPROVED]
        return [t.id for t in approved if t.effective_at and t.effective_at <= now][:limit]

    async def orphans(self, limit: int) -> Sequence[str]:
        """Return open or approved tickets of ended cases."""
        states = OPEN_STATES | {TicketState.APPROVED}
        found = [t for t in self._data.tickets.values() if t.state in states]
        return [t.id for t in found if self._data.cases[t.case_id].ended][:limit]

    async def due_between(self, start: datetime, end: datetime, limit: int) -> Sequence[str]:
        """Return open tickets that became due."""
        found = [t for t in self._data.tickets.values() if t.is_open and start <= t.due_at < end]
        return [t.id for t in sorted(found, key=lambda t: t.due_at)][:limit]

    async def decided_between(self, start: datetime, end: datetime) -> Sequence[Ticket]:
        """Return what was decided in that time."""
        return [t for t in self._data.tickets.values() if t.decided_at and start <= t.decided_at < end]

    async def add_vote(self, vote: Vote) -> bool:
        """Store the vote of a reviewer, once."""
        if any((v.ticket_id, v.reviewer) == (vote.ticket_id, vote.reviewer) for v in self._data.votes):
            return False
        self._data.votes.append(vote)
        return True

    async def votes(self, ticket_id: str) -> Sequence[Vote]:
        """Return the votes."""
        return [v for v in self._data.votes if v.ticket_id == ticket_id]

    async def add_note(self, note: Note) -> None:
        """Store the note."""
        self._data.notes.append(note)

    async def notes(self, ticket_id: str) -> Sequence[Note]:
        """Return the notes."""
        return [n for n in self._data.notes if n.ticket_id == ticket_id]


class Evidence:
    """The EvidenceStore."""

    def __init__(self, data: PeopleData) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, ticket_id: str, claim: Claim, files: Sequence[EvidenceFile], at: datetime) -> None:  # noqa: ARG002
        """Store claim and files."""
        self._data.claims[ticket_id] = claim
        self._data.files.update({file.id: file for file in files})

    async def claim(self, ticket_id: str) -> Claim | None:
        """Return the claim."""
        return self._data.claims.get(ticket_id)

    async def files(self, ticket_id: str) -> Sequence[EvidenceFile]:
        """Return the files."""
        return [f for f in self._data.files.values() if f.ticket_id == ticket_id]

    async def get(self, file_id: str) -> EvidenceFile | None:
        """Return the file."""
        return self._data.files.get(file_id)

    async def known(self, file_ids: Sequence[str]) -> frozenset[str]:
        """Return the ids that belong to a ticket."""
        return frozenset(file_ids) & self._data.files.keys()

    async def over(self, decided_before: datetime, limit: int) -> Sequence[EvidenceFile]:
        """Return the files of tickets decided before."""
        tickets = self._data.tickets
        files = self._data.files.values()
        ended = [f for f in files if (at := tickets[f.ticket_id].decided_at) and at < decided_before]
        return ended[:limit]

    async def forget(self, file_id: str) -> None:
        """Drop the row."""
        self._data.files.pop(file_id, None)


class Figures:
    """The FigureStore."""

    def __init__(self, data: PeopleData) -> None:
        """Work on *data*."""
        self._data = data

    async def cases_between(self, start: datetime, end: datetime) -> CaseFigures:
        """Count the cases opened in that time."""
        found = [c for c in self._data.cases.values() if start <= c.created_at < end]
        outcomes = [c.state.value for c in found]
        spans = [c.completed_at - c.created_at for c in found if c.completed_at]
        return CaseFigures({state: outcomes.count(state) for state in outcomes}, {}, spans, 0)

    async def not_understood(self, start: datetime, end: datetime, limit: int) -> Sequence[tuple[str, int]]:
        """Nothing was ever misunderstood here."""
        del start, end, limit
        return ()


class _Adding:
    """What the other fakes learn of later, added from outside."""

    def __init__(self, store: object, data: PeopleData) -> None:
        """Stand before *store*."""
        self._store, self._data = store, data

    def __getattr__(self, name: str) -> object:
        """Pass everything else on."""
        return getattr(self._store, name)

    async def set_mode(self, conversation_id: str, mode: Mode) -> None:
        """Remember who answers."""
        old = self._data.conversations[conversation_id]
        self._data.conversations[conversation_id] = replace(old, mode=mode)

    async def status_since(self, account_id: str) -> datetime | None:
        """Return when the status changed."""
        return self._data.status_at.get(account_id)


class PeopleUnit(MemoryUnit):
    """A unit of work with the people's stores."""

    def __init__(self, work: PeopleWork, *, reading: bool) -> None:
        """Made by :class:`PeopleWork` only."""
        super().__init__(work, reading=reading)
        for name, store in (("tickets", Tickets), ("operators", Operators), ("evidence", Evidence)):
            setattr(self, name, self.counted(name, store(work.data)))
        self.figures = Figures(work.data)
        for name in ("conversations", "accounts"):
            setattr(self, name, _Adding(getattr(self, name), work.data))

    def counted(self, name: str, store: object) -> object:
        """Return *store* so that its calls are written down."""
        return type(self.audit)(name, store, self._work.calls)


class PeopleWork(MemoryWork):
    """Opens units of work on one :class:`PeopleData`."""

    def __init__(self, keyed: KeyedHash) -> None:
        """Start empty."""
        super().__init__(keyed)
        self.data = PeopleData(keyed)

    def __call__(self) -> PeopleUnit:
        """Open a unit of work."""
        return PeopleUnit(self, reading=False)

    def reading(self) -> PeopleUnit:
        """Open one that may only read."""
        return PeopleUnit(self, reading=True)

    def soon(self) -> PeopleUnit:
        """Open one that is settled later; memory has nothing to wait for."""
        return self()
