"""A case: one attempt of one conversation to get one mailbox back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from recovery_core.cases.flow import ENDED, State, check_move
from recovery_core.passwords.grant import Grant
from recovery_core.proofs.methods import Method


class Escalation(StrEnum):
    """Why rules alone cannot go on."""

    ENABLE = "enable"
    """The account is disabled; an administrator must enable it first (R10)."""
    ADMINISTRATOR = "administrator"
    """Somebody above decides whether the person may set a password (R14)."""
    REVIEW = "review"
    """Documents are reviewed; after an approval only the new mailbox is asked for a proof (R17)."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case, immutable: every change is a new value that the unit of work stores."""

    id: str
    reference: str
    """``RC-7F3K-92QD``: shown to the person, worth nothing without the resume secret (R13)."""
    conversation_id: str
    state: State
    created_at: datetime
    updated_at: datetime
    address: str | None = field(default=None, repr=False)
    account_id: str | None = None
    proofs: tuple[Method, ...] = ()
    proof_contacts: tuple[str, ...] = ()
    """Ids of the contacts that gave a proof; the others may veto after the completion (R12)."""
    failed_methods: tuple[Method, ...] = ()
    escalation: Escalation | None = None
    grant: Grant | None = None
    resume_hash: str | None = field(default=None, repr=False)
    completed_at: datetime | None = None
    first_challenge_at: datetime | None = None
    version: int = 0
    """Counts the stored changes; a store refuses to write over a newer one."""

    @property
    def ended(self) -> bool:
        """Tell whether the case takes no further word of the person."""
        return self.state in ENDED

    @property
    def method(self) -> Method | None:
        """Return the method proven last, if any."""
        return self.proofs[-1] if self.proofs else None

    def move(self, to: State, at: datetime) -> Case:
        """Return the case in state *to*; raises :class:`MoveNotAllowedError` when R1 forbids it."""
        check_move(self.state, to)
        return replace(self, state=to, updated_at=at)
