"""Which errors of the databases mean that somebody was first, and which that the store cannot answer now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from recovery_core.errors import ConflictError, RecoveryError, UnavailableError

_SQLITE_CONFLICTS = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY,
    }
)
_SQLITE_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
_PRIMARY = 0xFF
"""The low byte of an extended SQLite code is its primary code (sqlite.org/rescode.html)."""

_POSTGRES_CONFLICTS = frozenset({"23505", "23503", "40001", "40P01"})
"""Unique, foreign key, serialisation failure, deadlock (PostgreSQL manual, appendix A)."""
_POSTGRES_UNAVAILABLE_CLASSES = frozenset({"08", "53", "57", "58", "XX"})
"""Connection, resources (53100: disk full), operator intervention, system error, internal error."""
_POSTGRES_UNAVAILABLE = frozenset({"55P03", "25P03"})
"""Lock not given in time; the session idled too long inside a transaction."""


def _sqlite(code: int) -> RecoveryError | None:
    if code in _SQLITE_CONFLICTS:
        return ConflictError()
    return UnavailableError() if code & _PRIMARY in _SQLITE_UNAVAILABLE else None


def _postgres(state: str) -> RecoveryError | None:
    if state in _POSTGRES_CONFLICTS:
        return ConflictError()
    unavailable = state in _POSTGRES_UNAVAILABLE or state[:2] in _POSTGRES_UNAVAILABLE_CLASSES
    return UnavailableError() if unavailable else None


def meaning(error: BaseException) -> RecoveryError | None:
    """Return what *error* means to the core, None if it is a defect that must be seen as it is."""
    if isinstance(error, DBAPIError):
        code = getattr(error.orig, "sqlite_errorcode", None)
        if isinstance(code, int):
            return _sqlite(code)
        state = getattr(error.orig, "sqlstate", None)
        if isinstance(state, str):
            return _postgres(state)
        # asyncpg says only in words that its connection is gone; SQLAlchemy knows those words.
        return UnavailableError() if error.connection_invalidated else None
    lost = (PoolTimeoutError, TimeoutError, OSError)
    return UnavailableError() if isinstance(error, lost) else None


POSSIBLE = (DBAPIError, PoolTimeoutError, TimeoutError, OSError)
"""The errors that may have a meaning."""


def raise_meaning(error: Exception) -> NoReturn:
    """Raise what *error* means; raise it unchanged if it is a defect. Called where it was caught.

    The original is suppressed, not chained: its text holds the statement's parameters.
    """
    meant = meaning(error)
    if meant is None:
        raise error
    raise meant from None


@contextmanager
def translated() -> Iterator[None]:
    """Raise ConflictError or UnavailableError in place of the database's own errors that mean so."""
    try:
        yield
    except POSSIBLE as error:
        raise_meaning(error)
