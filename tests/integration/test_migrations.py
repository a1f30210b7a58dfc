"""The migrations: up, down and up again, equal to the declared tables, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.migrate import MIGRATIONS, downgrade, newest, upgrade
from recovery_core.adapters.sql.tables import METADATA
from tests.needs import need
from tests.stores import drop_postgres, make_postgres, postgres_answers, sqlite_url


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "store.db")
        return
    need(await postgres_answers(), "a PostgreSQL server at REKEY_TEST_POSTGRES")
    made = await make_postgres()
    yield made
    await drop_postgres(made)


def described(connection: Connection) -> tuple[set[str], list[str], set[str | None]]:
    """Return the names of tables and views, and the indexes."""
    found = inspect(connection)
    tables = set(found.get_table_names())
    indexes = {index["name"] for table in tables for index in found.get_indexes(table)}
    return tables, found.get_view_names(), indexes


async def look(url: str) -> tuple[set[str], list[str], set[str | None]]:
    """Return what is in the database."""
    engine = make_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(described)
    await engine.dispose()
    return found


async def test_up_down_and_up_again(url: str) -> None:
    """Upgrading makes everything, downgrading leaves nothing but Alembic's own table, and up works again."""
    await upgrade(url)
    tables, views, _ = first = await look(url)
    assert tables == set(METADATA.tables) | {"alembic_version"}
    assert views == ["dovecot_users"]
    await downgrade(url)
    assert (await look(url))[:2] == ({"alembic_version"}, [])
    await upgrade(url)
    assert await look(url) == first


async def test_upgrading_twice_changes_nothing(url: str) -> None:
    """A database that is up to date stays as it is."""
    await upgrade(url)
    before = await look(url)
    await upgrade(url)
    assert await look(url) == before


def test_the_newest_revision_is_in_the_name_of_its_file() -> None:
    """What a start compares with is what Alembic itself calls the head, and there is only one."""
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest()]


async def test_two_processes_may_upgrade_at_once(url: str) -> None:
    """The second one waits and finds it done."""
    await asyncio.gather(upgrade(url), upgrade(url))
    assert (await look(url))[1] == ["dovecot_users"]


async def test_the_tables_are_those_declared(url: str) -> None:
    """Alembic finds no difference between the migrated database and the declared tables."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, METADATA))

    await upgrade(url)
    engine = make_engine(url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(compare)
    await engine.dispose()
    assert differences == []


async def test_partial_indexes_are_those_declared(url: str) -> None:
    """Conditions of indexes, which Alembic does not compare, exist in the database too."""
    await upgrade(url)
    _, _, indexes = await look(url)
    assert {index.name for table in METADATA.tables.values() for index in table.indexes} <= indexes
