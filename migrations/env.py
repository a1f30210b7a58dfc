"""Alembic's environment: runs on the connection that recovery_core.adapters.sql.migrate has opened."""

# ruff: noqa: INP001  Alembic runs this file, nothing imports it

from __future__ import annotations

from alembic import context

from recovery_core.adapters.sql.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite can take back a half-done migration too, because our engine begins its transactions itself.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
