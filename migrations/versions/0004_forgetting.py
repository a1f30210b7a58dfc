"""Find the forms and vetoes of a case that is forgotten."""

# ruff: noqa: INP001  Alembic runs this file, nothing imports it

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes."""
    op.create_index("ix_forms_case_id", "forms", ["case_id"])
    op.create_index("ix_vetoes_case_id", "vetoes", ["case_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_vetoes_case_id", "vetoes")
    op.drop_index("ix_forms_case_id", "forms")
