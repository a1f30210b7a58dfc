"""SQLite in the event loop: what is short runs at once, what is long or waits goes to a thread."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Integer, bindparam, func, literal, select

from recovery_core.adapters.sql.engine import SqliteEngine
from recovery_core.adapters.sql.sqlite_pace import COMMIT_SECONDS, Pace
from recovery_core.adapters.sql.sqlite_pool import SqlitePool
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import UnavailableError
from tests.contract.samples import a_domain
from tests.stores import sql_work, sqlite_url

_T = TypeVar("_T")


class Threads(ThreadPoolExecutor):
    """Threads that count what they were given."""

    jobs = 0

    def submit(self, fn: Callable[..., _T], /, *args: object, **kwargs: object) -> Future[_T]:
        """Count and run."""
        self.jobs += 1
        return super().submit(fn, *args, **kwargs)


def pool_of(work: SqlWork) -> SqlitePool:
    """Return the connections that units of work use."""
    assert isinstance(work.engine, SqliteEngine)
    return work.engine.pool_of_work


@pytest.fixture
async def work(tmp_path: Path) -> AsyncIterator[SqlWork]:
    """Open units of work on a new file; commits stay in the loop, however slow this machine's disk is."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as opened:
        pool_of(opened).shared.pace = Pace(lambda: 0.0)
        yield opened


@pytest.fixture
def threads(work: SqlWork) -> Threads:
    """Count what goes to a thread."""
    pool_of(work).shared.threads.shutdown()
    pool_of(work).shared.threads = counting = Threads(2)
    return counting


def counted_up_to(last: int) -> Any:  # noqa: ANN401  a question of SQLAlchemy
    """Return a question that makes SQLite count from one to *last*."""
    first = select(literal(1).label("n")).cte("counted", recursive=True)
    every = first.union_all(select(first.c.n + 1).where(first.c.n < last))
    return select(func.count()).select_from(every)


async def add(work: SqlWork, name: str) -> None:
    """Store one domain."""
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain(name))
        await unit.commit()


async def names(work: SqlWork) -> list[str]:
    """Return the names of the stored domains."""
    async with work.reading() as unit:
        return [domain.name for domain in await unit.accounts_writer.domains()]


async def test_what_is_short_needs_no_thread(work: SqlWork, threads: Threads) -> None:
    """Once the connections are open, writing, committing and reading happen where they are awaited."""
    await add(work, "first.example")
    await names(work)
    before = threads.jobs
    await add(work, "second.example")
    assert await names(work) == ["first.example", "second.example"]
    assert threads.jobs == before


async def test_a_long_question_is_asked_again_in_a_thread(work: SqlWork, threads: Threads) -> None:
    """It is answered all the same, and what its unit of work wrote before is not lost by it."""
    async with work() as unit:
        await unit.accounts_writer.add_domain(a_domain())
        before = threads.jobs
        assert await unit.accounts._transaction.value(counted_up_to(1_000_000)) == 1_000_000
        assert threads.jobs == before + 1
        await unit.commit()
    assert await names(work) == ["example.com"]


async def test_a_cancelled_wait_for_a_lock_gives_everything_back(
    work: SqlWork, threads: Threads, tmp_path: Path
) -> None:
    """Who is cancelled while a thread waits for another process leaves a connection that works."""
    await add(work, "first.example")
    before = threads.jobs
    other = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(add(work, "never.example"))
    async with asyncio.timeout(30):
        while threads.jobs == before:  # noqa: ASYNC110  there is no event for a thread that waits
            await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.sleep(0)
    other.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await add(work, "second.example")
    assert await names(work) == ["first.example", "second.example"]


async def test_connections_are_set_up_to_survive_a_loss_of_power(work: SqlWork) -> None:
    """All kinds write ahead and check references; all but the one that is settled later sync fully."""
    for writing, synced in ((True, True), (True, False), (False, True)):
        connection = await pool_of(work).take(writing=writing, synced=synced)
        found = {}
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "query_only"):
            [[found[pragma]]] = await connection.exec_driver_sql(f"PRAGMA {pragma}")
        pool_of(work).give_back(connection)
        expected = {"journal_mode": "wal", "synchronous": 1 + synced, "foreign_keys": 1}
        assert found == expected | {"query_only": int(not writing)}


async def test_the_log_is_carried_into_the_database(work: SqlWork, tmp_path: Path) -> None:
    """After two hundred commits the file alone, without its log, holds what was committed before them."""
    for number in range(200):
        await add(work, f"d{number}.example")
    tidying = pool_of(work)._tidying
    assert tidying is not None
    await tidying
    alone = tmp_path / "alone.db"
    shutil.copyfile(tmp_path / "store.db", alone)
    with sqlite3.connect(alone) as raw:
        [[count]] = raw.execute("SELECT count(*) FROM domains")
    raw.close()
    assert count >= 199


