"""The step for a new phone in a browser, as a person and as axe-core sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from portal.keys import Site
from recovery_core.cases import linking
from recovery_core.messages import FormPurpose
from tests.browser.conftest import ChromiumPage
from tests.browser.steps import looks_well
from tests.browser.test_forms import sign_in, url
from tests.integration.forms.house import House, house, prepare
from tests.integration.forms.reviewed import new_mailbox_asked, sms


@pytest_asyncio.fixture(loop_scope="session")
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Serve a house in demo mode, which may be used over plain HTTP."""
    await prepare(tmp_path / "rekey.db")
    async with house(tmp_path / "rekey.db", site=Site("http://127.0.0.1:8080", demo=True)) as built:
        yield built


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
async def test_a_phone_is_bound_in_a_browser(
    home: House, chromium_page: ChromiumPage, language: str, scheme: str
) -> None:
    """R17: offered, asked, refused and proven on a phone of 320 pixels; the other language keeps the step."""
    browser, link = await new_mailbox_asked(home, language)
    await linking.press(home.parts, link.removeprefix("/link/"), browser.conversation_id, None)
    page = await chromium_page(viewport={"width": 320, "height": 720}, color_scheme=scheme)
    await sign_in(home, page, browser)
    await page.goto(url(home, await home.mint(browser, FormPurpose.PASSWORD)))
    await looks_well(page)
    await page.click("#to-phone")
    await page.click("a.language")
    await expect(page.locator("#phone")).to_be_visible()
    await page.fill("#phone", "+1 202 555 0123")
    await page.click("button.main")
    await expect(page.locator("[data-code=phone_country]")).to_be_visible()
    await looks_well(page)
    await page.fill("#phone", "139 1234 5678")
    await page.click("button.main")
    await expect(page.locator("#phone_code")).to_be_visible()
    await looks_well(page)
    await page.fill("#phone_code", await sms(home))
    await page.click("button.main >> nth=0")
    await expect(page.locator("#new_password")).to_be_visible()
    await expect(page.locator("#to-phone")).to_have_count(0)
