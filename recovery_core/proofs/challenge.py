"""A challenge: one question put to the person, real or a decoy that looks and costs the same (R2, R4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from recovery_core.proofs.methods import Method


class ChallengeState(StrEnum):
    """Where a challenge stands; only *pending* can be answered."""

    PENDING = "pending"
    USED = "used"
    DEAD = "dead"
    """Killed by wrong tries, by a newer challenge, or because the case moved."""
    EXPIRED = "expired"
    """Written by the sweep and never undone (R20)."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One pending or ended challenge; the secret is kept only as a keyed hash."""

    id: str
    case_id: str
    method: Method
    address_key: str
    """Keyed hash of the address: what budgets and limits are counted on, for decoys too."""
    secret_hash: str = field(repr=False)
    """SMS: keyed hash of the code; mail: of the token; questions: empty, the answers are the account's."""
    decoy: bool
    questions: tuple[str, str] | None
    issued_at: datetime
    expires_at: datetime
    tries_left: int
    state: ChallengeState = ChallengeState.PENDING
    candidate_hash: str | None = field(default=None, repr=False)
    """Keyed hash of six digits seen inside a longer text, until the person says whether they are the code."""
