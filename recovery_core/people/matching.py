"""The number that the person tells the approver: derived, never stored, unknown to the assistant (R14)."""

from __future__ import annotations

import base64
import re
from hmac import compare_digest

from recovery_core.keyed import KeyedHash

DIGITS = 8
"""Digits of the number: 27 bits against three tries."""


def match_number(keyed: KeyedHash, ticket_id: str) -> str:
    """Return the eight digits of the ticket; only the gateway shows them, only to the person who asked."""
    digest = base64.urlsafe_b64decode(keyed.of("match-number", ticket_id) + "=")
    return f"{int.from_bytes(digest, 'big') % 10**DIGITS:0{DIGITS}d}"


def shown_number(keyed: KeyedHash, ticket_id: str) -> str:
    """Return the number as it is read aloud: ``4821 7730``."""
    number = match_number(keyed, ticket_id)
    return f"{number[:4]} {number[4:]}"


def is_match(keyed: KeyedHash, ticket_id: str, typed: str) -> bool:
    """Tell whether *typed* is the ticket's number; spaces and hyphens do not matter."""
    given = re.sub(r"[\s\-–]", "", typed)
    return compare_digest(given.encode(), match_number(keyed, ticket_id).encode())
