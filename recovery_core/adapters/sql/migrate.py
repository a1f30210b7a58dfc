"""Bring a database to the newest revision, or back, by code: there is no alembic.ini to keep in step."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from recovery_core.adapters.sql.engine import READING, make_engine
from recovery_core.adapters.sql.failures import meaning, translated

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"


async def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring the database to *revision*; a second process that does the same waits and finds it done.

    All of it happens in one transaction, on SQLite too. Raises UnavailableError.
    """
    await _run(database_url, "upgrade", revision)


def newest() -> str:
    """Return the newest revision, which the name of its file begins with."""
    return max(file.name.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def downgrade(database_url: str, revision: str = "base") -> None:
    """Take the database back to *revision*; what only newer revisions can hold is lost."""
    await _run(database_url, "downgrade", revision)


async def _run(database_url: str, order: str, revision: str) -> None:
    engine = make_engine(database_url)
    try:
        with translated():
            # Nearly every start finds the database up to date: Alembic would take 7 MB to see it.
            if revision == "head" and await _revision(engine) == newest():
                return
            async with engine.begin() as connection:
                await connection.run_sync(_ordered, order, revision)
    finally:
        await engine.dispose()


async def _revision(engine: AsyncEngine) -> str | None:
    """Return the revision that the database says it has; None for a database without tables."""
    try:
        async with engine.connect() as connection:
            await connection.execution_options(**{READING: True})
            found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            return found
    except DBAPIError as error:
        if meaning(error) is not None:
            raise
        return None


def _ordered(connection: Connection, order: str, revision: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("migrations", 0))))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    (command.upgrade if order == "upgrade" else command.downgrade)(config, revision)
