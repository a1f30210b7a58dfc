"""How a unit of work gets its connection: from SQLAlchemy's pool, or in turn from a SQLite file's own."""

from __future__ import annotations

import asyncio
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from recovery_core.adapters.sql.connection import Connection, PostgresConnection
from recovery_core.adapters.sql.engine import READING, SqliteEngine
from recovery_core.adapters.sql.sqlite_connection import SqliteConnection
from recovery_core.adapters.sql.sqlite_pool import SqlitePool
from recovery_core.errors import UnavailableError


class Store(Protocol):
    """Opens connections for units of work."""

    async def open(self, *, reading: bool, synced: bool = True) -> Connection:
        """Return a connection that has begun; raises UnavailableError or SQLAlchemy's errors.

        Without *synced* its commit may need :meth:`settle` to survive a loss of power.
        """
        ...

    async def settle(self) -> None:
        """Return when whatever was committed before survives a loss of power; raises OSError."""
        ...


def store_of(engine: AsyncEngine, wait_seconds: float) -> Store:
    """Return how units of work on *engine* get their connections."""
    if isinstance(engine, SqliteEngine):
        return SqliteStore(engine.pool_of_work, wait_seconds)
    return PostgresStore(engine)


class PostgresStore:
    """Every unit of work has a connection of SQLAlchemy's pool."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use the pool of *engine*."""
        self._engine = engine

    async def open(self, *, reading: bool, synced: bool = True) -> Connection:  # noqa: ARG002
        """Return a connection that has begun; its commit is always synced."""
        connection = await self._engine.connect()
        try:
            if reading:
                await connection.execution_options(**{READING: True, "postgresql_readonly": True})
            await connection.begin()
        except BaseException:
            await connection.close()
            raise
        return PostgresConnection(connection)

    async def settle(self) -> None:
        """Return at once."""


class SqliteStore:
    """Readers never wait; writers of this process queue here, those of others by SQLite's lock.

    SQLite's own waiting is a sleep that grows and knows no order.
    """

    def __init__(self, pool: SqlitePool, wait_seconds: float) -> None:
        """Lend connections of *pool*; a writer waits *wait_seconds* at most for each, turn and lock."""
        self._pool = pool
        self._seconds = wait_seconds
        self._turns = asyncio.Lock()
        self._writers = 0
        """Who writes or waits for it."""

    async def open(self, *, reading: bool, synced: bool = True) -> Connection:
        """Return a connection that has begun; a unit of work inside another one is told unavailable."""
        if not reading:
            await self._take_turn()
        connection = None
        try:
            connection = await self._pool.take(writing=not reading, synced=synced)
            connection.when_closed = self._give_back
            await connection.begin(self._seconds)
        except BaseException:
            if connection is not None:
                connection.broken = True
                await connection.close()
            elif not reading:
                self._end_turn()
            raise
        return connection

    async def settle(self) -> None:
        """Return when whatever was committed before survives a loss of power."""
        await self._pool.settle()

    def _give_back(self, connection: SqliteConnection) -> None:
        self._pool.give_back(connection)
        if connection.writes:
            self._end_turn()

    async def _take_turn(self) -> None:
        if not self._writers:  # nobody to wait for, so no clock to set
            self._writers += 1
            await self._turns.acquire()
            return
        self._writers += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._turns.acquire()
        except BaseException as error:
            self._writers -= 1
            if isinstance(error, TimeoutError):
                raise UnavailableError from None
            raise

    def _end_turn(self) -> None:
        self._writers -= 1
        self._turns.release()
