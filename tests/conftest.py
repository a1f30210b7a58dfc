"""What holds for every test: where its files are, and which tests must share one process."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from recovery_core.adapters.sql.migrate import upgrade
from tests.stores import fresh_postgres, sqlite_url

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")  # noqa: S108  pytest makes a folder of its own in it
ROOMY = 4 * 1024**3
"""Bytes: a container's usual 64 MB would be full at once."""
LONGEST_FIRST = ("whole", "conversation", "browser", "integration", "contract", "actions", "unit")
STARTED_ONCE = ("whole", "conversation")
"""Folders whose files share an assistant that takes seconds to start."""
ALONE = ("whole/test_matrix.py", "conversation/test_robust.py", "conversation/test_understanding.py")
"""Their long files that start what they need themselves."""


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Gives a process whole files, and all files that share what is started once to the same process."""

    def _split_scope(self, nodeid: str) -> str:
        name = nodeid.partition("::")[0].removeprefix("tests/")
        folder = name.partition("/")[0]
        return folder if folder in STARTED_ONCE and name not in ALONE else name


def pytest_configure() -> None:
    """Keep the tests' files in memory where there is room: a disc takes milliseconds for every commit."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free >= ROOMY:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Share the tests among processes in the order in which they were collected."""
    config.option.loadscopereorder = False
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process works on alone at the end."""
    items.sort(key=lambda item: _place(item.path))


def _place(path: Path) -> int:
    folder = path.relative_to(HERE).parts[0]
    return LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one empty, up-to-date SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    asyncio.run(upgrade(sqlite_url(path)))
    return path


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """Make one up-to-date PostgreSQL database for all tests, which empty it."""
    with fresh_postgres() as url:
        yield url
