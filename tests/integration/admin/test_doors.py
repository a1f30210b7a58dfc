"""The doors of the administrators' console: who gets in, what is refused, and how it is said (R14, R15)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.accounts.account import Role
from recovery_core.audit import AuditName
from rekey.demo import PASSWORD
from tests.fakes import FakeClock
from tests.integration.admin.browser import POSTMASTER, Administrator, administrator
from tests.integration.admin.test_cases import CAROL, GM, SUB, asked_super, number_in, proven_disabled
from tests.portal_house import Chat, PortalHouse

DAVE = "dave@example.com"
PREMIUM = "postmaster@premium.example"


async def asked(portal: PortalHouse, address: str = DAVE) -> Chat:
    """Let somebody ask the administrator for a reset."""
    chat = await portal.chat("en")
    await chat.say(f"I forgot my password {address}")
    await chat.say("I lost my phone")
    await chat.press("administrator")
    await chat.press("request_administrator")
    return chat


async def inside(portal: PortalHouse, clock: FakeClock, name: str = POSTMASTER) -> Administrator:
    """Return an administrator who is signed in and reads English."""
    boss = await administrator(portal, clock, name)
    await boss.sign_in_first()
    await boss.get("/admin?lang=en")
    return boss


def visible(page: str) -> str:
    """Return the page without what differs by chance or by what was typed."""
    return re.sub(r'value="[^"]*"', "", page)


async def test_a_wrong_name_and_a_wrong_password_are_the_same_page(
    portal: PortalHouse, clock: FakeClock
) -> None:
    """R15: unknown, an employee with the right password, or a wrong password: 422 and the same words."""
    pages = set()
    for name in ("nobody@example.com", "alice@example.com", POSTMASTER):
        given = "Wr0ng-one" if name == POSTMASTER else PASSWORD
        boss = await administrator(portal, clock, name)
        await boss.give_password(given)
        assert (boss.status, boss.path) == (422, "/admin/sign-in")
        pages.add(visible(boss.page))
    assert len(pages) == 1
    assert given not in boss.page


@pytest.mark.parametrize("page", ["", "/requests/some", "/again", "/phone", "/enrol", "/code"])
async def test_nobody_is_let_in_without_signing_in(portal: PortalHouse, clock: FakeClock, page: str) -> None:
    """R15: every page leads to the sign-in."""
    boss = await administrator(portal, clock)
    await boss.get(f"/admin{page}")
    assert (boss.status, boss.path) == (200, "/admin/sign-in")


async def test_the_password_alone_opens_nothing(portal: PortalHouse, clock: FakeClock) -> None:
    """R15: before the second factor the list is not shown, whatever address is typed."""
    await asked(portal)
    boss = await administrator(portal, clock)
    await boss.give_password()
    assert boss.path == "/admin/phone"
    await boss.get("/admin")
    assert (boss.path, DAVE in boss.page) == ("/admin/phone", False)


async def test_who_signed_in_comes_back_to_the_wanted_page(portal: PortalHouse, clock: FakeClock) -> None:
    """The way through the sign-in keeps the request, and never leads to another site."""
    await asked(portal)
    boss = await inside(portal, clock)
    await boss.open_request(DAVE)
    path = boss.path
    await boss.post("/admin/sign-out", csrf=out_field(boss))
    assert boss.path == "/admin/sign-in"
    await boss.get(path)
    await boss.post(f"/admin/sign-in?next={path}", name=POSTMASTER, password=PASSWORD)
    await boss.post(f"/admin/code?next={path}", code=boss.next_code())
    assert boss.path == path
    await boss.get("/admin/again?next=//evil.example/admin")
    await boss.post("/admin/again?next=//evil.example/admin", code=boss.next_code())
    assert (boss.path, boss.status) == ("/admin", 200)


def out_field(boss: Administrator) -> str:
    """Return the hidden field of the form for signing out."""
    found = re.search(r'action="/admin/sign-out"><input type="hidden" name="csrf" value="([^"]+)"', boss.page)
    assert found is not None
    return found[1]


async def test_an_old_second_proof_is_asked_again(portal: PortalHouse, clock: FakeClock) -> None:
    """R15: after ten minutes approving asks for a code first, then goes on at the request."""
    number = number_in((await asked(portal)).last)
    boss = await inside(portal, clock)
    await boss.open_request(DAVE)
    path, field = boss.path, boss.csrf()
    clock.move(timedelta(minutes=10))
    await boss.post(path, csrf=field, action="approve", number=number)
    assert boss.path == "/admin/again"
    await boss.post(f"/admin/again?next={path}", code=boss.next_code())
    assert boss.path == path
    await boss.post(action="approve", number=number)
    assert 'data-state="approved"' in boss.page


async def test_three_wrong_numbers_refuse_the_request(portal: PortalHouse, clock: FakeClock) -> None:
    """R14: two are told, the third ends it, and the person reads so in the chat."""
    chat = await asked(portal)
    boss = await inside(portal, clock)
    await boss.open_request(DAVE)
    async with chat.events(chat.last[-1]["id"]) as events:
        for left in (2, 1):
            await boss.post(action="approve", number="00000000")
            assert (boss.status, f"Tries left: {left}" in boss.page) == (422, True)
        await boss.post(action="approve", number="00000000")
        assert (boss.status, 'data-state="refused"' in boss.page) == (200, True)
        assert (await events.reply())["text"]


async def test_a_refusal_reaches_the_person_with_its_reason(portal: PortalHouse, clock: FakeClock) -> None:
    """R18: refused once, the request cannot be approved any more."""
    chat = await asked(portal)
    boss = await inside(portal, clock)
    await boss.open_request(DAVE)
    field, path = boss.csrf(), boss.path
    async with chat.events(chat.last[-1]["id"]) as events:
        await boss.post(action="refuse", refusal="left_company")
        assert (await events.reply())["text"]
    await boss.post(path, csrf=field, action="approve", number=number_in(chat.last))
    assert (boss.status, 'data-code="already_decided"' in boss.page) == (410, True)


async def test_another_domains_request_is_not_there(portal: PortalHouse, clock: FakeClock) -> None:
    """R15: 404 as for one that never was, and the attempt stands in the audit trail."""
    await asked(portal)
    own = await inside(portal, clock)
    await own.open_request(DAVE)
    clock.move(timedelta(minutes=2))
    other = await inside(portal, clock, PREMIUM)
    pages = set()
    for path in (own.path, "/admin/requests/never"):
        await other.get(path)
        assert other.status == 404
        pages.add(visible(other.page).replace(path, ""))
    assert len(pages) == 1
    async with portal.house.parts.work.reading() as work:
        events = [event.name for event in await work.audit.events("operator")]
    assert events.count(AuditName.TICKET_OUT_OF_SCOPE) == 2


async def test_a_lost_role_ends_the_session(portal: PortalHouse, clock: FakeClock) -> None:
    """R15: who is no administrator any more is asked to sign in, between opening and clicking too."""
    number = number_in((await asked(portal)).last)
    boss = await inside(portal, clock)
    await boss.open_request(DAVE)
    async with portal.house.parts.work() as work:
        found = await work.accounts_writer.existing([POSTMASTER])
        account = found[POSTMASTER]
        await work.accounts_writer.update_accounts([replace(account, role=Role.EMPLOYEE)])
        await work.commit()
    await boss.post(action="approve", number=number)
    assert boss.path == "/admin/sign-in"


async def test_a_forged_decision_is_refused(portal: PortalHouse, clock: FakeClock) -> None:
    """R14: the super administrator sees the group's requests; a form without its hidden field is refused."""
    await asked_super(portal)
    boss = await inside(portal, clock, GM)
    await boss.open_request(SUB)
    await boss.post(boss.path, csrf="made up", action="refuse", refusal="other")
    assert boss.status == 403


