"""The page after the last form: what was reached, and the way back to the chat."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.forms.pages import page, render
from portal.keys import PARTS
from recovery_core.cases.flow import State

_REACHED = {State.COMPLETED: "completed", State.ESCALATED: "escalated", State.CHALLENGED: "challenged"}


@page
async def show(request: web.Request) -> web.StreamResponse:
    """GET /back: say how the conversation's case stands."""
    conversation = await sessions.conversation_of(request)
    reached = "other"
    if conversation is not None:
        async with request.app[PARTS].work.reading() as work:
            case = await work.cases.current(conversation.id)
        reached = _REACHED.get(case.state, "other") if case else "other"
    return render(request, "back.html", reached=reached)
