"""Small real classes for the ports of ``recovery_core.passwords``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from recovery_core.passwords.characters import fold
from recovery_core.passwords.ports import PasswordMismatchError, UnreadableHashError

_PREFIX = "fake$"


class FakeHasher:
    """Hashes at no cost: ``fake$`` and a SHA-256; remembers what was done, never the secret."""

    def __init__(self) -> None:
        """Start without a history."""
        self.calls: list[str] = []

    @property
    def operations(self) -> int:
        """Return how many hashes, comparisons and wasted ones there were."""
        return len(self.calls)

    async def hash(self, secret: str) -> str:
        """Return the same hash each time: a test can compare."""
        self.calls.append("hash")
        return self.encode(secret)

    async def verify(self, encoded: str, secret: str) -> None:
        """Return or raise, as the port says."""
        if not encoded.startswith(_PREFIX):
            raise UnreadableHashError
        self.calls.append("verify")
        if encoded != self.encode(secret):
            raise PasswordMismatchError

    async def waste(self, secret: str) -> None:  # noqa: ARG002  the port names its argument
        """Count one operation."""
        self.calls.append("waste")

    def needs_rehash(self, encoded: str) -> bool:
        """Return whether *encoded* came from elsewhere."""
        return not encoded.startswith(_PREFIX)

    @staticmethod
    def encode(secret: str) -> str:
        """Return the hash without counting, to prepare a test."""
        return _PREFIX + hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class ListedPasswords:
    """A blocklist of the given passwords."""

    def __init__(self, passwords: Iterable[str]) -> None:
        """List *passwords*, whatever their case."""
        self._listed = {fold(password) for password in passwords}

    def contains(self, password: str) -> bool:
        """Return whether *password* is listed."""
        return fold(password) in self._listed
