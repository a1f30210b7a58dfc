"""Every refusal of the core: a stable code, never a sentence (words live in the catalogues)."""

from __future__ import annotations

from datetime import timedelta


class RecoveryError(Exception):
    """Base of everything the core refuses; ``code`` is stable and safe to show and to log."""

    code = "refused"

    def __init__(self, code: str | None = None) -> None:
        if code is not None:
            self.code = code
        super().__init__(self.code)


class MoveNotAllowedError(RecoveryError):
    """Raised when a case is asked to make a move that the one table of moves does not hold."""

    code = "move_not_allowed"


class ConflictError(RecoveryError):
    """Raised when another process changed the same row first; the caller may read again and retry."""

    code = "conflict"


class MustWaitError(RecoveryError):
    """Raised when the same request would be accepted later; ``retry_after`` says when."""

    code = "must_wait"

    def __init__(self, retry_after: timedelta, code: str | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(code)


class GoneError(RecoveryError):
    """Raised for a form, link or grant that existed and can no longer be used (HTTP 410)."""

    code = "gone"


class UnknownError(RecoveryError):
    """Raised for a token or reference that was never issued (HTTP 404)."""

    code = "unknown"


class WrongError(RecoveryError):
    """Raised when a code, an answer or a reference does not match; ``tries_left`` may be shown."""

    code = "wrong"

    def __init__(self, code: str | None = None, tries_left: int | None = None) -> None:
        self.tries_left = tries_left
        super().__init__(code)


class UnavailableError(RecoveryError):
    """Raised when a part that we depend on (store, directory, sender) cannot answer now."""

    code = "unavailable"


class RefusedByPeerError(RecoveryError):
    """Raised by a sender when the other side refused for good; trying again would change nothing."""

    code = "refused_by_peer"
