"""The chat widget in a real browser: nothing said is lost, doubled or taken for markup."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import ChromiumPage
from tests.browser.fake_chat import FakeChat, form, reply
from tests.browser.steps import box, enter, messages, write


async def test_a_line_is_sent_once_and_answered(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """A line appears once, reaches the server once, and its answer stands below it."""
    page = await chromium_page()
    await enter(page, chat, "hello")
    await expect(messages(page)).to_have_text(["hello", "You wrote: hello"])
    assert chat.texts() == ["hello"]
    assert chat.sessions == [{"language": "en"}]


async def test_a_greeting_takes_the_place_of_the_own_one(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """A server that greets is not greeted over; ways to begin stay below until the first line is sent."""
    chat.greeting = "Hello from the server."
    page = await chromium_page()
    await page.goto(chat.url)
    await expect(messages(page)).to_have_text(["Hello from the server."])
    await expect(page.get_by_text("Hello. What happened?")).to_be_hidden()
    await page.get_by_role("button", name="I forgot my password").click()
    expected = ["Hello from the server.", "I forgot my password", "You wrote: I forgot my password"]
    await expect(messages(page)).to_have_text(expected)
    await expect(page.get_by_role("button", name="I forgot my password")).to_be_hidden()


async def test_a_reload_brings_the_conversation_back(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """After a reload everything said stands there again, without a second session."""
    page = await chromium_page()
    await enter(page, chat, "hello", "agent")
    await page.reload()
    expected = ["hello", "You wrote: hello", "agent", "Hello, this is Mei from the service desk."]
    await expect(messages(page)).to_have_text(expected)
    assert len(chat.sessions) == 1


async def test_nothing_is_lost_while_the_server_is_away(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """Lines written without a connection are kept, said to be waiting, and arrive once, in order."""
    page = await chromium_page()
    await enter(page, chat, "one")
    await chat.stop()
    await expect(page.get_by_text("No connection.")).to_be_visible()
    await write(page, "two")
    await write(page, "three")
    await expect(page.get_by_text("Waiting to be sent").first).to_be_visible()
    await chat.start()
    await expect(messages(page)).to_have_count(6, timeout=30_000)
    await expect(page.get_by_text("No connection.")).to_be_hidden()
    await expect(page.get_by_text("Waiting to be sent")).to_have_count(0)
    assert chat.texts() == ["one", "two", "three"]


async def test_an_answer_lost_on_the_way_doubles_nothing(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """When the server took a message but its answer was lost, the message stays single on both sides."""
    page = await chromium_page()
    await enter(page, chat, "one")
    chat.drop_answers = 1
    await write(page, "two")
    await write(page, "three")
    await expect(messages(page)).to_have_count(6)
    assert chat.texts() == ["one", "two", "three"]
    await expect(page.locator(".you.waiting")).to_have_count(0)


async def test_news_sent_meanwhile_arrives(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """What a person at the desk wrote while the line was down is shown once after it is back."""
    page = await chromium_page()
    await enter(page, chat, "hello")
    await chat.stop()
    await chat.say(reply("agent", "Your mailbox is enabled again."))
    await chat.start()
    await expect(page.get_by_text("Your mailbox is enabled again.")).to_have_count(1)
    await expect(messages(page)).to_have_count(3)


async def test_an_ended_conversation_gives_way_to_a_new_one(
    chromium_page: ChromiumPage, chat: FakeChat
) -> None:
    """When the server has forgotten the conversation, a new one begins and says so; old buttons are dead."""
    page = await chromium_page()
    await enter(page, chat, "methods")
    await chat.stop()
    chat.forget()
    await chat.start()
    await expect(page.get_by_text("The earlier conversation has ended.")).to_be_visible()
    await expect(page.locator(".msg .choices button[aria-disabled=true]")).to_have_count(3)
    await write(page, "hello")
    await expect(messages(page).last).to_have_text("You wrote: hello")


async def test_markup_is_shown_as_text(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """Markup is text, in what a person writes and in what the server answers."""
    page = await chromium_page()
    attack = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    await enter(page, chat, attack)
    await expect(messages(page)).to_have_text([attack, f"You wrote: {attack}"])
    await expect(page.locator("rekey-chat img")).to_have_count(0)
    await expect(page).to_have_title("Mailbox recovery")


async def test_a_masked_line_replaces_what_was_typed(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """R16: what the server masks is masked on the screen too, and nothing is kept in the browser."""
    page = await chromium_page()
    await enter(page, chat, "secret Tr0ub4dor")
    await expect(page.locator(".you .text")).to_have_text("••••••••")
    stored = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Tr0ub4dor" not in stored


async def test_a_button_is_used_once(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """A pressed button is sent as its id; its group is closed then, and after a reload."""
    page = await chromium_page()
    await enter(page, chat, "methods")
    await page.get_by_role("button", name="Send a code by text message").dblclick()
    await expect(messages(page).last).to_have_text("You wrote: button b-0")
    assert chat.posts[1:] == [(chat.posts[1][0], {"button": "b-0"})]
    await page.reload()
    await expect(page.locator(".msg .choices .chosen")).to_have_text("Send a code by text message")
    await expect(page.locator(".you .text").last).to_have_text("Send a code by text message")
    await expect(page.locator(".msg .choices button:not([aria-disabled])")).to_have_count(0)


async def test_a_form_is_a_link_that_says_where_it_leads(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """A secure page opens in a new tab without an opener; a newer one closes the older."""
    page = await chromium_page()
    await enter(page, chat, "code", "form")
    links = page.locator("a.form")
    await expect(links.nth(0)).to_have_attribute("aria-disabled", "true")
    assert await links.nth(0).get_attribute("href") is None
    newest = page.get_by_role("link", name="Open the secure page").nth(1)
    await expect(newest).to_contain_text(f"Set a new password · 127.0.0.1:{chat.port} · new tab")
    assert await newest.get_attribute("href") == f"{chat.url}secure/fictional-token"
    assert await newest.get_attribute("target") == "_blank"
    assert await newest.get_attribute("rel") == "noopener"


@pytest.mark.parametrize("line", ["foreign", "script"])
async def test_a_form_elsewhere_is_not_offered(
    chromium_page: ChromiumPage, chat: FakeChat, line: str
) -> None:
    """A link that leaves the own origin is never shown."""
    page = await chromium_page()
    await enter(page, chat, line)
    await expect(page.locator("a.form")).to_have_count(0)


async def test_too_many_messages_count_down(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """A 429 shows the server's words and a countdown, and keeps the text in the box until it may be sent."""
    page = await chromium_page()
    await enter(page, chat, "one")
    chat.refusals.append((429, {"code": "rate_limited", "detail": "Just a moment."}, {"Retry-After": "2"}))
    await write(page, "two")
    await expect(page.get_by_role("alert")).to_have_text("Just a moment.")
    await expect(page.get_by_text("You can send again in")).to_be_visible()
    await expect(box(page)).to_have_value("two")
    await box(page).press("Enter")
    assert chat.texts() == ["one"]
    await expect(page.get_by_text("You can send again in")).to_be_hidden()
    await box(page).press("Enter")
    await expect(messages(page).last).to_have_text("You wrote: two")


