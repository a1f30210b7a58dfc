"""Requests that change something come from our own pages, or from a program that is no browser."""

from __future__ import annotations

from aiohttp import web

from portal.headers import Handler
from portal.origin import same_origin
from portal.problems import problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_API = "/api/"


@web.middleware
async def refuse_cross_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse an API request that another site's page sent; the forms' pages check for themselves."""
    if request.path.startswith(_API) and request.method not in _SAFE and not same_origin(request):
        return problem(request, 403, "cross_site", "gateway.cross_site")
    return await handler(request)
