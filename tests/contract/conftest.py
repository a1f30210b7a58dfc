"""Every contract test runs on SQLite and on PostgreSQL through the one fixture ``work``."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from tests.stores import empty, sqlite_url, work_on


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
