"""The page for a new phone after an approved review, beside the password form."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from recovery_core.accounts.account import ContactKind
from recovery_core.cases.flow import State
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from tests.integration.forms.evidence import NEW, SUPER, kept
from tests.integration.forms.house import Browser, House
from tests.integration.forms.reviewed import NUMBER, SECRETS, STEP, new_mailbox_proven, sms

SEND = {"phone": "139 1234 5678", "action": "send"}
WORDS = {"en": "Bind a new phone", "zh": "绑定新手机"}


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_new_phone_is_bound_before_the_password(home: House, database: Path, language: str) -> None:
    """R17: number, code, then the password, in the person's language; nothing of it stays on the disk."""
    browser, path = await new_mailbox_proven(home, language)
    password = await browser.get(path)
    assert 'href="?step=phone"' in password.text
    assert WORDS[language] in password.text
    page = await browser.get(path + STEP)
    assert WORDS[language] in page.text
    assert 'type="tel" inputmode="tel" autocomplete="tel"' in page.text

    page = await browser.send(path + STEP, SEND)
    assert (page.status, page.location) == (303, path + STEP)
    assert NUMBER in (await browser.get(path + STEP)).text
    page = await browser.send(path + STEP, {"phone_code": await sms(home), "action": "confirm"})

    assert (page.status, page.location[:8]) == (303, "/secure/")
    assert page.location != path
    assert (await browser.get(path)).status == 410
    assert await kept(database.parent) == []
    assert "step=phone" not in (await browser.get(page.location)).text
    assert (await browser.send(page.location, SECRETS)).location == "/back"
    assert (await home.case(browser)).state is State.COMPLETED
    told = {message["to"] for message in await home.delivered() if message["subject"] or message["text"]}
    assert {NEW, NUMBER} <= told
    async with home.parts.work.reading() as work:
        account = await work.accounts.by_address(SUPER)
    assert account is not None
    assert {(c.kind, c.value) for c in account.contacts} == {
        (ContactKind.MAIL, NEW),
        (ContactKind.PHONE, NUMBER),
    }


async def test_the_phone_is_a_choice(home: House) -> None:
    """R17: who wants none goes on to the password, at once or after a code was sent."""
    browser, path = await new_mailbox_proven(home)
    await browser.send(path + STEP, SEND)
    assert f'id="no-phone" href="{path}"' in (await browser.get(path + STEP)).text

    assert (await browser.send(path, SECRETS)).location == "/back"
    assert (await home.case(browser)).state is State.COMPLETED
    assert (await browser.get(path + STEP)).status == 410


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_each_refusal_is_named(home: House, language: str) -> None:
    """R17, R4: 422 with a code of its own, and the page stays usable."""
    browser, path = await new_mailbox_proven(home, language)
    for typed, code in (("12", "phone_form"), ("", "phone_form"), ("+1 202 555 0123", "phone_country")):
        page = await browser.send(path + STEP, {"phone": typed, "action": "send"})
        assert (page.status, page.codes) == (422, [code])
        assert 'aria-invalid="true"' in page.text
    await browser.send(path + STEP, SEND)
    wrong = f"{(int(await sms(home)) + 1) % 10**6:06d}"
    for fields, code in (
        ({"action": "resend"}, "phone_wait"),
        ({"phone_code": "12", "action": "confirm"}, "phone_code_form"),
        ({"phone_code": wrong, "action": "confirm"}, "phone_code_wrong"),
        ({"phone": "13912345679", "action": "send"}, "phone_other"),
    ):
        page = await browser.send(path + STEP, fields)
        assert (page.status, page.codes) == (422, [code])
        assert "{" not in page.text
    home.clock.move(timedelta(minutes=1))
    assert (await browser.send(path + STEP, {"action": "resend"})).status == 303
    home.clock.move(timedelta(minutes=1))
    assert (await browser.send(path + STEP, {"action": "resend"})).status == 303
    home.clock.move(timedelta(minutes=1))
    assert (await browser.send(path + STEP, {"action": "resend"})).codes == ["phone_codes"]
    for _ in range(5):
        page = await browser.send(path + STEP, {"phone_code": wrong, "action": "confirm"})
    assert page.codes == ["phone_code_over"]


async def test_nobody_else_is_offered_a_phone(home: House) -> None:
    """R17: a password form without a review has no such step: it leads back, and takes nothing."""
    browser, path = await code_proven(home)
    assert "step=phone" not in (await browser.get(path)).text
    page = await browser.get(path + STEP)
    assert (page.status, page.location) == (303, path)
    fields = (await browser.get(path)).hidden
    assert (await browser.post(path + STEP, fields | SEND)).status == 410
    assert (await browser.send(path, SECRETS)).location == "/back"


async def test_the_step_belongs_to_the_browser_of_the_form(home: House) -> None:
    """Another browser gets 410 for it, an unknown action 400, a foreign hidden field 403."""
    browser, path = await new_mailbox_proven(home)
    stranger = await home.chatting()
    assert (await stranger.get(path + STEP)).status == 410
    assert (await browser.send(path + STEP, {"action": "else"})).status == 400
    assert (await browser.post(path + STEP, SEND)).status == 403


async def code_proven(home: House) -> tuple[Browser, str]:
    """Return a browser that proved by SMS, and the path of its password form."""
    browser = await home.chatting("bob@example.com", Method.SMS)
    code = str((await home.delivered())[-1]["code"])
    page = await browser.send(await home.mint(browser, FormPurpose.CODE), {"code": code})
    return browser, page.location
