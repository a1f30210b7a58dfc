"""Coming back to a case."""

from __future__ import annotations

import re
from datetime import timedelta

from recovery_core.cases.flow import State
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from tests.integration.forms.house import Browser, House


async def ticket(home: House) -> tuple[Browser, dict[str, str]]:
    """Return a browser with a case, and what its page showed once."""
    browser = await home.chatting("bob@example.com", Method.SMS)
    page = await browser.send(await home.mint(browser, FormPurpose.RESUME), {})
    shown = re.findall(r'data-field="(\w+)">(.*?)</code>', page.text)
    return browser, {name: re.sub("<[^>]+>", "", value) for name, value in shown}


async def test_the_secret_is_shown_once(home: House) -> None:
    """GET shows no secret, POST shows it with no-store, and then the page is gone (R13)."""
    browser = await home.chatting("bob@example.com")
    path = await home.mint(browser, FormPurpose.RESUME)
    before = await browser.get(path)

    page = await browser.send(path, {})

    assert "resume_secret" not in before.text
    assert page.status == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert 'data-field="resume_secret"' in page.text
    assert (await browser.get(path)).status == 410
    assert (await browser.post(path, before.hidden)).status == 410


async def test_the_secret_has_130_bits(home: House) -> None:
    """It has 26 characters of base32 (R13)."""
    _, shown = await ticket(home)

    assert re.fullmatch("[A-Z2-7]{26}", shown["resume_secret"])


async def test_a_case_moves_to_the_browser_that_knows_both(home: House) -> None:
    """Typed in small letters and groups, they move the case; the other conversation is told (R13)."""
    browser, shown = await ticket(home)
    other, secret = home.browser("zh"), shown["resume_secret"].lower()
    typed = {"reference": shown["reference"].lower(), "resume_secret": f"{secret[:13]} {secret[13:]}"}

    page = await other.send("/resume", typed)

    assert (page.status, page.location) == (303, "/")
    assert "__Host-rekey" in other.cookies
    assert await home.events(browser) == ["gateway_case_moved"]
    assert browser.conversation_id in home.woken
    again = await home.browser().send("/resume", typed)
    assert (again.status, again.codes) == (422, ["resume_wrong"])


async def test_a_proof_does_not_move(home: House) -> None:
    """A proven case goes back to challenged when it moves (R13)."""
    browser, _ = await ticket(home)
    code = (await home.delivered())[-1]["code"]
    await browser.send(await home.mint(browser, FormPurpose.CODE), {"code": code})
    page = await browser.send(await home.mint(browser, FormPurpose.RESUME), {})
    shown = dict(re.findall(r'data-field="(\w+)">(.*?)</code>', page.text))
    other = await home.chatting()

    typed = {name: re.sub("<[^>]+>", "", value) for name, value in shown.items()}
    assert (await other.send("/resume", typed)).status == 303
    assert (await home.case(other)).state is State.CHALLENGED
    assert (await home.case(other)).proofs == ()


async def test_ten_tries_an_hour(home: House) -> None:
    """A client has ten tries an hour; the secret is never echoed, the reference is (R13)."""
    _, shown = await ticket(home)
    other = home.browser()
    typed = shown | {"resume_secret": "A" * 25 + "7"}
    assert (await other.send("/resume", {"reference": "", "resume_secret": ""})).codes == ["resume_missing"]

    pages = [await other.send("/resume", typed) for _ in range(11)]

    assert [page.status for page in pages] == [422] * 10 + [429]
    assert shown["reference"] in pages[0].text
    assert typed["resume_secret"] not in pages[0].text
    home.clock.move(timedelta(hours=1, seconds=1))
    assert (await other.send("/resume", shown)).status == 303


async def test_odd_references_are_only_wrong(home: House) -> None:
    """Control characters and endless texts are refused like any wrong reference."""
    for odd in ("RC\0-1", "Ω" * 5000, "<script>", "'; --"):
        page = await home.browser().send("/resume", {"reference": odd, "resume_secret": "x"})
        assert page.status == 422
        assert "<script>" not in page.text.replace('<script type="module"', "")
