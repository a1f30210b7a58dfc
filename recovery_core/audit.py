"""The audit trail: a chain of keyed hashes per case, whose heads enter one global chain (R21)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from recovery_core.keyed import KeyedHash

GENESIS = "genesis"
"""What the first event of every chain follows."""


class AuditName(StrEnum):
    """Every audited event, named source:subject:action."""

    CASE_OPENED = "person:case:opened"
    CASE_IDENTIFIED = "person:case:identified"
    CASE_CANCELLED = "person:case:cancelled"
    CASE_RESUMED = "person:case:resumed"
    CASE_MOVED = "person:case:moved"
    CHALLENGE_STARTED = "person:challenge:started"
    CHALLENGE_LIMITED = "core:challenge:limited"
    TRY_WRONG = "person:challenge:wrong"
    CHALLENGE_KILLED = "core:challenge:killed"
    PROOF_GIVEN = "person:proof:given"
    PROOF_REFUSED = "core:proof:refused"
    CASE_ESCALATED = "core:case:escalated"
    GRANT_GIVEN = "core:grant:given"
    GRANT_ENDED = "core:grant:ended"
    PASSWORD_REFUSED = "core:password:refused"  # noqa: S105
    PASSWORD_SET = "person:password:set"  # noqa: S105
    CASE_EXPIRED = "core:case:expired"
    CASE_FROZEN = "contact:case:frozen"
    CASE_REVOKED = "contact:case:revoked"
    VETO_NOTED = "contact:veto:noted"
    ACCOUNT_ENABLED = "operator:account:enabled"
    ACCOUNT_DISABLED = "operator:account:disabled"
    CONTACTS_CHANGED = "operator:contacts:changed"
    ACCOUNTS_IMPORTED = "operator:accounts:imported"
    TICKET_OPENED = "core:ticket:opened"
    TICKET_TAKEN = "operator:ticket:taken"
    TICKET_APPROVED = "operator:ticket:approved"
    TICKET_REFUSED = "operator:ticket:refused"
    TICKET_EXPIRED = "core:ticket:refused"
    TICKET_WITHDRAWN = "core:ticket:withdrawn"
    TICKET_CLOSED = "operator:ticket:closed"
    TICKET_OUT_OF_SCOPE = "operator:ticket:out_of_scope"
    TICKET_SEEN = "operator:ticket:seen"
    MATCH_WRONG = "operator:match:wrong"
    VOTE_GIVEN = "operator:vote:given"
    REVIEW_EFFECTIVE = "core:review:effective"
    MAILBOX_ASKED = "core:mailbox:asked"
    MAILBOX_PROVEN = "person:mailbox:proven"
    PHONE_ASKED = "core:phone:asked"
    PHONE_PROVEN = "person:phone:proven"
    EVIDENCE_SENT = "person:evidence:sent"
    EVIDENCE_SEEN = "operator:evidence:seen"
    EVIDENCE_DELETED = "core:evidence:deleted"
    CASE_APPROVED = "operator:case:approved"
    CASE_ENABLED = "operator:case:enabled"
    CASE_REFUSED = "operator:case:refused"
    TALK_WAITED = "person:talk:waited"
    TALK_TAKEN = "operator:talk:taken"
    TALK_ENDED = "core:talk:ended"
    TAKEOVER_REPORTED = "person:takeover:reported"
    CONSOLE_SIGNED_IN = "operator:console:signed_in"
    CONSOLE_ENROLLED = "operator:console:enrolled"
    OPERATOR_ADDED = "operator:agent:added"
    OPERATOR_DISABLED = "operator:agent:disabled"
    SECOND_FACTOR_RESET = "operator:second_factor:reset"
    CLOCK_WENT_BACK = "core:clock:back"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One link of a chain; ``data`` holds codes and counts, never a secret or an address."""

    chain: str
    """The case's id, or ``operator`` for what belongs to no case."""
    position: int
    name: str
    at: datetime
    data: Mapping[str, str | int]
    mac: str


@dataclass(frozen=True, slots=True)
class AuditChain:
    """A chain as a list shows it."""

    name: str
    length: int
    last_at: datetime


class AuditStore(Protocol):
    """Appends to the trail inside the unit of work."""

    async def append(
        self, chain: str, name: AuditName, at: datetime, data: Mapping[str, str | int] | None = None
    ) -> None:
        """Add the next link to *chain*."""
        ...

    async def events(
        self, chain: str, *, name: AuditName | None = None, since: datetime | None = None
    ) -> Sequence[AuditEvent]:
        """Return the chain in order; only the links called *name*, and not older than *since*, if given."""
        ...

    async def page(self, chain: str, before: int | None, limit: int) -> Sequence[AuditEvent]:
        """Return the *limit* newest links of *chain* before position *before* (or of all), newest first."""
        ...

    async def chains(self, before: tuple[datetime, str] | None, limit: int) -> Sequence[AuditChain]:
        """Return *limit* chains by their last link, newest first, after the one that *before* names."""
        ...

    async def anchor(self, at: datetime) -> int:
        """Add the head and length of every chain that grew to the global chain; return how many."""
        ...

    async def problems(self) -> Sequence[str]:
        """Check every chain and the global one; return what is wrong in stable words (none: intact)."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Drop whole chains whose last link is older than *moment* (their anchors stay); return how many."""
        ...


def link(
    keyed: KeyedHash,
    previous: str,
    chain: str,
    position: int,
    name: str,
    at: datetime,
    data: Mapping[str, str | int],
) -> str:
    """Return the mac of a link: HMAC-SHA256 over the previous mac and everything the link says."""
    body = json.dumps(dict(data), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return keyed.of(
        "audit", previous, chain, str(position), name, at.isoformat(timespec="microseconds"), body
    )


def broken_at(keyed: KeyedHash, events: Sequence[AuditEvent]) -> int | None:
    """Return the position of the first link that does not follow from the one before, None if all do."""
    previous = GENESIS
    for expected, event in enumerate(events):
        mac = link(keyed, previous, event.chain, event.position, event.name, event.at, event.data)
        if event.position != expected or mac != event.mac:
            return expected
        previous = event.mac
    return None
