"""A SQLite connection without a thread between: what takes microseconds runs in the event loop.

A thread hop costs more than ten statements that find a row by its key. So statements run where they are
awaited. Four things go to a thread: waiting for another process's lock, a commit while the disk is slow, a
statement over many rows, and a question that turns out to be long.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.base import Executable

from recovery_core.adapters.sql.connection import Found, Values
from recovery_core.adapters.sql.sqlite_pace import STEPS, Pace, Patience
from recovery_core.adapters.sql.sqlite_statements import Kind, Statements

_MANY = 50
"""Rows of one batch from which on it is stored in a thread."""
_PRIMARY = 0xFF
"""The low byte of an extended code is its primary code (sqlite.org/rescode.html)."""

_T = TypeVar("_T")
Watcher = Callable[[str, Any], None]
"""Told each statement and its values, just before it runs."""


@dataclass(slots=True)
class Shared:
    """What all connections to one file share."""

    statements: Statements
    threads: Executor
    committed: Callable[[bool], None]
    """Told of every commit of a writer, and whether it was synced."""
    pace: Pace = field(default_factory=Pace)
    watchers: list[Watcher] = field(default_factory=list)


class SqliteConnection:
    """One connection and its transaction; used by one unit of work at a time."""

    is_postgres = False

    def __init__(self, raw: sqlite3.Connection, shared: Shared, *, writes: bool, synced: bool = True) -> None:
        """Use *raw*, which must be set up and leave transactions to us; *synced*: it waits for the disk."""
        self.raw = raw
        self.writes = writes
        self.synced = synced
        self.broken = False
        self.when_closed: Callable[[SqliteConnection], None] = SqliteConnection.end
        self._shared = shared
        self._patience = Patience()
        self._begun = False
        self._wait = 0.0
        raw.set_progress_handler(self._patience.at_an_end, STEPS)

    async def begin(self, seconds: float) -> None:
        """Begin; a writer takes the lock now, or waits for another process, at most *seconds*, in a thread.

        Taking the lock first, a unit of work never fails half-way because it read before it wrote.
        """
        self._wait = seconds
        try:
            self._run("BEGIN IMMEDIATE" if self.writes else "BEGIN", ())
        except DBAPIError as error:
            if _code(error) & _PRIMARY != sqlite3.SQLITE_BUSY:
                raise
            await self._in_thread(self._begin_patiently)
        self._begun = True

    async def execute(self, statement: Executable, values: Values | None = None) -> Found:
        """Run *statement*, once for each of *values* if they are a list; raises SQLAlchemy's errors."""
        if not self._begun or not self.raw.in_transaction:
            await self._go_on()
        # Nearly all are dictionaries, and asking an abstract class costs more than binding one.
        if values is not None and type(values) is not dict and not isinstance(values, Mapping):
            return await self._many(statement, values)
        prepared = self._shared.statements.prepared(statement, values)
        sql, row = prepared.bound(values)
        for watcher in self._shared.watchers:
            watcher(sql, row)
        ready = prepared.ready
        quick = ready.kind is Kind.QUICK
        rows, changed = self._run(sql, row) if quick else await self._fetch(ready.kind, sql, row)
        return Found(ready.rows(rows), changed)

    async def exec_driver_sql(self, sql: str, values: Any = None) -> Sequence[Any]:  # noqa: ANN401
        """Run *sql* with *values* as the driver takes them and return the rows; for looking at plans."""
        return self._run(sql, () if values is None else values)[0]

    async def commit(self) -> None:
        """Store everything; what is run afterwards begins a new transaction."""
        if self._begun:
            pace = self._shared.pace
            if not self.writes or not self.synced:
                self._commit()
            elif pace.slow():
                await self._in_thread(lambda: pace.timed(self._commit))
            else:
                pace.timed(self._commit)
            if self.writes:
                self._shared.committed(self.synced)
        self._begun = False

    async def close(self) -> None:
        """Roll back what is not committed and give the connection back."""
        self.when_closed(self)

    def end(self) -> None:
        """Roll back what is not committed; marks itself broken when it cannot."""
        self._begun = False
        try:
            if self.raw.in_transaction:
                self.raw.execute("ROLLBACK")
        except sqlite3.Error:
            self.broken = True

    async def _go_on(self) -> None:
        """Begin anew after a commit; raises when SQLite itself took back what was begun (a full disk)."""
        if not self._begun:
            await self.begin(self._wait)
        elif not self.raw.in_transaction:
            self.broken = True
            lost = sqlite3.OperationalError("transaction lost")
            lost.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise named(lost, "")

    async def _fetch(self, kind: Kind, sql: str, row: Sequence[Any]) -> tuple[list[Any], int]:
        if kind is Kind.QUESTION:
            self._patience.begin()
            try:
                return self._run(sql, row)
            except DBAPIError as error:
                # A question is interrupted without harm to its transaction (sqlite.org/c3ref/interrupt.html).
                if _code(error) != sqlite3.SQLITE_INTERRUPT:
                    raise
            finally:
                self._patience.end()
        return await self._in_thread(lambda: self._run(sql, row))

    async def _many(self, statement: Executable, values: Sequence[Mapping[str, Any]]) -> Found:
        if not values:
            return Found((), 0)
        prepared = self._shared.statements.prepared(statement, values[0])
        sql, rows = prepared.ready.sql, [prepared.bound(row)[1] for row in values]
        for watcher in self._shared.watchers:
            watcher(sql, rows)

        def run() -> int:
            try:
                return self.raw.executemany(sql, rows).rowcount
            except sqlite3.Error as error:
                raise named(error, sql) from error

        return Found((), run() if len(rows) < _MANY else await self._in_thread(run))

    def _run(self, sql: str, row: Any) -> tuple[list[Any], int]:  # noqa: ANN401
        try:
            cursor = self.raw.execute(sql, row)
            return cursor.fetchall(), cursor.rowcount
        except sqlite3.Error as error:
            raise named(error, sql) from error

    def _commit(self) -> None:
        self._run("COMMIT", ())

    def _begin_patiently(self) -> None:
        self._run(f"PRAGMA busy_timeout={int(self._wait * 1000)}", ())
        try:
            self._run("BEGIN IMMEDIATE" if self.writes else "BEGIN", ())
        finally:
            self._run("PRAGMA busy_timeout=0", ())

    async def _in_thread(self, job: Callable[[], _T]) -> _T:
        """Run *job* in a thread; who is cancelled meanwhile still waits for it: a connection has one user."""
        future = asyncio.get_running_loop().run_in_executor(self._shared.threads, job)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            while not future.done():
                try:
                    await asyncio.wait([future])
                except asyncio.CancelledError:
                    continue
            future.exception()
            raise


def _code(error: DBAPIError) -> int:
    return int(getattr(error.orig, "sqlite_errorcode", 0))


def named(error: sqlite3.Error, sql: str) -> Exception:
    """Return SQLAlchemy's error for SQLite's own; no parameter is in either."""
    return DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True)
