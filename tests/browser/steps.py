"""What people do and see in a browser: in the chat, on secure pages, in both consoles."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, expect

from recovery_core.people import totp
from recovery_core.people.operators import Console
from recovery_core.people.signing_in import derive_secret
from recovery_core.people.sweeping import sweep
from rekey.demo import PASSWORD
from tests.browser.fake_chat import FakeChat
from tests.portal_house import PortalHouse

NEW_PASSWORD = "Quite-New-Secret7"
_NUMBER = re.compile(r"\d{4} \d{4}")


def box(page: Page) -> Locator:
    """Find the box that a person writes in."""
    return page.get_by_role("textbox")


def messages(page: Page) -> Locator:
    """Find every text in the conversation, whoever said it."""
    return page.locator(".msg:not(.typing) .text")


async def write(page: Page, text: str) -> None:
    """Write and send one line with the keyboard."""
    await box(page).fill(text)
    await box(page).press("Enter")


async def enter(page: Page, chat: FakeChat, *lines: str) -> None:
    """Open the chat and send lines, each answered before the next is sent."""
    await page.goto(chat.url)
    for line in lines:
        before = await page.locator(".msg:not(.you):not(.typing)").count()
        await write(page, line)
        await expect(page.locator(".msg:not(.you):not(.typing)")).to_have_count(before + 1)


async def looks_well(page: Page) -> None:
    """Check with axe, and that nothing has to be scrolled sideways."""
    found = await Axe().run(page, options={"resultTypes": ["violations"]})
    violations = {
        item["id"]: [node["html"] for node in item["nodes"]] for item in found.response["violations"]
    }
    assert violations == {}, page.url
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, page.url


@dataclass
class Person:
    """Somebody at the chat page of a real portal."""

    portal: PortalHouse
    page: Page

    async def arrive(self) -> None:
        """Open the chat."""
        await self.page.goto(str(self.portal.server.make_url("/")))

    async def say(self, text: str) -> None:
        """Send one line."""
        await write(self.page, text)

    async def press(self, name: str) -> None:
        """Press the newest button called *name*, as soon as it is there."""
        await self.page.locator(f"button[data-name={name}]:not([aria-disabled=true])").last.click()

    async def reads(self, text: str) -> None:
        """Wait for a message with *text*."""
        await expect(messages(self.page).filter(has_text=text).last).to_be_visible()

    async def number(self) -> str:
        """Wait for the number to match, and read it."""
        shown = messages(self.page).filter(has_text=_NUMBER).last
        await expect(shown).to_be_visible()
        found = _NUMBER.search(await shown.inner_text())
        assert found is not None
        return found[0]

    async def proves_by_code(self) -> None:
        """Ask for a code by text and send the one that comes; a new form for it is its sign."""
        forms = self.page.locator("a.form", has=self.page.locator("[data-word=purpose_code]"))
        before = await forms.count()
        await self.press("method_sms")
        await expect(forms).to_have_count(before + 1)
        await self.say(await self.portal.code())

    async def opens_form(self, purpose: str) -> Page:
        """Follow the way to the secure page for *purpose*, in its own tab."""
        word = self.page.locator(f"[data-word=purpose_{purpose}]")
        async with self.page.expect_popup() as opened:
            await self.page.locator("a.form[href]", has=word).click()
        page = await opened.value
        await expect(page.locator("main form").first).to_be_visible()
        return page

    async def sets_password(self) -> None:
        """Set a new password on the secure page that the chat leads to."""
        form = await self.opens_form("password")
        await expect(form.locator("#new_password")).to_be_visible()
        await looks_well(form)
        await set_password(form)
        await form.close()


async def set_password(form: Page) -> None:
    """Fill the form for a new password and see that the case is done."""
    await form.fill("#new_password", NEW_PASSWORD)
    await form.fill("#confirm_password", NEW_PASSWORD)
    await form.click("button.main")
    await expect(form.locator("main[data-reached=completed]")).to_be_visible()


@dataclass
class Operator:
    """Somebody at one of the consoles, with an authenticator app."""

    portal: PortalHouse
    page: Page
    console: Console
    name: str
    language: str = "en"
    secret: bytes = b""

    def url(self, path: str = "") -> str:
        """Return the address of *path* in this console."""
        return str(self.portal.server.make_url(f"/{self.console.value}{path}"))

    async def gives_password(self) -> None:
        """Open the console in this person's language and give name and password."""
        await self.page.goto(f"{self.url('/sign-in')}?lang={self.language}")
        await self.page.fill("#name", self.name)
        await self.page.fill("#password", PASSWORD)
        await self.page.click("main button.main")

    async def gives_code(self) -> None:
        """Give what the authenticator app shows now."""
        step = totp.step_of(self.portal.house.parts.clock.now())
        await self.page.fill("#code", totp.code_at(self.secret, step))
        await self.page.click("main button.main")

    async def enrols(self) -> None:
        """Sign in as an administrator for the first time: phone, then the app; axe looks at each page."""
        await self.page.goto(f"{self.url('/sign-in')}?lang={self.language}")
        await looks_well(self.page)
        await self.gives_password()
        await self.page.wait_for_url("**/admin/phone")
        await looks_well(self.page)
        await self.page.fill("#code", await self.portal.code())
        await self.page.click("main button.main")
        await self.page.wait_for_url("**/admin/enrol")
        await looks_well(self.page)
        self.secret = totp.secret_of(await self.page.locator(".key").inner_text())
        await self.gives_code()
        await self.page.wait_for_url("**/admin")

    async def comes_in(self) -> None:
        """Sign in at the desk with password and app."""
        await self.gives_password()
        await self.page.wait_for_url("**/desk/code**")
        await self.gives_own_code()

    async def gives_own_code(self) -> None:
        """Give the second factor of an agent, and see the queue."""
        self.secret = await self._secret()
        await self.gives_code()
        await expect(self.page.locator("#queue")).to_be_visible()

    async def opens_request(self, address: str) -> None:
        """Open the request of *address* from the administrator's list."""
        await self.page.goto(self.url())
        await self.page.locator("tbody tr", has_text=address).locator("a").click()
        await expect(self.page.locator(".facts")).to_be_visible()

    async def opens_ticket(self, kind: str) -> None:
        """Open the ticket of that kind from the queue, which shows it by itself."""
        await self.page.goto(self.url())
        await self.page.locator("#queue tr", has_text=kind).locator("a").first.click()
        await expect(self.page.locator("#facts-title")).to_be_visible()

    async def _secret(self) -> bytes:
        """Return this agent's own secret; the demo's are derived from one seed."""
        parts = self.portal.house.parts
        async with parts.work() as work:
            me = await work.operators.by_name(Console.DESK, self.name)
            assert me is not None
            await work.operators.put(replace(me, language=self.language))
            await work.commit()
        return derive_secret(parts.keyed, me.id, me.totp_sealed or b"")


async def time_passes(portal: PortalHouse) -> None:
    """Let the sweep see what the clock says now, and the portal answer what it wrote."""
    parts = portal.house.parts
    await sweep(parts)
    async with parts.work.reading() as work:
        lines = await work.conversations.unanswered(100)
    for conversation_id in {line.conversation_id for line in lines}:
        portal.house.furnishing.turns.wake(conversation_id)
