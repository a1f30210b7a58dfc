"""The portal that the chat's tests talk to."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.portal_house import Chat, PortalHouse, portal_house


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make keys, database and demo company once; tests copy them."""
    folder = tmp_path_factory.mktemp("settled")
    asyncio.run(_settle(folder))
    return folder


async def _settle(folder: Path) -> None:
    async with portal_house(folder, clock=FakeClock()):
        pass


@pytest.fixture
def folder(settled: Path, tmp_path: Path) -> Path:
    """Return a data folder of one's own."""
    return Path(shutil.copytree(settled, tmp_path / "data"))


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that tests move by hand."""
    return FakeClock()


@pytest.fixture
async def portal(folder: Path, clock: FakeClock) -> AsyncIterator[PortalHouse]:
    """Return a portal with the demo company."""
    async with portal_house(folder, clock=clock) as running:
        yield running


@pytest.fixture
async def chat(portal: PortalHouse) -> Chat:
    """Return a browser that has begun to talk English."""
    return await portal.chat("en")
