"""What a form of a request asks, put to whoever decides: an administrator, or an owner by a mail link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from portal.console.pages import words
from portal.forms.fields import Broken, line, read_fields
from portal.forms.refusals import RefusedError
from portal.keys import PARTS, TURNS
from recovery_core.errors import RecoveryError, WrongError
from recovery_core.people.listing import RequestView
from recovery_core.people.tickets import Reason, Ticket

REASONS = (Reason.NOT_MATCHED, Reason.NOT_AUTHORISED, Reason.LEFT_COMPANY, Reason.OTHER)
"""The reasons that an approver may give; the others belong to documents or to the core."""
_MAX_REASON = 500
_FIELDS = {"reason_missing": "reason", "own_account": "request"}
_EXPLAINED = frozenset({"reason_missing", "own_account", "still_disabled", "not_disabled", "wants_enabling"})


class Decider(Protocol):
    """Who decides; raises what :mod:`recovery_core.people.deciding` raises."""

    async def approve(self, ticket_id: str, number: str) -> Ticket:
        """Approve by the number that the person was shown."""
        ...

    async def enable(self, ticket_id: str, reason: str) -> Ticket:
        """Enable the account."""
        ...

    async def refuse(self, ticket_id: str, reason: Reason) -> Ticket:
        """Refuse the request."""
        ...


@dataclass(frozen=True, slots=True)
class NotDone:
    """Why the decision was not taken, and what was typed."""

    broken: Broken
    typed: str = ""
    status: int = 422


def page_of(view: RequestView) -> dict[str, Any]:
    """Return what the page of one request needs; a refusal may add to it."""
    return {"view": view, "ticket": view.ticket, "reasons": REASONS, "broken": (), "typed": ""}


async def act_on(request: web.Request, decider: Decider, ticket_id: str) -> NotDone | None:
    """Carry out what the form asks and wake the person's chat; return what is to be put right, if any."""
    fields = await read_fields(request)
    try:
        ticket = await _decide(decider, ticket_id, fields)
    except WrongError as wrong:
        left = wrong.tries_left or 0
        if not left:
            await wake(request, ticket_id)
            return None
        text = words(request)("admin.broken.match_number", tries=left)
        return NotDone(Broken("match_number", text, "number"))
    except RecoveryError as error:
        if error.code not in _EXPLAINED:
            raise
        text = words(request)(f"admin.broken.{error.code}")
        typed = fields.get("reason", "")[:_MAX_REASON]
        return NotDone(Broken(error.code, text, _FIELDS.get(error.code, "number")), typed)
    request.app[TURNS].wake(ticket.conversation_id)
    return None


async def wake(request: web.Request, ticket_id: str) -> None:
    """Let the chat of the ticket's person show what is new."""
    async with request.app[PARTS].work.reading() as work:
        ticket = await work.tickets.get(ticket_id)
    if ticket is not None:
        request.app[TURNS].wake(ticket.conversation_id)


async def _decide(decider: Decider, ticket_id: str, fields: dict[str, str]) -> Ticket:
    match fields.get("action"):
        case "approve":
            return await decider.approve(ticket_id, line(fields, "number"))
        case "enable":
            return await decider.enable(ticket_id, fields.get("reason", "")[:_MAX_REASON])
        case "refuse" if fields.get("refusal") in set(REASONS):
            return await decider.refuse(ticket_id, Reason(fields["refusal"]))
    raise RefusedError(400, "bad_request")
