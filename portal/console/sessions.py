"""The operator's side of a console: a random token in an HttpOnly cookie, its keyed hash in the store."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiohttp import web

from portal.console.pages import SIGNED, console_of, guarded
from portal.keys import PARTS, SITE
from portal.sessions import client_key
from recovery_core.people import signing_in
from recovery_core.people.guessing import DEVICE_LIFE, Browser, device_token
from recovery_core.people.operators import Console, Operator
from recovery_core.people.signing_in import NotFreshError, NotSignedInError, ReadOnlyError
from recovery_core.people.standing import LONGEST, Signed, Step, standing

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def cookie_name(request: web.Request) -> str:
    """Return the name of this console's cookie: with ``__Host-`` wherever the site is on HTTPS.

    Each console has a cookie of its own, so that somebody who is administrator and agent can be both at once.
    """
    name = f"rekey-{console_of(request).value}"
    return f"__Host-{name}" if request.app[SITE].secure else name


def token_of(request: web.Request) -> str:
    """Return the token that the browser holds, empty if it holds none."""
    return request.cookies.get(cookie_name(request), "")


def hand_over(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Give the browser its token; scripts cannot read it and other sites cannot send it."""
    _set_cookie(request, response, cookie_name(request), token, LONGEST)


def known_browser(request: web.Request) -> Browser:
    """Return where the request comes from, and whether its browser says that it has been here before."""
    return Browser(client_key(request), request.cookies.get(_device_cookie(request), ""))


def remember(request: web.Request, response: web.StreamResponse, name: str) -> None:
    """Mark the browser as one that *name* has signed in with: strangers' guesses do not shut it out (R15)."""
    token = device_token(request.app[PARTS], console_of(request), name)
    _set_cookie(request, response, _device_cookie(request), token, DEVICE_LIFE)


def _set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: str, life: timedelta
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(life.total_seconds()),
        path="/",
        httponly=True,
        samesite="Lax",
        secure=request.app[SITE].secure,
    )


def _device_cookie(request: web.Request) -> str:
    return f"{cookie_name(request)}-known"


def forget(request: web.Request, response: web.StreamResponse) -> None:
    """Take the token from the browser."""
    response.del_cookie(
        cookie_name(request), path="/", httponly=True, samesite="Lax", secure=request.app[SITE].secure
    )


async def signed_of(request: web.Request, console: Console) -> Signed | None:
    """Return how the browser stands at *console*, None if it gave no password; counts as a use."""
    if SIGNED not in request:
        token = token_of(request)
        request[SIGNED] = await standing(request.app[PARTS], console, token) if token else None
    signed = request[SIGNED]
    return signed if signed is not None and signed.operator.console is console else None


async def operator_of(request: web.Request, console: Console) -> Operator | None:
    """Return the operator who is signed in at *console* with both factors, None if nobody is."""
    signed = await signed_of(request, console)
    return signed.operator if signed is not None and signed.step is Step.INSIDE else None


def signed(request: web.Request) -> Signed:
    """Return how the browser stands, in a handler behind :func:`require_operator`."""
    found = request[SIGNED]
    if found is None:
        raise NotSignedInError
    return found


def may_decide(request: web.Request, *, fresh: bool) -> None:
    """Return if this browser may decide now; raises ReadOnlyError, or NotFreshError if *fresh* is asked."""
    found = signed(request)
    if found.read_only_until is not None:
        raise ReadOnlyError
    if fresh and not found.fresh:
        raise NotFreshError


def require_operator(console: Console, *, fresh: bool = False) -> Callable[[Handler], Handler]:
    """Let only signed-in operators of *console* in; with *fresh*, only with a young second proof.

    Others are sent to the page that asks for what is missing, and come back afterwards. Limits, origin and
    pages for the core's refusals are included.
    """

    def wrap(handler: Handler) -> Handler:
        @guarded
        @functools.wraps(handler)
        async def admitted(request: web.Request) -> web.StreamResponse:
            if await operator_of(request, console) is None:
                raise NotSignedInError
            if fresh:
                may_decide(request, fresh=True)
            return await handler(request)

        return admitted

    return wrap


async def sign_out(request: web.Request, response: web.StreamResponse) -> None:
    """End the browser's session."""
    await signing_in.sign_out(request.app[PARTS], token_of(request))
    forget(request, response)
