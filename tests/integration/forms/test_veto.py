"""The pages of "this was not me"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from recovery_core.cases.flow import State
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from tests.integration.forms.house import GOOD, ORIGIN, Browser, House


async def recovered(home: House, method: Method) -> tuple[Browser, list[dict[str, Any]]]:
    """Return the browser in which alice set a new password, and all messages."""
    browser = await home.chatting("alice@example.com", method)
    message = (await home.delivered())[-1]
    if method is Method.SMS:
        page = await browser.send(await home.mint(browser, FormPurpose.CODE), {"code": message["code"]})
    else:
        page = await browser.send(message["link"].removeprefix(ORIGIN), {"action": "continue"})
    await browser.send(page.location, {"new_password": GOOD, "confirm_password": GOOD})
    return browser, await home.delivered()


def veto_link(messages: list[dict[str, Any]]) -> str:
    """Return the path of the newest veto link."""
    return next(str(m["link"]) for m in reversed(messages) if "/not-me/" in (m["link"] or ""))[len(ORIGIN) :]


def veto_code(messages: list[dict[str, Any]]) -> str:
    """Return the code of the newest veto by SMS."""
    texts = [str(m["text"]) for m in messages if m["channel"] == "sms" and "/not-me" in str(m["text"])]
    return texts[-1].rstrip("。. ").rpartition(" ")[2].rpartition("输入")[2].strip()


async def test_a_veto_takes_a_recovery_back(home: House) -> None:
    """The contact that did not give the proof revokes; opening the link alone does nothing (R12)."""
    browser, messages = await recovered(home, Method.SMS)
    stranger, link = home.browser("zh"), veto_link(messages)
    assert (await stranger.get(link)).status == 200
    assert (await home.case(browser)).state is State.COMPLETED

    page = await stranger.send(link, {})

    assert page.status == 200
    assert 'data-outcome="revoked"' in page.text
    assert '<html lang="zh-CN">' in page.text
    assert (await home.case(browser)).state is State.REVOKED
    assert (await stranger.get(link)).status == 410


async def test_who_gave_the_proof_is_only_noted(home: House) -> None:
    """A veto of the contact that gave the proof stops nothing and is passed on (R12)."""
    browser, messages = await recovered(home, Method.MAIL)

    page = await home.browser().send(veto_link(messages), {})

    assert 'data-outcome="noted"' in page.text
    assert (await home.case(browser)).state is State.COMPLETED


async def test_a_veto_lives_seventy_two_hours(home: House) -> None:
    """A veto can be used until 72 hours have passed (R12)."""
    _, messages = await recovered(home, Method.SMS)
    stranger, link = home.browser(), veto_link(messages)

    home.clock.move(timedelta(hours=72) - timedelta(seconds=1))
    assert (await stranger.get(link)).status == 200
    home.clock.move(timedelta(seconds=1))

    assert (await stranger.get(link)).status == 410


@pytest.mark.parametrize("typed", ["{}", " {} ", "wide"])
async def test_the_code_of_the_sms_vetoes(home: House, typed: str) -> None:
    """The 8 characters work in capitals or not, with spaces, and in full width (R12)."""
    browser, messages = await recovered(home, Method.MAIL)
    code = veto_code(messages)
    wide = "".join(chr(ord(char) + 0xFEE0) for char in f"{code[:4]}-{code[4:]}")

    page = await home.browser().send(
        "/not-me", {"veto_code": wide if typed == "wide" else typed.format(code.lower())}
    )

    assert page.status == 200
    assert 'data-outcome="revoked"' in page.text
    assert (await home.case(browser)).state is State.REVOKED


async def test_five_codes_an_hour(home: House) -> None:
    """A client has five tries an hour; an empty field is none (R12)."""
    browser = home.browser()
    assert (await browser.send("/not-me", {"veto_code": " "})).codes == ["veto_missing"]

    pages = [await browser.send("/not-me", {"veto_code": "AAAAAAAA"}) for _ in range(6)]

    assert [page.status for page in pages] == [422] * 5 + [429]
    assert pages[0].codes == ["veto_wrong"]
    assert pages[5].headers["Retry-After"] == "3600"
    home.clock.move(timedelta(hours=1, seconds=1))
    assert (await browser.send("/not-me", {"veto_code": "AAAAAAAA"})).status == 422


async def test_a_short_code_is_not_a_link(home: House) -> None:
    """The code of an SMS cannot be tried as a link, where nobody counts (R12)."""
    _, messages = await recovered(home, Method.MAIL)

    assert (await home.browser().get(f"/not-me/{veto_code(messages)}")).status == 404
