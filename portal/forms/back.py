"""The page after the last form: what was reached, and the way back to the chat."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.forms import claiming
from portal.forms.pages import page, render
from portal.keys import PARTS
from recovery_core.cases import forms
from recovery_core.cases.flow import State
from recovery_core.conversations.conversation import Conversation
from recovery_core.errors import UnknownError
from recovery_core.work import UnitOfWork

_REACHED = {State.COMPLETED: "completed", State.ESCALATED: "escalated", State.CHALLENGED: "challenged"}


@page
async def show(request: web.Request) -> web.StreamResponse:
    """GET /back: say how the conversation's case stands."""
    reached = "other"
    async with request.app[PARTS].work.reading() as work:
        conversation = await _conversation(work, request)
        if conversation is not None:
            case = await work.cases.current(conversation.id)
            reached = _REACHED.get(case.state, "other") if case else "other"
    return render(request, "back.html", reached=reached)


async def _conversation(work: UnitOfWork, request: web.Request) -> Conversation | None:
    """Return the browser's conversation, or the messenger's whose form it has just used."""
    token = request.query.get("form")
    if not token:
        return await sessions.conversation_of(request)
    try:
        form_id = forms.form_id_of(request.app[PARTS], token)
    except UnknownError:
        return await sessions.conversation_of(request)
    return await claiming.holder(work, request, form_id)
