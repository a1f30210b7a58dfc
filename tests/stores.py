"""Real stores for tests: SQLite in a file, PostgreSQL in a database of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
from sqlalchemy import make_url, text

from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.migrate import upgrade
from recovery_core.adapters.sql.tables import METADATA
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.adapters.vault import AesGcmVault
from recovery_core.keyed import KeyedHash
from tests.needs import need

AUDIT_KEY = KeyedHash(b"audit-key-of-the-tests-32-bytes!")
VAULT = AesGcmVault(b"vault-key-of-the-tests-32-bytes!")
POSTGRES = os.environ.get("REKEY_TEST_POSTGRES", "postgresql+asyncpg://root@127.0.0.1:5432/test")
"""A database of the server on which the tests make and drop databases of their own."""
_FROM_ONE = "setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) FROM pg_sequences"
_DELETES = "; ".join(str(table.delete()) for table in reversed(METADATA.sorted_tables))
_EMPTY = f"DO $$ BEGIN {_DELETES}; PERFORM {_FROM_ONE}; END $$"


def sqlite_url(path: Path) -> str:
    """Return the URL of the SQLite database in the file *path*."""
    return f"sqlite+aiosqlite:///{path}"


def work_on(url: str) -> SqlWork:
    """Return a new ``Work`` for a database that is up to date; dispose of its engine yourself."""
    return SqlWork(make_engine(url), AUDIT_KEY, VAULT)


@asynccontextmanager
async def sql_work(url: str) -> AsyncIterator[SqlWork]:
    """Bring the database at *url* up to date and work on it until the block ends."""
    await upgrade(url)
    work = work_on(url)
    try:
        yield work
    finally:
        await work.engine.dispose()


async def postgres_answers() -> bool:
    """Tell whether the tests' PostgreSQL server can be reached."""
    try:
        connection = await asyncpg.connect(_plain(POSTGRES), timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def make_postgres() -> str:
    """Make an empty database and return its URL; drop it with :func:`drop_postgres`."""
    name = f"rekey_test_{secrets.token_hex(6)}"
    await _on_server(f'CREATE DATABASE "{name}"')
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


async def drop_postgres(url: str) -> None:
    """Drop the database at *url*, whoever is still connected."""
    await _on_server(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')


@contextmanager
def fresh_postgres() -> Iterator[str]:
    """Yield the URL of an up-to-date PostgreSQL database that is dropped afterwards."""
    need(asyncio.run(postgres_answers()), "a PostgreSQL server at REKEY_TEST_POSTGRES")
    url = asyncio.run(make_postgres())
    try:
        asyncio.run(upgrade(url))
        yield url
    finally:
        asyncio.run(drop_postgres(url))


async def empty(work: SqlWork) -> None:
    """Empty all tables of a PostgreSQL database and count from one again.

    The tables are small: deleting takes milliseconds, where TRUNCATE makes and syncs new files for each.
    """
    async with work.engine.begin() as connection:
        await connection.execute(text(_EMPTY))


async def _on_server(order: str) -> None:
    connection = await asyncpg.connect(_plain(POSTGRES), timeout=5)
    try:
        await connection.execute(order)
    finally:
        await connection.close()


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