async def test_of_two_parallel_decisions_one_counts(portal: PortalHouse, clock: FakeClock) -> None:
    """R14: approving and refusing at the same moment: one is done, the other learns of it."""
    chat = await asked(portal)
    boss = await inside(portal, clock)
    await boss.open_request(DAVE)
    given = {"csrf": boss.csrf()}
    answers = await asyncio.gather(
        boss.http.post(boss.path, data={**given, "action": "approve", "number": number_in(chat.last)}),
        boss.http.post(boss.path, data={**given, "action": "refuse", "refusal": "other"}),
    )
    assert sorted(answer.status for answer in answers) in ([200, 410], [200, 503])


async def test_the_owner_approves_by_the_link_of_a_mail(portal: PortalHouse, clock: FakeClock) -> None:
    """R14: the link shows the request and changes nothing; the number approves; then nothing is open."""
    chat = await portal.chat("en")
    await chat.say(f"I forgot my password {POSTMASTER}")
    await chat.say("I am the postmaster, standard edition")
    await chat.press("request_administrator")
    mail = [m for m in await portal.outbox() if m["to"] == "owner@cloud.example"][-1]
    link = re.search(r"/owner/\S+", str(mail["text"]))
    assert link is not None
    owner = await administrator(portal, clock)
    await owner.get(link[0])
    ticket = re.search(r'name="ticket" value="([^"]+)"', owner.page)
    assert ticket is not None
    await owner.post(ticket=ticket[1], action="approve", number="00000000")
    assert (owner.status, 'data-code="match_number"' in owner.page) == (422, True)
    async with chat.events(chat.last[-1]["id"]) as events:
        await owner.post(ticket=ticket[1], action="approve", number=number_in(chat.last))
        assert (await events.reply())["form"]["purpose"] == "password"
    assert (owner.status, "Nothing is waiting" in owner.page) == (200, True)
    assert (await owner.http.get("/owner/made.up")).status == 404


