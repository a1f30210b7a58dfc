"""Bring a database to the newest revision, or back, by code: there is no alembic.ini to keep in step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select

from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.failures import translated

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


async def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database to *revision*; a second process that does the same waits and finds it done.

    All of it happens in one transaction, on SQLite too. Raises UnavailableError.
    """
    await _run(database_url, lambda config: command.upgrade(config, revision))


async def downgrade(database_url: str, revision: str = "base") -> None:
    """Take the database back to *revision*; what only newer revisions can hold is lost."""
    await _run(database_url, lambda config: command.downgrade(config, revision))


async def _run(database_url: str, order: Callable[[Config], None]) -> None:
    engine = make_engine(database_url)
    try:
        with translated():
            async with engine.begin() as connection:
                await connection.run_sync(_ordered, order)
    finally:
        await engine.dispose()


def _ordered(connection: Connection, order: Callable[[Config], None]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("migrations", 0))))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    order(config)
