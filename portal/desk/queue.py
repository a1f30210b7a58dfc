"""The queue of the desk: by priority, due time and age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from portal.console.pages import page_number, words
from portal.desk.guard import render, shown, streamed
from portal.desk.times import due, span
from portal.keys import PARTS
from recovery_core.cases.parts import Parts
from recovery_core.people import desk
from recovery_core.people.operators import Operator
from recovery_core.people.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket in the queue."""

    ticket: Ticket
    due: str
    late: bool
    age: str
    assignee: str


@shown
async def show(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk: the open tickets, ``?page=`` by page."""
    found = await desk.queue(request.app[PARTS], agent.id, page_number(request))
    listed = await rows(request, found.items)
    return render(request, agent, "queue.html", rows=listed, found=found, page="queue")


async def to_queue(request: web.Request) -> web.StreamResponse:
    """GET /desk/: the same page without the slash."""
    del request
    return web.Response(status=308, headers={"Location": "/desk"})


@streamed
async def here(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/here: somebody moves at the desk; the look counts as a use, which open streams are not."""
    del request, agent
    return web.Response(status=204)


async def rows(request: web.Request, tickets: Sequence[Ticket]) -> list[Row]:
    """Return the tickets in words."""
    parts, t = request.app[PARTS], words(request)
    named, now = await names(parts, tickets), parts.clock.now()
    return [
        Row(
            ticket=ticket,
            due=due(ticket.due_at, now, t),
            late=now >= ticket.due_at,
            age=span(now - ticket.created_at, t),
            assignee=named.get(ticket.assignee or "", ""),
        )
        for ticket in tickets
    ]


async def names(parts: Parts, tickets: Sequence[Ticket]) -> Mapping[str, str]:
    """Return the names of the agents who work on *tickets*."""
    if not any(ticket.assignee for ticket in tickets):
        return {}
    async with parts.work.reading() as work:
        return {agent.id: agent.display_name for agent in await work.operators.agents()}
