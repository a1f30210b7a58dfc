"""A whole portal for tests: real parts on SQLite, the demo company, a fake assistant; and a person's side."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from portal.app import portal_app
from portal.channels.port import Channel
from portal.chat.news import News
from portal.chat.turns import SLOW_AFTER
from recovery_core.clock import Clock
from rekey import demo
from rekey.bootstrap import House, build
from rekey.settings import Settings
from tests.fake_assistant import FakeAssistant

Client = TestClient[web.Request, web.Application]


@dataclass
class PortalHouse:
    """One running portal: its parts, its assistant, and as many browsers as a test opens."""

    house: House
    assistant: FakeAssistant
    server: TestServer
    folder: Path
    _open: AsyncExitStack
    chats: list[Chat] = field(default_factory=list)

    @property
    def news(self) -> News:
        """Who listens."""
        return self.house.furnishing.turns.news

    async def client(self, headers: Mapping[str, str] | None = None) -> Client:
        """Return a new browser with its own cookies."""
        jar = aiohttp.CookieJar(unsafe=True)
        client = TestClient(self.server, cookie_jar=jar, headers=headers)
        self._open.push_async_callback(client.session.close)
        return client

    async def chat(self, language: str = "en", **session: object) -> Chat:
        """Return a new browser with a conversation."""
        chat = Chat(self, await self.client(), language)
        response = await chat.begin(**session)
        assert response.status == 201, await response.text()
        self.chats.append(chat)
        return chat

    async def deliver(self) -> None:
        """Let the outbox worker deliver what is waiting."""
        await self.house.worker.run_once()

    async def outbox(self) -> list[Mapping[str, Any]]:
        """Deliver, then return every message that the demo company received, oldest first."""
        await self.deliver()
        assert self.house.furnishing.demo_outbox is not None
        return list(self.house.furnishing.demo_outbox.messages())

    async def code(self) -> str:
        """Return the newest code that was sent."""
        return str([m["code"] for m in await self.outbox() if m["code"]][-1])


@dataclass
class Chat:
    """A person with a browser."""

    portal: PortalHouse
    http: Client
    language: str = "en"
    last: list[dict[str, Any]] = field(default_factory=list)
    """The replies to the last message."""

    async def begin(self, **session: object) -> aiohttp.ClientResponse:
        """Open a session."""
        return await self.http.post("/api/chat/session", json={"language": self.language, **session})

    async def post(
        self, body: object, *, wait: bool = True, key: str | None = None
    ) -> aiohttp.ClientResponse:
        """Send *body* as JSON."""
        headers = {"Idempotency-Key": key} if key else {}
        path = "/api/chat/messages" + ("?wait=1" if wait else "")
        return await self.http.post(path, json=body, headers=headers)

    async def say(self, text: str, key: str | None = None) -> list[dict[str, Any]]:
        """Say *text* and return the replies."""
        return await self._replies({"text": text}, key)

    async def press(self, name: str) -> list[dict[str, Any]]:
        """Press the newest button called *name* of the last replies."""
        return await self._replies({"button": self.button(name)}, None)

    def button(self, name: str) -> str:
        """Return the id of the button called *name* in the last replies."""
        ids = {button["name"]: button["id"] for reply in self.last for button in reply["buttons"] or ()}
        return str(ids[name])

    def form(self, purpose: str) -> str:
        """Return the address of the form for *purpose* in the last replies."""
        urls = {r["form"]["purpose"]: r["form"]["url"] for r in self.last if r["form"]}
        return str(urls[purpose])

    async def _replies(self, body: object, key: str | None) -> list[dict[str, Any]]:
        response = await self.post(body, key=key)
        assert response.status == 200, await response.text()
        self.last = (await response.json())["replies"]
        return self.last

    @asynccontextmanager
    async def events(self, last_id: str | None = None) -> AsyncIterator[Events]:
        """Open the event stream."""
        headers = {"Last-Event-ID": last_id} if last_id is not None else {}
        async with self.http.get("/api/chat/events", headers=headers) as response:
            assert response.status == 200
            yield Events(response)


@dataclass
class Events:
    """An open event stream."""

    response: aiohttp.ClientResponse

    async def reply(self) -> dict[str, Any]:
        """Return the next reply."""
        return (await self.next("reply"))[2]

    async def next(self, *names: str) -> tuple[str, str | None, dict[str, Any]]:
        """Return name, id and data of the next event, skipping those not called *names*."""
        async with asyncio.timeout(10):
            while True:
                fields = await self._block()
                if fields.get("event") in (names or ("reply", "said", "typing", "mode")):
                    return fields["event"], fields.get("id"), json.loads(fields["data"])

    async def silent(self, *names: str, seconds: float = 0.2) -> bool:
        """Tell whether none of the events *names* comes within *seconds*."""
        try:
            async with asyncio.timeout(seconds):
                await self.next(*names)
        except TimeoutError:
            return True
        return False

    async def _block(self) -> dict[str, str]:
        fields: dict[str, str] = {}
        while line := (await self.response.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        return fields


async def until(fact: Callable[[], bool]) -> None:
    """Let the loop run until *fact* holds, at most five seconds."""
    async with asyncio.timeout(5):
        while not fact():  # noqa: ASYNC110  there is no event for what a test looks at
            await asyncio.sleep(0)


def settings_for(folder: Path, **more: object) -> Settings:
    """Return settings that write into *folder* only."""
    given: dict[str, Any] = {"argon2_profile": "cheapest", "public_url": "http://127.0.0.1"} | more
    return Settings(data_dir=folder, **given)


async def _finished(before: Collection[object]) -> None:
    """Wait for handlers whose browser left: they still give their connections back.

    Tasks from *before* the portal, a browser's for example, never end and are none of them.
    """
    others = {task for task in asyncio.all_tasks() - {asyncio.current_task()} if task not in before}
    if others:
        await asyncio.wait(others, timeout=5)


async def _never_slow(seconds: float) -> None:
    """Pause, but for the notice of slowness: how busy this machine is must not change what is said."""
    await (asyncio.Event().wait() if seconds == SLOW_AFTER else asyncio.sleep(seconds))


@asynccontextmanager
async def portal_house(
    folder: Path,
    *,
    clock: Clock | None = None,
    demo_mode: bool = True,
    assistant: FakeAssistant | None = None,
    messengers: Mapping[str, Channel] | None = None,
    **settings: object,
) -> AsyncIterator[PortalHouse]:
    """Run a portal on a database in *folder*, with the demo company; another run finds the same data."""
    before = asyncio.all_tasks()
    async with AsyncExitStack() as stack:
        fake = assistant or FakeAssistant()
        given = settings_for(folder, **settings)
        house = await stack.enter_async_context(
            build(given, demo=demo_mode, clock=clock, assistant=fake, messengers=messengers)
        )
        house.furnishing.turns._pause = _never_slow
        fake.settle(house.parts)
        await demo.settle(house.parts)
        server = TestServer(portal_app(house.furnishing))
        await server.start_server()
        stack.push_async_callback(_finished, before)
        stack.push_async_callback(server.close)
        stack.push_async_callback(house.furnishing.turns.close)
        if house.furnishing.messengers is not None:
            await stack.enter_async_context(house.furnishing.messengers.running())
        yield PortalHouse(house, fake, server, folder, stack)
