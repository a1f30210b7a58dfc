"""The unit of work: together or not at all."""

# ruff: noqa: PT012  a block of these tests is a whole unit of work

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import ConflictError, UnavailableError
from recovery_core.work import UnitOfWork, Work
from tests.contract.samples import NOW, SECOND, a_case, a_domain, with_accounts
from tests.stores import AUDIT_KEY, VAULT, work_on


async def names(work: SqlWork) -> list[str]:
    """Return the names of the stored domains."""
    async with work.reading() as unit:
        return [domain.name for domain in await unit.accounts_writer.domains()]


async def test_it_is_the_unit_of_work_of_the_core(work: SqlWork) -> None:
    """A type checker accepts it as the core's port, and it has every store that the port names."""
    port: Work = work
    async with port() as unit:
        stores = [name for name, member in vars(UnitOfWork).items() if isinstance(member, property)]
        assert len(stores) >= 14
        for store in stores:
            assert hasattr(unit, store)


async def test_uncommitted_work_is_rolled_back(work: SqlWork) -> None:
    """Leaving without a commit stores nothing."""
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain())
    assert await names(work) == []


async def test_committed_work_stays(work: SqlWork) -> None:
    """What was committed is there for the next one; what came after the commit is not."""
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain())
        await unit.commit()
        await unit.accounts_writer.add_domain(a_domain("later.example"))
    assert await names(work) == ["example.com"]


async def test_an_error_rolls_everything_back(work: SqlWork) -> None:
    """An error inside the block leaves nothing behind and is seen as it is."""
    with pytest.raises(LookupError):
        async with work() as unit:
            await unit.accounts_writer.add_domain(a_domain())
            raise LookupError
    assert await names(work) == []


async def test_a_conflict_rolls_everything_back(work: SqlWork) -> None:
    """A unit of work that met a conflict stores nothing of what it did before."""
    async with work() as unit:
        await unit.cases.add(a_case())
        await unit.commit()
    with pytest.raises(ConflictError):
        async with work() as unit:
            await unit.accounts_writer.add_domain(a_domain())
            await unit.cases.add(a_case())
    assert await names(work) == []


async def test_others_see_only_what_is_committed(work: SqlWork) -> None:
    """A reader does not wait for a writer and sees nothing of it before its commit."""
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain())
        assert await names(work) == []
        await unit.commit()
        assert await names(work) == ["example.com"]


async def test_reading_cannot_write(work: SqlWork) -> None:
    """A unit of work for reading refuses to write; the connection it used writes again for the next one."""
    async with work.reading() as unit:
        with pytest.raises(DBAPIError):
            await unit.accounts_writer.add_domain(a_domain())
    await with_accounts(work)
    assert await names(work) == ["example.com"]


async def test_a_cancelled_writer_gives_its_turn_back(work: SqlWork) -> None:
    """A task that is cancelled while it writes, or while it waits, stores nothing and blocks nobody."""
    entered = asyncio.Event()

    async def write() -> None:
        async with work() as unit:
            await unit.accounts_writer.add_domain(a_domain())
            entered.set()
            await asyncio.Event().wait()

    writing, waiting = asyncio.create_task(write()), asyncio.create_task(write())
    await entered.wait()
    for task in (waiting, writing):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await with_accounts(work)
    assert await names(work) == ["example.com"]


async def test_many_writers_all_have_their_turn(work: SqlWork) -> None:
    """Fifty writers at the same moment, more than there are connections, are all stored."""

    async def write(number: int) -> None:
        async with work() as unit:
            await unit.accounts_writer.add_domain(a_domain(f"d{number}.example"))
            await unit.commit()

    await asyncio.gather(*(write(number) for number in range(50)))
    assert len(await names(work)) == 50


async def test_two_processes_write_in_turn(work: SqlWork, database_url: str) -> None:
    """Writers on another engine, as in another process, are waited for and nothing is lost."""
    other = work_on(database_url)

    async def write(through: SqlWork, number: int) -> None:
        async with through() as unit:
            await unit.accounts_writer.add_domain(a_domain(f"d{number}.example"))
            await unit.commit()

    try:
        await asyncio.gather(*(write(through, n) for n, through in enumerate([work, other] * 5)))
    finally:
        await other.engine.dispose()
    assert len(await names(work)) == 10


