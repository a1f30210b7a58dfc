"""What the people's part asks of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.people.tickets import Kind, Lane, Note, Ticket, Vote


@dataclass(frozen=True, slots=True)
class Measured:
    """How long the last decided tickets of a kind took; None where there were none."""

    median: timedelta | None
    p90: timedelta | None
    count: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many open tickets there are beside a new one."""

    address: int
    """For the same mailbox."""
    client: int
    """From the same client."""
    both: int
    """From that client for that mailbox."""


class TicketStore(Protocol):
    """Tickets, votes and notes."""

    async def add_once(self, ticket: Ticket) -> Ticket:
        """Store the ticket, or return the open one of the same case and kind (once per cause)."""
        ...

    async def lock(self, ticket_id: str) -> Ticket | None:
        """Return the ticket and keep others from changing it until the unit of work ends."""
        ...

    async def get(self, ticket_id: str) -> Ticket | None:
        """Return the ticket, without a lock."""
        ...

    async def save(self, ticket: Ticket) -> None:
        """Store the next version; raises ConflictError if another was stored meanwhile."""
        ...

    async def of_case(self, case_id: str) -> Sequence[Ticket]:
        """Return the tickets of the case, newest first."""
        ...

    async def of_account(self, account_id: str, limit: int) -> Sequence[Ticket]:
        """Return the open tickets of the account, shown side by side (R14)."""
        ...

    async def crowd(self, kinds: Collection[Kind], address: str | None, client: str) -> Crowd:
        """Count the open tickets of *kinds* for that mailbox and from that client.

        Others who count for either wait until this unit of work ends, so that parallel askers cannot pass
        a limit together.
        """
        ...

    async def queue(
        self, lane: Lane, domains: Sequence[str] | None, limit: int, skip: int = 0
    ) -> Sequence[Ticket]:
        """Return open tickets of *lane* in queue order after the first *skip*, of *domains* where given."""
        ...

    async def position(self, ticket: Ticket) -> int:
        """Return the place in its kind's queue, from 1; decoys are counted alike (R18)."""
        ...

    async def measured(self, kind: Kind, sample: int) -> Measured:
        """Return median and p90 of the last *sample* decided tickets of the kind, decoys left out."""
        ...

    async def due_decoys(self, before: datetime, limit: int) -> Sequence[str]:
        """Return ids of open tickets in the lane *nobody* created before the given moment."""
        ...

    async def effective(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of approved reviews whose waiting time is over and that are not closed (R17)."""
        ...

    async def orphans(self, limit: int) -> Sequence[str]:
        """Return ids of open or approved tickets whose case has ended."""
        ...

    async def due_between(self, start: datetime, end: datetime, limit: int) -> Sequence[str]:
        """Return ids of open tickets that became due from *start* until before *end*, the oldest first."""
        ...

    async def decided_between(self, start: datetime, end: datetime) -> Sequence[Ticket]:
        """Return the tickets decided in that time, for the figures."""
        ...

    async def add_vote(self, vote: Vote) -> bool:
        """Store a vote; False if this reviewer has voted on the ticket before."""
        ...

    async def votes(self, ticket_id: str) -> Sequence[Vote]:
        """Return the votes in order."""
        ...

    async def add_note(self, note: Note) -> None:
        """Store an internal note."""
        ...

    async def notes(self, ticket_id: str) -> Sequence[Note]:
        """Return the notes in order."""
        ...


class OperatorStore(Protocol):
    """Agents, the second factors of all operators, and their sessions."""

    async def by_name(self, console: Console, name: str) -> Operator | None:
        """Return the operator with that sign-in name."""
        ...

    async def by_id(self, operator_id: str) -> Operator | None:
        """Return the operator."""
        ...

    async def put(self, operator: Operator) -> None:
        """Store a new or changed operator."""
        ...

    async def agents(self) -> Sequence[Operator]:
        """Return all agents of the desk."""
        ...

    async def present(self, since: datetime) -> int:
        """Return how many enabled agents have used a fully signed-in session of the desk since then."""
        ...

    async def accept_step(self, operator_id: str, step: int) -> bool:
        """Remember a TOTP step as used; False if this or a later one was used before (one atomic update)."""
        ...

    async def add_session(self, session: ConsoleSession) -> None:
        """Store a new session."""
        ...

    async def session(self, token_hash: str) -> ConsoleSession | None:
        """Return the session of that token."""
        ...

    async def touch(self, token_hash: str, at: datetime, second_factor_at: datetime | None) -> None:
        """Remember when the session was last used and its second factor last proven."""
        ...

    async def end_session(self, token_hash: str) -> None:
        """End one session."""
        ...

    async def end_sessions_of(self, operator_id: str) -> int:
        """End all sessions of the operator; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """What became of the cases opened in a time: counts, and the spans from opening to completion."""

    by_outcome: Mapping[str, int]
    """State to count."""
    by_method: Mapping[str, int]
    """Methods of completed cases, joined by commas (``approval`` where somebody vouched), to count."""
    to_recovery: Sequence[timedelta]
    not_understood: int
    """Answers that admitted not to understand the line."""


class FigureStore(Protocol):
    """Figures for the overview of the desk; reads only."""

    async def cases_between(self, start: datetime, end: datetime) -> CaseFigures:
        """Count the cases opened from *start* until before *end*."""
        ...

    async def not_understood(self, start: datetime, end: datetime, limit: int) -> Sequence[tuple[str, int]]:
        """Return the lines that were not understood in that time, the most frequent first.

        They are masked, and nothing in them tells whose they are.
        """
        ...
