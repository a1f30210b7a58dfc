"""What becomes of a refusal: its status and the key of its words."""

from __future__ import annotations

from math import ceil

from recovery_core.errors import ConflictError, GoneError, MustWaitError, UnavailableError, UnknownError
from recovery_core.passwords.ports import UnreadableHashError

_GONE = {
    "form_finished": "form_finished",
    "form_expired": "form_expired",
    "form_elsewhere": "form_elsewhere",
    "form_over": "form_over",
    "no_cookie": "form_elsewhere",
    "grant_expired": "grant_expired",
    "case_ended": "form_over",
    "link_over": "link_over",
    "link_used": "link_over",
    "veto_over": "veto_over",
    "veto_used": "veto_over",
    "no_review": "form_over",
}
RETRY_SECONDS = 5
"""What ``Retry-After`` says when a part of ours cannot answer."""


class RefusedError(Exception):
    """Raised when a page cannot go on; *retry_after* in seconds."""

    def __init__(self, status: int, code: str, retry_after: int | None = None) -> None:
        self.status = status
        self.code = code
        self.retry_after = retry_after
        super().__init__(code)


def refusal_of(error: Exception) -> RefusedError | None:
    """Return the refusal that *error* means to a page, None if it is none of the expected ones."""
    match error:
        case RefusedError():
            return error
        case UnknownError():
            return RefusedError(404, "unknown")
        case GoneError():
            return RefusedError(410, _GONE.get(error.code, "form_over"))
        case MustWaitError():
            return RefusedError(429, "must_wait", max(1, ceil(error.retry_after.total_seconds())))
        case UnavailableError() | ConflictError() | UnreadableHashError():
            return RefusedError(503, "unavailable", RETRY_SECONDS)
    return None
