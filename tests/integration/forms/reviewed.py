"""A browser after an approved review: its new mailbox is proven, its password form open."""

from __future__ import annotations

from recovery_core.cases import challenging
from recovery_core.evidence.evidence import Claim
from recovery_core.people import reviewing
from recovery_core.people.requesting import request_administrator
from recovery_core.people.sweeping import sweep
from recovery_core.proofs.methods import Method
from tests.integration.forms.evidence import NEW, SUPER, ticket
from tests.integration.forms.house import GOOD, ORIGIN, Browser, House

STEP = "?step=phone"
NUMBER = "+8613912345678"
SECRETS = {"new_password": GOOD, "confirm_password": GOOD}


async def new_mailbox_proven(home: House, language: str = "en") -> tuple[Browser, str]:
    """Let a review be approved and take effect; return the browser that pressed the link, and its form."""
    browser, link = await new_mailbox_asked(home, language)
    return browser, (await browser.send(link, {"action": "continue"})).location


async def new_mailbox_asked(home: House, language: str = "en") -> tuple[Browser, str]:
    """Let a review be approved and take effect; return the browser, and the link that its mailbox got."""
    browser = await home.chatting(SUPER, language=language)
    await request_administrator(home.parts, browser.conversation_id)
    review = await ticket(home, browser)
    async with home.parts.work() as work:
        await work.evidence.add(review.id, Claim("示例", "9133", NEW), (), home.clock.now())
        await reviewing.submitted(work, home.parts, review.id)
        await work.commit()
    review, case = await ticket(home, browser), await home.case(browser)
    async with home.parts.work() as work:
        await reviewing.accept(work, home.parts, case, review)
        await work.commit()
    home.clock.move(home.parts.numbers.review_wait)
    await sweep(home.parts)
    await challenging.challenge(home.parts, browser.conversation_id, Method.MAIL)
    links = [message["link"] for message in await home.delivered() if message["link"]]
    return browser, str(links[-1]).removeprefix(ORIGIN)


async def sms(home: House) -> str:
    """Return the newest code that went to the new phone."""
    return [str(message["code"]) for message in await home.delivered() if message["to"] == NUMBER][-1]
