"""Case 8 in two browsers: a disabled mailbox is proven, enabled by the administrator, and then reset."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from recovery_core.people.operators import Console
from tests.browser.conftest import ChromiumPage
from tests.browser.steps import Operator, Person, looks_well
from tests.fakes import FakeClock
from tests.portal_house import PortalHouse

CAROL = "carol@example.com"
WORDS = {
    "en": (
        "I forgot my password",
        "disabled",
        "is enabled again",
        "new password works now",
        "Back from leave",
    ),
    "zh": ("我忘记密码了", "停用", "邮箱已经启用", "新密码已生效", "休假结束"),
}


@pytest.mark.parametrize(("width", "scheme", "language"), [(1280, "light", "en"), (320, "dark", "zh")])
async def test_enabled_first_and_then_reset(
    portal: PortalHouse, clock: FakeClock, chromium_page: ChromiumPage, width: int, scheme: str, language: str
) -> None:
    """R10, R15: told after a proof only; enabling wants a reason; the open chat asks one fresh proof."""
    forgot, told, enabled, done, reason = WORDS[language]
    options = {"locale": "zh-CN" if language == "zh" else "en-GB", "color_scheme": scheme}
    person = Person(portal, await chromium_page(**options))
    page = await chromium_page(viewport={"width": width, "height": 800}, **options)
    boss = Operator(portal, page, Console.ADMIN, "postmaster@example.com", language)
    await person.arrive()
    await person.say(f"{forgot} {CAROL}")
    await person.proves_by_code()
    await person.reads(told)
    await looks_well(person.page)

    clock.move(timedelta(minutes=2))
    await boss.enrols()
    await looks_well(page)
    await boss.opens_request(CAROL)
    await expect(page.locator(".facts .wide")).to_contain_text("postmaster@example.com")
    await expect(page.locator(".facts .wide")).to_contain_text("休假")
    await looks_well(page)
    await page.fill("#reason", "   ")
    await page.locator("button[value=enable]").click()
    await expect(page.locator("[data-code=reason_missing]")).to_be_visible()
    await looks_well(page)
    await page.fill("#reason", reason)
    await page.locator("button[value=enable]").click()
    await expect(page.locator("[data-state=approved]")).to_be_visible()
    await looks_well(page)

    await person.reads(enabled)
    await person.proves_by_code()
    await person.sets_password()
    await person.reads(done)
    await page.locator(".who ~ form button").click()
    await expect(page).to_have_url(re.compile("/admin/sign-in$"))
