"""What a transaction needs of its connection, whichever database it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import Executable

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""The parameters of a statement, or of each of its repetitions."""


class Found(NamedTuple):
    """What a statement returned: rows if it returns any, and how many it changed."""

    rows: Sequence[Row[Any]]
    changed: int


class Connection(Protocol):
    """A connection with a transaction that has begun."""

    is_postgres: bool

    async def execute(self, statement: Executable, values: Values | None = None) -> Found:
        """Run *statement*; raises SQLAlchemy's errors."""
        ...

    async def exec_driver_sql(self, sql: str, values: Any = None) -> Sequence[Any]:  # noqa: ANN401
        """Run *sql* with *values* as the driver takes them and return the rows; for looking at plans."""
        ...

    async def commit(self) -> None:
        """Store everything; what is run afterwards begins a new transaction."""
        ...

    async def close(self) -> None:
        """Roll back what is not committed and give the connection back."""
        ...


class PostgresConnection:
    """A connection of SQLAlchemy's pool."""

    is_postgres = True

    def __init__(self, connection: AsyncConnection) -> None:
        """Use *connection*, which has begun."""
        self._connection = connection

    async def execute(self, statement: Executable, values: Values | None = None) -> Found:
        """Run *statement*; raises SQLAlchemy's errors."""
        result = await self._connection.execute(statement, values)
        return Found(result.all() if result.returns_rows else (), result.rowcount)

    async def exec_driver_sql(self, sql: str, values: Any = None) -> Sequence[Any]:  # noqa: ANN401
        """Run *sql* with *values* as the driver takes them and return the rows; for looking at plans."""
        result = await self._connection.exec_driver_sql(sql, values)
        return result.all() if result.returns_rows else ()

    async def commit(self) -> None:
        """Store everything; what is run afterwards begins a new transaction."""
        await self._connection.commit()

    async def close(self) -> None:
        """Roll back what is not committed and give the connection back."""
        await self._connection.close()
