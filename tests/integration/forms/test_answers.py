"""The page for the security questions."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from recovery_core.cases.flow import State
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from recovery_core.proofs.questions import CATALOGUE
from tests.integration.forms.house import LOCALE, Browser, House

RIGHT = {"answer_1": "  rEX ", "answer_2": "Paris"}
WRONG = {"answer_1": "Rex", "answer_2": "London"}


async def opened(home: House, address: str = "erin@example.com", language: str = "en") -> tuple[Browser, str]:
    """Return a browser with an answers form and the form's path."""
    browser = await home.chatting(address, Method.QUESTIONS, language)
    return browser, await home.mint(browser, FormPurpose.ANSWERS)


async def test_the_page_asks_both_questions(home: House) -> None:
    """The registered pair is asked in the conversation's language, whatever the browser prefers (R7)."""
    browser, path = await opened(home)
    chinese, chinese_path = await opened(home, language="zh")

    page, other = await browser.get(path), await chinese.get(chinese_path)

    assert "What was the name of your first pet?" in page.text
    assert "In which city were you born?" in page.text
    assert "您的第一只宠物叫什么名字？" in other.text
    assert '<html lang="zh-CN">' in other.text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("question", CATALOGUE)
def test_every_question_has_words(question: str, language: str) -> None:
    """All ten questions of the catalogue stand in both languages (R7)."""
    text = (LOCALE / language / "forms.po").read_text(encoding="utf-8")

    assert f'msgid "form.question.{question}"' in text


async def test_both_right_answers_lead_to_the_password(home: House) -> None:
    """Both answers, whatever their case and outer spaces, prove and tell the chat (R7)."""
    browser, path = await opened(home)

    page = await browser.send(path, RIGHT)

    assert (page.status, page.location[:8]) == (303, "/secure/")
    assert (await home.case(browser)).state is State.PROVEN
    assert await home.events(browser) == ["gateway_answers_right"]
    assert (await browser.get(path)).status == 410


async def test_a_wrong_pair_never_says_which_and_echoes_nothing(home: House) -> None:
    """A wrong pair is refused as a whole, and what was typed does not come back in the page (R7)."""
    browser, path = await opened(home)

    page = await browser.send(path, WRONG)

    assert (page.status, page.codes) == (422, ["wrong"])
    assert "Tries left: 4." in page.text
    assert "London" not in page.text
    assert page.text.count('aria-invalid="true"') == 2


@pytest.mark.parametrize("address", ["erin@example.com", "nobody@example.com", "postmaster@example.com"])
async def test_the_fifth_wrong_pair_stops_the_questions(home: House, address: str) -> None:
    """Four tries are left, then none, for every address alike; the chat is told once (R2, R7)."""
    browser, path = await opened(home, address)

    codes = [(await browser.send(path, WRONG)).codes for _ in range(6)]

    assert codes == [["wrong"]] * 4 + [["dead"]] * 2
    assert await home.events(browser) == ["gateway_answers_wrong"]


@pytest.mark.parametrize(
    ("second", "codes"),
    [("", ["answer_missing"]), ("   ", ["answer_missing"]), ("x" * 201, ["answer_too_long"])],
)
async def test_what_cannot_be_an_answer_costs_no_try(home: House, second: str, codes: list[str]) -> None:
    """An empty answer or one of more than 200 characters is named and spends nothing."""
    browser, path = await opened(home)

    page = await browser.send(path, {"answer_1": "Rex", "answer_2": second})

    assert (page.status, page.codes) == (422, codes)
    longest = await browser.send(path, {"answer_1": "Rex", "answer_2": "x" * 200})
    assert "Tries left: 4." in longest.text


async def test_of_ten_right_pairs_one_wins(home: House) -> None:
    """Right answers sent ten times at once prove once."""
    browser, path = await opened(home)
    fields = (await browser.get(path)).hidden | RIGHT

    pages = await asyncio.gather(*(browser.copy().post(path, fields) for _ in range(10)))

    assert sorted(page.status for page in pages) == [303] + [410] * 9
    assert await home.events(browser) == ["gateway_answers_right"]


async def test_answers_have_their_time(home: House) -> None:
    """After 10 minutes the form is gone with the challenge."""
    browser, path = await opened(home)
    fields = (await browser.get(path)).hidden | RIGHT

    home.clock.move(timedelta(minutes=10))

    assert (await browser.post(path, fields)).status == 410
