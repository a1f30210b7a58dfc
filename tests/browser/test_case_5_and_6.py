"""Cases 5 and 6 in two browsers: an administrator without proofs, and who stands above decides."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from recovery_core.people.operators import Console
from tests.browser.conftest import ChromiumPage
from tests.browser.steps import Operator, Person, looks_well
from tests.portal_house import PortalHouse

OWNER = "owner@cloud.example"
WORDS = {
    "en": ("I forgot my password", "I am the postmaster", "approved", "new password works now"),
    "zh": ("我忘记密码了", "我是管理员", "申请已通过", "新密码已生效"),
}


async def asked(portal: PortalHouse, person: Person, address: str, edition: str, language: str) -> str:
    """Let an administrator ask whoever stands above; return the number to match."""
    forgot, role, *_ = WORDS[language]
    await person.arrive()
    await person.say(f"{forgot} {address}")
    await person.press("method_sms")
    await person.say(f"{role}, {edition}")
    await person.press("request_administrator")
    await portal.deliver()
    return await person.number()


async def lets_in(person: Person, language: str) -> None:
    """See the news in the open chat, and set the password."""
    *_, approved, done = WORDS[language]
    await person.reads(approved)
    await person.sets_password()
    await person.reads(done)


@pytest.mark.parametrize(
    ("address", "edition", "language"),
    [("postmaster@example.com", "standard edition", "en"), ("postmaster@premium.example", "尊享版", "zh")],
)
async def test_the_owner_approves(
    portal: PortalHouse, chromium_page: ChromiumPage, address: str, edition: str, language: str
) -> None:
    """Case 5, R14: the mail's link changes nothing; a wrong number is said, the right one lets in."""
    locale = "zh-CN" if language == "zh" else "en-GB"
    person = Person(portal, await chromium_page(locale=locale))
    owner = await chromium_page(locale=locale, viewport={"width": 390, "height": 800})
    number = await asked(portal, person, address, edition, language)
    mails = [message for message in await portal.outbox() if message["to"] == OWNER]
    link = re.search(r"/owner/\S+", str(mails[-1]["text"]))
    assert link is not None
    await owner.goto(str(portal.server.make_url(link[0])))
    await looks_well(owner)
    await expect(owner.locator(".facts")).to_contain_text(address)
    await owner.locator("input[name=number]").fill("00000000")
    await owner.locator("button[value=approve]").click()
    await expect(owner.locator("[data-code=match_number]")).to_be_visible()
    await looks_well(owner)
    await owner.locator("input[name=number]").fill(number)
    await owner.locator("button[value=approve]").click()
    await expect(owner.locator(".empty")).to_be_visible()
    await looks_well(owner)
    await lets_in(person, language)


async def test_the_super_administrator_approves(portal: PortalHouse, chromium_page: ChromiumPage) -> None:
    """Case 6, R14, R15: the postmaster of a sub-company stands in the console of ``gmxxxx``."""
    address = "postmaster@sub.group.example"
    person = Person(portal, await chromium_page())
    page = await chromium_page(viewport={"width": 1280, "height": 800})
    boss = Operator(portal, page, Console.ADMIN, "gm0001@group.example")
    number = await asked(portal, person, address, "group edition", "en")
    await looks_well(person.page)
    await boss.enrols()
    await looks_well(page)
    await boss.opens_request(address)
    await looks_well(page)
    await page.fill("#number", number)
    await page.locator("button[value=approve]").click()
    await expect(page.locator("[data-state=approved]")).to_be_visible()
    await lets_in(person, "en")
