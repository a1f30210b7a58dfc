"""Find the few accounts with rights of a domain, however many employees it has."""

# ruff: noqa: INP001  Alembic runs this file, nothing imports it

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WITH_RIGHTS = sa.text("role <> 'employee'")


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_accounts_with_rights",
        "accounts",
        ["domain"],
        sqlite_where=_WITH_RIGHTS,
        postgresql_where=_WITH_RIGHTS,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_accounts_with_rights", "accounts")
