"""Domains, accounts, contacts, security answers, and the mailboxes of the embedded directory."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, text

from recovery_core.adapters.sql.tables.base import METADATA
from recovery_core.adapters.sql.types import ADDRESS, DOMAIN, ENCODED, ID, LANGUAGE, WORD, UtcDateTime

DOMAINS = Table(
    "domains",
    METADATA,
    Column("name", DOMAIN, primary_key=True),
    Column("edition", WORD, nullable=False),
    Column("company", String(200), nullable=False),
    Column("uscc", WORD, nullable=False),
    Column("language", LANGUAGE, nullable=False),
    Column("owner_contact", ADDRESS),
    Column("group_domain", DOMAIN),
    Column("demo", Boolean, nullable=False),
    # Counted where accounts are added, because limits ask for it on every challenge (R5, R8).
    Column("accounts", Integer, nullable=False),
)

WITH_RIGHTS = text("role <> 'employee'")
"""The accounts that may act for others: few, however many employees a domain has."""

ACCOUNTS = Table(
    "accounts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("address", ADDRESS, nullable=False, unique=True),
    Column("domain", DOMAIN, ForeignKey("domains.name"), nullable=False),
    Column("display_name", String(200), nullable=False),
    Column("role", WORD, nullable=False),
    Column("status", WORD, nullable=False),
    Column("status_changed_at", UtcDateTime, nullable=False),
    Column("language", LANGUAGE, nullable=False),
    Column("employee_number", String(64), index=True),
    Column("contacts_version", Integer, nullable=False),
    Column("two_methods_required", Boolean, nullable=False),
    Column("hold_used_at", UtcDateTime),
    Index(None, "domain", "role"),
    Index("ix_accounts_with_rights", "domain", sqlite_where=WITH_RIGHTS, postgresql_where=WITH_RIGHTS),
    Index(None, "domain", "address"),
)

CONTACTS = Table(
    "contacts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", WORD, nullable=False),
    Column("value", ADDRESS, nullable=False),
    Column("language", LANGUAGE, nullable=False),
    Index(None, "account_id", "position"),
)

ANSWERS = Table(
    "security_answers",
    METADATA,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("question", WORD, nullable=False),
    Column("answer_hash", ENCODED, nullable=False),
)

QUESTION_PAIRS = Table(
    "question_pairs",
    METADATA,
    Column("domain", DOMAIN, ForeignKey("domains.name", ondelete="CASCADE"), primary_key=True),
    Column("first", WORD, primary_key=True),
    Column("second", WORD, primary_key=True),
    Column("count", Integer, nullable=False),
)

MAILBOXES = Table(
    "mailboxes",
    METADATA,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("address", ADDRESS, nullable=False, unique=True),
    Column("password", ENCODED),
    Column("version", Integer, nullable=False),
    Column("blocked", Boolean, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("last_operation", ID),
)

PASSWORD_HISTORY = Table(
    "password_history",
    METADATA,
    Column("account_id", ID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("password", ENCODED, nullable=False),
    Column("operation", ID),
    Column("set_at", UtcDateTime, nullable=False),
)
