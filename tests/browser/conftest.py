"""A browser for the tests of this folder: one Chromium per run, a fresh context per page."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from tests.browser.fake_chat import FakeChat
from tests.fakes import FakeClock
from tests.needs import need
from tests.portal_house import PortalHouse, portal_house

CHROMIUM = Path("/usr/bin/chromium")
INSTALLED = CHROMIUM.exists()
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
HERE = Path(__file__).parent
PATIENCE = 30_000
"""Milliseconds: how fast a page is, is a benchmark's question and not a test's."""
expect.set_options(timeout=PATIENCE)

ChromiumPage = Callable[..., Awaitable[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run every test of this folder in the loop that the browser belongs to."""
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


class Complaints(list[str]):
    """Everything a page complained about in its console; lost connections are expected and left out."""

    def hear(self, message: ConsoleMessage) -> None:
        """Keep warnings and errors, violations of the security policy among them."""
        if message.type in {"error", "warning"} and "net::ERR_" not in message.text:
            status = "the server responded with a status of"
            if status not in message.text:
                self.append(message.text)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium once for all browser tests."""
    need(INSTALLED, "chromium is not installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def complaints() -> Complaints:
    """Collect the complaints of all pages of a test; a test that expects some clears them."""
    return Complaints()


@pytest_asyncio.fixture(loop_scope="session")
async def chromium_page(chromium: Browser, complaints: Complaints) -> AsyncIterator[ChromiumPage]:
    """Make pages, with the options of a Playwright context; complaints of any page fail the test."""
    contexts: list[BrowserContext] = []

    async def make(**options: Any) -> Page:  # noqa: ANN401  handed on to Playwright as they are
        context = await chromium.new_context(**{"locale": "en-GB", **options})
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", complaints.hear)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        await context.close()
    assert complaints == []


@pytest_asyncio.fixture(loop_scope="session")
async def chat() -> AsyncIterator[FakeChat]:
    """Serve the fake chat for one test."""
    fake = FakeChat()
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def settled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make keys, database and demo company once; tests copy them."""
    folder = tmp_path_factory.mktemp("settled")
    async with portal_house(folder, clock=FakeClock()):
        return folder


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that tests move by hand."""
    return FakeClock()


@pytest_asyncio.fixture(loop_scope="session")
async def portal(settled: Path, tmp_path: Path, clock: FakeClock) -> AsyncIterator[PortalHouse]:
    """Run a portal with the demo company on a copy of its data."""
    folder = Path(shutil.copytree(settled, tmp_path / "data"))
    async with portal_house(folder, clock=clock) as running:
        yield running
