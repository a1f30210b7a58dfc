"""The desk in real browsers: a live talk with a person, the figures, and the trail, in both languages."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, Page, expect

from recovery_core.people.operators import Console
from tests.browser.conftest import ChromiumPage
from tests.browser.steps import Operator, Person, box, looks_well, messages
from tests.portal_house import PortalHouse

SECRET = "Blue_Whale77"


def said(agent: Operator, text: str) -> Locator:
    """Find a line of the talk on the agent's page."""
    return agent.page.locator("#lines .line", has_text=text)


async def answers(agent: Operator, text: str) -> None:
    """Write one line to the person, with the keyboard."""
    await agent.page.locator("#text").fill(text)
    await agent.page.locator("#text").press("Enter")


async def does(agent: Operator, act: str, field: str = "") -> None:
    """Press the button for *act*, whatever the language calls it."""
    form = agent.page.locator(f"form:has(input[name=act][value={act}])")
    await (form.filter(has=agent.page.locator(field)) if field else form).locator("button").click()


async def typing_is_seen(writer: Page, field: Locator, sign: Locator) -> None:
    """Write a few letters and see the sign on the other side."""
    await field.click()
    await writer.keyboard.type("One mo", delay=20)
    await expect(sign).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_talk_and_back_to_the_case(
    portal: PortalHouse, chromium_page: ChromiumPage, language: str
) -> None:
    """R15, R16: live both ways, typing and masks; an offered form; then the assistant goes on."""
    person = Person(portal, await chromium_page())
    agent = Operator(portal, await chromium_page(), Console.DESK, "agent1", language)
    await agent.comes_in()
    await looks_well(agent.page)
    await person.arrive()
    await person.say("I forgot my password alice@example.com")
    await person.press("method_sms")
    await person.reads("a code is on its way")
    await person.say("a human please")
    await person.reads("I've asked for a person")

    await agent.page.locator("#queue a").click()
    await does(agent, "take")
    await person.reads("A person has joined")
    await answers(agent, "I am here")
    await person.reads("I am here")
    await typing_is_seen(person.page, box(person.page), agent.page.locator("#typing"))
    await person.say("Thank heavens")
    await expect(said(agent, "Thank heavens")).to_be_visible()
    await expect(agent.page.locator("#typing")).to_be_hidden()
    await typing_is_seen(agent.page, agent.page.locator("#text"), person.page.locator(".typing"))
    await looks_well(agent.page)

    await person.say(f"my password is {SECRET}")
    await expect(said(agent, "my password is")).to_be_visible()
    await answers(agent, f"never use the password {SECRET} again")
    await person.reads("never use the password")
    for page in (agent.page, person.page):
        await expect(page.get_by_text(SECRET)).to_have_count(0)

    await does(agent, "offer", "[name=purpose][value=code]")
    await person.reads("Please go on on this safe page")
    form = await person.opens_form("code")
    await form.close()
    await looks_well(person.page)
    await does(agent, "give_back")
    await expect(person.page.locator(".mode")).to_have_attribute("data-mode", "bot")
    await person.say(await portal.code())
    await person.sets_password()
    await person.reads("Your new password works now")
    assert SECRET not in str(await messages(person.page).all_inner_texts())


async def test_every_page_of_the_desk_in_chinese(portal: PortalHouse, chromium_page: ChromiumPage) -> None:
    """Queue, ticket, overview and trail pass axe on a dark phone, in Chinese, for an auditor."""
    person = Person(portal, await chromium_page(locale="zh-CN"))
    await person.arrive()
    await person.say("我要找人工")
    await person.reads("工单")
    page = await chromium_page(locale="zh-CN", color_scheme="dark", viewport={"width": 320, "height": 700})
    await page.goto(str(portal.server.make_url("/desk/sign-in?lang=zh")))
    await looks_well(page)
    auditor = Operator(portal, page, Console.DESK, "auditor1", "zh")
    await auditor.comes_in()
    await looks_well(page)
    await auditor.opens_ticket("人工对话")
    await looks_well(page)
    for link in ("概览", "审计记录"):
        await page.locator(".places").get_by_role("link", name=link).click()
        await expect(page.locator("h1")).to_have_text(link)
        await looks_well(page)
    await page.locator("tbody a").first.click()
    await expect(page.locator(".trail li").first).to_be_visible()
    await looks_well(page)
    await page.goto(auditor.url("/again"))
    await looks_well(page)


async def test_the_second_factor_again(portal: PortalHouse, chromium_page: ChromiumPage) -> None:
    """The pages that ask for a code, first and again, and the overview pass axe in English."""
    agent = Operator(portal, await chromium_page(), Console.DESK, "agent1")
    await agent.gives_password()
    await agent.page.wait_for_url("**/desk/code**")
    await looks_well(agent.page)
    await agent.page.fill("#code", "000000")
    await agent.page.click("main button.main")
    await expect(agent.page.locator("[data-code=second_factor]")).to_be_visible()
    await looks_well(agent.page)
    await agent.gives_own_code()
    for path in ("/again", "/overview"):
        await agent.page.goto(agent.url(path))
        await looks_well(agent.page)
