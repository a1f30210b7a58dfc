"""Demo mode answers this machine only and never behind a proxy (R22)."""

from __future__ import annotations

from aiohttp import web

from portal.headers import Handler
from portal.keys import SITE
from portal.problems import problem

LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse, in demo mode, every Host but this machine's names and everything that came through a proxy."""
    if not request.app[SITE].demo:
        return await handler(request)
    host = request.headers.get("Host", "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if name.lower() not in LOCAL_NAMES or any(header in request.headers for header in _FORWARDED):
        return problem(request, 403, "demo_is_local", "gateway.demo_is_local")
    return await handler(request)
