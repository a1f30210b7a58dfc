"""The page of a mail link."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from recovery_core.cases.flow import State
from recovery_core.proofs.methods import Method
from tests.integration.forms.house import ORIGIN, Browser, House

PRESS = {"action": "continue"}
DENY = {"action": "not_me"}


async def mailed(home: House) -> tuple[Browser, str]:
    """Return the browser that asked for a link, and the link's path."""
    browser = await home.chatting("alice@example.com", Method.MAIL, "zh")
    return browser, (await home.delivered())[-1]["link"].removeprefix(ORIGIN)


async def tail(home: House, browser: Browser) -> str:
    """Return the last four characters of the reference."""
    return (await home.case(browser)).reference[-4:]


async def test_opening_a_link_changes_nothing(home: House) -> None:
    """GET and HEAD, however often and by whomever, leave the case as it was (R6)."""
    browser, link = await mailed(home)
    scanner = home.browser()
    before = await home.case(browser)

    for _ in range(3):
        assert (await scanner.get(link)).status == 200
        assert (await home.client.head(link)).status == 200
    page = await browser.get(link)

    assert await home.case(browser) == before
    assert 'value="continue"' in page.text
    assert 'value="not_me"' in page.text
    assert await home.events(browser) == []


async def test_the_asking_browser_only_presses(home: House) -> None:
    """The browser that asked needs no reference; pressing proves and leads to the password (R6)."""
    browser, link = await mailed(home)
    assert 'name="reference_tail"' not in (await browser.get(link)).text

    page = await browser.send(link, PRESS)

    assert (page.status, page.location[:8]) == (303, "/secure/")
    assert (await home.case(browser)).state is State.PROVEN
    assert await home.events(browser) == ["gateway_link_pressed"]
    assert (await browser.get(link)).status == 410


async def test_another_browser_needs_the_reference(home: House) -> None:
    """With the last 4 characters the case moves to the browser that presses; the other one is told (R6)."""
    asker, link = await mailed(home)
    other = home.browser()
    assert 'name="reference_tail"' in (await other.get(link)).text
    end = (await tail(home, asker)).lower()

    page = await other.send(link, PRESS | {"reference_tail": f" {end}"})

    assert (page.status, page.location[:8]) == (303, "/secure/")
    assert "__Host-rekey" in other.cookies
    assert 'name="new_password"' in (await other.get(page.location)).text
    assert (await asker.get(page.location)).status == 410
    assert await home.events(asker) == ["gateway_case_moved"]
    assert asker.conversation_id in home.woken


async def test_a_wrong_reference_is_counted(home: House) -> None:
    """The fifth wrong ending kills the link, and no try proves anything (R6)."""
    asker, link = await mailed(home)
    other = home.browser()

    pages = [await other.send(link, PRESS | {"reference_tail": "0000"}) for _ in range(5)]

    assert [page.status for page in pages] == [422] * 5
    assert [page.codes for page in pages] == [["tail_wrong"]] * 4 + [["dead"]]
    assert "Tries left: 1." in pages[3].text
    assert (await other.get(link)).status == 410
    assert (await home.case(asker)).state is State.CHALLENGED


async def test_an_empty_reference_costs_nothing(home: House) -> None:
    """Pressing without the reference asks for it and spends no try."""
    _, link = await mailed(home)
    other = home.browser()

    page = await other.send(link, PRESS)

    assert (page.status, page.codes) == (422, ["tail_missing"])
    assert "Tries left: 4." in (await other.send(link, PRESS | {"reference_tail": "0000"})).text


async def test_this_was_not_me_freezes(home: House) -> None:
    """The button beside freezes the case without a reference, and the chat is told (R12)."""
    asker, link = await mailed(home)

    page = await home.browser().send(link, DENY)

    assert page.status == 200
    assert 'data-outcome="frozen"' in page.text
    assert (await home.case(asker)).state is State.FROZEN
    assert (await home.events(asker))[-1] == "gateway_case_frozen"
    assert (await asker.get(link)).status == 410


async def test_a_link_lives_thirty_minutes(home: House) -> None:
    """A link can be pressed until 30 minutes have passed (R6, R20)."""
    browser, link = await mailed(home)

    home.clock.move(timedelta(minutes=30) - timedelta(seconds=1))
    assert (await browser.get(link)).status == 200
    home.clock.move(timedelta(seconds=1))

    assert (await browser.get(link)).status == 410
    assert (await browser.post(link, PRESS)).status == 410


async def test_of_ten_presses_one_proves(home: House) -> None:
    """A link is single use, however many presses arrive together."""
    browser, link = await mailed(home)
    fields = (await browser.get(link)).hidden | PRESS

    pages = await asyncio.gather(*(browser.copy().post(link, fields) for _ in range(10)))

    assert sorted(page.status for page in pages) == [303] + [410] * 9


async def test_a_link_that_was_never_sent(home: House) -> None:
    """An unknown token is 404, a POST without a known button 400."""
    browser, link = await mailed(home)

    assert (await browser.get("/link/never-sent")).status == 404
    assert (await browser.send(link, {})).status == 400
    assert (await home.case(browser)).state is State.CHALLENGED
