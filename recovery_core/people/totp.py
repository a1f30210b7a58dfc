"""Time-based one-time passwords: RFC 6238 with HMAC-SHA-1, 6 digits and steps of 30 seconds."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

SECRET_BYTES = 20
"""160 bits, the length of the hash, as RFC 4226 section 4 (R6) recommends."""
DIGITS = 6
STEP_SECONDS = 30
WINDOW = 1
"""Steps before and after the present one that are accepted too: clocks differ (RFC 6238 section 5.2)."""


def step_of(at: datetime) -> int:
    """Return the number of the time step that holds *at*."""
    return int(at.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """Return the code of the time step (HOTP of RFC 4226 section 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def matching_step(secret: bytes, code: str, at: datetime) -> int | None:
    """Return the time step around *at* whose code was given, None if there is none.

    All steps of the window are compared, each in constant time. That a step is accepted only once is for
    the store to say: a code that two steps share belongs to the later one, so that it cannot be used twice.
    """
    present, found = step_of(at), None
    for step in range(present - WINDOW, present + WINDOW + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode("utf-8", "replace")):
            found = step
    return found


def shown_secret(secret: bytes) -> str:
    """Return the secret in base32 without padding, as authenticator programs take it."""
    return base64.b32encode(secret).decode().rstrip("=")


def secret_of(shown: str) -> bytes:
    """Return the secret that is shown as *shown*; raises ValueError if it is no base32."""
    plain = shown.replace(" ", "").upper()
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def enrolment_uri(secret: bytes, name: str, issuer: str) -> str:
    """Return the ``otpauth`` address for a QR code (Key URI Format of Google Authenticator)."""
    label = quote(f"{issuer}:{name}", safe=":@")
    values = {
        "secret": shown_secret(secret),
        "issuer": issuer,
        "algorithm": "SHA1",
        "digits": DIGITS,
        "period": STEP_SECONDS,
    }
    return f"otpauth://totp/{label}?{urlencode(values, quote_via=quote)}"
