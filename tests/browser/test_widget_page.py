"""The chat widget in a real browser: languages, sizes, accessibility, floating and embedded."""

from __future__ import annotations

import gzip

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.browser.conftest import ChromiumPage, Complaints
from tests.browser.fake_chat import PORTAL, FakeChat
from tests.browser.steps import box, enter, messages, write

LONGEST_TRANSFER = 25 * 1024
STATIC = PORTAL / "static"
OURS = [*STATIC.glob("chat*"), STATIC / "rekey-chat.js", STATIC / "embed.js"]


async def test_the_language_changes_in_place(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """Changing the language changes the words, keeps what was typed and said, and survives a reload."""
    page = await chromium_page()
    await enter(page, chat, "code")
    await box(page).fill("half a line")
    await page.get_by_role("button", name="中文").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("邮箱账号找回")
    await expect(page.get_by_role("link", name="打开安全页面")).to_be_visible()
    await expect(page.get_by_role("textbox", name="您的消息")).to_have_value("half a line")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await page.reload()
    await expect(page.get_by_role("button", name="English")).to_be_visible()
    await expect(messages(page)).to_have_count(2)


async def test_the_browser_language_is_the_last_resort(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """Without a language attribute the browser's language decides."""
    chat.language = ""
    page = await chromium_page(locale="zh-CN")
    await page.goto(chat.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("邮箱账号找回")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("width", "height"), [(320, 568), (568, 320), (1280, 800)])
async def test_nothing_scrolls_sideways(
    chromium_page: ChromiumPage, chat: FakeChat, language: str, width: int, height: int
) -> None:
    """On a small phone, lying or standing, and on a desk, long words and four buttons fit the width."""
    chat.language, chat.demo = language, True
    page = await chromium_page(viewport={"width": width, "height": height})
    await enter(page, chat, "W" * 200, "methods", "form")
    for selector in ("html", "rekey-chat .log", "rekey-chat .panel"):
        wider = await page.locator(selector).evaluate("node => node.scrollWidth - node.clientWidth")
        assert wider <= 0, selector
    room = await page.locator(".log").evaluate("node => node.clientHeight")
    assert room >= height * 0.3
    assert await box(page).evaluate("node => node.getBoundingClientRect().bottom <= innerHeight")


async def test_marks_of_direction_stay_inside_their_message(
    chromium_page: ChromiumPage, chat: FakeChat
) -> None:
    """A right-to-left override in one message turns no other text around."""
    page = await chromium_page()
    await enter(page, chat, "\u202eabc", "plain")
    direction = await page.locator(".msg .text").last.evaluate("node => getComputedStyle(node).direction")
    assert direction == "ltr"
    await expect(messages(page).last).to_have_text("You wrote: plain")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_axe_finds_nothing(
    chromium_page: ChromiumPage, chat: FakeChat, scheme: str, language: str
) -> None:
    """The accessibility checker has no complaint about any kind of message, in both colour schemes."""
    chat.language, chat.demo = language, True
    page = await chromium_page(color_scheme=scheme, reduced_motion="reduce")
    await page.goto(chat.url)
    await expect(page.locator(".intro")).to_be_visible()
    first = await Axe().run(page, options={"resultTypes": ["violations"]})
    assert first.violations_count == 0, first.generate_report()
    await enter(page, chat, "methods", "code", "form", "agent", "notice")
    await chat.say(("mode", {"mode": "human", "banner": "Text messages are late today."}))
    await expect(page.get_by_text("Text messages are late today.")).to_be_visible()
    second = await Axe().run(page)
    assert second.violations_count == 0, second.generate_report()


async def test_the_log_is_announced_but_not_its_past(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """The conversation is a polite log; it is busy, so silent, only while the past is played back."""
    page = await chromium_page()
    await enter(page, chat, "hello")
    log = page.get_by_role("log")
    await expect(log).to_have_attribute("aria-live", "polite")
    await expect(log).to_have_attribute("aria-busy", "false")
    # With the page's clock stopped the silence lasts until it is looked at, however slow the machine.
    await page.clock.install(time=0)
    await page.clock.pause_at(1000)
    await page.reload()
    await expect(log).to_have_attribute("aria-busy", "true")
    await page.clock.run_for(10_000)
    await expect(log).to_have_attribute("aria-busy", "false")


async def test_the_demo_says_so(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """R22: demo mode shows its banner with the way to the outbox; without it there is none."""
    chat.demo = True
    page = await chromium_page()
    await page.goto(chat.url)
    outbox = page.get_by_role("link", name="Open the demo outbox")
    await expect(outbox).to_have_attribute("href", "/demo/outbox")
    chat.demo = False
    await page.context.clear_cookies()
    await page.reload()
    await expect(box(page)).to_be_visible()
    await expect(outbox).to_be_hidden()


async def test_the_floating_chat_opens_and_closes(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """The launcher opens the panel with the focus in the box; Escape closes it and gives the focus back."""
    page = await chromium_page()
    await page.goto(f"{chat.url}host/floating")
    launcher = page.get_by_role("button", name="Locked out?")
    assert chat.sessions == []
    await launcher.press("Enter")
    await expect(box(page)).to_be_focused()
    await write(page, "hello")
    await expect(messages(page)).to_have_count(2)
    result = await Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(launcher).to_be_focused()


async def test_the_embedded_chat_lives_in_a_frame(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """R22: one script tag puts the chat into a frame, which can be talked to and closed from inside."""
    page = await chromium_page()
    await page.goto(f"{chat.url}host/embed")
    await page.get_by_role("button", name="Locked out?").click()
    frame = page.frame_locator("iframe")
    await frame.get_by_role("textbox").fill("hello")
    await frame.get_by_role("textbox").press("Enter")
    await expect(frame.locator(".msg:not(.typing) .text")).to_have_text(["hello", "You wrote: hello"])
    await frame.get_by_role("button", name="Close chat").click()
    await expect(page.locator("iframe")).to_be_hidden()
    await expect(page.get_by_role("button", name="Locked out?")).to_be_focused()


async def test_a_refused_frame_leads_to_an_own_window(
    chromium_page: ChromiumPage, chat: FakeChat, complaints: Complaints
) -> None:
    """R22: where the frame is refused a link opens the chat in its own window, and the launcher does too."""
    chat.frames_refused = True
    page = await chromium_page()
    await page.goto(f"{chat.url}host/embed")
    await page.get_by_role("button", name="Locked out?").click()
    link = page.get_by_role("link", name="Open the chat in its own window")
    async with page.context.expect_page() as opened:
        await link.click()
    other = await opened.value
    await expect(other.get_by_role("heading", level=1)).to_have_text("Mailbox recovery")
    async with page.context.expect_page() as again:
        await page.get_by_role("button", name="Close chat").click()
    await expect((await again.value).get_by_role("log")).to_be_visible()
    assert all("frame-ancestors" in each for each in complaints)
    complaints.clear()


def test_the_widget_is_small() -> None:
    """Everything a page loads for the chat weighs at most 25 KB when compressed file by file."""
    weight = sum(len(gzip.compress(file.read_bytes())) for file in OURS)
    assert weight <= LONGEST_TRANSFER


def test_no_file_parses_markup() -> None:
    """No source of the widget turns text into elements."""
    for file in OURS:
        source = file.read_text()
        for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert name not in source, file.name
