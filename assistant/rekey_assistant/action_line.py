"""The way to the action server: connections that stay open, one write and one read a call.

aiohttp's client is made for any server; a call of it costs several times what the action server needs
to read it. Here is what Rasa needs of it: POST with JSON over HTTP/1.1, one call at a time on a connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import orjson
from httptools import HttpParserError, HttpResponseParser

_IDLE = 8
"""Connections that are kept open."""


@dataclass(frozen=True)
class Answer:
    """What the server answered."""

    status: int
    reason: str
    content_type: str
    body: bytes

    def json(self) -> Any:  # noqa: ANN401  JSON is anything
        """Return the JSON in the body, None where the answer is said to be something else or is empty."""
        kind = self.content_type.partition(";")[0].strip().lower()
        return orjson.loads(self.body) if kind == "application/json" and self.body.strip() else None


class _Line(asyncio.Protocol):
    """One connection, and the call that waits for its answer."""

    def __init__(self) -> None:
        self.open, self.reusable = True, False
        self._waiting: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)
        self._parser = HttpResponseParser(self)

    def ask(self, request: bytes) -> asyncio.Future[Answer]:
        """Send *request*; the future fails when the connection ends before the answer does."""
        self._headers, self._body = dict[bytes, bytes](), list[bytes]()
        self._reason, self.reusable = b"", False
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waiting

    def close(self) -> None:
        """Close the connection."""
        self.open = False
        self._transport.close()

    def fail(self, error: Exception) -> None:
        """Let the call fail with *error*, if one waits, and close the connection."""
        self.close()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits; Rasa takes this error for a server that cannot be reached."""
        self.fail(aiohttp.ServerDisconnectedError(str(exc)))

    def data_received(self, data: bytes) -> None:
        """Read on; a server that speaks when nobody asked is not listened to."""
        if self._waiting is None or self._waiting.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except HttpParserError as error:
            self.fail(aiohttp.ClientPayloadError(str(error)))

    def on_status(self, reason: bytes) -> None:
        """Note a part of the reason phrase."""
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """Note a header."""
        self._headers[name.lower()] = value

    def on_body(self, part: bytes) -> None:
        """Note a part of the body."""
        self._body.append(part)

    def on_message_complete(self) -> None:
        """Hand over the answer."""
        self.reusable = self.open and self._parser.should_keep_alive()
        kind = self._headers.get(b"content-type", b"").decode("latin-1")
        status, reason = self._parser.get_status_code(), self._reason.decode("latin-1")
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(status, reason, kind, b"".join(self._body)))


class ActionLine:
    """Calls the server at one address, each call on a connection that no other call uses meanwhile."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        """Call *url*, an ``http`` address, with *headers* beside those of JSON."""
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        own = {"Host": parts.netloc.rpartition("@")[2], "Accept": "*/*", "Content-Type": "application/json"}
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**own, **headers}.items())]
        self._head = "\r\n".join([*lines, "Content-Length: "]).encode("latin-1")
        self._idle: list[_Line] = []

    async def post(self, call: object, seconds: float) -> Answer:
        """Send *call* as JSON and return the answer.

        Raises:
            aiohttp.ClientError: nobody listens there, or the connection ended before the answer.
            TimeoutError: no answer within *seconds*.

        """
        body = orjson.dumps(call)
        line = self._free() or await self._connected()
        answer = line.ask(b"%b%d\r\n\r\n%b" % (self._head, len(body), body))
        late = asyncio.get_running_loop().call_later(seconds, line.fail, TimeoutError())
        try:
            return await answer
        finally:
            late.cancel()
            if line.reusable and line.open and len(self._idle) < _IDLE:
                self._idle.append(line)
            else:
                line.close()

    def close(self) -> None:
        """Close the connections that nobody uses."""
        while self._idle:
            self._idle.pop().close()

    def _free(self) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.open:
                return line
        return None

    async def _connected(self) -> _Line:
        loop = asyncio.get_running_loop()
        try:
            _, line = await loop.create_connection(_Line, self._host, self._port)
        except OSError as error:
            raise aiohttp.ClientConnectionError(str(error)) from error
        return line
