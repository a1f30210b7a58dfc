"""The chat API: a session, messages in, replies out."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from portal import sessions
from portal.channels.port import Kind, NotReadableError
from portal.channels.web import event_of
from portal.chat.body import BadRequestError, json_object
from portal.chat.replies import to_person
from portal.chat.writing import Side
from portal.keys import HEALTH, LIMITS, PARTS, SITE, TEXTS, TURNS
from portal.language import preferred
from portal.problems import problem
from recovery_core.cases import hearing, resuming
from recovery_core.conversations.conversation import Conversation, LineKind, Said
from recovery_core.conversations.language import Language
from recovery_core.conversations.text import MAX_TEXT, fold
from recovery_core.errors import MustWaitError, WrongError

WAIT_SECONDS = 20.0
"""How long ``?wait=1`` waits for the answer; the answer itself is never lost."""
MAX_KEY = 100
"""Characters that are read of a reference or a resume secret."""


async def begin_session(request: web.Request) -> web.Response:
    """POST /api/chat/session: a new conversation for this browser, or an old case resumed in it (R13)."""
    wait = await request.app[LIMITS].hit("sessions_per_client", sessions.client_key(request))
    if wait:
        return _too_fast(request, wait)
    body = await json_object(request)
    resume = body.get("resume")
    if resume is not None and not _is_resume(resume):
        raise BadRequestError
    conversation, token = await sessions.begin(request, _language(request, body.get("language")))
    if resume:
        refused = await _resume(request, conversation, resume)
        if refused is not None:
            return refused
    else:
        await _greet(request, conversation)
    response = web.json_response(_session(request, conversation), status=201)
    sessions.hand_over(request, response, token)
    return response


async def post_message(request: web.Request) -> web.Response:
    """POST /api/chat/messages: one text or one pressed button, once per Idempotency-Key."""
    conversation = await sessions.conversation_of(request)
    if conversation is None:
        return problem(request, 401, "no_session", "gateway.no_session")
    refused = await _limit(request, conversation)
    if refused is not None:
        return refused
    message_id = request.headers.get("Idempotency-Key") or request.app[PARTS].entropy.token(128)
    taken = await _take(request, conversation, message_id)
    if isinstance(taken, web.Response):
        return taken
    request.app[TURNS].writing.hear(conversation.id, Side.PERSON, on=False)
    request.app[TURNS].wake(conversation.id, taken)
    if request.query.get("wait") != "1":
        await request.app[PARTS].work.settle()
        return web.json_response({"id": message_id}, status=202)
    return await _replies(request, conversation.id, message_id)


def _language(request: web.Request, given: object) -> Language:
    return Language(given) if isinstance(given, str) and given in set(Language) else preferred(request)


async def _take(
    request: web.Request, conversation: Conversation, message_id: str
) -> web.Response | Said | None:
    """Store what was sent: return the line if that is known, or why it was refused."""
    parts, client = request.app[PARTS], sessions.client_key(request)
    body = await json_object(request)
    try:
        event = event_of(body, conversation.id, message_id)
    except NotReadableError:
        raise BadRequestError from None
    if len(event.text or "") > MAX_TEXT:
        return problem(request, 413, "too_long", "gateway.too_long")
    try:
        if event.kind is Kind.BUTTON:
            return await hearing.press_button(parts, conversation, message_id, event.button or "", client)
        return await hearing.hear(parts, conversation, message_id, event.text or "", client)
    except hearing.UnknownButtonError as error:
        return problem(request, 422, error.code, "gateway.bad_button")
    except hearing.EmptyTextError as error:
        return problem(request, 422, error.code, "gateway.empty")


async def _replies(request: web.Request, conversation_id: str, message_id: str) -> web.Response:
    parts, texts, turns = request.app[PARTS], request.app[TEXTS], request.app[TURNS]
    conversation, lines = await turns.replies(conversation_id, message_id, WAIT_SECONDS)
    language = conversation.language.value if conversation else "en"
    body = orjson.dumps({"replies": [to_person(parts, texts, line, language) for line in lines]})
    return web.Response(body=body, content_type="application/json", charset="utf-8")


async def _limit(request: web.Request, conversation: Conversation) -> web.Response | None:
    limits = request.app[LIMITS]
    wait = await limits.hit("messages_per_conversation", conversation.id)
    wait = wait or await limits.hit("messages_per_client", sessions.client_key(request))
    return _too_fast(request, wait) if wait else None


def _too_fast(request: web.Request, wait: int) -> web.Response:
    return problem(request, 429, "too_fast", "gateway.too_fast", headers={"Retry-After": str(wait)})


def _is_resume(given: object) -> bool:
    return isinstance(given, dict) and all(isinstance(given.get(k), str) for k in ("reference", "secret"))


async def _resume(
    request: web.Request, conversation: Conversation, given: dict[str, str]
) -> web.Response | None:
    parts, client = request.app[PARTS], sessions.client_key(request)
    reference = fold(given["reference"][:MAX_KEY]).text.strip().upper()
    secret = fold(given["secret"][:MAX_KEY]).text
    async with parts.work.reading() as work:
        before = await work.cases.by_reference(reference)
    try:
        await resuming.resume(parts, conversation.id, client, reference, secret)
    except MustWaitError as error:
        return _too_fast(request, int(error.retry_after.total_seconds()))
    except WrongError:
        return problem(request, 422, "resume_wrong", "gateway.resume_wrong")
    for told in {conversation.id, before.conversation_id if before else conversation.id}:
        request.app[TURNS].wake(told)
    return None


async def _greet(request: web.Request, conversation: Conversation) -> None:
    parts = request.app[PARTS]
    hello, number = {"kind": "text", "key": "gateway.hello"}, f"hello-{parts.entropy.token(128)}"
    async with parts.work() as work:
        await work.conversations.append(conversation.id, LineKind.REPLY, number, hello, parts.clock.now())
        await work.commit()


def _session(request: web.Request, conversation: Conversation) -> dict[str, Any]:
    language = conversation.language.value
    down = request.app[HEALTH].sender_down()
    banner = request.app[TEXTS].text("gateway.outage_banner", language) if down else None
    return {"language": language, "banner": banner, "demo": request.app[SITE].demo, "mode": "bot"}
