"""Case 4 in two browsers: no way to prove oneself, and the domain's administrator lets the person in."""

from __future__ import annotations

from playwright.async_api import expect

from recovery_core.people.operators import Console
from tests.browser.conftest import ChromiumPage
from tests.browser.steps import Operator, Person, looks_well
from tests.portal_house import PortalHouse

DAVE = "dave@example.com"


async def test_the_administrator_types_the_number(portal: PortalHouse, chromium_page: ChromiumPage) -> None:
    """R14: a wrong number is said, the right one opens the form in the open chat; times are local."""
    person = Person(portal, await chromium_page(locale="zh-CN"))
    page = await chromium_page(locale="zh-CN", timezone_id="Asia/Shanghai")
    boss = Operator(portal, page, Console.ADMIN, "postmaster@example.com", "zh")
    await person.arrive()
    await person.say(f"我忘记密码了 {DAVE}")
    await person.say("我手机丢了")
    await person.press("administrator")
    await person.press("request_administrator")
    number = await person.number()
    await looks_well(person.page)

    await boss.enrols()
    await looks_well(page)
    await boss.opens_request(DAVE)
    since = page.locator(".facts time").first
    await expect(since).to_have_attribute("datetime", "2026-03-02T09:00:00+00:00")
    await expect(since).to_contain_text("17:00")
    await looks_well(page)
    await page.fill("#number", "0000 0000")
    await page.locator("button[value=approve]").click()
    await expect(page.locator("[data-code=match_number]")).to_be_visible()
    await looks_well(page)
    await page.fill("#number", number)
    await page.locator("button[value=approve]").click()
    await expect(page.locator("[data-state=approved]")).to_be_visible()
    await looks_well(page)
    await expect(page.locator("main")).not_to_contain_text(number)

    await person.reads("申请已通过")
    await person.sets_password()
    await person.reads("新密码已生效")
    await looks_well(person.page)
