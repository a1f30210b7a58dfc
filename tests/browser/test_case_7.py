"""Case 7 in three browsers: every factor is lost, documents are sent, and two reviewers judge them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import FilePayload, Page, expect

from recovery_core.people.operators import Console
from tests.browser.conftest import ChromiumPage
from tests.browser.steps import Operator, Person, looks_well, set_password, time_passes
from tests.evidence_samples import pdf, picture
from tests.fakes import FakeClock
from tests.portal_house import PortalHouse

SUPER = "gm0001@group.example"
NEW = "new@private.example"
COMPANY, USCC, MISTYPED = "示例科技有限公司", "91330100MA2DEMA01A", "91330100MA2DEMA01B"


def files() -> list[FilePayload]:
    """Return a small picture and a document of two pages, as a person chooses them."""
    return [
        {"name": "licence.png", "mimeType": "image/png", "buffer": picture("PNG")},
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": pdf(2)},
    ]


async def sent_with_a_slip(form: Page) -> None:
    """Send documents with a mistyped code: both files stay, and only the code is asked again (R17)."""
    await looks_well(form)
    await form.set_input_files("#licence", files())
    await form.fill("#company", COMPANY)
    await form.fill("#uscc", MISTYPED)
    await form.fill("#new_mailbox", NEW)
    await form.click("#evidence-form button.main")
    await expect(form.locator("[data-code=uscc_check_digit]")).to_be_visible()
    await expect(form.locator("[data-accepted]")).to_have_count(2)
    await expect(form.locator("#problems li")).to_have_count(1)
    await expect(form.locator("#company")).to_have_value(COMPANY)
    await looks_well(form)
    await form.fill("#uscc", USCC)
    await form.click("#evidence-form button.main")
    # Where texts are read, an empty page raises a doubt, which the person may leave to the reviewers.
    doubt, code = form.locator("#anyway"), form.locator("#mailbox_code")
    await expect(doubt.or_(code)).to_be_visible()
    if await doubt.is_visible():
        await doubt.check()
        await form.click("#evidence-form button.main")
    await expect(code).to_be_visible()


async def proves_the_mailbox(portal: PortalHouse, form: Page) -> None:
    """Give the code that went to the new mailbox."""
    await looks_well(form)
    codes = [str(mail["code"]) for mail in await portal.outbox() if mail["to"] == NEW and mail["code"]]
    await form.fill("#mailbox_code", codes[-1])
    await form.click("button[value=confirm]")
    await form.wait_for_url("**/back**")
    await form.close()


async def approves(reviewer: Operator, kind: str) -> None:
    """Look at the ticket and each page of the documents, then vote for it."""
    page = reviewer.page
    await reviewer.comes_in()
    await looks_well(page)
    await reviewer.opens_ticket(kind)
    await looks_well(page)
    await page.locator("a.page").first.click()
    await expect(page.locator("img.paper-page")).to_be_visible()
    for leaf in range(3):
        shown = page.locator("img.paper-page")
        assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
        if leaf < 2:
            title = await page.locator("h1").inner_text()
            await page.locator("a[rel=next]").click()
            await expect(page.locator("h1")).not_to_have_text(title)
    await expect(page.locator("a[rel=next]")).to_have_count(0)
    await looks_well(page)
    await page.locator(".back a").click()
    await page.locator("button[name=vote][value=approve]").click()
    await expect(page.locator("button[name=vote]")).to_have_count(0)
    await looks_well(page)


async def test_documents_two_votes_and_the_way_back(
    portal: PortalHouse, clock: FakeClock, chromium_page: ChromiumPage
) -> None:
    """R17: pre-check, two votes, 24 hours by the clock, the new mailbox proven again, the password set."""
    person = Person(portal, await chromium_page())
    reviewers = [
        Operator(portal, await chromium_page(), Console.DESK, "reviewer1", "zh"),
        Operator(portal, await chromium_page(), Console.DESK, "reviewer2", "en"),
    ]
    await person.arrive()
    await person.say(f"I forgot my password {SUPER}")
    await person.press("method_sms")
    await person.say("I am the postmaster, group edition")
    await person.press("request_administrator")
    await person.reads("business licence")
    form = await person.opens_form("evidence")
    await sent_with_a_slip(form)
    await proves_the_mailbox(portal, form)
    await person.reads("Your documents are here")

    await approves(reviewers[0], "材料审核")
    await expect(person.page.get_by_text("takes effect in about")).to_have_count(0)
    await approves(reviewers[1], "Document review")
    await person.reads("takes effect in about 24 hours")
    await looks_well(person.page)

    clock.move(timedelta(hours=24))
    await time_passes(portal)
    await person.reads("The review is in effect")
    await person.press("method_mail")
    await person.reads("a link is on its way")
    links = [str(mail["link"]) for mail in await portal.outbox() if mail["to"] == NEW and mail["link"]]
    link = await person.page.context.new_page()
    await link.goto(str(portal.server.make_url(urlsplit(links[-1]).path)))
    await looks_well(link)
    await link.click("button[value=continue]")
    await expect(link.locator("#new_password")).to_be_visible()
    await set_password(link)
    await person.reads("Your new password works now")


async def test_the_form_for_documents_in_chinese(portal: PortalHouse, chromium_page: ChromiumPage) -> None:
    """R17: on a phone in Chinese, asked, refused, and at the new mailbox's code, the form passes axe."""
    page = await chromium_page(locale="zh-CN", color_scheme="dark", viewport={"width": 320, "height": 700})
    person = Person(portal, page)
    await person.arrive()
    await person.say(f"我忘记密码了 {SUPER}")
    await person.press("method_sms")
    await person.say("我是管理员，集团版")
    await person.press("request_administrator")
    await person.reads("营业执照")
    form = await person.opens_form("evidence")
    await expect(form.locator("html")).to_have_attribute("lang", "zh-CN")
    await sent_with_a_slip(form)
    await looks_well(form)
