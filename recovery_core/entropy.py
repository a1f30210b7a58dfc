"""The only source of chance: codes, tokens, ids and references are drawn here."""

from __future__ import annotations

import base64
import secrets
from typing import Protocol

_READABLE = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that cannot be mistaken for each other when read aloud."""


class Entropy(Protocol):
    """Draws unguessable values; a test passes one that it can predict."""

    def digits(self, count: int) -> str:
        """Return *count* decimal digits, each value equally likely."""
        ...

    def token(self, bits: int = 256) -> str:
        """Return a URL-safe token of at least *bits* bits (ASVS 5.0 11.5.1 asks for 128)."""
        ...

    def base32(self, length: int) -> str:
        """Return *length* upper-case base32 characters, 5 bits each."""
        ...

    def readable(self, length: int) -> str:
        """Return *length* characters of an alphabet without look-alikes, about 4.95 bits each."""
        ...


class SystemEntropy:
    """The operating system's generator, by :mod:`secrets`."""

    def digits(self, count: int) -> str:
        """Return *count* decimal digits, each value equally likely."""
        return f"{secrets.randbelow(10**count):0{count}d}"

    def token(self, bits: int = 256) -> str:
        """Return a URL-safe token of at least *bits* bits."""
        return secrets.token_urlsafe((bits + 7) // 8)

    def base32(self, length: int) -> str:
        """Return *length* upper-case base32 characters, 5 bits each."""
        return base64.b32encode(secrets.token_bytes((length * 5 + 7) // 8)).decode()[:length]

    def readable(self, length: int) -> str:
        """Return *length* characters of an alphabet without look-alikes."""
        return "".join(secrets.choice(_READABLE) for _ in range(length))
