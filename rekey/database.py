"""The state of the database's tables, and the way to bring them up to date."""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from recovery_core.adapters.sql import migrate
from rekey.places import Places
from rekey.settings import Settings


class DatabaseState(Enum):
    """What a look at the database found."""

    ABSENT = "absent"
    CURRENT = "current"
    BEHIND = "behind"
    UNREACHABLE = "unreachable"


def upgrade(settings: Settings) -> None:
    """Bring the tables to the newest version; call it outside of an event loop. Raises UnavailableError."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    asyncio.run(migrate.upgrade(settings.database))


async def database_state(settings: Settings, places: Places) -> DatabaseState:
    """Return whether the database answers and its tables are the newest; makes no SQLite file."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not _exists(url):
        return DatabaseState.ABSENT
    heads = set(ScriptDirectory(str(places.migrations)).get_heads())
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            current = await connection.run_sync(_heads)
    except (SQLAlchemyError, OSError):
        return DatabaseState.UNREACHABLE
    finally:
        await engine.dispose()
    return DatabaseState.CURRENT if current == heads else DatabaseState.BEHIND


def _exists(url: URL) -> bool:
    return Path(url.database or "").exists()


def _heads(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())
