"""A browser's session: its cookie, its language, and what is told when there is none."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from portal.limits import Rates
from tests.fakes import FakeClock
from tests.portal_house import Chat, PortalHouse, portal_house


async def test_the_cookie_is_out_of_reach(portal: PortalHouse) -> None:
    """Scripts cannot read the session's cookie and it is valid for the whole site, not for others."""
    response = await Chat(portal, await portal.client()).begin()

    cookie = SimpleCookie(response.headers["Set-Cookie"])["rekey"]
    assert response.status == 201
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        True, "Lax", "/", "",
    )  # fmt: skip
    assert len(cookie.value) >= 43


async def test_the_cookie_is_bound_to_https(folder: Path, clock: FakeClock) -> None:
    """On HTTPS the cookie is Secure and carries the prefix that keeps neighbours from setting it."""
    async with portal_house(folder, clock=clock, demo_mode=False, public_url="https://a.example") as portal:
        response = await Chat(portal, await portal.client()).begin()

    cookie = SimpleCookie(response.headers["Set-Cookie"])["__Host-rekey"]
    assert cookie["secure"]
    assert "max-age=" in response.headers["Strict-Transport-Security"]


async def test_the_cookie_is_stored_nowhere(portal: PortalHouse) -> None:
    """The store knows a keyed hash of the token, not the token."""
    response = await Chat(portal, await portal.client()).begin()

    token = SimpleCookie(response.headers["Set-Cookie"])["rekey"].value
    async with portal.house.parts.work.reading() as work:
        assert await work.conversations.by_token_hash(token) is None
    files = [path.read_bytes() for path in portal.folder.rglob("*.db*")]
    assert not any(token.encode() in content for content in files)


@pytest.mark.parametrize(
    ("given", "header", "expected"),
    [
        ({"language": "zh"}, "en", "zh"),
        ({"language": "en"}, "zh-CN", "en"),
        ({"language": None}, "zh-CN,zh;q=0.9", "zh"),
        ({"language": None}, "fr,en;q=0.5", "en"),
        ({"language": "fr"}, "zh", "zh"),
        ({"language": ["zh"]}, "", "en"),
        ({"language": {}}, "", "en"),
        ({}, "de", "en"),
    ],
)
async def test_language_of_a_session(
    portal: PortalHouse, given: dict[str, object], header: str, expected: str
) -> None:
    """The language asked for counts, then the browser's, then English."""
    client = await portal.client(headers={"Accept-Language": header})

    response = await client.post("/api/chat/session", json=given)

    assert (response.status, (await response.json())["language"]) == (201, expected)


async def test_a_session_needs_no_body(portal: PortalHouse) -> None:
    """An empty POST opens a session."""
    client = await portal.client()

    assert (await client.post("/api/chat/session")).status == 201


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("cookie", [None, "never-issued", "x" * 5000, "caf\u00e9", "%00"])
async def test_without_a_session(portal: PortalHouse, cookie: str | None, language: str) -> None:
    """Messages and events without a known cookie are refused alike, in the browser's language."""
    client = await portal.client(headers={"Accept-Language": language})
    headers = {"Cookie": f"rekey={cookie}"} if cookie else {}

    said = await client.post("/api/chat/messages", json={"text": "hi"}, headers=headers)
    seen = await client.get("/api/chat/events", headers=headers)

    for response in (said, seen):
        assert response.status == 401
        assert response.content_type == "application/problem+json"
        body = await response.json()
        assert (body["code"], body["status"]) == ("no_session", 401)
        assert body["detail"].isascii() == (language == "en")


async def test_the_language_follows_the_person(chat: Chat) -> None:
    """Who writes Chinese is answered in Chinese from then on, refusals included."""
    replies = await chat.say("我忘了密码")
    assert not replies[0]["text"].isascii()

    refused = await chat.post({"text": " "})
    assert not (await refused.json())["detail"].isascii()

    replies = await chat.say("please speak English")
    assert replies[0]["text"].isascii() or "’" in replies[0]["text"]


async def test_two_browsers_know_nothing_of_each_other(portal: PortalHouse) -> None:
    """What one browser says is seen in no other."""
    one, other = await portal.chat(), await portal.chat()
    await one.say("I forgot the password of alice@example.com")

    async with other.events() as events:
        await events.reply()
        assert await events.silent("reply", "said")


async def test_a_flood_of_sessions_is_stopped(portal: PortalHouse, clock: FakeClock) -> None:
    """One client opens the allowed number of sessions in ten minutes and not one more."""
    allowed = int(Rates().sessions_per_client.partition("/")[0])
    client = await portal.client(headers={"Accept-Language": "zh"})
    statuses = {(await client.post("/api/chat/session")).status for _ in range(allowed)}

    refused = await client.post("/api/chat/session")

    assert statuses == {201}
    assert (refused.status, (await refused.json())["code"]) == (429, "too_fast")
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= 600
    clock.move(timedelta(seconds=wait))
    assert (await client.post("/api/chat/session")).status == 201
