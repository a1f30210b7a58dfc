"""Reads what a platform sent: strict about its shape, never surprised by its values.

Every function here raises NotReadableError for what the platform does not document, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from portal.channels.port import NotReadableError

ID_CHARS = 255
"""Longest id that is taken; the longest documented one is Matrix's, with 255 bytes (client-server API)."""
Json = Mapping[str, Any]


def parsed(raw: str | bytes) -> Json:
    """Return the JSON object in *raw*; raises NotReadableError."""
    try:
        return mapping(json.loads(raw))
    except (ValueError, RecursionError):  # malformed, not UTF-8, a number too long, or nested too deeply
        raise NotReadableError("json") from None


def mapping(value: object) -> Json:
    """Return *value* if it is a JSON object; raises NotReadableError."""
    if not isinstance(value, dict):
        raise NotReadableError("object")
    return value


def part(value: Json, key: str) -> Json:
    """Return the JSON object under *key*; raises NotReadableError."""
    return mapping(value.get(key))


def word(value: Json, key: str) -> str:
    """Return the id under *key*: not empty, short, printable and storable; raises NotReadableError."""
    found = value.get(key)
    if not isinstance(found, str) or not 0 < len(found) <= ID_CHARS or not found.isprintable():
        raise NotReadableError(key)
    return found


def optional(value: Json, key: str) -> str | None:
    """Return the id under *key*, or None where there is none that can be used; never raises."""
    try:
        return word(value, key)
    except NotReadableError:
        return None


def said(value: Json, key: str) -> str:
    """Return the text under *key* without what no database stores (NUL, half a surrogate pair).

    Raises:
        NotReadableError: it is no text.
    """
    found = value.get(key)
    if not isinstance(found, str):
        raise NotReadableError(key)
    return found.replace("\0", "").encode("utf-8", "replace").decode()


def moment(milliseconds: object) -> datetime | None:
    """Return the moment, aware and in UTC, of a count of milliseconds since 1970; None if it is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int):
        return None
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
