"""The administrators' console in a real browser: case 8 by keyboard and mouse, and axe on every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from recovery_core.people import totp
from rekey.demo import PASSWORD
from tests.browser.conftest import ChromiumPage
from tests.fakes import FakeClock
from tests.integration.admin.browser import POSTMASTER
from tests.integration.admin.test_cases import proven_disabled
from tests.portal_house import portal_house


async def check(page: Page) -> None:
    """Check with axe, and that nothing has to be scrolled sideways."""
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    width = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0


@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en-GB"), (320, "dark", "zh-CN")])
async def test_an_administrator_enables_a_mailbox(
    chromium_page: ChromiumPage, tmp_path: Path, width: int, scheme: str, locale: str
) -> None:
    """R10, R15: first sign-in, the list, the request, enabling; every page passes axe in both schemes."""
    clock = FakeClock()
    async with portal_house(tmp_path, clock=clock) as portal:
        chat = await proven_disabled(portal)
        size = {"width": width, "height": 800}
        page = await chromium_page(viewport=size, color_scheme=scheme, locale=locale)
        await page.goto(str(portal.server.make_url("/admin")))
        await check(page)
        await page.locator("#name").fill(POSTMASTER)
        await page.locator("#password").fill(PASSWORD)
        await page.locator(".main[type=submit]").click()
        await page.wait_for_url("**/admin/phone")
        await check(page)
        await page.locator("#code").fill(await portal.code())
        await page.locator(".main[type=submit]").click()
        await page.wait_for_url("**/admin/enrol")
        await check(page)
        secret = totp.secret_of(await page.locator(".key").inner_text())
        await page.locator("#code").fill(totp.code_at(secret, totp.step_of(clock.now())))
        await page.locator(".main[type=submit]").click()
        await page.wait_for_url("**/admin")
        await check(page)
        await page.locator("tbody a").click()
        await page.locator("#reason").fill("Back from leave")
        await check(page)
        async with chat.events(chat.last[-1]["id"]) as events:
            await page.locator("button[value=enable]").click()
            await expect(page.locator("[data-state=approved]")).to_be_visible()
            assert (await events.reply())["text"]
        await check(page)
        await page.locator(".who ~ form button").click()
        await expect(page).to_have_url(re.compile("/admin/sign-in$"))
