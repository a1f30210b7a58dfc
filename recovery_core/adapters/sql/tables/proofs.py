"""Challenges, guess budgets, and what is counted for the limits; keys are keyed hashes, never addresses."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, text

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import HASH, ID, NUMBER, SMALL_JSON, WORD, UtcDateTime

PENDING_CHALLENGE = text("state = 'pending'")

CHALLENGES = Table(
    "challenges",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("method", WORD, nullable=False),
    Column("address_key", HASH, nullable=False),
    Column("secret_hash", HASH, nullable=False),
    Column("decoy", Boolean, nullable=False),
    Column("questions", SMALL_JSON),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("tries_left", Integer, nullable=False),
    Column("state", WORD, nullable=False),
    Column("candidate_hash", HASH),
    Index(None, "case_id", "ordinal"),
    Index(None, "secret_hash", "method"),
    Index(
        "ix_challenges_pending",
        "expires_at",
        sqlite_where=PENDING_CHALLENGE,
        postgresql_where=PENDING_CHALLENGE,
    ),
)

BUDGETS = Table(
    "budgets",
    METADATA,
    Column("key", HASH, primary_key=True),
    Column("consecutive_failures", Integer, nullable=False),
    Column("killed_codes", Integer, nullable=False),
    Column("wait_until", UtcDateTime),
    Column("stopped", Boolean, nullable=False),
    Column("day_started", UtcDateTime),
    Column("day_failures", Integer, nullable=False),
)

PAID = text("paid")

SENDS = Table(
    "sends",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("key", HASH, nullable=False),
    Column("domain_key", HASH, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("paid", Boolean, nullable=False),
    Index(None, "key", "at"),
    Index("ix_sends_paid", "at", sqlite_where=PAID, postgresql_where=PAID),
    Index("ix_sends_paid_domain", "domain_key", "at", sqlite_where=PAID, postgresql_where=PAID),
)

CLIENT_STARTS = Table(
    "client_starts",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("client_key", HASH, nullable=False),
    Column("address_key", HASH, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "client_key", "at"),
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("kind", WORD, nullable=False),
    Column("key", HASH, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Index(None, "kind", "key", "at"),
)
