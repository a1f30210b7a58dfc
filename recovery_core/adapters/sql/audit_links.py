"""What the links of the audit trail are made of, for those who write and those who check them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from recovery_core.audit import AuditEvent, link
from recovery_core.keyed import KeyedHash

_GLOBAL = "anchors"


class Anchored(StrEnum):
    """What the global chain says of a case's chain."""

    GREW = "core:chain:anchored"
    FORGOTTEN = "core:chain:forgotten"


def anchor_link(
    key: KeyedHash, previous: str, position: int, name: str, at: datetime, head: tuple[str, int, str]
) -> str:
    """Return the mac of a link of the global chain; *head* is a chain with its length and last mac."""
    chain, length, mac = head
    return link(key, previous, _GLOBAL, position, name, at, {"chain": chain, "length": length, "mac": mac})


def event_of(row: Row[Any]) -> AuditEvent:
    """Return the link that *row* holds."""
    return AuditEvent(row.chain, row.position, row.name, row.at, row.data, row.mac)
