"""Keyed hashes: how the core remembers a code, a token or an address without being able to read it back."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

_ODD = "surrogatepass"
"""A cookie or header may hold bytes that are no text; they match nothing, which is no reason to break."""


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """HMAC-SHA256 under a key that lives outside the database, separated by purpose."""

    key: bytes = field(repr=False)

    def of(self, purpose: str, *parts: str) -> str:
        """Return the 43-character hash of *parts* for *purpose*; parts cannot run into each other."""
        message = b"".join(
            len(raw).to_bytes(4, "big") + raw for raw in (p.encode(errors=_ODD) for p in (purpose, *parts))
        )
        return base64.urlsafe_b64encode(hmac.digest(self.key, message, hashlib.sha256)).decode().rstrip("=")

    def matches(self, expected: str, purpose: str, *parts: str) -> bool:
        """Tell in constant time whether *expected* is the hash of *parts* for *purpose*."""
        return hmac.compare_digest(expected.encode(errors=_ODD), self.of(purpose, *parts).encode())
