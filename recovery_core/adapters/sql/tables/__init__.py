"""All tables, declared once; the migrations are compared with them by a test."""

from __future__ import annotations

from recovery_core.adapters.sql.tables import (
    accounts,
    audit,
    cases,
    channels,
    conversations,
    notices,
    people,
    proofs,
)
from recovery_core.adapters.sql.tables.base import METADATA

__all__ = [
    "METADATA",
    "accounts",
    "audit",
    "cases",
    "channels",
    "conversations",
    "notices",
    "people",
    "proofs",
]