async def test_a_line_that_is_too_long_is_kept(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """4,000 characters are sent; 4,001, and what the server finds too long, stay in the box with a word."""
    page = await chromium_page()
    await enter(page, chat, "😀" * 4000)
    await write(page, "x" * 4001)
    await expect(page.get_by_role("alert")).to_contain_text("more than 4,000 characters")
    chat.refusals.append((413, {"code": "too_large", "detail": "A little shorter, please."}, {}))
    await write(page, "still too long")
    await expect(page.get_by_role("alert")).to_have_text("A little shorter, please.")
    await expect(box(page)).to_have_value("still too long")
    assert len(chat.posts) == 1


async def test_the_keyboard_is_enough(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """Everything works without a pointer: writing, new lines, buttons, the question and Escape."""
    page = await chromium_page()
    await page.goto(chat.url)
    await expect(box(page)).to_be_focused()
    await page.keyboard.type("first")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("second")
    await page.keyboard.press("Enter")
    await expect(messages(page).first).to_have_text("first\nsecond", use_inner_text=True)
    await page.keyboard.type("methods")
    await page.keyboard.press("Enter")
    await expect(page.locator(".msg .choices button")).to_have_count(3)
    for _ in range(3):
        await page.keyboard.press("Shift+Tab")
    await expect(page.get_by_role("button", name="Send a code by text message")).to_be_focused()
    await page.keyboard.press("Space")
    await expect(messages(page).last).to_have_text("You wrote: button b-0")
    await page.get_by_role("button", name="Start over").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.get_by_role("button", name="Start over")).to_be_focused()


async def test_enter_of_an_input_method_sends_nothing(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """While an input method composes, Enter chooses a word; only the next one sends."""
    page = await chromium_page()
    await page.goto(chat.url)
    await box(page).fill("密码")
    composing = {"key": "Enter", "isComposing": True, "bubbles": True, "composed": True}
    await box(page).dispatch_event("keydown", composing)
    await expect(box(page)).to_have_value("密码")
    await box(page).press("Enter")
    await expect(messages(page).last).to_have_text("You wrote: 密码")
    assert chat.texts() == ["密码"]


async def test_starting_over_begins_an_empty_conversation(
    chromium_page: ChromiumPage, chat: FakeChat
) -> None:
    """After the question is answered with yes there is a new session, in the language chosen by then."""
    page = await chromium_page()
    await enter(page, chat, "hello")
    await page.get_by_role("button", name="中文").click()
    await page.get_by_role("button", name="重新开始").click()
    await page.get_by_role("dialog").get_by_role("button", name="重新开始").click()
    await expect(messages(page)).to_have_count(0)
    await expect(page.get_by_text("您好，请问遇到了什么问题？")).to_be_visible()
    assert [session["language"] for session in chat.sessions] == ["en", "zh"]
    await write(page, "hello")
    await expect(messages(page)).to_have_text(["hello", "You wrote: hello"])


async def test_a_form_in_the_log_survives_a_wrong_shape(chromium_page: ChromiumPage, chat: FakeChat) -> None:
    """An unknown event and a reply without text change nothing else in the conversation."""
    page = await chromium_page()
    await enter(page, chat, "hello")
    await chat.say(("weather", {"sun": True}))
    await chat.say(form("", "password"))
    await expect(page.locator("a.form")).to_have_count(1)
    await write(page, "on")
    await expect(messages(page).last).to_have_text("You wrote: on")
