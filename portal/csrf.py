"""The hidden field of each form: a keyed hash of a cookie, which no other site can read, and of the path."""

from __future__ import annotations

from aiohttp import web

from portal import sessions
from portal.keys import PARTS, SITE

FIELD = "csrf"
COOKIE_LIFE = 12 * 3600
"""Seconds that the cookie of a browser without a conversation lives."""
_NEW: web.RequestKey[str] = web.RequestKey("csrf_new")


def anonymous_cookie(request: web.Request) -> str:
    """Return the name of the cookie for pages that work without a conversation."""
    return "__Host-rekey-form" if request.app[SITE].secure else "rekey-form"


def issue(request: web.Request, path: str | None = None) -> str:
    """Return the value of the hidden field for *path*, by default the requested page."""
    held = holders(request)
    if not held:
        request[_NEW] = request.get(_NEW) or request.app[PARTS].entropy.token(128)
        held = [request[_NEW]]
    return request.app[PARTS].keyed.of("csrf", held[0], path or request.path)


def attach(request: web.Request, response: web.Response) -> None:
    """Give the browser the cookie that :func:`issue` drew for it, if it drew one."""
    if token := request.get(_NEW):
        response.set_cookie(
            anonymous_cookie(request),
            token,
            max_age=COOKIE_LIFE,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=request.app[SITE].secure,
        )


def valid(request: web.Request, given: str) -> bool:
    """Tell whether *given* was issued for this path to a holder of one of the request's cookies.

    Either cookie counts: a conversation may have begun in another tab since the page was shown.
    """
    keyed = request.app[PARTS].keyed
    return any(keyed.matches(given, "csrf", holder, request.path) for holder in holders(request))


def holders(request: web.Request) -> list[str]:
    """Return what the browser holds of us: the token of its conversation, that of its forms, or nothing."""
    names = (sessions.cookie_name(request), anonymous_cookie(request))
    return [value for name in names if (value := request.cookies.get(name))]
