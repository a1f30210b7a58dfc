"""Server-sent events: the conversation as it grows, from any point on (``Last-Event-ID``)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from portal import sessions
from portal.chat.news import wait
from portal.chat.replies import to_person
from portal.keys import HEALTH, PARTS, SITE, TEXTS, TURNS
from portal.problems import problem
from recovery_core.conversations.conversation import Conversation, Line, LineKind
from recovery_core.errors import RecoveryError

HEARTBEAT = 15.0
"""Seconds of silence after which a comment keeps proxies from closing the connection."""
BATCH = 200
MOST_STREAMS = 20
"""Open streams of one conversation; more tabs than that are a program that forgets to close them."""


async def events(request: web.Request) -> web.StreamResponse:
    """GET /api/chat/events: every said line and reply after ``Last-Event-ID``, then each new one."""
    conversation = await sessions.conversation_of(request)
    if conversation is None:
        return problem(request, 401, "no_session", "gateway.no_session")
    if request.app[TURNS].news.listeners(conversation.id) >= MOST_STREAMS:
        wait = {"Retry-After": str(int(HEARTBEAT))}
        return problem(request, 429, "too_fast", "gateway.too_fast", headers=wait)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    response.headers["X-Accel-Buffering"] = "no"
    await response.prepare(request)
    await response.write(b"retry: 2000\n\n")
    # A stream that has begun cannot become a problem document: it ends, and the browser comes back.
    with contextlib.suppress(ConnectionError, RecoveryError):
        await _Stream(request, response, conversation).run(_last_id(request))
    return response


class _Stream:
    """One open connection."""

    def __init__(
        self, request: web.Request, response: web.StreamResponse, conversation: Conversation
    ) -> None:
        self._request = request
        self._response = response
        self._conversation = conversation
        self._typing = False
        self._mode: Mapping[str, Any] | None = None

    async def run(self, seq: int) -> None:
        """Write lines until the browser leaves."""
        news = self._request.app[TURNS].news
        with news.listen(self._conversation.id) as event:
            while True:
                event.clear()
                written = await self._write_since(seq)
                if written is None:
                    return
                seq, more = written
                if not more:
                    await wait(event, HEARTBEAT)
                    await self._response.write(b": here\n\n")

    async def _write_since(self, seq: int) -> tuple[int, bool] | None:
        app, conversation_id = self._request.app, self._conversation.id
        async with app[PARTS].work.reading() as work:
            conversation = await work.conversations.get(conversation_id)
            lines = await work.conversations.since(conversation_id, seq, BATCH)
        if conversation is None:
            return None
        await self._say_mode(conversation)
        if any(line.kind is LineKind.SAID for line in lines):
            await app[PARTS].work.settle()  # a page forgets what it sent as soon as it comes back
        for line in lines:
            seq = line.seq
            await self._write(line, conversation.language.value)
        await self._say_typing(on=app[TURNS].typing(conversation_id))
        return seq, len(lines) == BATCH

    async def _write(self, line: Line, language: str) -> None:
        if line.kind is LineKind.REPLY:
            app = self._request.app
            await self._send("reply", to_person(app[PARTS], app[TEXTS], line, language), line.seq)
            return
        payload = line.payload
        said = {"id": str(line.seq), "text": payload.get("text"), "client": payload.get("client")}
        await self._send("said", said | {"button": payload.get("button")}, line.seq)

    async def _say_mode(self, conversation: Conversation) -> None:
        app = self._request.app
        down = app[HEALTH].sender_down()
        banner = app[TEXTS].text("gateway.outage_banner", conversation.language) if down else None
        mode = {"mode": conversation.mode, "banner": banner, "demo": app[SITE].demo}
        if mode != self._mode:
            self._mode = mode
            await self._send("mode", mode, None)

    async def _say_typing(self, *, on: bool) -> None:
        if on != self._typing:
            self._typing = on
            await self._send("typing", {"on": on}, None)

    async def _send(self, event: str, data: Mapping[str, Any], seq: int | None) -> None:
        number = f"id: {seq}\n" if seq is not None else ""
        body = json.dumps(data, ensure_ascii=False)
        await self._response.write(f"{number}event: {event}\ndata: {body}\n\n".encode())


def _last_id(request: web.Request) -> int:
    given = request.headers.get("Last-Event-ID", "0")
    return int(given) if given.isdecimal() and len(given) < 19 else 0  # noqa: PLR2004  a 64-bit number
