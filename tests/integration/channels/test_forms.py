"""Links that came by a messenger: the first browser that uses one has it, and the chat is told."""

from __future__ import annotations

import re

from aiohttp import MultipartWriter

from tests.integration.channels.conftest import Person, holds
from tests.portal_house import Client, PortalHouse

NEW = "Quite-New-7-Words"


async def proven(person: Person, portal: PortalHouse) -> str:
    """Prove by SMS and return the path of the password form."""
    await person.say("I forgot my password, bob@example.com")
    await person.press("method_sms")
    code = await portal.code()
    before = person.link()
    await person.say(code)
    await holds(lambda: person.link() != before)
    return person.link()


async def fields(browser: Client, path: str, **more: str) -> dict[str, str]:
    """Return the fields of the form at *path* as *browser* would send them."""
    page = await (await browser.get(path)).text()
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found, page
    return {"csrf": found[1], **more}


def opened(person: Person) -> int:
    """Return how often the chat was told of a page in a browser."""
    return sum("used in a browser" in message.text for message in person.messages())


def offered(person: Person, name: str) -> bool:
    """Tell whether a button called *name* was shown."""
    return any(choice.name == name for message in person.messages() for choice in message.buttons)


async def test_looking_claims_nothing(person: Person, portal: PortalHouse) -> None:
    """A messenger's preview may fetch the link as often as it likes; the chat hears nothing of it."""
    path = await proven(person, portal)
    preview = await portal.client()
    for _ in range(3):
        assert (await preview.get(path)).status == 200
        assert (await preview.head(path)).status == 200
    browser = await portal.client()
    sent = await fields(browser, path, new_password=NEW, confirm_password=NEW)
    assert (await browser.post(path, data=sent)).status == 200
    await holds(lambda: opened(person) == 1)


async def test_a_post_without_the_hidden_field_claims_nothing(person: Person, portal: PortalHouse) -> None:
    """Whoever has the link and any cookie of ours is refused, and the form is still its owner's."""
    path = await proven(person, portal)
    stranger, owner = await portal.client(), await portal.client()
    await stranger.get("/resume")
    forged = {"csrf": "x" * 43, "new_password": NEW, "confirm_password": NEW}
    assert (await stranger.post(path, data=forged)).status == 403
    assert (await stranger.post(path, data={})).status == 403
    with MultipartWriter("form-data") as files:
        files.append("x").set_content_disposition("form-data", name="csrf")
    assert (await stranger.post(path, data=files)).status == 400

    sent = await fields(owner, path, new_password=NEW, confirm_password=NEW)
    assert (await owner.post(path, data=sent)).status == 200


async def test_the_first_browser_has_it(person: Person, portal: PortalHouse) -> None:
    """A refused try claims as well; another browser gets 410 for looking and for sending."""
    path = await proven(person, portal)
    first, second = await portal.client(), await portal.client()
    waiting = await fields(second, path, new_password=NEW, confirm_password=NEW)
    weak = await fields(first, path, new_password="short", confirm_password="short")
    assert (await first.post(path, data=weak)).status == 422
    await holds(lambda: opened(person) == 1)
    assert (await second.post(path, data=waiting)).status == 410
    assert (await second.get(path)).status == 410
    assert (await first.get(path)).status == 200
    sent = await fields(first, path, new_password=NEW, confirm_password=NEW)
    assert 'data-reached="completed"' in await (await first.post(path, data=sent)).text()
    assert (await first.get(path)).status == 410
    assert opened(person) == 1


async def test_the_next_form_needs_no_claim_of_its_own(person: Person, portal: PortalHouse) -> None:
    """Code and password in one browser: the chat is told once, and nobody else can open the second form."""
    await person.say("I forgot my password, bob@example.com")
    await person.press("method_sms")
    browser, other = await portal.client(), await portal.client()
    path = person.link()
    sent = await fields(browser, path, code=await portal.code())
    answer = await browser.post(path, data=sent, allow_redirects=False)
    following = answer.headers["Location"]
    assert following.startswith("/secure/")
    assert (await other.get(following)).status == 410
    assert (await browser.get(following)).status == 200
    await holds(lambda: opened(person) == 1)


async def test_a_browser_without_cookies_claims_nothing(person: Person, portal: PortalHouse) -> None:
    """A POST by a program that never loaded the page is refused and leaves the form to the person."""
    path = await proven(person, portal)
    program = await portal.client()
    assert (await program.post(path, data={"new_password": NEW, "confirm_password": NEW})).status == 403
    browser = await portal.client()
    assert (await browser.get(path)).status == 200
    assert opened(person) == 0


async def test_a_page_speaks_the_language_of_the_chat(person: Person, portal: PortalHouse) -> None:
    """The link's page is in the language that the person writes in the messenger."""
    await person.say("我忘了密码 bob@example.com")
    await person.press("method_sms")
    browser = await portal.client(headers={"Accept-Language": "en"})
    assert (await browser.get(person.link())).headers["Content-Language"] == "zh-CN"


async def test_the_widgets_forms_still_need_their_cookie(portal: PortalHouse) -> None:
    """A link of the widget in another browser is refused at the first look, as ever."""
    chat = await portal.chat("en")
    await chat.say("I forgot my password, bob@example.com")
    await chat.press("method_sms")
    stranger = await portal.client()
    assert (await stranger.get(chat.form("code"))).status == 410
    assert (await chat.http.get(chat.form("code"))).status == 200


async def test_the_number_to_match_is_on_a_page_and_not_in_the_chat(
    person: Person, portal: PortalHouse
) -> None:
    """R14: the messenger carries a link; the browser that uses it reads what the approver asks for."""
    await person.say("I forgot my password, dave@example.com")
    await person.say("I lost my phone")
    await holds(lambda: offered(person, "administrator"))
    await person.press("administrator")
    await holds(lambda: offered(person, "request_administrator"))
    await person.press("request_administrator")
    await holds(lambda: any("will ask you for a number" in message.text for message in person.messages()))
    path = next(m.link.url for m in person.messages() if m.link and "number" in m.text)
    path = path.removeprefix("http://127.0.0.1")
    browser = await portal.client()
    page = await (await browser.post(path, data=await fields(browser, path))).text()
    shown = re.search(r'data-field="match_number">(\d{4} \d{4})<', page)
    assert shown, page
    assert not [message for message in person.messages() if shown[1] in message.text]
