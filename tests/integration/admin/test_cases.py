"""Cases 6 and 8 of the guide from the first word to the password form, with the administrator beside."""

from __future__ import annotations

import re
from datetime import timedelta

from recovery_core.accounts.account import Status
from recovery_core.cases.flow import State
from tests.fakes import FakeClock
from tests.integration.admin.browser import Administrator, administrator
from tests.portal_house import Chat, PortalHouse

CAROL = "carol@example.com"
SUB = "postmaster@sub.group.example"
GM = "gm0001@group.example"


async def proven_disabled(portal: PortalHouse) -> Chat:
    """Let Carol, whose mailbox is disabled, prove herself."""
    chat = await portal.chat("en")
    await chat.say(f"I forgot my password {CAROL}")
    await chat.press("method_sms")
    await chat.say(await portal.code())
    return chat


def number_in(replies: list[dict[str, object]]) -> str:
    """Return the match number that a person is shown."""
    found = [re.search(r"\d{4} \d{4}", str(reply["text"])) for reply in replies]
    return next(match[0] for match in found if match)


async def asked_super(portal: PortalHouse) -> Chat:
    """Let the postmaster of the sub-company ask the super administrator."""
    chat = await portal.chat("en")
    await chat.say(f"I forgot my password {SUB}")
    await chat.say("I am the postmaster, group edition")
    await chat.press("request_administrator")
    return chat


async def enabled(boss: Administrator) -> None:
    """Enable Carol's mailbox."""
    await boss.open_request(CAROL)
    await boss.post(action="enable", reason="Back from leave")


async def test_a_disabled_mailbox_is_enabled_and_then_reset(portal: PortalHouse, clock: FakeClock) -> None:
    """Case 8, R10: proof, request, enabling, news in the open chat, one fresh proof, password form."""
    chat = await proven_disabled(portal)
    assert "disabled" in " ".join(str(r["text"]) for r in chat.last)
    boss = await administrator(portal, clock)
    await boss.sign_in_first()
    async with chat.events(chat.last[-1]["id"]) as events:
        await enabled(boss)
        news = await events.reply()
    assert "enabled" in news["text"]
    chat.last = [news]
    clock.move(timedelta(minutes=2))
    await chat.press("method_sms")
    await chat.say(await portal.code())
    assert chat.form("password").startswith("/secure/")


async def test_the_super_administrator_lets_a_postmaster_in(portal: PortalHouse, clock: FakeClock) -> None:
    """Case 6, R14: the super administrator types the person's number; the chat gets the password form."""
    chat = await asked_super(portal)
    number = number_in(chat.last)
    boss = await administrator(portal, clock, GM)
    await boss.sign_in_first()
    await boss.open_request(SUB)
    async with chat.events(chat.last[-1]["id"]) as events:
        await boss.post(action="approve", number=number)
        reply = await events.reply()
    assert boss.status == 200
    assert 'data-state="approved"' in boss.page
    assert reply["form"]["purpose"] == "password"
    chat.last = [reply]
    assert (await chat.http.get(chat.form("password"))).status == 200
    assert number.replace(" ", "") not in boss.page


async def test_nothing_is_enabled_without_a_reason(portal: PortalHouse, clock: FakeClock) -> None:
    """An empty reason is the same page again, and the mailbox stays disabled."""
    await proven_disabled(portal)
    boss = await administrator(portal, clock)
    await boss.sign_in_first()
    await boss.open_request(CAROL)
    assert re.search(r'<time datetime="2026-03-02T09:00:00\+00:00" data-local>[^<]*GMT\+00:00', boss.page)
    await boss.post(action="enable", reason="  ")
    assert (boss.status, 'data-code="reason_missing"' in boss.page) == (422, True)
    async with portal.house.parts.work.reading() as work:
        account = await work.accounts.by_address(CAROL)
        ticket = await work.tickets.get(boss.path.rpartition("/")[2])
        case = await work.cases.current(ticket.conversation_id) if ticket else None
    assert account is not None
    assert case is not None
    assert (account.status, case.state) == (Status.DISABLED, State.ESCALATED)
