"""Coming back to a case from another browser by POST /api/chat/session (R13)."""

from __future__ import annotations

import re

import pytest

from tests.portal_house import Chat, PortalHouse


async def ticket(chat: Chat) -> dict[str, str]:
    """Draw the return code of the chat's case from its secure page."""
    await chat.say("what is the status")
    url = chat.form("resume")
    page = await (await chat.http.get(url)).text()
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    shown = await (await chat.http.post(url, data={"csrf": token})).text()
    found = re.search(r'data-field="reference">([\w-]+)<', shown)
    groups = re.search(r'data-field="resume_secret">(.*?)</code>', shown)
    assert found
    assert groups
    return {"reference": found[1], "secret": re.sub("<[^>]*>", "", groups[1])}


@pytest.fixture
async def waiting(portal: PortalHouse) -> Chat:
    """Return a chat that waits for a code."""
    chat = await portal.chat()
    await chat.say("I forgot the password of alice@example.com")
    await chat.press("method_sms")
    return chat


async def refused(chat: Chat, given: dict[str, str]) -> tuple[int, str]:
    """Try to come back; return the status and the code of the refusal."""
    response = await chat.begin(resume=given)
    return response.status, (await response.json()).get("code", "")


async def test_a_case_moves_to_another_browser(portal: PortalHouse, waiting: Chat) -> None:
    """R13: reference and secret bring the case to the new browser; the old one is told and loses it."""
    code = await portal.code()
    given = await ticket(waiting)
    form = (await waiting.say("hello"))[-1]["form"]["url"]
    last = waiting.last[-1]["id"]

    other = await portal.chat(resume=given)

    async with other.events() as events:
        resumed = await events.reply()
    assert given["reference"] in resumed["text"]
    async with waiting.events(last) as events:
        moved = await events.reply()
        assert [button["name"] for button in moved["buttons"]] == ["start"]
    assert (await waiting.http.get(form)).status == 410
    await waiting.say(code)
    assert waiting.last[0]["form"] is None
    await other.say(code)
    assert [reply["form"] for reply in other.last] == [None]


async def test_a_proof_does_not_move(portal: PortalHouse, waiting: Chat) -> None:
    """R13: a proven case comes back without its proof: the methods are offered again."""
    given = await ticket(waiting)
    await waiting.say(await portal.code())
    password = waiting.form("password")

    other = await portal.chat(resume=given)

    async with other.events() as events:
        await events.reply()
        offered = await events.reply()
    assert [b["name"] for b in offered["buttons"]] == ["method_sms", "method_mail", "method_questions"]
    assert (await waiting.http.get(password)).status == 410


async def test_a_secret_opens_once(portal: PortalHouse, waiting: Chat) -> None:
    """R13: a used secret is as wrong as any other."""
    given = await ticket(waiting)
    await portal.chat(resume=given)

    assert await refused(Chat(portal, await portal.client()), given) == (422, "resume_wrong")


@pytest.mark.parametrize(
    "change",
    [
        lambda r, s: (r, s[:-1] + ("A" if s[-1] != "A" else "B")),
        lambda _, s: ("RC-AAAA-AAAA", s),
        lambda r, _: (r, ""),
        lambda r, _: ("", r),
        lambda r, s: (r, s + s * 20),
        lambda r, _: (r, "\x00"),
        lambda r, _: ("\ud800", r),
        lambda r, s: (s, r),
    ],
)
async def test_a_wrong_secret(portal: PortalHouse, waiting: Chat, change: object) -> None:
    """R13: a wrong reference and a wrong secret are refused alike and give no session."""
    given = await ticket(waiting)
    reference, secret = change(given["reference"], given["secret"])  # type: ignore[operator]
    other = Chat(portal, await portal.client())

    assert await refused(other, {"reference": reference, "secret": secret}) == (422, "resume_wrong")
    assert (await other.post({"text": "hi"})).status == 401
    assert (await portal.chat(resume=given)).last == []


@pytest.mark.parametrize("typed", ["lower", "hyphens", "full width"])
async def test_a_secret_as_people_type_it(portal: PortalHouse, waiting: Chat, typed: str) -> None:
    """R13: case, spaces, hyphens and full-width letters do not matter."""
    given = await ticket(waiting)
    secret = {
        "lower": given["secret"].lower(),
        "hyphens": "-".join(re.findall("..?", given["secret"])),
        "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in given["secret"]),
    }[typed]

    response = await Chat(portal, await portal.client()).begin(
        resume={"reference": f" {given['reference'].lower()} ", "secret": secret}
    )

    assert response.status == 201


@pytest.mark.parametrize("wrong", [9, 10])
async def test_ten_tries_an_hour(portal: PortalHouse, waiting: Chat, wrong: int) -> None:
    """R13: after ten tries in an hour even the right secret has to wait; the tenth may still be right."""
    given = await ticket(waiting)
    for _ in range(wrong):
        other = Chat(portal, await portal.client())
        assert await refused(other, given | {"secret": "A" * 26}) == (422, "resume_wrong")

    response = await Chat(portal, await portal.client()).begin(resume=given)

    if wrong == 9:
        assert response.status == 201
        return
    assert (response.status, (await response.json())["code"]) == (429, "too_fast")
    assert 1 <= int(response.headers["Retry-After"]) <= 3600


@pytest.mark.parametrize(
    "given", [7, "RC-AAAA-AAAA", [], {}, {"reference": "x"}, {"reference": 1, "secret": 2}, False]
)
async def test_a_resume_that_is_none(portal: PortalHouse, given: object) -> None:
    """A resume of another form is a bad request."""
    response = await Chat(portal, await portal.client()).begin(resume=given)

    assert (response.status, (await response.json())["code"]) == (400, "bad_request")
