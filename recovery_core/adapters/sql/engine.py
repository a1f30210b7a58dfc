"""Engines for the two databases, each set up so that what was acknowledged survives a loss of power."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from recovery_core.adapters.sql import json_text
from recovery_core.adapters.sql.sqlite_connection import Watcher
from recovery_core.adapters.sql.sqlite_pool import SqlitePool

WAIT_SECONDS = 10.0
"""How long a unit of work waits for a lock, a connection or its turn before it is told unavailable."""
READING = "rekey_reading"
"""The execution option of a connection that only reads."""

_PRAGMAS = (
    f"PRAGMA busy_timeout={int(WAIT_SECONDS * 1000)}",
    # FULL, although NORMAL is the usual choice with WAL: NORMAL may lose the last commits when the power
    # fails. A lost password change would bring back the old password that the person reported as stolen.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-16384",  # 16 MiB for each connection
)

_JSON: dict[str, Any] = {"json_serializer": json_text.dumps, "json_deserializer": json_text.loads}
_SWITCHES = 20
"""How often switching a new file to write-ahead logging is tried."""

_POSTGRES_SETTINGS = {
    "application_name": "rekey",
    "lock_timeout": str(int(WAIT_SECONDS * 1000)),
    # A process that died between two statements must not hold its locks for ever.
    "idle_in_transaction_session_timeout": "60000",
    # The default, said aloud: another setting of the server would lose what was answered as done.
    "synchronous_commit": "on",
}


def make_engine(database_url: str) -> AsyncEngine:
    """Return the engine for a ``sqlite+aiosqlite:///file`` or ``postgresql+asyncpg://…`` URL.

    Raises ValueError for another database and for one in memory, which could not be shared.
    """
    url = make_url(database_url)
    if url.drivername == "sqlite+aiosqlite":
        if url.database in {None, "", ":memory:"}:
            raise ValueError("database_in_memory")
        return _sqlite(database_url)
    if url.drivername == "postgresql+asyncpg":
        return _postgres(database_url)
    raise ValueError("database_not_supported")


class SqliteEngine(AsyncEngine):
    """SQLAlchemy's engine for migrations and questions of tests, with the pool that units of work use."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Share the database of *engine*."""
        super().__init__(engine.sync_engine)
        self.pool_of_work = SqlitePool(str(engine.url.database), engine.dialect, _set_up_sqlite)

    async def dispose(self, close: bool = True) -> None:  # noqa: FBT001, FBT002  as SQLAlchemy has it
        """Close what nobody uses."""
        self.pool_of_work.close()
        await super().dispose(close)


def _sqlite(database_url: str) -> AsyncEngine:
    engine = create_async_engine(
        database_url, pool_size=8, max_overflow=8, pool_timeout=WAIT_SECONDS, hide_parameters=True, **_JSON
    )
    event.listen(engine.sync_engine, "connect", _set_up_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return SqliteEngine(engine)


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401
    """Take the transactions away from the driver (it begins them late and never immediately)."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: Any) -> None:  # noqa: ANN401
    """Switch the file to write-ahead logging, in which readers do not wait for the writer.

    Two processes that switch a new file at the same moment are told "locked" at once, without any waiting,
    because each could wait for the other for ever. Asking for the write lock in between does wait.
    """
    for left in reversed(range(_SWITCHES)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if not left:
                raise
            with suppress(sqlite3.OperationalError):
                cursor.execute("BEGIN IMMEDIATE")
                cursor.execute("ROLLBACK")
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Begin with the write lock, so that a unit of work never fails half-way because it reads first."""
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql(f"PRAGMA query_only={int(reading)}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _postgres(database_url: str) -> AsyncEngine:
    return create_async_engine(
        database_url,
        pool_size=10,
        max_overflow=10,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,  # a restarted server is noticed before the first statement
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        **_JSON,
        connect_args={"timeout": WAIT_SECONDS, "command_timeout": 60, "server_settings": _POSTGRES_SETTINGS},
    )


@dataclass(slots=True)
class StatementCount:
    """How many statements were sent; a batch of rows is one."""

    statements: int = 0


@contextmanager
def watched(engine: AsyncEngine, watcher: Watcher) -> Iterator[None]:
    """Tell *watcher* every statement that is executed on *engine* inside the block, and its values."""

    def tell(_c: object, _k: object, statement: str, values: object, *_rest: object) -> None:
        watcher(statement, values)

    watchers = engine.pool_of_work.shared.watchers if isinstance(engine, SqliteEngine) else []
    watchers.append(watcher)
    event.listen(engine.sync_engine, "before_cursor_execute", tell)
    try:
        yield
    finally:
        watchers.remove(watcher)
        event.remove(engine.sync_engine, "before_cursor_execute", tell)


@contextmanager
def count_statements(engine: AsyncEngine) -> Iterator[StatementCount]:
    """Count what is executed on *engine* inside the block; two paths of equal work count the same (R2)."""
    count = StatementCount()

    def counted(*_arguments: object) -> None:
        count.statements += 1

    with watched(engine, counted):
        yield count
