"""The page of a mail link: opening changes nothing, one button proves, the other freezes (R6, R12)."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.forms.browser import hand_over, own_conversation
from portal.forms.fields import Broken, line, read_fields
from portal.forms.opened import go_on, next_page, seen
from portal.forms.pages import page, render, words
from portal.forms.refusals import RefusedError
from portal.keys import PARTS, TURNS
from recovery_core.cases import linking, resuming
from recovery_core.cases.linking import Link
from recovery_core.errors import WrongError
from recovery_core.proofs import secrets
from recovery_core.proofs.methods import Method


@page
async def show(request: web.Request) -> web.StreamResponse:
    """GET /link/<token>: show both buttons and change nothing, because mail scanners open links."""
    return _page(request, await _look(request))


@page
async def act(request: web.Request) -> web.StreamResponse:
    """POST /link/<token>: the pressed button."""
    link = await _look(request)
    fields = await read_fields(request)
    action = fields.get("action")
    if action == "continue":
        return await _press(request, link, line(fields, "reference_tail"))
    if action == "not_me":
        return await _deny(request)
    raise RefusedError(400, "bad_request")


async def _look(request: web.Request) -> Link:
    conversation = await sessions.conversation_of(request)
    token = request.match_info["token"]
    return await linking.look(request.app[PARTS], token, conversation.id if conversation else None)


async def _press(request: web.Request, link: Link, tail: str) -> web.Response:
    if not link.asked_here and not tail:
        return _page(request, link, _broken(request, "tail_missing", link.tries_left))
    parts = request.app[PARTS]
    conversation, token = await own_conversation(request)
    asker = await _asker(request)
    for silent in {conversation.id, asker or conversation.id}:
        await resuming.end_idle_rights(parts, silent)
    try:
        await linking.press(parts, request.match_info["token"], conversation.id, tail)
    except WrongError as wrong:
        left = wrong.tries_left or 0
        return hand_over(request, _page(request, link, _broken(request, "tail_wrong", left)), token)
    async with parts.work() as work:
        await seen(work, request, conversation)
        path = await next_page(work, request, conversation.id)
        await work.commit()
    if asker:
        request.app[TURNS].wake(asker)
    return hand_over(request, go_on(request, conversation.id, path), token)


async def _deny(request: web.Request) -> web.Response:
    case = await linking.deny(request.app[PARTS], request.match_info["token"])
    request.app[TURNS].wake(case.conversation_id)
    return render(request, "vetoed.html", outcome="frozen")


async def _asker(request: web.Request) -> str | None:
    """Return the conversation that asked for the link, which learns when another browser takes the case."""
    parts = request.app[PARTS]
    hashed = secrets.link_hash(parts.keyed, request.match_info["token"])
    async with parts.work() as work:
        challenge = await work.challenges.by_secret_hash(Method.MAIL, hashed)
        case = await work.cases.lock(challenge.case_id) if challenge else None
    return case.conversation_id if case else None


def _page(request: web.Request, link: Link, *broken: Broken) -> web.Response:
    over = any(item.code == "dead" for item in broken)
    status = 422 if broken else 200
    return render(request, "link.html", status=status, asked_here=link.asked_here, broken=broken, over=over)


def _broken(request: web.Request, code: str, left: int) -> Broken:
    if left <= 0:
        return Broken("dead", words(request)("form.link.dead"), "reference_tail")
    return Broken(code, words(request)(f"form.link.{code}", tries_left=left), "reference_tail")
