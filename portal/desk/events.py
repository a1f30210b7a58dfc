"""Server-sent events of the desk: the queue as it changes, and the talk of one ticket as it grows."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from portal.chat.news import wait
from portal.chat.writing import Side
from portal.console.pages import page_number, words
from portal.desk.guard import still_inside, streamed
from portal.desk.lines import one
from portal.desk.queue import rows
from portal.desk.queue_news import QUEUE
from portal.desk.watching import BATCH, Talk, look
from portal.keys import PAGES, PARTS, TURNS
from recovery_core.errors import RecoveryError
from recovery_core.people import desk
from recovery_core.people.operators import Operator

QUEUE_SECONDS = 2.0
"""How often the queue is read again: tickets also come from the assistant's actions and from sweeps."""
TALK_SECONDS = 2.0
"""The same for a ticket that changes without a word in its conversation; words come at once."""


@streamed
async def of_queue(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/events: the rows of one page of the queue, whenever they change."""
    number = page_number(request)
    response = await _begin(request)
    news, last = request.app[TURNS].news, ""
    with contextlib.suppress(ConnectionError, RecoveryError), news.listen(QUEUE) as event:
        while not _closing(request) and await still_inside(request):
            event.clear()
            html = await _rows(request, agent, number)
            if html != last:
                last = html
                await _send(response, "queue", {"html": html})
            else:
                await response.write(b": here\n\n")
            await wait(event, QUEUE_SECONDS)
    return response


@streamed
async def of_ticket(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/tickets/<id>/events: lines after ``Last-Event-ID`` or ``since``, typing, and the state."""
    ticket_id, parts = request.match_info["ticket"], request.app[PARTS]
    talk = await look(parts, agent.id, ticket_id, 0, lines=False)
    response = await _begin(request)
    with contextlib.suppress(ConnectionError, RecoveryError):
        await _Watch(request, response, agent).run(talk, _since(request))
    return response


class _Watch:
    """One open ticket page."""

    def __init__(self, request: web.Request, response: web.StreamResponse, agent: Operator) -> None:
        self._request = request
        self._response = response
        self._agent = agent
        self._told: Mapping[str, Any] | None = None

    async def run(self, talk: Talk, seq: int) -> None:
        """Write until the browser leaves or the agent loses the right; follows the case to other devices."""
        app, ticket_id = self._request.app, talk.ticket.id
        while not _closing(self._request) and await still_inside(self._request):
            with app[TURNS].news.listen(talk.conversation_id) as event:
                heard = talk.conversation_id
                while heard == talk.conversation_id and not _closing(self._request):
                    if not await still_inside(self._request):
                        return
                    event.clear()
                    talk = await look(app[PARTS], self._agent.id, ticket_id, seq)
                    seq = await self._write(talk, seq)
                    if len(talk.lines) < BATCH and heard == talk.conversation_id:
                        await wait(event, TALK_SECONDS)
                        await self._response.write(b": here\n\n")

    async def _write(self, talk: Talk, seq: int) -> int:
        t = words(self._request)
        for line in talk.lines:
            seq = line.seq
            await _send(self._response, "line", one(line, t).as_event(), seq)
        writing = self._request.app[TURNS].writing.now(talk.conversation_id, Side.PERSON)
        told = {
            "state": talk.ticket.state.value,
            "assignee": talk.ticket.assignee,
            "version": talk.ticket.version,
            "mode": talk.conversation.mode.value if talk.conversation else "bot",
            "typing": writing,
        }
        if told != self._told:
            self._told = told
            await _send(self._response, "state", told)
        return seq


async def _rows(request: web.Request, agent: Operator, number: int) -> str:
    template = request.app[PAGES].get_template("desk/queue_rows.html")
    found = await desk.queue(request.app[PARTS], agent.id, number)
    return template.render(t=words(request), rows=await rows(request, found.items))


async def _begin(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    response.headers["X-Accel-Buffering"] = "no"
    await response.prepare(request)
    await response.write(b"retry: 1000\n\n")
    return response


async def _send(
    response: web.StreamResponse, event: str, data: Mapping[str, Any], seq: int | None = None
) -> None:
    number = f"id: {seq}\n" if seq is not None else ""
    await response.write(f"{number}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode())


def _closing(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _since(request: web.Request) -> int:
    given = request.headers.get("Last-Event-ID") or request.query.get("since", "0")
    return int(given) if given.isdecimal() and given.isascii() and len(given) < 19 else 0  # noqa: PLR2004
