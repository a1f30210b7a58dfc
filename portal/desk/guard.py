"""Who is at the desk, and what becomes of a refusal: a page, or JSON for the scripts of the own pages."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from portal.console import pages
from portal.console.sessions import operator_of, require_operator, signed, token_of
from portal.forms.refusals import RefusedError
from portal.keys import LIMITS, PARTS
from portal.origin import same_origin
from recovery_core.errors import ConflictError, GoneError, RecoveryError, UnknownError
from recovery_core.people.operators import Console, Operator
from recovery_core.people.rights import RIGHTS, NoRightError, Right
from recovery_core.people.signing_in import NotFreshError
from recovery_core.people.standing import Step, find

_KNOWN = frozenset(
    {
        "no_right", "unknown", "taken", "already_decided", "case_over", "own_ticket", "voted_already",
        "reason_missing", "nothing_to_review", "not_yours", "wants_votes", "talk_over", "form_not_possible",
        "empty", "account_gone", "forbidden", "bad_request", "too_large", "too_fast",
    }
)  # fmt: skip
"""Codes with words of their own."""

Handler = Callable[[web.Request, Operator], Awaitable[web.StreamResponse]]
Guarded = Callable[[web.Request], Awaitable[web.StreamResponse]]


def shown(handler: Handler) -> Guarded:
    """Guard a page: who is not signed in is sent to do so, refusals of the core become pages."""

    async def inside(request: web.Request) -> web.StreamResponse:
        return await handler(request, signed(request).operator)

    return functools.wraps(handler)(require_operator(Console.DESK)(inside))


def streamed(handler: Handler) -> Guarded:
    """Guard an event stream: a refusal is a status, so that the browser does not come back for ever."""

    @functools.wraps(handler)
    async def inside(request: web.Request) -> web.StreamResponse:
        agent = await operator_of(request, Console.DESK)
        if agent is None:
            return web.json_response({"code": "signed_out"}, status=401)
        try:
            return await handler(request, agent)
        except RecoveryError as error:
            return as_json(request, error)

    return inside


def acted(handler: Handler) -> Guarded:
    """Guard a POST: signed in, from the own pages, not too fast for one person."""

    @functools.wraps(handler)
    async def inside(request: web.Request) -> web.StreamResponse:
        agent = await operator_of(request, Console.DESK)
        if agent is None:
            return _away(request, "sign-in", 401)
        try:
            await _admit(request, agent)
            return await handler(request, agent)
        except NotFreshError:
            return _away(request, "again", 403)
        except (RecoveryError, RefusedError) as error:
            return refused(request, error)

    return inside


def render(
    request: web.Request,
    agent: Operator,
    template: str,
    *,
    status: int = 200,
    **context: Any,  # noqa: ANN401
) -> web.Response:
    """Return the desk's page *template*; ``may`` tells the agent's rights."""
    may = {right.value for right in (RIGHTS[agent.role] if agent.role else frozenset[Right]())}
    return pages.render(request, f"desk/{template}", status=status, agent=agent, may=may, **context)


def refused(request: web.Request, error: RecoveryError | RefusedError) -> web.Response:
    """Return why it does not go on, as a page or, for scripts, as JSON."""
    if wants_json(request):
        return as_json(request, error)
    code = known_code(error)
    return pages.render(request, "desk/problem.html", status=status_of(error), code=code)


def as_json(request: web.Request, error: RecoveryError | RefusedError) -> web.Response:
    """Return the refusal for a script."""
    code = known_code(error)
    detail = pages.words(request)(f"desk.problem.{code}")
    return web.json_response({"code": code, "detail": detail}, status=status_of(error))


def wants_json(request: web.Request) -> bool:
    """Tell whether a script of the own pages asks, not a form."""
    return request.headers.get("Accept", "") == "application/json"


def status_of(error: RecoveryError | RefusedError) -> int:
    """Return the HTTP status of a refusal."""
    match error:
        case RefusedError():
            return error.status
        case NoRightError():
            return 403
        case UnknownError():
            return 404
        case GoneError() | ConflictError():
            return 409
    return 422


def known_code(error: RecoveryError | RefusedError) -> str:
    """Return the code under which the catalogue explains the refusal."""
    code = "unknown" if isinstance(error, UnknownError) else error.code
    if isinstance(error, ConflictError) and code not in _KNOWN:
        return "taken"
    return code if code in _KNOWN else "other"


async def still_inside(request: web.Request) -> bool:
    """Tell whether the session of an open stream still counts; looking is no use that keeps it alive."""
    parts = request.app[PARTS]
    async with parts.work.reading() as work:
        found = await find(work, parts, Console.DESK, token_of(request))
    return found is not None and found.step is Step.INSIDE


def _away(request: web.Request, page: str, status: int) -> web.Response:
    """Send the browser to sign in or to prove the second factor again; it comes back to this page."""
    way = f"/desk/{page}?{urlencode({'next': request.path})}"
    if wants_json(request):
        return web.json_response({"code": page, "way": way}, status=status)
    return web.Response(status=303, headers={"Location": way})


async def _admit(request: web.Request, agent: Operator) -> None:
    wait = await request.app[LIMITS].hit("desk_per_agent", agent.id)
    if wait:
        raise RefusedError(429, "too_fast", wait)
    if not same_origin(request):
        raise RefusedError(403, "forbidden")