async def test_the_console_speaks_chinese(portal: PortalHouse, clock: FakeClock) -> None:
    """The operator's language is spoken, another can be chosen and is remembered."""
    await proven_disabled(portal)
    boss = await administrator(portal, clock)
    await boss.sign_in_first()
    assert 'lang="zh-CN"' in boss.page
    await boss.open_request(CAROL)
    assert "该账号已停用" in boss.page
    await boss.get("/admin?lang=en")
    await boss.get("/admin")
    assert '<html lang="en">' in boss.page


async def test_after_an_own_recovery_the_console_only_shows(portal: PortalHouse, clock: FakeClock) -> None:
    """R15: the request is shown without forms, a decision is refused and says why; a day later it works."""
    chat = await asked(portal)
    boss = await administrator(portal, clock)
    await boss.sign_in_first()
    await boss.open_request(DAVE)
    path, field = boss.path, boss.csrf()
    async with portal.house.parts.work() as work:
        account = await work.accounts.by_address(POSTMASTER)
        assert account is not None
        encoded = await portal.house.parts.hasher.hash(PASSWORD)
        await work.directory.set_password(account.id, encoded, "recovery", clock.now())
        await work.commit()
    await boss.get(path)
    assert boss.path == "/admin/sign-in"
    await boss.sign_in()
    await boss.get(f"{path}?lang=en")
    assert ("You can only look until" in boss.page, 'value="approve"' in boss.page) == (True, False)
    number = number_in(chat.last)
    await boss.post(path, csrf=field, action="approve", number=number)
    assert (boss.status, 'data-code="read_only"' in boss.page) == (403, True)
    clock.move(timedelta(hours=24))
    await boss.sign_in()
    await boss.get(path)
    await boss.post(path, action="approve", number=number)
    assert 'data-state="approved"' in boss.page
