"""The conversation of the browser that comes by a mail link or with a return code."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.forms.pages import page_language
from portal.forms.refusals import RefusedError
from portal.keys import LIMITS
from recovery_core.conversations.conversation import Conversation
from recovery_core.conversations.language import Language


async def own_conversation(request: web.Request) -> tuple[Conversation, str | None]:
    """Return the browser's conversation; a new one, with the token to hand over, if it has none."""
    conversation = await sessions.conversation_of(request)
    if conversation is not None:
        return conversation, None
    wait = await request.app[LIMITS].hit("sessions_per_client", sessions.client_key(request))
    if wait:
        raise RefusedError(429, "too_fast", wait)
    return await sessions.begin(request, Language(page_language(request)))


def hand_over(request: web.Request, response: web.Response, token: str | None) -> web.Response:
    """Give the browser the token of a conversation that was begun for it."""
    if token is not None:
        sessions.hand_over(request, response, token)
    return response
