"""A channel behind a door of its own: what the portal does with it, without the portal."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from portal.channels.port import (
    ChannelAwayError,
    Connecting,
    Event,
    Incoming,
    Listening,
    NotGenuineError,
    NotReadableError,
)
from recovery_core.clock import Clock
from tests.ports import free_port

WAIT_SECONDS = 60.0


@dataclass
class Mounted:
    """What a channel heard; the same event twice counts once, as the inbox counts it."""

    port: int = field(default_factory=free_port)
    channel: Listening | None = None
    heard: list[Event] = field(default_factory=list)
    deliveries: int = 0
    """Requests that were answered, however."""
    fail: int = 0
    """How many of the next requests fail before the channel sees them."""
    repeated: int = 0
    """Events that came again."""

    @property
    def url(self) -> str:
        """The address before the platform's own path."""
        return f"http://127.0.0.1:{self.port}/channels/under-test"

    async def hear(self, events: Sequence[Event]) -> None:
        """Keep *events* once."""
        for event in events:
            if any(event.id == known.id for known in self.heard):
                self.repeated += 1
            else:
                self.heard.append(event)

    def of(self, room: str) -> list[Event]:
        """Return what was heard in *room*."""
        return [event for event in self.heard if event.room == room]

    async def until(self, fact: Callable[[], object]) -> None:
        """Wait until *fact* holds."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not fact():  # noqa: ASYNC110  there is no event for what a test looks at
                await asyncio.sleep(0.02)

    async def answer(self, request: web.Request, clock: Clock) -> web.Response:
        """Do what the portal does with a request."""
        if self.fail:
            self.fail -= 1
            return web.Response(status=500)
        incoming = Incoming(
            method=request.method,
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query),
            body=await request.read(),
            at=clock.now(),
            path="/" + request.match_info["tail"],
        )
        assert self.channel is not None
        try:
            received = await self.channel.receive(incoming)
        except NotGenuineError:
            return web.Response(status=401)
        except NotReadableError:
            return web.Response(status=400)
        except ChannelAwayError:
            return web.Response(status=503)
        await self.hear(received.events)
        self.deliveries += 1
        return web.Response(status=received.status, body=received.body, content_type=received.content_type)

    @asynccontextmanager
    async def serving(self, clock: Clock) -> AsyncIterator[None]:
        """Answer requests until the block ends."""

        async def answer(request: web.Request) -> web.Response:
            return await self.answer(request, clock)

        app = web.Application(client_max_size=2**24)
        app.router.add_route("*", "/channels/under-test/{tail:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", self.port).start()
            yield
        finally:
            await runner.cleanup()


class Inbox(Protocol):
    """Whoever stores what a channel hears."""

    async def hear(self, events: Sequence[Event]) -> None:
        """Store *events*."""
        ...


@asynccontextmanager
async def listening(channel: Connecting, inbox: Inbox) -> AsyncIterator[asyncio.Task[None]]:
    """Let *channel* hold its connection until the block ends; a failure of it fails the test."""
    task = asyncio.create_task(channel.listen(inbox.hear))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
