"""The requests of the owner's domain and the decision on one; opening the link changes nothing."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from portal.admin.deciding import REASONS, Decider, NotDone, act_on
from portal.console.pages import guarded, page_number, render
from portal.forms.fields import read_fields
from portal.keys import PARTS
from recovery_core.people import deciding, listing
from recovery_core.people.tickets import Reason, Ticket


class _Owner(Decider):
    """Decides as the owner whose mail holds the link."""

    def __init__(self, request: web.Request) -> None:
        self._parts = request.app[PARTS]
        self._token = request.match_info["token"]

    async def approve(self, ticket_id: str, number: str) -> Ticket:
        """Approve."""
        return await deciding.approve_by_link(self._parts, self._token, ticket_id, number)

    async def enable(self, ticket_id: str, reason: str) -> Ticket:
        """Enable."""
        return await deciding.enable_by_link(self._parts, self._token, ticket_id, reason)

    async def refuse(self, ticket_id: str, reason: Reason) -> Ticket:
        """Refuse."""
        return await deciding.refuse_by_link(self._parts, self._token, ticket_id, reason)


@guarded
async def show(request: web.Request) -> web.StreamResponse:
    """GET /owner/<token>: the open requests of the owner's domain."""
    return await _page(request)


@guarded
async def act(request: web.Request) -> web.StreamResponse:
    """POST /owner/<token>: approve by number, enable or refuse one of them."""
    ticket_id = (await read_fields(request)).get("ticket", "")
    refused = await act_on(request, _Owner(request), ticket_id)
    if refused is not None:
        return await _page(request, refused, ticket_id)
    raise web.HTTPSeeOther(request.path_qs)


async def _page(request: web.Request, refused: NotDone | None = None, about: str = "") -> web.Response:
    """Return the page; a refusal stands at the form that was sent."""
    token = request.match_info["token"]
    found = await listing.owner_requests(request.app[PARTS], token, page_number(request))
    broken = (replace(refused.broken, field=f"{refused.broken.field}-{about}"),) if refused else ()
    return render(
        request,
        "owner/requests.html",
        status=refused.status if refused else 200,
        found=found,
        requests=found.items,
        reasons=REASONS,
        broken=broken,
        typed=refused.typed if refused else "",
        about=about,
    )
