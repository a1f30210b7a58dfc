"""Before a proof nobody learns anything: every address is answered alike, turn by turn (R2)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import FakeClock
from tests.portal_house import Chat, PortalHouse, portal_house

KNOWN = "alice@example.com"
OTHERS = [
    "nobody@example.com",  # no such mailbox
    "carol@example.com",  # disabled
    "dave@example.com",  # nothing bound
    "erin@example.com",  # questions alone
    "bob@example.com",  # a phone alone
    "postmaster@example.com",  # an administrator
    "someone@elsewhere.example",  # no such domain
]
Step = Callable[[Chat], Awaitable[Any]]


def says(text: str) -> Step:
    """Return the step that says *text*."""
    return lambda chat: chat.say(text)


def presses(name: str) -> Step:
    """Return the step that presses a button."""
    return lambda chat: chat.press(name)


def waits(seconds: int) -> Step:
    """Return the step that lets time pass."""

    async def step(chat: Chat) -> None:
        clock = chat.portal.house.parts.clock
        assert isinstance(clock, FakeClock)
        clock.move(timedelta(seconds=seconds))

    return step


async def opens_form(chat: Chat) -> None:
    """Open the last form and answer it wrongly."""
    url = next(reply["form"]["url"] for reply in chat.last if reply["form"])
    page = await chat.http.get(url)
    text = await page.text()
    token = text.partition('name="csrf" value="')[2].partition('"')[0]
    fields = {"csrf": token, "code": "000000", "answer_1": "x", "answer_2": "y"}
    async with chat.http.post(url, data=fields, allow_redirects=False) as response:
        codes = re.findall(r'data-code="(\w+)"', await response.text())
        chat.last = [{"form page": page.status, "refused": response.status, "codes": codes}]


PATHS: dict[str, list[Step]] = {
    "sms": [
        presses("method_sms"),
        *[says("000000") for _ in range(5)],
        presses("resend"),
        waits(60),
        says("no code arrived"),
        waits(300),
        says("000000"),
    ],
    "sms form": [presses("method_sms"), opens_form],
    "mail": [
        presses("method_mail"),
        says("no code arrived"),
        waits(61),
        says("no code arrived"),
        presses("resend"),
        says("123456"),
        says("what is the status"),
    ],
    "questions": [presses("method_questions"), opens_form, says("hello")],
    "digressions": [
        says("hello"),
        says("password rules"),
        says("I lost my phone"),
        says("my account is disabled"),
        says("is there a human"),
        says("status"),
        presses("method_questions"),
        presses("another_method"),
        says("cancel"),
        says("status"),
    ],
    "all methods": [
        presses("method_sms"),
        says("nothing arrived, no code"),
        presses("another_method"),
        presses("method_mail"),
        says("I want another password"),
        waits(60),
        says("no code"),
        presses("another_method"),
        presses("method_questions"),
    ],
}


def seen(replies: list[dict[str, Any]], address: str) -> list[dict[str, Any]]:
    """Return replies without what differs between any two conversations."""
    plain = []
    for reply in replies:
        text = (reply.get("text") or "").replace(address, "ADDRESS")
        plain.append(
            {
                **{key: value for key, value in reply.items() if key not in {"id", "buttons", "form"}},
                "text": re.sub(r"RC-\w{4}-\w{4}|T-\w{6}", "REFERENCE", text),
                "buttons": [(b["name"], b["title"]) for b in reply.get("buttons") or ()],
                "form": (reply["form"]["purpose"], len(reply["form"]["url"])) if reply.get("form") else None,
            }
        )
    return plain


async def walk(portal: PortalHouse, address: str, path: str) -> list[Any]:
    """Walk *path* for *address*; return everything that the person sees."""
    chat = await portal.chat()
    told = [seen(await chat.say("I forgot my password"), address), seen(await chat.say(address), address)]
    for step in PATHS[path]:
        await step(chat)
        told.append(seen(chat.last, address))
        await portal.deliver()
    return told


@pytest.fixture
async def office(folder: Path, clock: FakeClock) -> AsyncIterator[PortalHouse]:
    """Return a portal that counts nothing of the one network address that all browsers here have."""
    async with portal_house(folder, clock=clock, client_allowlist="127.0.0.1/32") as running:
        yield running


@pytest.mark.parametrize("path", PATHS)
async def test_every_address_is_answered_alike(office: PortalHouse, clock: FakeClock, path: str) -> None:
    """R2: known, unknown, disabled and administrators' addresses are told the same, turn by turn."""
    known = await walk(office, KNOWN, path)

    for number, address in enumerate(OTHERS):
        clock.move(timedelta(hours=2 + number))
        assert await walk(office, address, path) == known, address


async def test_a_disabled_account_is_told_after_the_proof_only(portal: PortalHouse) -> None:
    """R2, R10: that the account is disabled is said after its code was right; no password form follows."""
    chat = await portal.chat()
    await chat.say("I forgot the password of carol@example.com")
    await chat.press("method_sms")

    proven = await chat.say(await portal.code())

    assert {reply["form"] for reply in proven} == {None}
    offered = [button["name"] for reply in proven for button in reply["buttons"] or ()]
    assert offered == ["status", "human"]


async def test_an_administrator_learns_of_the_second_proof_after_the_first(portal: PortalHouse) -> None:
    """R2, R9: an administrator is asked for a second, different method after the first was right."""
    chat = await portal.chat()
    await chat.say("I forgot the password of postmaster@example.com")
    await chat.press("method_sms")

    asked = await chat.say(await portal.code())

    assert [reply["form"] for reply in asked] == [None]
    assert [b["name"] for b in asked[0]["buttons"]] == ["method_sms", "method_mail", "method_questions"]
