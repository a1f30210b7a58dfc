"""What a turn reads and writes in the tracker database, said to the driver itself.

SQLAlchemy composes each statement once, for SQLite and PostgreSQL alike. Its own way to run one costs ten
times what the database needs for it, three times a turn. The assistant serves one turn's statements after the
other, never two at a time, so that one connection does for all of them.
"""

# ruff: noqa: ANN401  a driver's connection has no common type
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

_OF_EVENT = ("sender_id", "type_name", "timestamp", "intent_name", "action_name", "data")
_OF_REPLIES = ("conversation", "message_id", "replies", "at")


class _Statement:
    """The words of a statement, and the order in which it takes its values."""

    def __init__(self, statement: sa.sql.ClauseElement, engine: Engine) -> None:
        compiled = statement.compile(dialect=engine.dialect)
        self.words, self._order = str(compiled), tuple(compiled.positiontup)

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        return [row[name] for name in self._order]


class TurnRows:
    """The statements of a turn on a connection that stays open; an error of the driver closes it."""

    def __init__(self, engine: Engine, events: sa.Table, replies: sa.Table) -> None:
        """Compose the statements for the database of *engine*."""
        self._engine, self._connection = engine, None
        named = replies.c.conversation == sa.bindparam("conversation")
        data = sa.select(events.c.data).where(events.c.sender_id == sa.bindparam("conversation"))
        changed = {name: sa.bindparam(name) for name in _OF_REPLIES[1:]}
        self._last = _Statement(sa.select(replies.c.message_id, replies.c.replies).where(named), engine)
        self._data = _Statement(data.order_by(events.c.id), engine)
        self._update = _Statement(replies.update().where(named).values(changed), engine)
        self._insert = _inserting(replies, _OF_REPLIES, engine)
        self._write = _inserting(events, _OF_EVENT, engine)

    def last(self, conversation: str) -> tuple[str, str] | None:
        """Return the last message id of *conversation* and the replies to it, as JSON."""
        found = self._read(self._last, conversation)
        return (found[0][0], found[0][1]) if found else None

    def data(self, conversation: str) -> list[str]:
        """Return the events of *conversation*, each as JSON, in their order."""
        return [row[0] for row in self._read(self._data, conversation)]

    def write(self, events: Sequence[Mapping[str, Any]], last: Mapping[str, Any]) -> None:
        """Store the rows of *events* and the row of the *last* replies of one conversation, or nothing."""
        connection = self._opened()
        try:
            cursor = connection.cursor()
            if events:
                cursor.execute(*self._all_at_once(events))
            cursor.execute(self._update.words, self._update.values(last))
            if cursor.rowcount == 0:
                cursor.execute(self._insert.words, self._insert.values(last))
            cursor.close()
            connection.commit()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection, and with it what was not committed."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()

    def _all_at_once(self, events: Sequence[Mapping[str, Any]]) -> tuple[str, list[Any]]:
        before, _, marks = self._write.words.rpartition(" VALUES ")
        values = [value for event in events for value in self._write.values(event)]
        return f"{before} VALUES {', '.join([marks] * len(events))}", values

    def _read(self, statement: _Statement, conversation: str) -> list[Any]:
        connection = self._opened()
        try:
            cursor = connection.cursor()
            cursor.execute(statement.words, (conversation,))
            found = list(cursor.fetchall())
            cursor.close()
            connection.rollback()  # nothing stays locked until the next turn
        except BaseException:
            self.close()
            raise
        return found

    def _opened(self) -> Any:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        return self._connection


def _inserting(table: sa.Table, columns: Sequence[str], engine: Engine) -> _Statement:
    values = {name: sa.bindparam(name) for name in columns}
    return _Statement(table.insert().inline().values(values), engine)
