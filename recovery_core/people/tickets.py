"""Tickets: what rules cannot decide, with what is needed to decide it; created once per cause, never lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from recovery_core.errors import MoveNotAllowedError


class Kind(StrEnum):
    """What is asked for."""

    RESET = "reset"
    """An employee without a working factor asks the own administrator for the right to set a password."""
    ENABLE = "enable"
    """A disabled account: it must be enabled first, then reset, in that order (R10)."""
    OWNER_APPROVAL = "owner_approval"
    """A postmaster (Standard, Premium) asks the registered owner contact (R14)."""
    SUPER_APPROVAL = "super_approval"
    """A sub-company's postmaster asks the super administrator of the group (R14)."""
    REVIEW = "review"
    """Every factor is lost: documents are reviewed by people (R17)."""
    TAKEOVER = "takeover"
    """Somebody says that a recovery was not theirs (R12)."""
    TALK = "talk"
    """Somebody wants a person and nobody was there."""


class Lane(StrEnum):
    """Who sees the ticket in a queue of their own."""

    ADMINISTRATOR = "administrator"
    """The administrators of the ticket's domain; for a group's domains also the super administrator."""
    SUPER = "super"
    """The super administrator of the group only."""
    OWNER = "owner"
    """The registered owner contact of the domain, by a mail link; nobody has a console for it."""
    DESK = "desk"
    NOBODY = "nobody"
    """No such account: same position and status, refused after the median time of its kind (R18)."""


class TicketState(StrEnum):
    """Where a ticket stands."""

    OPEN = "open"
    TAKEN = "taken"
    """An agent works on it."""
    WAITING = "waiting"
    """Waits for the person: a document, the new contact, or the 24 hours after approval (R17)."""
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    """The person cancelled, or the case ended otherwise."""
    CLOSED = "closed"
    """Done: the person is back, or there was nothing to decide."""


_S = TicketState
TICKET_MOVES: dict[TicketState, frozenset[TicketState]] = {
    _S.OPEN: frozenset({_S.TAKEN, _S.WAITING, _S.APPROVED, _S.REFUSED, _S.WITHDRAWN, _S.CLOSED}),
    _S.TAKEN: frozenset({_S.OPEN, _S.WAITING, _S.APPROVED, _S.REFUSED, _S.WITHDRAWN, _S.CLOSED}),
    _S.WAITING: frozenset({_S.OPEN, _S.TAKEN, _S.APPROVED, _S.REFUSED, _S.WITHDRAWN, _S.CLOSED}),
    _S.APPROVED: frozenset({_S.CLOSED, _S.REFUSED, _S.WITHDRAWN}),
    _S.REFUSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.CLOSED: frozenset(),
}
"""Every allowed move; a test compares it with the drawing in ``docs/tickets.md``."""

OPEN_STATES = frozenset({_S.OPEN, _S.TAKEN, _S.WAITING})
"""States that count in the queue and for a position."""


class Priority(IntEnum):
    """Lower comes first."""

    URGENT = 1
    HIGH = 2
    NORMAL = 3


PRIORITIES: dict[Kind, Priority] = {
    Kind.TAKEOVER: Priority.URGENT,
    Kind.OWNER_APPROVAL: Priority.HIGH,
    Kind.SUPER_APPROVAL: Priority.HIGH,
    Kind.REVIEW: Priority.NORMAL,
    Kind.ENABLE: Priority.NORMAL,
    Kind.RESET: Priority.NORMAL,
    Kind.TALK: Priority.NORMAL,
}
DUE: dict[Kind, timedelta] = {
    Kind.TAKEOVER: timedelta(hours=1),
    Kind.TALK: timedelta(hours=4),
    Kind.ENABLE: timedelta(days=3),
    Kind.RESET: timedelta(days=3),
    Kind.OWNER_APPROVAL: timedelta(days=3),
    Kind.SUPER_APPROVAL: timedelta(days=3),
    Kind.REVIEW: timedelta(days=5),
}
"""How long after its creation a ticket is overdue; an administrator silent until then opens the way to
document review (R17)."""


class Reason(StrEnum):
    """Why a request was refused; the words say what to do next."""

    NOT_MATCHED = "not_matched"
    """Could not be matched: the common code, also of decoys (R18)."""
    NUMBER_WRONG = "number_wrong"
    """Three wrong match numbers (R14)."""
    UNREADABLE = "unreadable"
    NAME_DIFFERS = "name_differs"
    DOCUMENT_OUTDATED = "document_outdated"
    NOT_AUTHORISED = "not_authorised"
    LEFT_COMPANY = "left_company"
    VETOED = "vetoed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request; every change is a new value that the unit of work stores. Never holds a secret."""

    id: str
    number: str
    """``T-4K7M2P``: shown to people."""
    kind: Kind
    lane: Lane
    case_id: str
    conversation_id: str
    domain: str
    state: TicketState
    created_at: datetime
    updated_at: datetime
    due_at: datetime
    account_id: str | None = None
    address: str | None = field(default=None, repr=False)
    """What was typed; agents see only this before a proof (R15)."""
    proofs: str = ""
    """Methods proven when it was opened, joined by commas; empty: none."""
    assignee: str | None = None
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: Reason | None = None
    match_tries_left: int = 3
    """Wrong match numbers left (R14)."""
    effective_at: datetime | None = None
    """When an approval begins to count: 24 hours later for a review (R17)."""
    client: str | None = field(default=None, repr=False)
    """Keyed hash of the client that asked; None where nobody asked."""
    version: int = 0

    @property
    def priority(self) -> Priority:
        """Return the kind's priority."""
        return PRIORITIES[self.kind]

    @property
    def is_open(self) -> bool:
        """Tell whether somebody still has to decide."""
        return self.state in OPEN_STATES

    def move(self, to: TicketState, at: datetime) -> Ticket:
        """Return the ticket in state *to*; raises :class:`MoveNotAllowedError`."""
        if to not in TICKET_MOVES[self.state]:
            raise MoveNotAllowedError
        return replace(self, state=to, updated_at=at)


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note of the desk; never shown to the person."""

    ticket_id: str
    author: str
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Vote:
    """One reviewer's independent vote; nobody sees another's before voting."""

    ticket_id: str
    reviewer: str
    approve: bool
    reason: Reason | None
    at: datetime


def queue_order(ticket: Ticket) -> tuple[int, datetime, datetime, str]:
    """Return the sort key of a queue: priority, then due time, then age."""
    return (ticket.priority, ticket.due_at, ticket.created_at, ticket.id)
