"""Somebody with two roles: both consoles in one browser, and a request for the own account (R14, R15)."""

from __future__ import annotations

from dataclasses import replace

from recovery_core.accounts.account import Contact, ContactKind, Role
from recovery_core.people import totp
from recovery_core.people.operators import Console
from recovery_core.people.signing_in import derive_secret
from tests.fakes import FakeClock
from tests.integration.admin.browser import Administrator, administrator
from tests.integration.admin.test_cases import number_in
from tests.integration.admin.test_doors import DAVE, asked, inside, out_field
from tests.integration.desk.house import PASSWORD, staff
from tests.portal_house import PortalHouse


async def at_the_desk(portal: PortalHouse, someone: Administrator) -> None:
    """Sign in at the desk too, in the same browser."""
    await staff(portal)
    parts = portal.house.parts
    async with parts.work.reading() as work:
        me = await work.operators.by_name(Console.DESK, "agent1")
    assert me is not None
    secret = derive_secret(parts.keyed, me.id, b"agent1")
    await someone.get("/desk/sign-in")
    await someone.post(name="agent1", password=PASSWORD)
    await someone.post(code=totp.code_at(secret, totp.step_of(parts.clock.now())))


async def test_one_browser_holds_both_consoles(portal: PortalHouse, clock: FakeClock) -> None:
    """R15: signing in at one console, or out of it, leaves the other as it is."""
    someone = await inside(portal, clock)
    await at_the_desk(portal, someone)
    for console in ("/desk", "/admin"):
        await someone.get(console)
        assert (someone.path, someone.status) == (console, 200)
    await someone.post("/admin/sign-out", csrf=out_field(someone))
    for console, path in (("/admin", "/admin/sign-in"), ("/desk", "/desk")):
        await someone.get(console)
        assert (someone.path, someone.status) == (path, 200)


async def test_nobody_decides_on_the_own_account(portal: PortalHouse, clock: FakeClock) -> None:
    """R14: who becomes administrator after asking sees the own request without a form and can send none."""
    chat = await asked(portal)
    parts = portal.house.parts
    async with parts.work() as work:
        dave = (await work.accounts_writer.existing([DAVE]))[DAVE]
        await work.accounts_writer.update_accounts([replace(dave, role=Role.ADMINISTRATOR)])
        phone = Contact("phone-of-dave", ContactKind.PHONE, "+8613800138099", "en")
        await work.accounts.replace_contacts(dave.id, [phone])
        await work.commit()
    boss = await administrator(portal, clock, DAVE)
    await boss.sign_in_first()
    await boss.open_request(DAVE)
    assert ('id="request"' in boss.page, 'name="action"' in boss.page) == (True, False)
    jar = boss.http.session.cookie_jar.filter_cookies(boss.http.make_url("/"))
    field = parts.keyed.of("csrf", jar["rekey-form"].value, boss.path)
    decisions = (
        {"action": "approve", "number": number_in(chat.last)},
        {"action": "refuse", "refusal": "other"},
        {"action": "enable", "reason": "It is mine"},
    )
    for decision in decisions:
        await boss.post(boss.path, csrf=field, **decision)
        assert (boss.status, 'data-code="own_account"' in boss.page) == (422, True)
    async with parts.work.reading() as work:
        ticket = await work.tickets.get(boss.path.rpartition("/")[2])
    assert ticket is not None
    assert ticket.is_open
    assert ticket.match_tries_left == parts.numbers.match_tries
