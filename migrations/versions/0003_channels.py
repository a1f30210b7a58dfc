"""What messengers told, and which account of a messenger leads which conversation."""

# ruff: noqa: INP001  Alembic runs this file, nothing imports it

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from recovery_core.adapters.sql.types import NUMBER, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TO_DO = "done_at IS NULL"


def upgrade() -> None:
    """Create the tables, and what finds a mailbox by its owner's number."""
    _events()
    _event_indexes()
    _bindings()
    op.create_index("ix_accounts_employee_number", "accounts", ["employee_number"])


def downgrade() -> None:
    """Drop them; what was not answered yet and which account leads which conversation is lost."""
    op.drop_index("ix_accounts_employee_number", "accounts")
    op.drop_table("channel_bindings")
    op.drop_table("channel_events")


def _events() -> None:
    op.create_table(
        "channel_events",
        sa.Column("seq", NUMBER, primary_key=True),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("tenant", sa.String(128), nullable=False),
        sa.Column("event_id", sa.String(255), nullable=False),
        sa.Column("account_key", sa.String(64), nullable=False),
        sa.Column("happened_at", UtcDateTime, nullable=False),
        sa.Column("arrived_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("done_at", UtcDateTime),
        sa.Column("sealed", sa.LargeBinary),
        sa.UniqueConstraint("platform", "tenant", "event_id"),
        sqlite_autoincrement=True,
    )


def _event_indexes() -> None:
    def partial(name: str, columns: list[str], condition: str) -> None:
        where = sa.text(condition)
        op.create_index(
            f"ix_channel_events_{name}",
            "channel_events",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )

    partial("account", ["account_key", "happened_at", "seq"], _TO_DO)
    partial("waiting", ["seq", "account_key"], _TO_DO)
    partial("backlog", ["platform", "arrived_at"], _TO_DO)
    partial("done", ["done_at"], "done_at IS NOT NULL")


def _bindings() -> None:
    conversation = sa.ForeignKey("conversations.id", ondelete="CASCADE")
    op.create_table(
        "channel_bindings",
        sa.Column("conversation_id", sa.String(96), conversation, primary_key=True),
        sa.Column("platform", sa.String(32), nullable=False),
        sa.Column("tenant", sa.String(128), nullable=False),
        sa.Column("account_key", sa.String(64), nullable=False, unique=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("sent_seq", sa.BigInteger, nullable=False),
        sa.Column("sent_part", sa.Integer, nullable=False),
        sa.Column("choices_seq", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", UtcDateTime),
        sa.Column("owner_id", sa.String(96)),
        sa.Column("asked_at", UtcDateTime),
    )
