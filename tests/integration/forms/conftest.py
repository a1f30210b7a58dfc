"""A house for each test, on a copy of one prepared database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.forms.house import House, house, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the database with the demo company once."""
    file = tmp_path_factory.mktemp("prepared") / "rekey.db"
    asyncio.run(prepare(file))
    return file


@pytest.fixture
def database(prepared: Path, tmp_path: Path) -> Path:
    """Return a copy of the prepared database."""
    return Path(shutil.copy(prepared, tmp_path / "rekey.db"))


@pytest.fixture
async def home(database: Path) -> AsyncIterator[House]:
    """Build a house with the demo company."""
    async with house(database) as built:
        yield built
