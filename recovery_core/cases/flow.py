"""The states of a recovery and the one table of allowed moves (R1)."""

from __future__ import annotations

from enum import StrEnum

from recovery_core.errors import MoveNotAllowedError


class State(StrEnum):
    """Where a case stands. An address that does not exist passes the same states as one that works (R2)."""

    OPENED = "opened"
    """Somebody said what they need; no address yet."""
    IDENTIFIED = "identified"
    """An address was named; nothing is known of who named it."""
    CHALLENGED = "challenged"
    """A proof was asked for; decoys stay here for ever."""
    PROVEN = "proven"
    """Enough proofs for the profile (R9); a grant may be alive."""
    COMPLETING = "completing"
    """A remote directory was asked to set the password and its answer is not known yet."""
    COMPLETED = "completed"
    """The new password is set, the grant used, everyone told."""
    ESCALATED = "escalated"
    """Rules cannot decide: an administrator or a person must act first."""
    APPROVED = "approved"
    """Somebody with the right to do so acted; a fresh proof follows."""
    REFUSED = "refused"
    """Somebody with the right to do so said no."""
    CANCELLED = "cancelled"
    """The person gave up."""
    EXPIRED = "expired"
    """Nothing happened for too long (R13)."""
    FROZEN = "frozen"
    """Somebody who was told of it said that it was not them (R12)."""
    REVOKED = "revoked"
    """A completed recovery was denied in time: no password opens the mailbox (R12)."""


_S = State
_ASIDE = frozenset({_S.ESCALATED, _S.CANCELLED, _S.EXPIRED, _S.FROZEN})

MOVES: dict[State, frozenset[State]] = {
    _S.OPENED: frozenset({_S.IDENTIFIED}) | _ASIDE,
    _S.IDENTIFIED: frozenset({_S.IDENTIFIED, _S.CHALLENGED}) | _ASIDE,
    _S.CHALLENGED: frozenset({_S.CHALLENGED, _S.PROVEN}) | _ASIDE,
    _S.PROVEN: frozenset({_S.CHALLENGED, _S.COMPLETING, _S.COMPLETED}) | _ASIDE,
    _S.COMPLETING: frozenset({_S.PROVEN, _S.COMPLETED}),
    _S.COMPLETED: frozenset({_S.REVOKED}),
    _S.ESCALATED: frozenset({_S.APPROVED, _S.CHALLENGED, _S.REFUSED, _S.CANCELLED, _S.EXPIRED, _S.FROZEN}),
    _S.APPROVED: frozenset({_S.CHALLENGED, _S.CANCELLED, _S.EXPIRED, _S.FROZEN}),
    _S.REFUSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.FROZEN: frozenset(),
    _S.REVOKED: frozenset(),
}
"""Every allowed move; ``docs/recovery-flow.md`` draws it and a test compares the two."""

ENDED = frozenset({_S.COMPLETED, _S.REFUSED, _S.CANCELLED, _S.EXPIRED, _S.FROZEN, _S.REVOKED})
"""States in which a case takes no further word of the person."""


def check_move(current: State, to: State) -> None:
    """Return if *current* may become *to*, else raise :class:`MoveNotAllowedError`."""
    if to not in MOVES[current]:
        raise MoveNotAllowedError
