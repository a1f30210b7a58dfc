"""Two browsers at once: somebody who needs a person, and an agent at the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from recovery_core.people import totp
from recovery_core.people.operators import Console
from recovery_core.people.signing_in import derive_secret
from tests.browser.conftest import ChromiumPage
from tests.integration.desk.house import PASSWORD, staff
from tests.portal_house import PortalHouse, portal_house


@pytest_asyncio.fixture(loop_scope="session")
async def portal(tmp_path: Path) -> AsyncIterator[PortalHouse]:
    """Run a portal with the demo company."""
    async with portal_house(tmp_path) as running:
        yield running


async def signed_in(portal: PortalHouse, page: Page, name: str) -> None:
    """Sign in at the desk as a person would."""
    await staff(portal)
    parts = portal.house.parts
    async with parts.work.reading() as work:
        me = await work.operators.by_name(Console.DESK, name)
    assert me is not None
    await page.goto(str(portal.server.make_url("/desk")))
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("main button[type=submit]")
    secret = derive_secret(parts.keyed, me.id, name.encode())
    await page.fill("#code", totp.code_at(secret, totp.step_of(parts.clock.now())))
    await page.click("main button[type=submit]")
    await expect(page.locator("#queue")).to_be_visible()


async def fine(page: Page) -> None:
    """Check with axe."""
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()


async def test_a_talk_between_two_browsers(portal: PortalHouse, chromium_page: ChromiumPage) -> None:
    """R15: the queue, the talk and the way back, live in both browsers, and axe finds nothing."""
    agent, person = await chromium_page(), await chromium_page()
    await signed_in(portal, agent, "agent1")
    await fine(agent)
    await person.goto(str(portal.server.make_url("/")))
    box = person.get_by_role("textbox")
    await box.fill("a human please")
    await box.press("Enter")

    await agent.locator("#queue a").click()
    await agent.get_by_role("button", name="Take it").click()
    await expect(person.get_by_text("A person has joined")).to_be_visible()
    await agent.locator("#text").fill("I am here")
    await agent.locator("#text").press("Enter")
    await expect(person.get_by_text("I am here")).to_be_visible()
    await box.type("Thank", delay=20)
    await expect(agent.locator("#typing")).to_be_visible()
    await box.fill("Thank heavens")
    await box.press("Enter")
    await expect(agent.locator("#lines").get_by_text("Thank heavens")).to_be_visible()
    await expect(agent.locator("#typing")).to_be_hidden()
    await fine(agent)

    await agent.get_by_role("button", name="Give back").click()
    await expect(person.locator(".mode")).to_have_attribute("data-mode", "bot")
    await agent.goto(str(portal.server.make_url("/desk/overview")))
    await fine(agent)
