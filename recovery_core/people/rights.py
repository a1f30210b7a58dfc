"""Who may do what at the desk and in the administrators' console: one table, spelled out by one test."""

from __future__ import annotations

from enum import StrEnum

from recovery_core.errors import RecoveryError


class DeskRole(StrEnum):
    """Roles of the people at the desk."""

    AGENT = "agent"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"


class Right(StrEnum):
    """Everything that can be done at the desk. Nobody may set a password, read a code or change a contact."""

    SEE_QUEUE = "see_queue"
    SEE_TICKET = "see_ticket"
    SEE_TRANSCRIPT = "see_transcript"
    SEE_EVIDENCE = "see_evidence"
    TAKE = "take"
    NOTE = "note"
    CHAT = "chat"
    VOTE = "vote"
    DECIDE = "decide"
    """Close or refuse what needs no vote."""
    SEE_FIGURES = "see_figures"
    SEE_AUDIT = "see_audit"


RIGHTS: dict[DeskRole, frozenset[Right]] = {
    DeskRole.AGENT: frozenset(
        {
            Right.SEE_QUEUE,
            Right.SEE_TICKET,
            Right.SEE_TRANSCRIPT,
            Right.TAKE,
            Right.NOTE,
            Right.CHAT,
            Right.DECIDE,
            Right.SEE_FIGURES,
        }
    ),
    DeskRole.REVIEWER: frozenset(
        {
            Right.SEE_QUEUE,
            Right.SEE_TICKET,
            Right.SEE_TRANSCRIPT,
            Right.SEE_EVIDENCE,
            Right.TAKE,
            Right.NOTE,
            Right.VOTE,
            Right.SEE_FIGURES,
        }
    ),
    DeskRole.AUDITOR: frozenset({Right.SEE_QUEUE, Right.SEE_TICKET, Right.SEE_FIGURES, Right.SEE_AUDIT}),
}


class NoRightError(RecoveryError):
    """Raised when a role lacks the right."""

    code = "no_right"


def require(role: DeskRole, right: Right) -> None:
    """Return if *role* holds *right*, else raise :class:`NoRightError`."""
    if right not in RIGHTS[role]:
        raise NoRightError
