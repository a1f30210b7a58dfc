"""The requests that an administrator sees, and the decision on one."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from portal.admin.deciding import Decider, act_on, page_of
from portal.console.pages import page_number, render
from portal.console.sessions import may_decide, require_operator, signed
from portal.keys import PARTS
from recovery_core.people import deciding, listing
from recovery_core.people.operators import Console
from recovery_core.people.tickets import Reason, Ticket


class _Administrator(Decider):
    """Decides as the administrator who is signed in."""

    def __init__(self, request: web.Request) -> None:
        self._request = request
        self._parts = request.app[PARTS]
        self._id = signed(request).operator.id

    async def approve(self, ticket_id: str, number: str) -> Ticket:
        """Approve, with a young second proof."""
        may_decide(self._request, fresh=True)
        return await deciding.approve(self._parts, self._id, ticket_id, number)

    async def enable(self, ticket_id: str, reason: str) -> Ticket:
        """Enable, with a young second proof."""
        may_decide(self._request, fresh=True)
        return await deciding.enable(self._parts, self._id, ticket_id, reason)

    async def refuse(self, ticket_id: str, reason: Reason) -> Ticket:
        """Refuse."""
        may_decide(self._request, fresh=False)
        return await deciding.refuse(self._parts, self._id, ticket_id, reason)


@require_operator(Console.ADMIN)
async def show_all(request: web.Request) -> web.StreamResponse:
    """GET /admin: the open requests, in queue order, ``?page=`` by page."""
    found = await listing.requests(request.app[PARTS], signed(request).operator.id, page_number(request))
    return render(request, "admin/list.html", found=found, requests=found.items, **_limits(request))


@require_operator(Console.ADMIN)
async def show(request: web.Request) -> web.StreamResponse:
    """GET /admin/requests/<id>: one request with what is needed to decide it."""
    return await _page(request)


@require_operator(Console.ADMIN)
async def act(request: web.Request) -> web.StreamResponse:
    """POST /admin/requests/<id>: approve by number, enable or refuse."""
    ticket_id = request.match_info["ticket"]
    refused = await act_on(request, _Administrator(request), ticket_id)
    if refused is not None:
        return await _page(request, refused.status, broken=(refused.broken,), typed=refused.typed)
    raise web.HTTPSeeOther(request.path)


async def _page(request: web.Request, status: int = 200, **context: object) -> web.Response:
    """Return the page of the request; raises UnknownError for another domain's, which is audited."""
    parts, operator = request.app[PARTS], signed(request).operator
    view = await listing.request(parts, operator.id, request.match_info["ticket"])
    given: dict[str, Any] = page_of(view) | _limits(request) | context
    return render(request, "admin/request.html", status=status, **given)


def _limits(request: web.Request) -> dict[str, Any]:
    """Return what limits the decisions of this browser."""
    found = signed(request)
    return {"fresh": found.fresh, "read_only_until": found.read_only_until}
