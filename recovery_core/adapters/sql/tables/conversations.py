"""Conversations, their lines, the buttons offered in them, and hashes of secrets typed into them."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table, text

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import HASH, ID, LANGUAGE, NUMBER, WORD, UtcDateTime

CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),
    Column("channel", WORD, nullable=False),
    Column("language", LANGUAGE, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False, index=True),
    Column("mode", WORD, nullable=False),
    Column("client_key", HASH),
)

ASKED = text("kind IN ('said', 'event')")
"""The lines that expect an answer."""
REPLIES = text("kind = 'reply'")
UNANSWERED = text("answered_at IS NULL AND kind IN ('said', 'event')")

LINES = Table(
    "lines",
    METADATA,
    Column("seq", NUMBER, primary_key=True),
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("kind", WORD, nullable=False),
    Column("message_id", String(128), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Index(None, "conversation_id", "seq"),
    Index(None, "conversation_id", "message_id"),
    Index(
        "uq_lines_asked",
        "conversation_id",
        "message_id",
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    ),
    Index("ix_lines_unanswered", "seq", sqlite_where=UNANSWERED, postgresql_where=UNANSWERED),
    Index("ix_lines_replied", "at", sqlite_where=REPLIES, postgresql_where=REPLIES),
    # Without it SQLite would give the number of a deleted last line to the next one.
    sqlite_autoincrement=True,
)

BUTTONS = Table(
    "buttons",
    METADATA,
    Column("conversation_id", ID, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("id", ID, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

TYPED_SECRETS = Table(
    "typed_secrets",
    METADATA,
    Column("conversation_id", ID, primary_key=True),
    Column("secret_hash", HASH, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