async def test_few_idle_connections_are_kept(work: SqlWork) -> None:
    """Of many readers at the same moment only four leave their connection open."""
    pool = pool_of(work)
    taken = [await pool.take(writing=False) for _ in range(6)]
    for connection in taken:
        pool.give_back(connection)
    assert len(pool._idle[False, True]) == 4


def paced(*seconds: float) -> Pace:
    """Return a pace after commits that took these seconds."""
    moments = [moment for each in seconds for moment in (0.0, each)]
    pace = Pace(lambda: moments.pop(0))
    for _ in seconds:
        pace.timed(lambda: None)
    return pace


def test_a_disk_that_is_usually_slow_has_its_commits_in_a_thread() -> None:
    """What a commit takes by chance counts little, what it takes again and again counts."""
    slow = COMMIT_SECONDS * 2
    assert not paced(slow).slow()
    assert paced(slow, slow, slow).slow()
    assert not paced(*[COMMIT_SECONDS] * 50).slow()
    assert not paced(slow, slow, slow, 0.0).slow()


async def test_a_commit_that_is_settled_later_waits_for_no_disk(work: SqlWork, threads: Threads) -> None:
    """It is seen at once; whoever settles waits for one sync, and for none when a later commit made it."""
    async with work.soon() as unit:
        await unit.accounts_writer.add_domain(a_domain("first.example"))
        await unit.commit()
    assert await names(work) == ["first.example"]
    jobs = threads.jobs
    await asyncio.gather(work.settle(), work.settle())
    await work.settle()
    assert threads.jobs == jobs + 1

    async with work.soon() as unit:
        await unit.accounts_writer.add_domain(a_domain("second.example"))
        await unit.commit()
    await add(work, "third.example")
    jobs = threads.jobs
    await work.settle()
    assert threads.jobs == jobs


async def test_a_sync_covers_what_was_committed_before_it_began(work: SqlWork) -> None:
    """Who commits while a sync is under way waits for the next one."""
    pool, synced = pool_of(work), list[int]()
    pool._sync_log = lambda: synced.append(pool._unsynced)  # type: ignore[method-assign]

    async def one(number: int) -> None:
        async with work.soon() as unit:
            await unit.accounts_writer.add_domain(a_domain(f"d{number}.example"))
            await unit.commit()
        await work.settle()
        assert synced[-1] > number

    for number in range(3):
        await one(number)
    assert len(synced) == 3


async def test_a_sync_that_failed_is_not_believed_the_next_time(
    work: SqlWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it the log is written anew into the database, which alone holds what was committed."""

    def broken(_: int) -> None:
        raise OSError(errno.EIO, "no disk")

    async with work.soon() as unit:
        await unit.accounts_writer.add_domain(a_domain("first.example"))
        await unit.commit()
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(UnavailableError):
        await work.settle()
    monkeypatch.undo()
    await add(work, "second.example")
    await work.settle()

    alone = tmp_path / "alone.db"
    shutil.copyfile(tmp_path / "store.db", alone)
    with contextlib.closing(sqlite3.connect(alone)) as raw:
        assert raw.execute("SELECT count(*) FROM domains").fetchall() == [(2,)]


async def test_a_log_in_use_is_not_safe_after_a_sync_that_failed(work: SqlWork) -> None:
    """While somebody reads an older state the log cannot be carried over, and nothing is called safe."""
    async with work.soon() as unit:
        await unit.accounts_writer.add_domain(a_domain("first.example"))
        await unit.commit()
    pool = pool_of(work)
    pool._doubted = True
    async with work.reading() as reading:
        await reading.accounts.domain("first.example")
        await add(work, "second.example")
        with pytest.raises(UnavailableError):
            await work.settle()
    await work.settle()
    assert not pool._doubted


async def test_a_statement_built_once_takes_other_values_each_time(work: SqlWork) -> None:
    """What is remembered of a statement are its marks, never the values of the time before."""
    statement = select(bindparam("first", type_=Integer) + bindparam("second", type_=Integer), literal("own"))
    async with work.reading() as unit:
        found = [
            (await unit._transaction.run(statement, {"first": number, "second": 1})).rows for number in (1, 2)
        ]
    assert [tuple(rows[0]) for rows in found] == [(2, "own"), (3, "own")]


async def test_statements_that_nobody_keeps_are_not_kept_here_either(work: SqlWork) -> None:
    """A question built where it is asked leaves nothing behind but what its likes share."""
    async with work.reading() as unit:
        for number in range(5):
            found = await unit._transaction.value(select(literal(number)))
            assert found == number
    gc.collect()
    assert len(pool_of(work).shared.statements) <= 1
