"""Who may come in at all: rates, proxies, other sites, and the demo that stays on its machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from tests.portal_house import Chat, PortalHouse, portal_house

SITE = "https://rekey.example"


@pytest.fixture
async def public(folder: Path, clock: FakeClock) -> AsyncIterator[PortalHouse]:
    """Return a portal that is no demo, behind a proxy on this machine."""
    async with portal_house(
        folder, clock=clock, demo_mode=False, public_url=SITE, trusted_proxies=("127.0.0.0/8",)
    ) as running:
        yield running


async def code_of(portal: PortalHouse, path: str, **headers: str) -> tuple[int, str | None]:
    """POST an empty session with *headers*; return the status and the code of a refusal."""
    client = await portal.client()
    response = await client.post(path, headers=headers)
    body = await response.json() if "json" in response.content_type else {}
    return response.status, body.get("code")


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_twenty_messages_in_ten_seconds(portal: PortalHouse, clock: FakeClock, language: str) -> None:
    """The twenty-first message in ten seconds waits as long as it is told, in the person's language."""
    chat = await portal.chat(language)
    statuses = {(await chat.post({"text": "1"}, wait=False)).status for _ in range(20)}
    refused = await chat.post({"text": "1"}, wait=False)

    assert statuses == {202}
    body = await refused.json()
    assert (refused.status, body["code"], refused.headers["Retry-After"]) == (429, "too_fast", "10")
    assert body["detail"].isascii() == (language == "en")
    clock.move(timedelta(seconds=10))
    assert (await chat.post({"text": "1"}, wait=False)).status == 202


async def test_one_conversation_does_not_slow_another(portal: PortalHouse) -> None:
    """The limit of a conversation is its own."""
    one, other = await portal.chat(), await portal.chat()
    for _ in range(21):
        last = await one.post({"text": "1"}, wait=False)

    assert last.status == 429
    assert (await other.post({"text": "1"}, wait=False)).status == 202


async def test_a_client_with_many_conversations(portal: PortalHouse) -> None:
    """Sixty messages in ten seconds are all that one client may send, over all its conversations."""
    chats = [await portal.chat() for _ in range(4)]
    statuses = [(await chats[n % 4].post({"text": "1"}, wait=False)).status for n in range(61)]

    assert (statuses.count(202), statuses[-1]) == (60, 429)


async def test_clients_behind_a_trusted_proxy_are_told_apart(public: PortalHouse) -> None:
    """R22: each forwarded address has its own limit of sessions."""
    client = await public.client()
    for number in range(61):
        response = await client.post("/api/chat/session", headers={"X-Forwarded-For": f"203.0.113.{number}"})
        assert response.status == 201


async def test_only_the_last_hop_before_ours_counts(public: PortalHouse) -> None:
    """R22: what a client writes into the header itself does not give it new addresses."""
    client = await public.client()
    statuses = [
        (
            await client.post(
                "/api/chat/session",
                headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7, 127.0.0.1"},
            )
        ).status
        for number in range(61)
    ]

    assert (statuses.count(201), statuses[-1]) == (60, 429)


async def test_nobody_is_believed_without_trusted_proxies(folder: Path, clock: FakeClock) -> None:
    """R22: without proxies named by the operator the header means nothing."""
    async with portal_house(folder, clock=clock, demo_mode=False) as portal:
        client = await portal.client()
        statuses = [
            (
                await client.post("/api/chat/session", headers={"X-Forwarded-For": f"203.0.113.{number}"})
            ).status
            for number in range(61)
        ]

    assert (statuses.count(201), statuses[-1]) == (60, 429)


@pytest.mark.parametrize(
    "given", ["", "x", "203.0.113.7:80", "::1%eth0", "fe80::1%1", "[::1]", "caf\u00e9", ","]
)
async def test_odd_forwarded_addresses(public: PortalHouse, given: str) -> None:
    """A header that is no list of addresses is no reason to fail."""
    assert (await code_of(public, "/api/chat/session", **{"X-Forwarded-For": given}))[0] == 201


@pytest.mark.parametrize(
    "host",
    [
        "rekey.example",
        "127.0.0.1.example.com",
        "localhost.example",
        "192.0.2.1",
        "",
        "127.0.0.1:80:80",
        "::1",
    ],
)
@pytest.mark.parametrize("path", ["/api/chat/session", "/api/chat/messages"])
async def test_the_demo_answers_its_own_names_only(portal: PortalHouse, host: str, path: str) -> None:
    """R22: under any other Host the demo refuses, so that a rebound name reaches nothing."""
    assert await code_of(portal, path, Host=host) == (403, "demo_is_local")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]"])
async def test_the_demo_on_this_machine(portal: PortalHouse, host: str) -> None:
    """R22: the three names of this machine are answered, with any port."""
    assert (await code_of(portal, "/api/chat/session", Host=host))[0] == 201


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"]
)
async def test_the_demo_is_never_behind_a_proxy(portal: PortalHouse, header: str) -> None:
    """R22: a request that came through a proxy is refused, pages and health included."""
    assert await code_of(portal, "/api/chat/session", **{header: "127.0.0.1"}) == (403, "demo_is_local")
    client = await portal.client()
    for path in ("/", "/healthz", "/demo/outbox.json", "/api/openapi.json"):
        assert (await client.get(path, headers={header: "127.0.0.1"})).status == 403


async def test_without_demo_there_is_no_outbox(public: PortalHouse) -> None:
    """R22: outside the demo nothing shows messages, and any Host is fine."""
    client = await public.client()

    assert (await client.get("/demo/outbox.json")).status == 404
    assert (await code_of(public, "/api/chat/session", Host="rekey.example"))[0] == 201


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Origin": SITE}, 201),
        ({"Origin": SITE, "Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "https://rekey.example.elsewhere.example"}, 403),
        ({"Origin": "http://rekey.example"}, 403),
        ({"Origin": "https://rekey.example:8443"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": SITE, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "same-origin"}, 403),
    ],
)
async def test_other_sites_cannot_write(public: PortalHouse, headers: dict[str, str], status: int) -> None:
    """A POST that another site's page sent is refused by what the browser says of it."""
    given = await code_of(public, "/api/chat/session", **headers)

    assert given == (status, None if status == 201 else "cross_site")


async def test_a_message_of_another_site_is_not_taken(public: PortalHouse) -> None:
    """A cross-site message is refused even with the cookie, and stored nowhere."""
    chat = Chat(public, await public.client())
    begun = await chat.begin()
    cookie = begun.headers["Set-Cookie"].partition(";")[0]
    headers = {"Origin": "https://elsewhere.example", "Cookie": cookie}

    response = await chat.http.post("/api/chat/messages", json={"text": "hello"}, headers=headers)

    assert response.status == 403
    assert public.assistant.turns == []


async def test_every_answer_carries_the_policy(portal: PortalHouse) -> None:
    """Pages, replies, refusals and static files carry the headers of a site that holds secrets."""
    chat = await portal.chat()
    answers = [
        await chat.http.get("/"),
        await chat.post({"text": "hello"}),
        await chat.post({"text": ""}),
        await chat.http.get("/nothing"),
        await chat.http.get("/static/rekey-chat.js"),
        await chat.http.get("/healthz"),
    ]
    for answer in answers:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert {answer.headers.get("Cache-Control") for answer in answers[:4]} == {"no-store"}
