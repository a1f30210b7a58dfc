"""The audit trail, read only, for those whose role may read it: a list of chains and the links of one."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from portal.desk.guard import render, shown
from portal.forms.refusals import RefusedError
from portal.keys import PARTS
from recovery_core.people import auditing
from recovery_core.people.operators import Operator

_WORDED = frozenset(
    {
        "account", "by", "code", "codes", "console", "count", "file", "kind", "kinds", "method", "methods",
        "number", "page", "reason", "ticket", "why",
    }
)  # fmt: skip
"""What links say, by keys that have words of their own; any other key stands as it is."""


@shown
async def show_chains(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/audit: chains, the one that grew last first; ``?before=`` goes on after one."""
    found = await auditing.chains(request.app[PARTS], agent.id, _after_chain(request))
    full = len(found) == auditing.CHAINS
    last = found[-1].chain if full else None
    older = f"{last.last_at.isoformat()}~{last.name}" if last else None
    return render(request, agent, "audit.html", chains=found, older=older, page="audit")


@shown
async def show_links(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/audit/<chain>: its links, newest first; ``?before=`` a position goes on before it."""
    chain = request.match_info["chain"]
    found = await auditing.trail(request.app[PARTS], agent.id, chain, _before_link(request))
    last = found.links[-1].position
    older = last if last and len(found.links) == auditing.LINKS else None
    return render(
        request, agent, "audit_chain.html", chain=chain, trail=found, known=_WORDED, older=older, page="audit"
    )


def _after_chain(request: web.Request) -> tuple[datetime, str] | None:
    """Return after which chain the list goes on, None for its beginning; raises RefusedError."""
    if "before" not in request.query:
        return None
    at, _, name = request.query["before"].partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise RefusedError(400, "bad_request") from None
    if moment.tzinfo is None:
        raise RefusedError(400, "bad_request")
    return moment, name


def _before_link(request: web.Request) -> int | None:
    """Return before which position the links go on, None for the newest; raises RefusedError."""
    given = request.query.get("before")
    if given is None:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 10):  # noqa: PLR2004
        raise RefusedError(400, "bad_request")
    return int(given)
