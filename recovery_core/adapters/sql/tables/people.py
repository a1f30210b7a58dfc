"""Tickets with their votes and notes, operators with their sessions, and what is known of documents."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import (
    ADDRESS,
    DOMAIN,
    ENCODED,
    HASH,
    ID,
    LANGUAGE,
    NUMBER,
    SMALL_JSON,
    WORD,
    UtcDateTime,
)

UNDECIDED = text("state IN ('open', 'taken', 'waiting')")
"""Tickets that somebody still has to decide."""
DUE_DECOY = text("lane = 'nobody' AND state = 'open'")
MEASURED = text("decided_at IS NOT NULL AND lane <> 'nobody'")
DECIDED = text("decided_at IS NOT NULL")
APPROVED_LATER = text("state = 'approved' AND effective_at IS NOT NULL")
UNFINISHED = text("state IN ('open', 'taken', 'waiting', 'approved') AND kind NOT IN ('talk', 'takeover')")
"""Tickets that end with their case; a talk and a takeover are still somebody's work afterwards."""

TICKETS = Table(
    "tickets",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("number", WORD, nullable=False, unique=True),
    Column("kind", WORD, nullable=False),
    Column("lane", WORD, nullable=False),
    # The kind's, stored because the queue is sorted by it.
    Column("priority", Integer, nullable=False),
    Column("case_id", ID, nullable=False),
    Column("conversation_id", ID, nullable=False),
    Column("domain", DOMAIN, nullable=False),
    Column("state", WORD, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("account_id", ID),
    Column("address", ADDRESS),
    Column("proofs", ID, nullable=False),
    Column("assignee", ID),
    Column("decided_at", UtcDateTime),
    # An id, or "owner:" and a domain.
    Column("decided_by", ADDRESS),
    Column("reason", WORD),
    Column("match_tries_left", Integer, nullable=False),
    Column("effective_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("client", HASH),
    Index(None, "case_id", "created_at"),
    Index(
        "uq_tickets_cause",
        "case_id",
        "kind",
        unique=True,
        sqlite_where=UNDECIDED,
        postgresql_where=UNDECIDED,
    ),
    Index(
        "ix_tickets_queue",
        "lane",
        "priority",
        "due_at",
        "created_at",
        "id",
        sqlite_where=UNDECIDED,
        postgresql_where=UNDECIDED,
    ),
    Index("ix_tickets_queue_domain", "domain", "lane", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    Index(
        "ix_tickets_position",
        "kind",
        "due_at",
        "created_at",
        "id",
        sqlite_where=UNDECIDED,
        postgresql_where=UNDECIDED,
    ),
    Index("ix_tickets_account", "account_id", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    Index("ix_tickets_address", "address", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    Index("ix_tickets_client", "client", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    Index("ix_tickets_due", "due_at", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    Index("ix_tickets_decoys", "created_at", sqlite_where=DUE_DECOY, postgresql_where=DUE_DECOY),
    Index("ix_tickets_measured", "kind", "decided_at", sqlite_where=MEASURED, postgresql_where=MEASURED),
    Index("ix_tickets_decided", "decided_at", sqlite_where=DECIDED, postgresql_where=DECIDED),
    Index(
        "ix_tickets_effective", "effective_at", sqlite_where=APPROVED_LATER, postgresql_where=APPROVED_LATER
    ),
    Index("ix_tickets_unfinished", "created_at", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
)

VOTES = Table(
    "ticket_votes",
    METADATA,
    Column("ticket_id", ID, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True),
    Column("reviewer", ID, primary_key=True),
    Column("approve", Boolean, nullable=False),
    Column("reason", WORD),
    Column("at", UtcDateTime, nullable=False),
)

NOTES = Table(
    "ticket_notes",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("ticket_id", ID, ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False),
    Column("author", ADDRESS, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "ticket_id", "id"),
)

OPERATORS = Table(
    "operators",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("console", WORD, nullable=False),
    Column("name", ADDRESS, nullable=False),
    Column("display_name", String(200), nullable=False),
    Column("language", LANGUAGE, nullable=False),
    Column("role", WORD),
    Column("password_hash", ENCODED),
    Column("totp_sealed", LargeBinary),
    Column("totp_last_step", NUMBER, nullable=False),
    Column("totp_changed_at", UtcDateTime),
    Column("disabled", Boolean, nullable=False),
    UniqueConstraint("console", "name"),
)

CONSOLE_SESSIONS = Table(
    "console_sessions",
    METADATA,
    Column("token_hash", HASH, primary_key=True),
    # An administrator may be signed in half-way before there is a row of theirs in operators.
    Column("operator_id", ID, nullable=False, index=True),
    Column("console", WORD, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False, index=True),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("second_factor_at", UtcDateTime),
    Column("password_version", Integer, nullable=False),
    Index(None, "console", "last_seen_at"),
)

CLAIMS = Table(
    "evidence_claims",
    METADATA,
    Column("ticket_id", ID, ForeignKey("tickets.id"), primary_key=True),
    Column("company", Text, nullable=False),
    Column("uscc", WORD, nullable=False),
    Column("new_mailbox", ADDRESS, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

FILES = Table(
    "evidence_files",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("ticket_id", ID, ForeignKey("tickets.id"), nullable=False, index=True),
    Column("kind", WORD, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", HASH, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("findings", SMALL_JSON, nullable=False),
)
