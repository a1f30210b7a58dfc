"""AES-256-GCM: the database may be read by others, its sealed columns may not."""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12
"""96 random bits (NIST SP 800-38D §8.2.2): good for 2^32 sealings under one key."""
_TAG_BYTES = 16
_FORMAT = b"\x01"


class AesGcmVault:
    """Seals as format byte, nonce, ciphertext and tag; the context is authenticated, not stored."""

    def __init__(self, key: bytes) -> None:
        """Use a *key* of 32 bytes; raises ValueError for any other length."""
        if len(key) != _KEY_BYTES:
            raise ValueError("vault_key_length")
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Return the ciphertext, bound to *context*."""
        # Not from the Entropy port: a nonce that a test could predict could be used twice under one key.
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _FORMAT + nonce + self._cipher.encrypt(nonce, plain, _FORMAT + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the plain bytes; raises ValueError if anything was changed."""
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if sealed[:1] != _FORMAT or len(body) < _TAG_BYTES:
            raise ValueError("sealed_format")
        try:
            return self._cipher.decrypt(nonce, body, _FORMAT + context.encode())
        except InvalidTag:
            raise ValueError("sealed_changed") from None
