"""The page for the code of an SMS."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from recovery_core.cases import challenging
from recovery_core.cases.flow import State
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from tests.integration.forms.house import Browser, House


async def opened(home: House, address: str = "bob@example.com") -> tuple[Browser, str, str]:
    """Return a browser with a code form, the form's path and the code."""
    browser = await home.chatting(address, Method.SMS)
    messages = await home.delivered()
    path = await home.mint(browser, FormPurpose.CODE)
    return browser, path, messages[-1]["code"] if messages else "000000"


def wrong(code: str) -> str:
    """Return six other digits."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


async def test_the_page_shows_one_field(home: House) -> None:
    """GET shows the field for the code, in the conversation's language, and changes nothing."""
    browser, path, _ = await opened(home)

    page = await browser.get(path)

    assert page.status == 200
    assert '<html lang="en">' in page.text
    assert 'name="code"' in page.text
    assert 'autocomplete="one-time-code"' in page.text
    assert 'inputmode="numeric"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("typed", ["{}", " {} ", "code: {}", "验证码是{}"])
async def test_the_right_code_leads_to_the_password(home: House, typed: str) -> None:
    """The right code proves, tells the chat and leads to the password form (R4)."""
    browser, path, code = await opened(home)

    page = await browser.send(path, {"code": typed.format(code)})

    assert page.status == 303
    assert page.location.startswith("/secure/")
    assert (await home.case(browser)).state is State.PROVEN
    assert await home.events(browser) == ["gateway_code_right"]
    assert home.woken[-1] == browser.conversation_id
    assert 'name="new_password"' in (await browser.get(page.location)).text


async def test_full_width_digits_are_digits(home: House) -> None:
    """A code typed with full-width digits and a space in the middle counts."""
    browser, path, code = await opened(home)
    wide = code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})

    assert (await browser.send(path, {"code": f"{wide[:3]} {wide[3:]}"})).status == 303


async def test_a_wrong_code_is_counted(home: House) -> None:
    """A wrong code is the same page with 422 and the tries left; the fifth kills the code (R4)."""
    browser, path, code = await opened(home)

    for left in (4, 3, 2, 1):
        page = await browser.send(path, {"code": wrong(code)})
        assert (page.status, page.codes) == (422, ["wrong"])
        assert f"Tries left: {left}." in page.text
        assert 'name="code"' in page.text
    page = await browser.send(path, {"code": wrong(code)})

    assert (page.status, page.codes) == (422, ["dead"])
    assert await home.events(browser) == ["gateway_code_dead"]
    assert (await browser.send(path, {"code": code})).codes == ["dead"]
    assert await home.events(browser) == ["gateway_code_dead"]


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "12 34 5x"])
async def test_what_is_no_code_costs_no_try(home: House, typed: str) -> None:
    """Anything but six digits is refused without spending a try (R16)."""
    browser, path, code = await opened(home)

    page = await browser.send(path, {"code": typed})

    assert (page.status, page.codes) == (422, ["not_six_digits"])
    assert "Tries left: 4." in (await browser.send(path, {"code": wrong(code)})).text


async def test_an_unknown_address_looks_the_same(home: House) -> None:
    """The page of a decoy counts and dies like one that works (R2)."""
    browser, path, _ = await opened(home, "nobody@example.com")

    codes = [(await browser.send(path, {"code": "000000"})).codes for _ in range(5)]

    assert codes == [["wrong"]] * 4 + [["dead"]]


async def test_a_code_dies_with_its_five_minutes(home: House) -> None:
    """A code is good until 5 minutes have passed and not a second longer (R4, R20)."""
    browser, path, code = await opened(home)
    late, late_path, late_code = await opened(home, "postmaster@example.com")

    home.clock.move(timedelta(minutes=5) - timedelta(seconds=1))
    assert (await browser.send(path, {"code": code})).status == 303
    home.clock.move(timedelta(seconds=1))
    page = await late.send(late_path, {"code": late_code})

    assert (page.status, page.codes) == (422, ["expired"])


async def test_of_twenty_right_codes_one_wins(home: House) -> None:
    """Twenty right codes at the same time prove once (R4)."""
    browser, path, code = await opened(home)
    fields = (await browser.get(path)).hidden | {"code": code}

    pages = await asyncio.gather(*(browser.copy().post(path, fields) for _ in range(20)))

    assert sorted(page.status for page in pages) == [303] + [410] * 19
    assert await home.events(browser) == ["gateway_code_right"]


async def test_a_used_form_is_gone(home: House) -> None:
    """After the right code the form answers 410, for reading and for sending."""
    browser, path, code = await opened(home)
    fields = (await browser.get(path)).hidden | {"code": code}
    await browser.post(path, fields)

    assert (await browser.get(path)).status == 410
    assert (await browser.post(path, fields)).status == 410


async def test_a_form_lives_ten_minutes(home: House) -> None:
    """A form can be opened until 10 minutes have passed."""
    browser, path, _ = await opened(home)

    home.clock.move(timedelta(minutes=10) - timedelta(seconds=1))
    assert (await browser.get(path)).status == 200
    home.clock.move(timedelta(seconds=1))
    page = await browser.get(path)

    assert page.status == 410
    assert 'data-code="form_expired"' in page.text


async def test_a_form_belongs_to_one_browser(home: House) -> None:
    """Another browser and one without a cookie get 410, an unknown token 404."""
    browser, path, code = await opened(home)
    stranger = await home.chatting()

    assert (await stranger.get(path)).status == 410
    assert (await home.browser().get(path)).status == 410
    assert (await stranger.post(path, {"code": code})).status == 410
    assert (await browser.get("/secure/never.issued")).status == 404
    assert (await browser.get(f"{path}x")).status == 404


async def test_an_administrator_is_asked_for_a_second_proof(home: House) -> None:
    """After an administrator's first proof there is no password form yet (R9)."""
    browser, path, code = await opened(home, "postmaster@example.com")

    page = await browser.send(path, {"code": code})

    assert (page.status, page.location) == (303, "/back")
    assert 'data-reached="challenged"' in (await browser.get("/back")).text


async def test_a_disabled_account_gets_no_password_form(home: House) -> None:
    """A proof on a disabled account leads back to the chat (R10)."""
    browser, path, code = await opened(home, "carol@example.com")

    page = await browser.send(path, {"code": code})

    assert page.location == "/back"
    assert 'data-reached="escalated"' in (await browser.get("/back")).text


async def test_a_newer_code_makes_the_page_useful_again(home: House) -> None:
    """The form of an older code takes the newer one of the same case."""
    browser, path, old = await opened(home)
    home.clock.move(timedelta(seconds=61))
    await challenging.resend(home.parts, browser.conversation_id)
    new = (await home.delivered())[-1]["code"]

    assert (await browser.send(path, {"code": old})).codes == ["wrong"]
    assert (await browser.send(path, {"code": new})).status == 303


async def test_an_idle_proof_is_taken_back(home: House) -> None:
    """After 15 silent minutes a first proof no longer counts, and its forms are over (R13)."""
    browser, path, code = await opened(home, "postmaster@example.com")
    await browser.send(path, {"code": code})
    await challenging.challenge(home.parts, browser.conversation_id, Method.MAIL)
    home.clock.move(timedelta(minutes=15))
    link = (await home.delivered())[-1]["link"].removeprefix("https://recovery.example.com")

    page = await browser.send(link, {"action": "continue"})

    assert page.status == 410
    assert (await home.case(browser)).proofs == ()
