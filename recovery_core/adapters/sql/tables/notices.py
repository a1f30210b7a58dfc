"""The outbox, the vetoes and the kept lines of the daily digests."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Index, Integer, LargeBinary, String, Table, text

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import DOMAIN, HASH, ID, NUMBER, WORD, UtcDateTime

WAITING = text("state = 'waiting'")
ENDED = text("finished_at IS NOT NULL")

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", String(512), primary_key=True),
    Column("channel", WORD, nullable=False),
    Column("topic", String(320), nullable=False),
    Column("sealed", LargeBinary),
    Column("decoy", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", WORD, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Index("ix_outbox_due", "due_at", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_outbox_expires", "expires_at", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_outbox_topic", "topic", sqlite_where=WAITING, postgresql_where=WAITING),
    Index("ix_outbox_finished", "finished_at", sqlite_where=ENDED, postgresql_where=ENDED),
)

VETOES = Table(
    "vetoes",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, nullable=False, index=True),
    Column("case_id", ID, nullable=False, index=True),
    Column("contact_id", ID, nullable=False),
    Column("gave_proof", Boolean, nullable=False),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    Index(None, "contact_id", "used_at"),
)

DIGEST_LINES = Table(
    "digest_lines",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("domain", DOMAIN, nullable=False),
    Column("line", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "domain", "at"),
)
