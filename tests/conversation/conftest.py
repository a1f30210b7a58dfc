"""One real assistant for all conversation tests, with an action server that notes what it was asked."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import pytest
from aiohttp import web

from actions.webhook import Webhook
from recovery_core.clock import SystemClock
from tests.needs import need
from tests.ports import free_port
from tests.rasa_process import PYTHON, ROOT, RasaKeys, RasaProcess, start_rasa

KEYS = RasaKeys("k" * 43, "a" * 43)


@dataclass
class ActionServer:
    """Answers every action with the greeting, not at all while :attr:`broken`, late with a :attr:`delay`."""

    port: int
    calls: list[dict[str, Any]] = field(default_factory=list)
    broken: bool = False
    delay: float = 0.0
    core: Webhook | None = None
    """The real actions, where a test wants their answers."""

    async def handle(self, request: web.Request) -> web.Response:
        """Note the call and answer in the protocol of rasa-sdk."""
        if request.headers.get("X-Rekey-Actions-Key") != KEYS.actions:
            return web.Response(status=401)
        if self.broken:
            return web.Response(status=500)
        call = await request.json()
        self.calls.append(call)
        await asyncio.sleep(self.delay)
        if self.core is not None:
            return web.json_response(await self.core.run(call))
        responses = [{"response": "utter_offer_methods", "address": "alice@example.com"}]
        if call["next_action"] == "action_challenge":
            responses = [{"response": "utter_code_sent", "minutes": 5}, {"custom": {"form": "code"}}]
        return web.json_response({"events": [], "responses": responses})


async def _serve(server: ActionServer, ready: threading.Event, end: threading.Event) -> None:
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_post("/webhook", server.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", server.port).start()
    ready.set()
    await asyncio.to_thread(end.wait)
    await runner.cleanup()


@pytest.fixture(scope="session")
def action_server() -> Iterator[ActionServer]:
    """Serve actions from a thread."""
    server, ready, end = ActionServer(free_port()), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(server, ready, end)))
    thread.start()
    ready.wait(10)
    yield server
    end.set()
    thread.join(10)


@dataclass
class Talk:
    """Speaks to the assistant as the portal does."""

    rasa: RasaProcess
    actions: ActionServer

    def token(self, body: bytes, *, age: int = 0, key: str = KEYS.gateway, **claims: object) -> str:
        """Return a signed token for *body* made *age* seconds ago; it names the conversation of the body."""
        now = int(SystemClock().now().timestamp()) - age
        all_claims = {
            "iat": now,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
            "sub": claims.get("sub") or json.loads(body)["conversation"],
            "aud": "rekey-gateway",
            "bh": hashlib.sha256(body).hexdigest(),
        } | claims
        return jwt.encode(all_claims, key, algorithm="HS256")

    def post(self, body: bytes, token: str | None, path: str = "messages") -> tuple[int, Any]:
        """Send *body* and return the status and the JSON answered."""
        request = urllib.request.Request(f"{self.rasa.base_url}/webhooks/gateway/{path}", data=body)  # noqa: S310
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def until_kept(self) -> None:
        """Return when the turns are stored that were answered: nothing is done between the two."""
        with urllib.request.urlopen(f"{self.rasa.base_url}/webhooks/gateway/health", timeout=30):  # noqa: S310
            pass

    def say(self, text: str, *, kept: bool = True, **fields: object) -> tuple[int, Any]:
        """Send one message of a conversation, a new one unless named; return when it is *kept*."""
        body = json.dumps(
            {
                "conversation": uuid.uuid4().hex,
                "message_id": uuid.uuid4().hex,
                "text": text,
                "language": "en",
                "parse": None,
            }
            | fields
        ).encode()
        answer = self.post(body, self.token(body))
        if kept:
            self.until_kept()
        return answer

    def action_for(self, text: str, **fields: object) -> str:
        """Return the name of the action that *text* leads to."""
        before = len(self.actions.calls)
        status, _ = self.say(text, **fields)
        assert status == 200
        (call,) = self.actions.calls[before:]
        return str(call["next_action"])

    def event(self, intent: str, **fields: object) -> str:
        """Return the action that a ready parse with *intent* leads to."""
        parse = {"text": "[event]", "intent": {"name": intent, "confidence": 1.0}, "entities": []}
        return self.action_for("[event]", parse=parse, **fields)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the trained model, trained here when there is none or its sources are newer."""
    need(PYTHON.exists(), "the assistant's environment (assistant/.venv)")
    path = ROOT / "models" / "rekey.tar.gz"
    sources = [*(ROOT / "data").rglob("*.yml"), ROOT / "domain.yml", ROOT / "config.yml"]
    if path.exists() and path.stat().st_mtime >= max(source.stat().st_mtime for source in sources):
        return path
    out = tmp_path_factory.mktemp("models")
    command = [str(PYTHON), "-m", "rekey_assistant.train", "--out", str(out)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    return out / "rekey.tar.gz"


@pytest.fixture(scope="session")
def tracker_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of an empty tracker database."""
    return f"sqlite:///{tmp_path_factory.mktemp('tracker') / 'tracker.db'}"


def heard(tracker_url: str, conversation: str) -> list[str]:
    """Return what a person said in a conversation, as the tracker database holds it."""
    query = "SELECT data FROM events WHERE sender_id = ? AND type_name = 'user' ORDER BY id"
    with closing(sqlite3.connect(tracker_url.removeprefix("sqlite:///"))) as file:
        return [json.loads(data)["text"] for (data,) in file.execute(query, (conversation,))]


@pytest.fixture(scope="session")
def talk(
    model: Path, action_server: ActionServer, tracker_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Talk]:
    """Start the assistant once."""
    url = f"http://127.0.0.1:{action_server.port}/webhook"
    log = tmp_path_factory.mktemp("log") / "rasa.log"
    conversation = Talk(start_rasa(model, url, KEYS, tracker_url, log), action_server)
    yield conversation
    conversation.rasa.stop()
