"""Whole recoveries through the chat API, with exactly the turns that other programs rely on."""

from __future__ import annotations

import re

import pytest

from tests.portal_house import Chat, PortalHouse

NEW = "Quite-New-Secret7"
METHODS = ["method_sms", "method_mail", "method_questions"]
FIRST = {
    "en": "I forgot my password",
    "zh": "我忘了密码",
}


def names(chat: Chat) -> list[str]:
    """Return the names of all buttons of the last replies."""
    return [button["name"] for reply in chat.last for button in reply["buttons"] or ()]


async def fill(chat: Chat, url: str, **fields: str) -> tuple[int, str]:
    """Fill the form at *url* as a browser would; return the status and where it leads or what it says."""
    page = await (await chat.http.get(url)).text()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    async with chat.http.post(url, data=hidden | fields, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def set_password(chat: Chat) -> None:
    """Set a new password in the form of the last replies, then read what the chat says about it."""
    status, _ = await fill(chat, chat.form("password"), new_password=NEW, confirm_password=NEW)
    assert status == 303


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_address_then_three_buttons(portal: PortalHouse, language: str) -> None:
    """Forgetting leads to the question for the address, the address to the same three buttons."""
    chat = await portal.chat(language)

    asked = await chat.say(FIRST[language])
    assert [(r["kind"], r["buttons"], r["form"]) for r in asked] == [("text", None, None)]

    offered = await chat.say("alice@example.com")
    assert [r["kind"] for r in offered] == ["buttons"]
    assert names(chat) == METHODS
    assert "alice@example.com" in offered[0]["text"]


@pytest.mark.parametrize(
    "line", ["I forgot the password of alice@example.com", "alice@example.com 的密码忘了"]
)
async def test_address_in_the_first_line(chat: Chat, line: str) -> None:
    """Who names the address at once is offered the methods at once."""
    await chat.say(line)

    assert names(chat) == METHODS


@pytest.mark.parametrize(
    "typed",
    [
        "Alice@Example.COM",
        "ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "alice@example.com.",
        "alice＠example。com",
        "  alice@example.com  ",
        "<alice@example.com>",
    ],
)
async def test_addresses_as_people_type_them(chat: Chat, typed: str) -> None:
    """Case, width, a full stop and brackets do not matter."""
    await chat.say("I forgot my password")

    offered = await chat.say(typed)

    assert "alice@example.com" in offered[0]["text"]


async def test_two_addresses_are_one_too_many(chat: Chat) -> None:
    """Two addresses in one sentence are asked back, and one of them goes on."""
    await chat.say("I forgot my password for alice@example.com and bob@example.com")
    assert names(chat) == []

    await chat.say("bob@example.com")
    assert names(chat) == METHODS


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_recovery_by_a_code_in_the_chat(portal: PortalHouse, language: str) -> None:
    """The right code, typed into the chat, opens the password form; the new password ends the case."""
    chat = await portal.chat(language)
    await chat.say(FIRST[language])
    await chat.say("alice@example.com")

    sent = await chat.press("method_sms")
    assert [(r["kind"], r["form"]["purpose"]) for r in sent] == [("form", "code")]

    proven = await chat.say(await portal.code())
    assert [(r["kind"], r["form"]["purpose"]) for r in proven] == [("form", "password")]

    await set_password(chat)
    async with chat.events(proven[-1]["id"]) as events:
        changed = await events.reply()
        assert changed["kind"] == "text"
    assert await holds(portal, "alice@example.com", NEW)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_recovery_by_a_code_in_the_form(portal: PortalHouse, language: str) -> None:
    """The right code, typed into the code form, leads to the password form, and the chat learns of it."""
    chat = await portal.chat(language)
    await chat.say(FIRST[language])
    await chat.say("alice@example.com")
    sent = await chat.press("method_sms")

    status, location = await fill(chat, chat.form("code"), code=await portal.code())

    assert (status, location.split("/")[1]) == (303, "secure")
    async with chat.events(sent[-1]["id"]) as events:
        reply = await events.reply()
    assert reply["form"]["purpose"] == "password"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_recovery_by_the_mail_link(portal: PortalHouse, language: str) -> None:
    """The link's button proves in the asking browser; opening the link alone changes nothing."""
    chat = await portal.chat(language)
    await chat.say(FIRST[language])
    await chat.say("alice@example.com")
    sent = await chat.press("method_mail")
    assert [(r["kind"], r["form"]) for r in sent] == [("buttons", None)]
    link = [m["link"] for m in await portal.outbox() if m["channel"] == "mail"][-1]
    path = re.sub(r"^https?://[^/]+", "", str(link))

    assert (await chat.http.get(path)).status == 200
    status, location = await fill(chat, path, action="continue")

    assert (status, location.split("/")[1]) == (303, "secure")
    async with chat.events(sent[-1]["id"]) as events:
        reply = await events.reply()
    assert reply["form"]["purpose"] == "password"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_recovery_by_questions(portal: PortalHouse, language: str) -> None:
    """Two right answers in the secure page open the password form."""
    chat = await portal.chat(language)
    await chat.say(FIRST[language])
    await chat.say("alice@example.com")
    asked = await chat.press("method_questions")
    assert [(r["kind"], r["form"]["purpose"]) for r in asked] == [("form", "answers")]

    status, location = await fill(chat, chat.form("answers"), answer_1="旺财", answer_2="杭州")

    assert (status, location.split("/")[1]) == (303, "secure")
    async with chat.events(asked[-1]["id"]) as events:
        reply = await events.reply()
    assert reply["form"]["purpose"] == "password"


async def holds(portal: PortalHouse, address: str, password: str) -> bool:
    """Tell whether *password* now opens the mailbox *address*."""
    parts = portal.house.parts
    async with parts.work.reading() as work:
        account = await work.accounts.by_address(address)
        assert account is not None
        held = await work.directory.credentials(account.id)
    await parts.hasher.verify(held.hashes[0], password)
    return True
