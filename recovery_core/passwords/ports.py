"""What the core needs from outside to judge and keep passwords."""

from __future__ import annotations

from typing import Protocol

from recovery_core.errors import RecoveryError, WrongError


class PasswordMismatchError(WrongError):
    """Raised when a secret does not belong to the hash that it was compared with."""

    code = "password_mismatch"


class UnreadableHashError(RecoveryError):
    """Raised when a stored hash has a scheme, a form or a cost that nobody here can compare with."""

    code = "unreadable_hash"


class PasswordHasher(Protocol):
    """Turns secrets into hashes and compares them; a refusal is raised, so no caller can overlook it."""

    @property
    def operations(self) -> int:
        """Return how many costly operations were started; two paths of equal work raise it equally (R2)."""
        ...

    async def hash(self, secret: str) -> str:
        """Return a new salted hash of *secret*; raise UnavailableError when too many are waiting."""
        ...

    async def verify(self, encoded: str, secret: str) -> None:
        """Return when *secret* belongs to *encoded*.

        Raise PasswordMismatchError when it does not, UnreadableHashError when *encoded* cannot be compared
        with, UnavailableError when too many are waiting.
        """
        ...

    async def waste(self, secret: str) -> None:
        """Cost as much as a ``verify`` and learn nothing: the share of decoys and of missing hashes."""
        ...

    def needs_rehash(self, encoded: str) -> bool:
        """Return whether *encoded* was made by another scheme or cost than today's."""
        ...


class Blocklist(Protocol):
    """Passwords that everybody tries first."""

    def contains(self, password: str) -> bool:
        """Return whether the whole *password*, case-folded, is listed (SP 800-63B-4 §3.1.1.2)."""
        ...
