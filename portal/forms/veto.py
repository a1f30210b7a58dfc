"""The pages of "this was not me": by the link of a notice, or by the code of an SMS (R12)."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.forms.fields import Broken, line, read_fields
from portal.forms.pages import page, render, words
from portal.keys import PARTS, TURNS
from recovery_core.cases import vetoing
from recovery_core.cases.parts import Parts
from recovery_core.errors import WrongError
from recovery_core.notices.telling import veto_hash
from recovery_core.people import takeover


@page
async def show(request: web.Request) -> web.StreamResponse:
    """GET /not-me/<token>: show the button and change nothing."""
    await vetoing.look(request.app[PARTS], request.match_info["token"])
    return render(request, "veto.html")


@page
async def act(request: web.Request) -> web.StreamResponse:
    """POST /not-me/<token>: use the veto, once."""
    token = request.match_info["token"]
    await vetoing.look(request.app[PARTS], token)
    await read_fields(request)
    outcome = await takeover.veto(request.app[PARTS], token)
    return await _result(request, outcome, veto_hash(request.app[PARTS].keyed, token, by_sms=False))


@page
async def show_code(request: web.Request) -> web.StreamResponse:
    """GET /not-me: ask for the code of the SMS."""
    return render(request, "veto_code.html", broken=())


@page
async def act_code(request: web.Request) -> web.StreamResponse:
    """POST /not-me: use the veto of the code."""
    fields = await read_fields(request)
    code = line(fields, "veto_code")
    if not code:
        return _refused(request, "veto_missing")
    try:
        outcome = await takeover.veto_by_code(request.app[PARTS], sessions.client_key(request), code)
    except WrongError:
        return _refused(request, "veto_wrong")
    typed = "".join(code.split()).replace("-", "").upper()
    return await _result(request, outcome, veto_hash(request.app[PARTS].keyed, typed, by_sms=True))


async def _result(request: web.Request, outcome: vetoing.VetoOutcome, hashed: str) -> web.Response:
    conversation_id = await _conversation(request.app[PARTS], hashed)
    if conversation_id:
        request.app[TURNS].wake(conversation_id)
    return render(request, "vetoed.html", outcome=outcome.value)


async def _conversation(parts: Parts, hashed: str) -> str | None:
    """Return the conversation of the vetoed case, which is told that it was stopped."""
    async with parts.work() as work:
        found = await work.vetoes.by_token_hash(hashed)
        case = await work.cases.lock(found.case_id) if found else None
    return case.conversation_id if case else None


def _refused(request: web.Request, code: str) -> web.Response:
    broken = (Broken(code, words(request)(f"form.veto.{code}"), "veto_code"),)
    return render(request, "veto_code.html", status=422, broken=broken)
