"""Coming back to a case: the code to return with is shown once, and entered here (R13)."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.forms.browser import hand_over, own_conversation
from portal.forms.fields import Broken, line, read_fields
from portal.forms.opened import Opened
from portal.forms.pages import page, render, words
from portal.forms.refusals import RefusedError
from portal.keys import LIMITS, PARTS, TURNS
from recovery_core.cases import resuming
from recovery_core.errors import WrongError
from recovery_core.people.matching import shown_number
from recovery_core.people.tickets import OPEN_STATES

_GROUP = 4
_MOST_LINES = 2000


async def show(request: web.Request, opened: Opened) -> web.Response:
    """Offer to draw a return code; drawing one replaces the older."""
    return render(request, "return_code.html", reference=opened.case.reference, secret=None)


async def act(request: web.Request, opened: Opened) -> web.Response:
    """Draw a return code and show it, once."""
    await read_fields(request)
    ticket = await resuming.issue(request.app[PARTS], opened.form.id, opened.conversation.id)
    groups = [ticket.secret[at : at + _GROUP] for at in range(0, len(ticket.secret), _GROUP)]
    numbers = await _numbers(request, opened)
    return render(
        request, "return_code.html", reference=ticket.reference, secret=ticket.secret, groups=groups,
        numbers=numbers,
    )  # fmt: skip


async def _numbers(request: web.Request, opened: Opened) -> list[str]:
    """Return the numbers that whoever decides about the case asks for; a messenger never shows them (R14)."""
    parts = request.app[PARTS]
    async with parts.work.reading() as work:
        tickets = await work.tickets.of_case(opened.case.id)
        lines = await work.conversations.since(opened.conversation.id, 0, _MOST_LINES)
    told = {line.payload.get("ticket") for line in lines}
    return [
        shown_number(parts.keyed, ticket.id)
        for ticket in tickets
        if ticket.id in told and ticket.state in OPEN_STATES
    ]


@page
async def show_resume(request: web.Request) -> web.StreamResponse:
    """GET /resume: ask for the reference and the return code."""
    return render(request, "resume.html", broken=(), reference="")


@page
async def resume(request: web.Request) -> web.StreamResponse:
    """POST /resume: move the case to this browser's conversation."""
    fields = await read_fields(request)
    parts, client = request.app[PARTS], sessions.client_key(request)
    wait = await request.app[LIMITS].hit("resumes_per_client", client)
    if wait:
        raise RefusedError(429, "too_fast", wait)
    reference, secret = line(fields, "reference"), line(fields, "resume_secret")
    if not reference or not secret:
        return _refused(request, reference, "resume_missing")
    conversation, token = await own_conversation(request)
    async with parts.work.reading() as work:
        before = await work.cases.by_reference(reference.upper())
    try:
        await resuming.resume(parts, conversation.id, client, reference, secret)
    except WrongError:
        return hand_over(request, _refused(request, reference, "resume_wrong"), token)
    for conversation_id in {conversation.id, before.conversation_id if before else conversation.id}:
        request.app[TURNS].wake(conversation_id)
    return hand_over(request, web.Response(status=303, headers={"Location": "/"}), token)


def _refused(request: web.Request, reference: str, code: str) -> web.Response:
    broken = (Broken(code, words(request)(f"form.resume.{code}"), "reference"),)
    return render(request, "resume.html", status=422, broken=broken, reference=reference)
