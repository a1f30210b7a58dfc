"""One transaction as the repositories see it: run a statement, get rows, and what databases do apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, Row, Table, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.base import Executable

from recovery_core.adapters.sql.connection import Connection, Found, Values
from recovery_core.adapters.sql.failures import POSSIBLE, raise_meaning

FEW: Mapping[str, bool] = {"rekey_few": True}
"""The execution option of a deletion that takes a handful of rows: it needs no thread of its own."""


class Both(NamedTuple):
    """One statement as each of the two databases writes it, built once."""

    lite: Executable
    postgres: Executable

    def on(self, transaction: Transaction) -> Executable:
        """Return the statement for the database of *transaction*."""
        return self.postgres if transaction.is_postgres else self.lite


def both(make: Callable[[Callable[[Table], Any]], Executable]) -> Both:
    """Return what *make* builds from each database's own insert, which knows ON CONFLICT."""
    return Both(make(sqlite_insert), make(postgres_insert))


class Transaction:
    """Runs statements on one connection; the core's errors come out instead of the database's."""

    def __init__(self, connection: Connection) -> None:
        """Use *connection*; whoever made it ends the transaction."""
        self._connection = connection
        self.is_postgres = connection.is_postgres

    async def run(self, statement: Executable, values: Values | None = None) -> Found:
        """Execute *statement*, once for each of *values* if they are a list."""
        try:
            return await self._connection.execute(statement, values)
        except POSSIBLE as error:
            raise_meaning(error)

    async def first(self, statement: Executable, values: Values | None = None) -> Row[Any] | None:
        """Return the first row."""
        rows = (await self.run(statement, values)).rows
        return rows[0] if rows else None

    async def all(self, statement: Executable, values: Values | None = None) -> Sequence[Row[Any]]:
        """Return all rows."""
        return (await self.run(statement, values)).rows

    async def value(self, statement: Executable, values: Values | None = None) -> Any:  # noqa: ANN401
        """Return the first column of the first row, None if there is none."""
        row = await self.first(statement, values)
        return None if row is None else row[0]

    async def changed(self, statement: Executable, values: Values | None = None) -> int:
        """Return how many rows the statement changed."""
        return (await self.run(statement, values)).changed

    def insert(self, table: Table) -> SqliteInsert | PostgresInsert:
        """Return an insert that knows ON CONFLICT, which both databases write alike."""
        return postgres_insert(table) if self.is_postgres else sqlite_insert(table)

    async def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert *rows*, all with the same columns, in one statement or one batch; none is fine too."""
        if not rows:
            return
        if not self.is_postgres:
            await self.run(insert(table), rows)
            return
        # One array per column instead of one message per row: measured at half the time of a batch.
        names = list(rows[0])
        arrays = [
            func.unnest(bindparam(name, [row[name] for row in rows], ARRAY(table.c[name].type)))
            for name in names
        ]
        await self.run(insert(table).from_select(names, select(*arrays)))

    async def hold(self, name: str) -> None:
        """Let no other transaction hold *name* until this one ends, whether a row exists for it or not.

        SQLite has one writer at a time and needs nothing. Equal 64-bit hashes only cost a wait.
        """
        if self.is_postgres:
            await self.run(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
