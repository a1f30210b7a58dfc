"""The person's side of typing: told to whoever answers at the desk, never stored."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.chat.body import BadRequestError, json_object
from portal.chat.writing import Side
from portal.keys import LIMITS, TURNS
from portal.problems import problem
from recovery_core.conversations.conversation import Mode


async def post_typing(request: web.Request) -> web.Response:
    """POST /api/chat/typing: the person is writing to a person; nothing is stored."""
    conversation = await sessions.conversation_of(request)
    if conversation is None:
        return problem(request, 401, "no_session", "gateway.no_session")
    wait = await request.app[LIMITS].hit("typing_per_conversation", conversation.id)
    if wait:
        return problem(request, 429, "too_fast", "gateway.too_fast", headers={"Retry-After": str(wait)})
    on = (await json_object(request)).get("on")
    if not isinstance(on, bool):
        raise BadRequestError
    if conversation.mode is Mode.HUMAN:
        request.app[TURNS].writing.hear(conversation.id, Side.PERSON, on=on)
    return web.Response(status=204)
