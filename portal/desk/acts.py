"""What is done with a ticket: one address, the field ``act`` says what; scripts get JSON, forms a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from portal.chat.writing import Side
from portal.console.sessions import may_decide
from portal.desk.guard import acted, as_json, known_code, status_of, wants_json
from portal.desk.queue_news import QUEUE
from portal.desk.ticket import page
from portal.desk.watching import look
from portal.forms.fields import read_fields
from portal.forms.refusals import RefusedError
from portal.keys import PARTS, TURNS
from recovery_core.errors import RecoveryError, UnknownError
from recovery_core.messages import FormPurpose
from recovery_core.people import desk, live, voting
from recovery_core.people.operators import Operator
from recovery_core.people.rights import NoRightError
from recovery_core.people.signing_in import NotFreshError
from recovery_core.people.tickets import Reason

Fields = dict[str, str]
Act = Callable[[web.Request, Operator, str, Fields], Awaitable[object]]


@acted
async def act(request: web.Request, agent: Operator) -> web.StreamResponse:
    """POST /desk/tickets/<id>: do it and show the ticket again; refused: the same page with the reason."""
    fields, ticket_id = await read_fields(request), request.match_info["ticket"]
    done = _ACTS.get(fields.get("act", ""))
    if done is None:
        raise RefusedError(400, "bad_request")
    try:
        await done(request, agent, ticket_id, fields)
    except (NoRightError, UnknownError, NotFreshError):
        raise
    except RecoveryError as error:
        if wants_json(request):
            return as_json(request, error)
        typed = fields.get("text", "")
        return await page(request, agent, status=status_of(error), problem=known_code(error), typed=typed)
    if fields["act"] != "typing":
        await _tell(request, ticket_id)
    if wants_json(request):
        return web.json_response({"ok": True})
    return web.Response(status=303, headers={"Location": request.path_qs})


async def _tell(request: web.Request, ticket_id: str) -> None:
    """Wake the person's chat, the other pages of this ticket and the queue."""
    async with request.app[PARTS].work.reading() as work:
        ticket = await work.tickets.get(ticket_id)
        case = await work.cases.get(ticket.case_id) if ticket else None
    if ticket is not None:
        turns = request.app[TURNS]
        turns.wake(case.conversation_id if case else ticket.conversation_id)
        turns.news.tell(QUEUE)


async def _take(request: web.Request, agent: Operator, ticket_id: str, _: Fields) -> None:
    await desk.take(request.app[PARTS], agent.id, ticket_id)


async def _release(request: web.Request, agent: Operator, ticket_id: str, _: Fields) -> None:
    await desk.release(request.app[PARTS], agent.id, ticket_id)


async def _note(request: web.Request, agent: Operator, ticket_id: str, fields: Fields) -> None:
    await desk.add_note(request.app[PARTS], agent.id, ticket_id, fields.get("text", ""))


async def _close(request: web.Request, agent: Operator, ticket_id: str, _: Fields) -> None:
    await desk.close(request.app[PARTS], agent.id, ticket_id)


async def _refuse(request: web.Request, agent: Operator, ticket_id: str, fields: Fields) -> None:
    reason = _reason(fields)
    if reason is None:
        raise RecoveryError("reason_missing")
    await desk.refuse(request.app[PARTS], agent.id, ticket_id, reason)


async def _vote(request: web.Request, agent: Operator, ticket_id: str, fields: Fields) -> None:
    choice = fields.get("vote")
    if choice not in {"approve", "refuse"}:
        raise RefusedError(400, "bad_request")
    approve = choice == "approve"
    if approve:
        may_decide(request, fresh=True)
    await voting.vote(request.app[PARTS], agent.id, ticket_id, approve, None if approve else _reason(fields))


async def _say(request: web.Request, agent: Operator, ticket_id: str, fields: Fields) -> None:
    await live.say(request.app[PARTS], agent.id, ticket_id, _key(request, fields), fields.get("text", ""))
    await _typing(request, agent, ticket_id, {"on": ""})


async def _offer(request: web.Request, agent: Operator, ticket_id: str, fields: Fields) -> None:
    purpose = fields.get("purpose", "")
    if purpose not in set(FormPurpose):
        raise RefusedError(400, "bad_request")
    key = _key(request, fields)
    await live.offer_form(request.app[PARTS], agent.id, ticket_id, key, FormPurpose(purpose))


async def _give_back(request: web.Request, agent: Operator, ticket_id: str, _: Fields) -> None:
    await live.give_back(request.app[PARTS], agent.id, ticket_id)


async def _typing(request: web.Request, agent: Operator, ticket_id: str, fields: Fields) -> None:
    talk = await look(request.app[PARTS], agent.id, ticket_id, 0, lines=False)
    if talk.ticket.assignee == agent.id:
        on = bool(fields.get("on"))
        request.app[TURNS].writing.hear(talk.conversation_id, Side.AGENT, on=on)


def _reason(fields: Fields) -> Reason | None:
    given = fields.get("reason", "")
    return Reason(given) if given in set(Reason) else None


def _key(request: web.Request, fields: Fields) -> str:
    """Return the browser's own id of what is said: sent twice, it is said once."""
    given = fields.get("key", "")
    usable = 0 < len(given) <= _KEY_LENGTH and given.isascii() and given.isprintable()
    return given if usable else request.app[PARTS].entropy.token(128)


_KEY_LENGTH = 60
_ACTS: dict[str, Act] = {
    "take": _take,
    "release": _release,
    "note": _note,
    "close": _close,
    "refuse": _refuse,
    "vote": _vote,
    "say": _say,
    "offer": _offer,
    "give_back": _give_back,
    "typing": _typing,
}