async def test_moments_keep_their_microseconds_and_zone(work: SqlWork) -> None:
    """A moment comes back exactly, in UTC, whatever zone it was written in."""
    elsewhere = datetime.fromisoformat("1969-12-31T20:00:00.000001-05:00")
    async with work() as unit:
        await unit.cases.add(a_case(created_at=elsewhere, updated_at=NOW + SECOND))
        case = await unit.cases.current("talk")
    assert case is not None
    assert (case.created_at, case.updated_at) == (elsewhere, NOW + SECOND)
    assert case.created_at.isoformat() == "1970-01-01T01:00:00.000001+00:00"


async def test_a_moment_without_zone_is_refused(work: SqlWork) -> None:
    """A naive datetime is a mistake of the caller."""
    async with work() as unit:
        with pytest.raises(StatementError, match="naive_datetime"):
            await unit.cases.add(a_case(created_at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_writer_inside_another_is_unavailable(work: SqlWork) -> None:
    """SQLite: a unit of work opened inside another one is told unavailable instead of waiting for ever."""
    impatient = SqlWork(work.engine, AUDIT_KEY, VAULT, wait_seconds=0.05)
    async with impatient():
        with pytest.raises(UnavailableError):
            await impatient().__aenter__()
    await with_accounts(impatient)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_store_that_another_process_holds_is_unavailable(work: SqlWork, database_url: str) -> None:
    """SQLite: who waits too long for the writer of another process is told unavailable."""
    other, impatient = work_on(database_url), SqlWork(work.engine, AUDIT_KEY, VAULT, wait_seconds=0.05)
    try:
        async with other():
            with pytest.raises(UnavailableError):
                await impatient().__aenter__()
    finally:
        await other.engine.dispose()
    await with_accounts(work)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_lost_connection_is_unavailable_and_survived(work: SqlWork) -> None:
    """PostgreSQL: when the server ends the connection the unit of work is told so, and the next one works."""
    backend = text("SELECT pg_terminate_backend(:id)")
    async with work.engine.connect() as killer:
        with pytest.raises(UnavailableError):
            async with work() as unit:
                pid: Any = await unit.accounts._transaction.value(text("SELECT pg_backend_pid()"))
                await killer.execute(backend, {"id": pid})
                await unit.accounts_writer.add_domain(a_domain())
        await killer.rollback()
    await with_accounts(work)
    async with work.engine.connect() as killer:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        await killer.execute(text(f"{others} AND pid <> pg_backend_pid()"))
    assert await names(work) == ["example.com"]


async def test_nothing_of_the_parameters_is_in_an_error(work: SqlWork) -> None:
    """An error of the database that is not ours to explain shows no parameter."""
    async with work() as unit:
        with pytest.raises(DBAPIError) as caught:
            await unit.cases.add(a_case(address="alice@example.com", state=None))
    assert "alice@example.com" not in str(caught.value).partition("DETAIL")[0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_is_unavailable(work: SqlWork) -> None:
    """SQLite: a database that cannot grow says unavailable and holds what it held."""
    await with_accounts(work)
    async with work() as unit:
        pages = await unit.accounts._transaction.value(text("PRAGMA page_count"))
        await unit.accounts._transaction.run(text(f"PRAGMA max_page_count={pages}"))
        with pytest.raises(UnavailableError):
            for number in range(2000):
                await unit.accounts_writer.add_domain(a_domain(f"d{number}.example", company="x" * 200))
        with pytest.raises(UnavailableError):  # SQLite took the transaction back: nothing may go on in halves
            await unit.accounts_writer.add_domain(a_domain("half.example"))
    assert await names(work) == ["example.com"]
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain("later.example"))
        await unit.commit()
    assert await names(work) == ["example.com", "later.example"]
