"""How codes and link tokens are drawn, remembered and compared; only keyed hashes are stored (R4, R6)."""

from __future__ import annotations

from datetime import datetime

from recovery_core.entropy import Entropy
from recovery_core.keyed import KeyedHash
from recovery_core.numbers import Numbers
from recovery_core.proofs.challenge import Challenge, ChallengeState

CODE_DIGITS = 6
"""NIST SP 800-63B-4 §4.2.1.2: at least six digits."""


def draw_code(entropy: Entropy) -> str:
    """Return a new six-digit code."""
    return entropy.digits(CODE_DIGITS)


def code_hash(keyed: KeyedHash, challenge_id: str, code: str) -> str:
    """Return the keyed hash of *code*, good for this one challenge only."""
    return keyed.of("code", challenge_id, code)


def sent_hash(keyed: KeyedHash, hashed: str, to: str) -> str:
    """Return what is stored of a code: its hash bound to the phone it went to (R12).

    A code proves only while the account still has that phone.
    """
    return keyed.of("code-sent", hashed, to)


def link_token(keyed: KeyedHash, challenge_id: str, to: str) -> str:
    """Return the token of a mail link, bound to the mailbox it goes to: 256 bits, stored nowhere (R6).

    Its challenge's id is random and never shown; ASVS 5.0 11.5.1 asks for 128 bits.
    """
    return keyed.of("link-token", challenge_id, to)


def link_hash(keyed: KeyedHash, token: str) -> str:
    """Return the keyed hash by which a mail link is found."""
    return keyed.of("link", token)


def in_time(issued_at: datetime, expires_at: datetime, now: datetime, numbers: Numbers) -> bool:
    """Tell whether issued_at - 60 s <= now < expires_at (R20): a clock set back makes nothing live longer."""
    return issued_at - numbers.clock_tolerance <= now < expires_at


def open_at(challenge: Challenge, now: datetime, numbers: Numbers) -> bool:
    """Tell whether the challenge may be answered: pending and in time."""
    pending = challenge.state is ChallengeState.PENDING
    return pending and in_time(challenge.issued_at, challenge.expires_at, now, numbers)


def timed_out(challenge: Challenge, now: datetime) -> bool:
    """Tell whether the challenge ended by time, whether or not the sweep has written so yet."""
    return challenge.state is ChallengeState.EXPIRED or (
        challenge.state is ChallengeState.PENDING and now >= challenge.expires_at
    )
