"""Every contract test runs on SQLite and on PostgreSQL through the one fixture ``work``."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from recovery_core.adapters.sql.migrate import upgrade
from recovery_core.adapters.sql.unit_of_work import SqlWork
from tests.needs import need
from tests.stores import drop_postgres, empty, make_postgres, postgres_answers, sqlite_url, work_on


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one empty, up-to-date SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    asyncio.run(upgrade(sqlite_url(path)))
    return path


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """Make one up-to-date PostgreSQL database for all tests, which empty it."""
    need(asyncio.run(postgres_answers()), "a PostgreSQL server at REKEY_TEST_POSTGRES")
    url = asyncio.run(make_postgres())
    try:
        asyncio.run(upgrade(url))
        yield url
    finally:
        asyncio.run(drop_postgres(url))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an up-to-date database, of each kind in turn."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("migrated_postgres"))
    path = tmp_path / "store.db"
    shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
    return sqlite_url(path)


@pytest.fixture
async def work(database_url: str) -> AsyncIterator[SqlWork]:
    """Open units of work on an empty database."""
    work = work_on(database_url)
    if work.engine.dialect.name == "postgresql":
        await empty(work)
    yield work
    await work.engine.dispose()
