"""What goes over the loopback to Rasa, and what counts as an answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from portal.chat.rasa_client import AssistantFailedError, RasaClient, Turn
from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from recovery_core.errors import UnavailableError
from rekey.serve import _forget
from tests.fakes import FakeClock

KEY = b"0" * 64
TURN = Turn("conversation-1", "message-1", "我忘了密码", "zh")


class Rasa:
    """A gateway that answers as it is told and keeps what it was sent."""

    def __init__(self) -> None:
        """Answer with no replies."""
        self.received: list[tuple[str, bytes]] = []
        self.answer: Callable[[], web.Response] = lambda: web.json_response({"replies": []})
        self.url = ""

    async def messages(self, request: web.Request) -> web.Response:
        """Keep the request and answer."""
        self.received.append((request.headers["Authorization"], await request.read()))
        return self.answer()

    async def health(self, _request: web.Request) -> web.Response:
        """Answer."""
        return self.answer()


@pytest.fixture
async def rasa() -> AsyncIterator[Rasa]:
    """Serve a gateway."""
    rasa, app = Rasa(), web.Application()
    app.router.add_post("/webhooks/gateway/messages", rasa.messages)
    app.router.add_post("/webhooks/gateway/forget", rasa.messages)
    app.router.add_get("/webhooks/gateway/health", rasa.health)
    async with TestServer(app) as server:
        rasa.url = str(server.make_url("")).rstrip("/")
        yield rasa


@pytest.fixture
async def client(rasa: Rasa) -> AsyncIterator[RasaClient]:
    """Return the portal's side."""
    async with aiohttp.ClientSession() as http:
        yield RasaClient(rasa.url, KEY, SystemClock(), SystemEntropy(), http)


async def test_a_request_is_signed_for_its_body_alone(rasa: Rasa, client: RasaClient) -> None:
    """The token names conversation, audience, body and a minute at most, and is never the same twice."""
    await client.answer(TURN)
    await client.answer(TURN)

    claims = [
        jwt.decode(head.removeprefix("Bearer "), KEY, algorithms=["HS256"], audience="rekey-gateway")
        for head, _ in rasa.received
    ]
    assert claims[0]["sub"] == "conversation-1"
    assert claims[0]["exp"] - claims[0]["iat"] <= 60
    assert claims[0]["bh"] == hashlib.sha256(rasa.received[0][1]).hexdigest()
    assert claims[0]["jti"] != claims[1]["jti"]


@pytest.mark.parametrize("intent", [None, "gateway_method_sms"])
async def test_the_body_of_a_turn(rasa: Rasa, client: RasaClient, intent: str | None) -> None:
    """Words go without a parse, buttons and events with a ready one that carries the language."""
    await client.answer(Turn("c", "m", "text", "zh", intent))

    body = json.loads(rasa.received[0][1])
    parse = body.pop("parse")
    assert body == {"conversation": "c", "message_id": "m", "text": "text", "language": "zh"}
    if intent is None:
        assert parse is None
        return
    assert (parse["text"], parse["intent"]["name"]) == ("text", intent)
    assert [(e["entity"], e["value"]) for e in parse["entities"]] == [("language", "zh")]


async def test_replies_come_back(rasa: Rasa, client: RasaClient) -> None:
    """The replies are handed on as they are."""
    rasa.answer = lambda: web.json_response({"replies": [{"text": "你好"}]})

    assert await client.answer(TURN) == [{"text": "你好"}]


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.json_response({"code": "refused"}, status=401),
        lambda: web.json_response({"code": "action_failed"}, status=503),
        lambda: web.json_response({}),
        lambda: web.json_response([]),
        lambda: web.json_response(None),
        lambda: web.json_response({"replies": None}),
        lambda: web.json_response({"replies": "words"}),
        lambda: web.json_response({"replies": ["words"]}),
        lambda: web.Response(text="{", content_type="application/json"),
        lambda: web.Response(text="<html>"),
    ],
)
async def test_what_is_no_answer(rasa: Rasa, client: RasaClient, answer: Callable[[], web.Response]) -> None:
    """A refusal and an answer of another shape are failures of this line."""
    rasa.answer = answer

    with pytest.raises(AssistantFailedError):
        await client.answer(TURN)


async def test_nobody_there(client: RasaClient) -> None:
    """A closed port means that the assistant is away, not that it failed."""
    away = RasaClient("http://127.0.0.1:1", KEY, client.clock, client.entropy, client.http)

    with pytest.raises(UnavailableError) as caught:
        await away.answer(TURN)
    assert not isinstance(caught.value, AssistantFailedError)
    assert not await away.ready()


@pytest.mark.parametrize(
    ("body", "status", "ready"),
    [
        ({"status": "ok", "model": True}, 200, True),
        ({"status": "ok", "model": False}, 200, False),
        ({}, 200, False),
        ([], 200, False),
        ({"model": True}, 503, False),
    ],
)
async def test_readiness(
    rasa: Rasa,
    client: RasaClient,
    body: object,
    status: int,
    ready: bool,  # noqa: FBT001
) -> None:
    """Rasa is ready when it answers and has its model."""
    rasa.answer = lambda: web.json_response(body, status=status)

    assert await client.ready() is ready


def test_the_key_shows_nowhere(client: RasaClient) -> None:
    """The client's repr holds no key."""
    assert KEY.decode() not in repr(client)


async def test_old_conversations_are_forgotten(rasa: Rasa, client: RasaClient) -> None:
    """R21: the request names the time in seconds and is signed as housekeeping."""
    await client.forget(datetime(2026, 3, 1, 12, tzinfo=UTC))

    head, body = rasa.received[0]
    token = head.removeprefix("Bearer ")
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience="rekey-gateway")
    assert claims["sub"] == "housekeeping"
    assert claims["bh"] == hashlib.sha256(body).hexdigest()
    assert json.loads(body) == {"before": 1772366400.0}


async def test_not_forgotten_is_told(rasa: Rasa, client: RasaClient) -> None:
    """A refusal is told, so that it is asked again."""
    rasa.answer = lambda: web.json_response({"code": "unavailable"}, status=503)

    with pytest.raises(UnavailableError):
        await client.forget(datetime(2026, 3, 1, tzinfo=UTC))


async def test_forgetting_without_anybody_there() -> None:
    """Nobody at the port is told in the same way."""
    async with aiohttp.ClientSession() as http:
        client = RasaClient("http://127.0.0.1:1", KEY, SystemClock(), SystemEntropy(), http)
        with pytest.raises(UnavailableError):
            await client.forget(datetime(2026, 3, 1, tzinfo=UTC))


async def test_forgetting_is_asked_for_without_being_told(rasa: Rasa, client: RasaClient) -> None:
    """R21: the portal's process asks at once to forget what is older than the hours kept."""
    asked = asyncio.Event()

    def answer() -> web.Response:
        asked.set()
        return web.json_response({"forgotten": 0})

    rasa.answer = answer
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    task = asyncio.create_task(_forget(client, FakeClock(now), timedelta(hours=24)))
    await asyncio.wait_for(asked.wait(), 5)
    task.cancel()
    assert json.loads(rasa.received[0][1]) == {"before": (now - timedelta(hours=24)).timestamp()}
