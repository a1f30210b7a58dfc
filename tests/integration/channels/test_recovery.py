"""A whole recovery in a messenger: the messenger carries the talk, a browser the secrets."""

from __future__ import annotations

import re

from tests.integration.channels.conftest import Person, holds
from tests.portal_house import PortalHouse


def hidden(page: str) -> str:
    """Return the value of a page's hidden field."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def test_a_recovery_by_sms(person: Person, portal: PortalHouse) -> None:
    """Address, button, code in the chat, password in the browser: the chat learns of each step."""
    asked = await person.say("I forgot my password")
    assert "mailbox" in asked[0].text.lower() or "address" in asked[0].text.lower()
    offered = await person.say("bob@example.com")
    assert [choice.name for choice in offered[-1].buttons] == [
        "method_sms",
        "method_mail",
        "method_questions",
    ]
    await person.press("method_sms")
    await person.say(await portal.code())
    await holds(lambda: any(m.link and "set a new password" in m.text for m in person.messages()))
    browser = await portal.client()
    page = await (await browser.get(person.link())).text()
    new = "Quite-New-7-Words"
    fields = {"csrf": hidden(page), "new_password": new, "confirm_password": new}
    done = await browser.post(person.link(), data=fields)
    assert 'data-reached="completed"' in await done.text()
    await holds(lambda: any("used in a browser" in message.text for message in person.messages()))
    await holds(lambda: any("new password works now" in message.text for message in person.messages()))
    assert not any(new in message.text for message in person.messages())
