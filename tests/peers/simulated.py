"""The platform's side of HTTP, *simulated*: it keeps what it was asked, and fails on demand.

What a platform answers is written down in the file of each; whether real platforms answer so is known only
from their documentation. Signatures and envelopes of events come from the vendors' packages where those can
make them, and are checked by those packages where they can only check.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from portal.channels.port import Incoming
from recovery_core.clock import SystemClock


@dataclass(frozen=True)
class Call:
    """One request that the platform got."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: str

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the body, or the fields of a form."""
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            return {name: values[0] for name, values in parse_qs(self.raw).items()}
        found = json.loads(self.raw or "{}")
        assert isinstance(found, dict)
        return found

    @property
    def bearer(self) -> str:
        """The token in the header."""
        return self.headers.get("Authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class Fault:
    """How one request fails."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    cut: bool = False
    """The connection is cut and nothing is answered."""
    done: bool = False
    """What was asked is done before the failure, so that nobody can know."""


class Simulated:
    """A platform at a free port of this machine."""

    def __init__(self) -> None:
        """Start with no failures."""
        self.url = ""
        self.calls: list[Call] = []
        self.took: list[Call] = []
        """Calls with messages that people now see."""
        self.faults: deque[Fault | None] = deque()
        """Failures of the next calls that :meth:`counts`; None lets one pass."""
        self.standing: Fault | None = None
        """The failure of every call, until it is taken away."""
        self.date: datetime | None = None
        """What the platform's clock says; None for the right time."""
        self.locked = False
        """Whether our credentials are refused."""

    async def answer(self, call: Call) -> Mapping[str, Any] | web.Response:
        """Do what *call* asks."""
        raise NotImplementedError

    def counts(self, call: Call) -> bool:  # noqa: ARG002  for platforms that sign in
        """Tell whether failures are meant for *call*; signing in usually goes well."""
        return True

    def asked(self, path: str) -> list[Call]:
        """Return the calls of *path*, failed ones included."""
        return [call for call in self.calls if call.path == path]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Answer while the block runs."""
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/{path:.*}", self._handle)
        server = TestServer(app)
        await server.start_server()
        self.url = str(server.make_url("")).rstrip("/")
        try:
            yield
        finally:
            await server.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        response = await self._response(request)
        response.headers["Date"] = format_datetime(self.date or SystemClock().now(), usegmt=True)
        response.force_close()  # so that no connection outlives the test that opened it
        return response

    async def _response(self, request: web.Request) -> web.StreamResponse:
        raw = (await request.read()).decode()
        call = Call(request.method, request.path, dict(request.query), dict(request.headers), raw)
        self.calls.append(call)
        fault = self.standing
        if fault is None and self.faults and self.counts(call):
            fault = self.faults.popleft()
        if fault is None or fault.done:
            answer = await self.answer(call)
            if fault is None:
                return answer if isinstance(answer, web.Response) else web.json_response(answer)
        if fault.cut:
            assert request.transport is not None
            request.transport.close()
        return web.json_response(fault.body or {}, status=fault.status, headers=fault.headers)


async def deliver(url: str, requests: Sequence[Incoming]) -> list[int]:
    """Send *requests* to rekey's door, each after the last was not answered 200, as platforms try again.

    A request that is not answered at all counts as 0.
    """
    statuses = []
    async with aiohttp.ClientSession() as http:
        for incoming in requests:
            statuses.append(await _delivered(http, url, incoming))
            if statuses[-1] == 200:
                break
    return statuses


async def storm(url: str, requests: Sequence[Incoming]) -> list[int]:
    """Send *requests* all at the same time, as a platform that lost count; return the statuses."""
    async with aiohttp.ClientSession() as http:
        return list(await asyncio.gather(*(_delivered(http, url, incoming) for incoming in requests)))


async def hang_up(url: str, incoming: Incoming) -> None:
    """Send *incoming* and leave without waiting for the answer, as a platform that lost patience."""
    to = URL(url).with_query(dict(incoming.query))
    lines = [f"{incoming.method} {to.raw_path_qs} HTTP/1.1", f"Host: {to.host}"]
    lines += [f"{name}: {value}" for name, value in incoming.headers.items()]
    lines += [f"Content-Length: {len(incoming.body)}", "", ""]
    _, writer = await asyncio.open_connection(to.host, to.port)
    writer.write("\r\n".join(lines).encode() + incoming.body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def _delivered(http: aiohttp.ClientSession, url: str, incoming: Incoming) -> int:
    with contextlib.suppress(aiohttp.ClientError):
        async with http.request(
            incoming.method, url, headers=incoming.headers, params=incoming.query, data=incoming.body
        ) as response:
            return response.status
    return 0
