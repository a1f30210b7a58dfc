"""Count the open requests of one client and for one mailbox, so that a crowd cannot hide the others."""

# ruff: noqa: INP001  Alembic runs this file, nothing imports it

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_UNDECIDED = sa.text("state IN ('open', 'taken', 'waiting')")


def upgrade() -> None:
    """Add the client and the two indexes."""
    op.add_column("tickets", sa.Column("client", sa.String(64)))
    for name in ("address", "client"):
        op.create_index(
            f"ix_tickets_{name}", "tickets", [name], sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED
        )


def downgrade() -> None:
    """Drop them."""
    for name in ("client", "address"):
        op.drop_index(f"ix_tickets_{name}", "tickets")
    op.drop_column("tickets", "client")
