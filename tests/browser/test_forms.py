"""The secure pages in a browser: with and without JavaScript, for eyes, keyboards and screen readers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from portal.keys import Site
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from tests.browser.conftest import ChromiumPage
from tests.browser.steps import looks_well
from tests.integration.forms.house import GOOD, ORIGIN, Browser, House, house, prepare


@pytest_asyncio.fixture(loop_scope="session")
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Serve a house in demo mode, which may be used over plain HTTP."""
    await prepare(tmp_path / "rekey.db")
    async with house(tmp_path / "rekey.db", site=Site("http://127.0.0.1:8080", demo=True)) as built:
        yield built


def url(home: House, path: str) -> str:
    """Return the address of *path*."""
    return str(home.client.make_url("/")).rstrip("/") + path


async def sign_in(home: House, page: Page, browser: Browser) -> None:
    """Give Chromium the cookie of a conversation."""
    token = browser.cookies["__Host-rekey"]
    await page.context.add_cookies([{"name": "rekey", "value": token, "url": url(home, "/")}])


async def code_form(home: House, page: Page, language: str = "en") -> str:
    """Open a code form in Chromium; return the code."""
    browser = await home.chatting("bob@example.com", Method.SMS, language)
    code = str((await home.delivered())[-1]["code"])
    await sign_in(home, page, browser)
    await page.goto(url(home, await home.mint(browser, FormPurpose.CODE)))
    return code


async def password_form(home: House, page: Page, language: str = "en") -> None:
    """Go on to a password form in Chromium."""
    await page.fill("#code", await code_form(home, page, language))
    await page.click("button.main")
    await expect(page.locator("#new_password")).to_be_visible()


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [(320, "light", "en"), (320, "dark", "zh"), (1280, "dark", "en"), (1280, "light", "zh")],
)
async def test_axe_finds_nothing(
    home: House, chromium_page: ChromiumPage, width: int, scheme: str, language: str
) -> None:
    """Every page, asked, refused and done, passes axe-core in both schemes on a phone and on a desk."""
    page = await chromium_page(
        viewport={"width": width, "height": 720},
        color_scheme=scheme,
        locale="zh-CN" if language == "zh" else "en-GB",
    )
    code = await code_form(home, page, language)
    await looks_well(page)
    await page.fill("#code", f"{(int(code) + 1) % 1_000_000:06d}")
    await page.click("button.main")
    await expect(page.locator("[data-code=wrong]")).to_be_visible()
    await looks_well(page)
    await page.fill("#code", code)
    await page.click("button.main")
    await expect(page.locator("#new_password")).to_be_visible()
    await looks_well(page)
    await page.fill("#new_password", "短 password")
    await page.fill("#confirm_password", "other")
    await looks_well(page)
    await page.click("button.main")
    await expect(page.locator("[data-code=mismatch]")).to_be_visible()
    await looks_well(page)
    await page.fill("#new_password", GOOD)
    await page.fill("#confirm_password", GOOD)
    form = page.url
    await page.click("button.main")
    await page.wait_for_url("**/back")
    for path in (
        form,
        url(home, "/back"),
        url(home, "/resume"),
        url(home, "/not-me"),
        url(home, "/demo/outbox"),
    ):
        await page.goto(path)
        await looks_well(page)
    await look_at_the_rest(home, page, language)


async def look_at_the_rest(home: House, page: Page, language: str) -> None:
    """Check questions, return code, mail link and what follows from "this was not me"."""
    home.clock.move(timedelta(minutes=2))
    browser = await home.chatting("erin@example.com", Method.QUESTIONS, language)
    await sign_in(home, page, browser)
    await page.goto(url(home, await home.mint(browser, FormPurpose.ANSWERS)))
    await looks_well(page)
    await page.fill("#answer_1", "x")
    await page.fill("#answer_2", "y")
    await page.click("button.main")
    await expect(page.locator("[data-code=wrong]")).to_be_visible()
    await looks_well(page)
    await page.goto(url(home, await home.mint(browser, FormPurpose.RESUME)))
    await looks_well(page)
    await page.click("button.main")
    await expect(page.locator("[data-field=resume_secret]")).to_be_visible()
    await looks_well(page)
    await home.chatting("alice@example.com", Method.MAIL, language)
    await page.goto(url(home, str((await home.delivered())[-1]["link"]).removeprefix(ORIGIN)))
    await looks_well(page)
    await page.click("button[value=not_me]")
    await expect(page.locator("[data-outcome=frozen]")).to_be_visible()
    await looks_well(page)


