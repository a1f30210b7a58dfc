"""What messengers told, and which account of a messenger leads which conversation."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import HASH, ID, NUMBER, WORD, UtcDateTime

TO_DO = text("done_at IS NULL")
DONE = text("done_at IS NOT NULL")

CHANNEL_EVENTS = Table(
    "channel_events",
    METADATA,
    Column("seq", NUMBER, primary_key=True),
    Column("platform", WORD, nullable=False),
    Column("tenant", String(128), nullable=False),
    Column("event_id", String(255), nullable=False),
    Column("account_key", HASH, nullable=False),
    Column("happened_at", UtcDateTime, nullable=False),
    Column("arrived_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("done_at", UtcDateTime),
    Column("sealed", LargeBinary),
    UniqueConstraint("platform", "tenant", "event_id"),
    Index(
        "ix_channel_events_account",
        "account_key",
        "happened_at",
        "seq",
        sqlite_where=TO_DO,
        postgresql_where=TO_DO,
    ),
    Index("ix_channel_events_waiting", "seq", "account_key", sqlite_where=TO_DO, postgresql_where=TO_DO),
    Index("ix_channel_events_backlog", "platform", "arrived_at", sqlite_where=TO_DO, postgresql_where=TO_DO),
    Index("ix_channel_events_done", "done_at", sqlite_where=DONE, postgresql_where=DONE),
    sqlite_autoincrement=True,
)

CHANNEL_BINDINGS = Table(
    "channel_bindings",
    METADATA,
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("platform", WORD, nullable=False),
    Column("tenant", String(128), nullable=False),
    Column("account_key", HASH, nullable=False, unique=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_seq", BigInteger, nullable=False),
    Column("sent_part", Integer, nullable=False),
    Column("choices_seq", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime),
    Column("owner_id", ID),
    Column("asked_at", UtcDateTime),
)
