"""What a person does and sees in the chat, for every test that opens it."""

from __future__ import annotations

from playwright.async_api import Locator, Page, expect

from tests.browser.fake_chat import FakeChat


def box(page: Page) -> Locator:
    """Find the box that a person writes in."""
    return page.get_by_role("textbox")


def messages(page: Page) -> Locator:
    """Find every text in the conversation, whoever said it."""
    return page.locator(".msg:not(.typing) .text")


async def write(page: Page, text: str) -> None:
    """Write and send one line with the keyboard."""
    await box(page).fill(text)
    await box(page).press("Enter")


async def enter(page: Page, chat: FakeChat, *lines: str) -> None:
    """Open the chat and send lines, each answered before the next is sent."""
    await page.goto(chat.url)
    for line in lines:
        before = await page.locator(".msg:not(.you):not(.typing)").count()
        await write(page, line)
        await expect(page.locator(".msg:not(.you):not(.typing)")).to_have_count(before + 1)