async def test_everything_works_without_javascript(home: House, chromium_page: ChromiumPage) -> None:
    """Code, refusal and new password need no script; what needs one stays hidden."""
    page = await chromium_page(java_script_enabled=False)
    await password_form(home, page)
    assert await page.locator("button.reveal").first.is_hidden()
    await page.fill("#new_password", "short")
    await page.fill("#confirm_password", "short")
    await page.click("button.main")
    assert await page.locator("li[data-code]").count() == 2
    await page.fill("#new_password", GOOD)
    await page.fill("#confirm_password", GOOD)
    await page.click("button.main")

    assert page.url.endswith("/back")
    assert await page.locator("main[data-reached=completed]").count() == 1


async def test_a_refusal_takes_the_focus(home: House, chromium_page: ChromiumPage) -> None:
    """The summary is focused, says what is wrong, and each entry leads to its field."""
    page = await chromium_page()
    await password_form(home, page)
    await page.click("button.main", force=True)
    await page.fill("#new_password", "x")
    await page.fill("#confirm_password", "y")
    await page.keyboard.press("Enter")
    await expect(page.locator("#problems")).to_be_focused()

    await page.click("li[data-code=mismatch] a")

    await expect(page.locator("#confirm_password")).to_be_focused()
    assert await page.input_value("#new_password") == ""
    description = await page.get_attribute("#confirm_password", "aria-describedby")
    assert await page.locator(f"#{(description or '').strip()}").count() == 1


async def test_rules_follow_what_is_typed(home: House, chromium_page: ChromiumPage) -> None:
    """Marks change while one types, blame nobody too early, and a screen reader hears a summary."""
    page = await chromium_page()
    await password_form(home, page)
    short, classes = page.locator("[data-rule=too_short]"), page.locator("[data-rule=too_few_classes]")

    await page.locator("#new_password").press_sequentially("Abc1")
    await expect(short).to_have_attribute("data-state", "open")
    await expect(classes).to_have_attribute("data-state", "ok")
    await expect(page.locator("#live")).to_contain_text("At least 8 characters")
    await page.locator("#confirm_password").press_sequentially("Abx")
    await expect(short).to_have_attribute("data-state", "broken")
    await expect(page.locator("[data-rule=mismatch]")).to_have_attribute("data-state", "broken")
    await expect(page.locator("[data-rule=recently_used]")).not_to_have_attribute("data-state", "ok")
    await page.fill("#new_password", GOOD)
    await page.fill("#confirm_password", GOOD)

    await expect(page.locator("[data-state=broken]")).to_have_count(0)
    await expect(page.locator("#strength")).to_have_attribute("data-score", "4")
    await expect(page.locator("#live")).to_contain_text("Everything that can be checked here is met")


async def test_what_is_typed_can_be_shown(home: House, chromium_page: ChromiumPage) -> None:
    """The button beside the field shows and hides it and is named after both."""
    page = await chromium_page()
    await password_form(home, page)
    await page.fill("#new_password", GOOD)

    await page.get_by_role("button", name="Show: New password").click()
    assert await page.get_attribute("#new_password", "type") == "text"
    await page.get_by_role("button", name="Hide: New password").click()

    assert await page.get_attribute("#new_password", "type") == "password"


async def test_a_double_click_sends_once(home: House, chromium_page: ChromiumPage) -> None:
    """While a page is being sent, pressing again does nothing."""
    page = await chromium_page()
    code = await code_form(home, page)
    sent: list[str] = []

    async def count(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.url)
        await route.continue_()

    await page.route("**/secure/*", count)
    await page.fill("#code", code)
    await page.dblclick("button.main", no_wait_after=True)
    await expect(page.locator("#new_password")).to_be_visible()

    assert len(sent) == 1


async def test_the_outbox_refreshes_itself(home: House, chromium_page: ChromiumPage) -> None:
    """A new message appears without a reload and is announced."""
    page = await chromium_page()
    await page.goto(url(home, "/demo/outbox"))
    await expect(page.locator(".empty")).to_be_visible()

    await home.chatting("bob@example.com", Method.SMS)
    code = str((await home.delivered())[-1]["code"])

    await expect(page.locator(".code strong")).to_have_text(f"{code[:3]} {code[3:]}")
    await expect(page.locator("#news")).to_have_text("A new message has arrived.")
