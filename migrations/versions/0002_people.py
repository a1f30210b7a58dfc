"""Tickets, operators and evidence; indexes for the figures of the desk."""

# ruff: noqa: INP001  Alembic runs this file, nothing imports it

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from recovery_core.adapters.sql.types import NUMBER, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "tickets",
    "operators",
    "console_sessions",
    "ticket_votes",
    "ticket_notes",
    "evidence_claims",
    "evidence_files",
)
"""In the order of their references."""

_UNDECIDED = "state IN ('open', 'taken', 'waiting')"
_UNFINISHED = "state IN ('open', 'taken', 'waiting', 'approved') AND kind NOT IN ('talk', 'takeover')"


def upgrade() -> None:
    """Create the tables, and the indexes on tables that were there before."""
    _tickets()
    _ticket_indexes()
    _operators()
    _console_sessions()
    _ticket_votes()
    _ticket_notes()
    _evidence_claims()
    _evidence_files()
    op.create_index("ix_cases_created_at", "cases", ["created_at"])
    _partial_index("ix_lines_replied", "lines", ["at"], "kind = 'reply'")


def downgrade() -> None:
    """Drop them; tickets and what is known of documents are lost, the files stay."""
    op.drop_index("ix_lines_replied", "lines")
    op.drop_index("ix_cases_created_at", "cases")
    for table in reversed(_TABLES):
        op.drop_table(table)


def _partial_index(
    name: str, table: str, columns: list[str], condition: str, *, unique: bool = False
) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("number", sa.String(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("lane", sa.String(32), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("case_id", sa.String(96), nullable=False),
        sa.Column("conversation_id", sa.String(96), nullable=False),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("account_id", sa.String(96)),
        sa.Column("address", sa.String(320)),
        sa.Column("proofs", sa.String(96), nullable=False),
        sa.Column("assignee", sa.String(96)),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("decided_by", sa.String(320)),
        sa.Column("reason", sa.String(32)),
        sa.Column("match_tries_left", sa.Integer, nullable=False),
        sa.Column("effective_at", UtcDateTime),
        sa.Column("version", sa.Integer, nullable=False),
    )


def _ticket_indexes() -> None:
    def partial(name: str, columns: list[str], condition: str) -> None:
        _partial_index(f"ix_tickets_{name}", "tickets", columns, condition)

    op.create_index("ix_tickets_case_id_created_at", "tickets", ["case_id", "created_at"])
    _partial_index("uq_tickets_cause", "tickets", ["case_id", "kind"], _UNDECIDED, unique=True)
    partial("queue", ["lane", "priority", "due_at", "created_at", "id"], _UNDECIDED)
    partial("queue_domain", ["domain", "lane"], _UNDECIDED)
    partial("position", ["kind", "due_at", "created_at", "id"], _UNDECIDED)
    partial("account", ["account_id"], _UNDECIDED)
    partial("due", ["due_at"], _UNDECIDED)
    partial("decoys", ["created_at"], "lane = 'nobody' AND state = 'open'")
    partial("measured", ["kind", "decided_at"], "decided_at IS NOT NULL AND lane <> 'nobody'")
    partial("decided", ["decided_at"], "decided_at IS NOT NULL")
    partial("effective", ["effective_at"], "state = 'approved' AND effective_at IS NOT NULL")
    partial("unfinished", ["created_at"], _UNFINISHED)


def _operators() -> None:
    op.create_table(
        "operators",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("console", sa.String(32), nullable=False),
        sa.Column("name", sa.String(320), nullable=False),
        sa.Column("display_name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("role", sa.String(32)),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("totp_sealed", sa.LargeBinary),
        sa.Column("totp_last_step", NUMBER, nullable=False),
        sa.Column("totp_changed_at", UtcDateTime),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.UniqueConstraint("console", "name"),
    )


def _console_sessions() -> None:
    op.create_table(
        "console_sessions",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("operator_id", sa.String(96), nullable=False),
        sa.Column("console", sa.String(32), nullable=False),
        sa.Column("issued_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.Column("second_factor_at", UtcDateTime),
        sa.Column("password_version", sa.Integer, nullable=False),
    )
    op.create_index("ix_console_sessions_operator_id", "console_sessions", ["operator_id"])
    op.create_index("ix_console_sessions_issued_at", "console_sessions", ["issued_at"])
    op.create_index(
        "ix_console_sessions_console_last_seen_at", "console_sessions", ["console", "last_seen_at"]
    )


def _ticket_votes() -> None:
    op.create_table(
        "ticket_votes",
        sa.Column(
            "ticket_id", sa.String(96), sa.ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("reviewer", sa.String(96), primary_key=True),
        sa.Column("approve", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _ticket_notes() -> None:
    op.create_table(
        "ticket_notes",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column(
            "ticket_id", sa.String(96), sa.ForeignKey("tickets.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("author", sa.String(320), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_ticket_notes_ticket_id_id", "ticket_notes", ["ticket_id", "id"])


def _evidence_claims() -> None:
    op.create_table(
        "evidence_claims",
        sa.Column("ticket_id", sa.String(96), sa.ForeignKey("tickets.id"), primary_key=True),
        sa.Column("company", sa.Text, nullable=False),
        sa.Column("uscc", sa.String(32), nullable=False),
        sa.Column("new_mailbox", sa.String(320), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
    )


def _evidence_files() -> None:
    op.create_table(
        "evidence_files",
        sa.Column("id", sa.String(96), primary_key=True),
        sa.Column("ticket_id", sa.String(96), sa.ForeignKey("tickets.id"), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
    )
    op.create_index("ix_evidence_files_ticket_id", "evidence_files", ["ticket_id"])
