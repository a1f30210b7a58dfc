"""The AES envelopes of Feishu and WeCom: AES-256-CBC with PKCS#7 (RFC 5652 6.3), opened strictly.

Each is opened only after its signature was checked, where there is one, and every failure is the same error:
nobody learns from us whether it was the padding.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from portal.channels.port import NotGenuineError
from portal.channels.verify import check_same

_BLOCK = 16
_WECOM_BLOCK = 32
"""WeCom pads to 32 bytes."""
_WECOM_HEAD = 20
"""16 random bytes and the length of the message in 4 bytes, big-endian."""
_WECOM_KEY = 43
_KEY_BYTES = 32


def wecom_key(encoding_aes_key: str) -> bytes:
    """Return the 32 bytes that an EncodingAESKey of 43 characters stands for; raises ValueError."""
    if len(encoding_aes_key) != _WECOM_KEY or not encoding_aes_key.isascii():
        raise ValueError("EncodingAESKey")
    key = base64.b64decode(encoding_aes_key + "=", validate=True)
    if len(key) != _KEY_BYTES:
        raise ValueError("EncodingAESKey")
    return key


def open_wecom(envelope: str, key: bytes, receiver: str) -> bytes:
    """Return the message in *envelope*; *receiver* is the corporation that it must be meant for.

    Raises:
        NotGenuineError: it is damaged, made with another key, or meant for another corporation.
    """
    plain = _unpadded(_decrypted(_decoded(envelope), key, key[:_BLOCK]), _WECOM_BLOCK)
    length = int.from_bytes(plain[_BLOCK:_WECOM_HEAD], "big")
    if len(plain) < _WECOM_HEAD or length > len(plain) - _WECOM_HEAD:
        raise NotGenuineError("envelope")
    end = _WECOM_HEAD + length
    check_same(receiver, plain[end:].decode(errors="replace"), "receiver")
    return plain[_WECOM_HEAD:end]


def open_feishu(envelope: str, encrypt_key: str) -> bytes:
    """Return the event in *envelope*: the first block is the IV, the key is SHA-256 of the Encrypt Key.

    Raises:
        NotGenuineError: it is damaged or made with another key.
    """
    data, key = _decoded(envelope), hashlib.sha256(encrypt_key.encode()).digest()
    if len(data) <= _BLOCK:
        raise NotGenuineError("envelope")
    return _unpadded(_decrypted(data[_BLOCK:], key, data[:_BLOCK]), _BLOCK)


def _decoded(envelope: str) -> bytes:
    try:
        return base64.b64decode(envelope, validate=True)
    except ValueError:
        raise NotGenuineError("envelope") from None


def _decrypted(data: bytes, key: bytes, start: bytes) -> bytes:
    if not data or len(data) % _BLOCK:
        raise NotGenuineError("envelope")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(start)).decryptor()
    return decryptor.update(data) + decryptor.finalize()


def _unpadded(plain: bytes, block: int) -> bytes:
    count = plain[-1]
    if not 0 < count <= min(block, len(plain)) or plain[-count:] != bytes([count]) * count:
        raise NotGenuineError("envelope")
    return plain[:-count]
