"""The disk is full, the database is restarted: nothing half-done, a kind answer, and on it goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from recovery_core.adapters.sql.engine import SqliteEngine
from recovery_core.adapters.sql.sqlite_connection import SqliteConnection
from recovery_core.adapters.sql.unit_of_work import SqlWork
from tests.fakes import FakeClock
from tests.needs import need
from tests.portal_house import Chat, PortalHouse, portal_house
from tests.stores import drop_postgres, make_postgres, postgres_answers

NEW = "Harbour-Crane-18"


@contextmanager
def full_disk(portal: PortalHouse) -> Iterator[None]:
    """Let SQLite find no room for another page, as on a full disk (its own limit, its own error)."""
    work = portal.house.parts.work
    assert isinstance(work, SqlWork)
    assert isinstance(work.engine, SqliteEngine)
    pool = work.engine.pool_of_work
    take, full = pool.take, True

    async def with_little_room(*, writing: bool, synced: bool = True) -> SqliteConnection:
        connection = await take(writing=writing, synced=synced)
        [[pages]] = await connection.exec_driver_sql("PRAGMA page_count")
        await connection.exec_driver_sql(f"PRAGMA max_page_count={pages if full else 1073741823}")
        return connection

    pool.take = with_little_room  # type: ignore[method-assign]
    yield
    full = False


async def test_a_full_disk_refuses_kindly_and_loses_nothing(portal: PortalHouse) -> None:
    """What finds no room is a 503 with Retry-After; when there is room again the same message is taken."""
    chat = await portal.chat("en")
    await chat.say("I forgot my password")
    long = "my mailbox is locked " * 180
    with full_disk(portal):
        statuses = [(await chat.post({"text": long}, key=f"k{n}", wait=False)).status for n in range(15)]
        assert set(statuses) <= {202, 503}
        assert 503 in statuses
    first = statuses.index(503)
    assert (await chat.post({"text": long}, key=f"k{first}")).status == 200


@pytest.fixture
async def on_postgres(tmp_path: Path, clock: FakeClock) -> AsyncIterator[PortalHouse]:
    """Return a portal with the demo company on PostgreSQL."""
    need(await postgres_answers(), "a PostgreSQL server at REKEY_TEST_POSTGRES")
    url = await make_postgres()
    try:
        async with portal_house(tmp_path / "data", clock=clock, database_url=url) as running:
            yield running
    finally:
        await drop_postgres(url)


async def restart(portal: PortalHouse) -> None:
    """End every connection of the database, as a restart of the server does."""
    work = portal.house.parts.work
    assert isinstance(work, SqlWork)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    async with work.engine.connect() as connection:
        await connection.execute(text(f"{end} AND pid <> pg_backend_pid()"))


async def test_the_database_is_restarted_in_the_middle(on_postgres: PortalHouse) -> None:
    """After each step every connection ends; the recovery goes on and the password changes once."""
    chat = await on_postgres.chat("en")
    await _step(on_postgres, chat, "I forgot my password")
    await _step(on_postgres, chat, "alice@example.com")
    await chat.press("method_sms")
    await restart(on_postgres)
    await _step(on_postgres, chat, await on_postgres.code())
    assert chat.form("password").startswith("/secure/")
    async with on_postgres.house.parts.work.reading() as work:
        account = await work.accounts.by_address("alice@example.com")
        assert account is not None
        assert (await work.directory.credentials(account.id)).version == 1


async def _step(portal: PortalHouse, chat: Chat, line: str) -> None:
    await chat.say(line)
    await restart(portal)
