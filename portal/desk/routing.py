"""The addresses of the desk."""

from __future__ import annotations

from aiohttp import web

from portal.console import sign_in
from portal.desk import acts, audit, events, overview, papers, queue, ticket
from recovery_core.people.operators import Console

_ID = "[A-Za-z0-9_-]{1,100}"
_TICKET = f"/desk/tickets/{{ticket:{_ID}}}"
_PAGE = f"/desk/evidence/{{file:{_ID}}}/{{page:[0-9]{{1,3}}}}"


def routes() -> list[web.RouteDef]:
    """Return all routes; the pages of signing in are the consoles' own."""
    return [
        *sign_in.routes(Console.DESK),
        web.get("/desk", queue.show),
        web.get("/desk/", queue.to_queue),
        web.get("/desk/events", events.of_queue),
        web.get("/desk/here", queue.here),
        web.get("/desk/overview", overview.show),
        web.get("/desk/overview/recovery.svg", overview.plot),
        web.get("/desk/audit", audit.show_chains),
        web.get(f"/desk/audit/{{chain:{_ID}}}", audit.show_links),
        web.get(_TICKET, ticket.show),
        web.post(_TICKET, acts.act),
        web.get(f"{_TICKET}/events", events.of_ticket),
        web.get(f"{_TICKET}/papers/{{file:{_ID}}}/{{page:[0-9]{{1,3}}}}", papers.show_page),
        web.get(_PAGE, papers.show),
    ]
