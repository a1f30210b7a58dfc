"""The audit trail: the links of every chain, the chains' heads, and the global chain of anchors (R21)."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table, text

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import HASH, ID, WORD, UtcDateTime

EVENTS = Table(
    "audit_events",
    METADATA,
    Column("chain", ID, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", ID, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("data", JSON, nullable=False),
    Column("mac", HASH, nullable=False),
)

GREW = text("length > anchored")

HEADS = Table(
    "audit_heads",
    METADATA,
    Column("chain", ID, primary_key=True),
    Column("length", Integer, nullable=False),
    Column("mac", HASH, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
    Column("anchored", Integer, nullable=False),
    Index("ix_audit_heads_grew", "chain", sqlite_where=GREW, postgresql_where=GREW),
)

ANCHORS = Table(
    "audit_anchors",
    METADATA,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", WORD, nullable=False),
    Column("chain", ID, nullable=False),
    Column("length", Integer, nullable=False),
    Column("head", HASH, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("mac", HASH, nullable=False),
    Index(None, "chain", "position"),
)
