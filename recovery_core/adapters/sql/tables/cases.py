"""Cases and their secure forms."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, text

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import ADDRESS, HASH, ID, SMALL_JSON, WORD, UtcDateTime

CASES = Table(
    "cases",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("reference", WORD, nullable=False, unique=True),
    Column("conversation_id", ID, nullable=False),
    # Which case of its conversation it is: counted up when it is opened there and when it moves there (R13).
    Column("joined", Integer, nullable=False),
    Column("state", WORD, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("address", ADDRESS),
    Column("account_id", ID),
    Column("proofs", SMALL_JSON, nullable=False),
    Column("proof_contacts", SMALL_JSON, nullable=False),
    Column("failed_methods", SMALL_JSON, nullable=False),
    Column("escalation", WORD),
    Column("grant_issued_at", UtcDateTime),
    Column("grant_expires_at", UtcDateTime),
    Column("grant_password_version", Integer),
    Column("grant_contacts_version", Integer),
    Column("grant_status", WORD),
    Column("grant_sendings_left", Integer),
    Column("resume_hash", HASH),
    Column("completed_at", UtcDateTime),
    Column("first_challenge_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Index(None, "conversation_id", "joined"),
    Index(None, "account_id", "state"),
    Index(None, "state", "updated_at"),
    Index(None, "created_at"),
)

OPEN_FORM = text("finished_at IS NULL")

FORMS = Table(
    "forms",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, nullable=False),
    Column("conversation_id", ID, nullable=False),
    Column("purpose", WORD, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("claim_hash", HASH),
    Index(None, "case_id"),
    Index("ix_forms_open", "case_id", sqlite_where=OPEN_FORM, postgresql_where=OPEN_FORM),
)
