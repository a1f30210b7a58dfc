"""How the engines are set up, and what the databases' errors mean."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from recovery_core.adapters.sql.engine import _write_ahead, count_statements, make_engine
from recovery_core.adapters.sql.failures import meaning, translated
from recovery_core.errors import ConflictError, UnavailableError
from tests.stores import sqlite_url


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("sqlite+aiosqlite://", "database_in_memory"),
        ("sqlite+aiosqlite:///:memory:", "database_in_memory"),
        ("sqlite:///store.db", "database_not_supported"),
        ("postgresql://localhost/rekey", "database_not_supported"),
        ("mysql+aiomysql://localhost/rekey", "database_not_supported"),
    ],
)
def test_other_databases_are_refused(url: str, code: str) -> None:
    """Only a SQLite file and PostgreSQL by asyncpg are accepted."""
    with pytest.raises(ValueError, match=code):
        make_engine(url)


async def test_sqlite_is_set_up_to_survive_a_loss_of_power(tmp_path: Path) -> None:
    """Every connection writes ahead, syncs fully, checks references and waits for locks."""
    engine = make_engine(sqlite_url(tmp_path / "store.db"))
    async with engine.connect() as connection:
        found = {}
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            found[pragma] = await connection.scalar(text(f"PRAGMA {pragma}"))
    await engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


async def test_statements_are_counted_only_inside_the_block(tmp_path: Path) -> None:
    """Each statement counts once; after the block nothing counts any more."""
    engine = make_engine(sqlite_url(tmp_path / "store.db"))
    async with engine.connect() as connection:
        await connection.begin()
        with count_statements(engine) as count:
            await connection.execute(text("SELECT 1"))
            await connection.execute(text("SELECT 2"))
        await connection.execute(text("SELECT 3"))
    await engine.dispose()
    assert count.statements == 2


async def test_a_database_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    """A missing folder and a server that does not listen are unavailable, without a word about where."""
    for url in (
        sqlite_url(tmp_path / "missing" / "store.db"),
        "postgresql+asyncpg://nobody:secret@127.0.0.1:1/none",
    ):
        engine = make_engine(url)
        with pytest.raises(UnavailableError) as caught, translated():
            async with engine.connect():
                pass
        await engine.dispose()
        assert caught.value.__suppress_context__
        assert str(caught.value) == "unavailable"


def by_sqlite(code: int) -> DBAPIError:
    """Return the error of SQLite with that extended code."""
    original = sqlite3.OperationalError("text")
    original.sqlite_errorcode = code
    return DBAPIError("statement", {}, original)


def by_postgres(state: str | None, *, invalidated: bool = False) -> DBAPIError:
    """Return the error of PostgreSQL with that SQLSTATE."""
    original = Exception("text")
    original.sqlstate = state  # type: ignore[attr-defined]
    return DBAPIError("statement", {}, original, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    ("error", "meant"),
    [
        (by_sqlite(sqlite3.SQLITE_CONSTRAINT_UNIQUE), ConflictError),
        (by_sqlite(sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY), ConflictError),
        (by_sqlite(sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY), ConflictError),
        (by_sqlite(sqlite3.SQLITE_CONSTRAINT_NOTNULL), None),
        (by_sqlite(sqlite3.SQLITE_FULL), UnavailableError),
        (by_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), UnavailableError),
        (by_sqlite(sqlite3.SQLITE_IOERR_FSYNC), UnavailableError),
        (by_sqlite(sqlite3.SQLITE_READONLY), None),
        (by_sqlite(sqlite3.SQLITE_ERROR), None),
        (by_postgres("23505"), ConflictError),
        (by_postgres("40P01"), ConflictError),
        (by_postgres("23502"), None),
        (by_postgres("53100"), UnavailableError),
        (by_postgres("57P01"), UnavailableError),
        (by_postgres("55P03"), UnavailableError),
        (by_postgres("42P01"), None),
        (by_postgres(None, invalidated=True), UnavailableError),
        (by_postgres(None), None),
        (PoolTimeoutError(), UnavailableError),
        (ConnectionRefusedError(), UnavailableError),
        (TimeoutError(), UnavailableError),
        (LookupError(), None),
    ],
)
def test_errors_have_a_meaning_or_stay_as_they_are(error: Exception, meant: type[Exception] | None) -> None:
    """Conflicts and outages are told apart; a defect stays visible."""
    found = meaning(error)
    assert (type(found) if found else None) is meant


def test_a_defect_is_not_hidden() -> None:
    """What has no meaning for the core is raised unchanged."""
    defect = by_sqlite(sqlite3.SQLITE_ERROR)
    with pytest.raises(DBAPIError) as caught, translated():
        raise defect
    assert caught.value is defect


async def test_many_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    """Eight engines, as of eight processes, open and begin on the same new file at the same moment."""

    async def begin(url: str) -> None:
        engine = make_engine(url)
        async with engine.begin():
            pass
        await engine.dispose()

    for number in range(10):
        url = sqlite_url(tmp_path / f"{number}.db")
        await asyncio.gather(*(begin(url) for _ in range(8)))


@pytest.mark.parametrize(("failures", "tries"), [(0, 1), (19, 20), (20, 20)])
def test_switching_a_new_file_is_tried_twenty_times(failures: int, tries: int) -> None:
    """A file that is being switched by another is asked again, twenty times in all, then it is an error."""
    cursor = LockedCursor(failures)
    if failures == 20:
        with pytest.raises(sqlite3.OperationalError):
            _write_ahead(cursor)
    else:
        _write_ahead(cursor)
    assert cursor.switches == tries


class LockedCursor:
    """A cursor on a file that others hold for a number of attempts."""

    def __init__(self, failures: int) -> None:
        """Fail *failures* times to switch."""
        self.failures = failures
        self.switches = 0

    def execute(self, order: str) -> None:
        """Fail to switch, and now and then to wait."""
        self.switches += order.startswith("PRAGMA")
        if order != "ROLLBACK" and self.switches <= self.failures:
            raise sqlite3.OperationalError("database is locked")
