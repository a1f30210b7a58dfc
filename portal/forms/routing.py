"""The addresses of the secure pages."""

from __future__ import annotations

from aiohttp import web

from portal.forms import back, link, returning, secure, veto
from portal.forms.pages import page
from recovery_core.errors import UnknownError

_TOKEN = "{token:[A-Za-z0-9._~-]{1,200}}"  # noqa: S105  a pattern of paths


def routes() -> list[web.RouteDef]:
    """Return all routes; GET answers HEAD too, every other method is 405."""
    return [
        web.get(f"/secure/{_TOKEN}", secure.show),
        web.post(f"/secure/{_TOKEN}", secure.act),
        web.get(f"/link/{_TOKEN}", link.show),
        web.post(f"/link/{_TOKEN}", link.act),
        web.get("/not-me", veto.show_code),
        web.post("/not-me", veto.act_code),
        web.get(f"/not-me/{_TOKEN}", veto.show),
        web.post(f"/not-me/{_TOKEN}", veto.act),
        web.get("/resume", returning.show_resume),
        web.post("/resume", returning.resume),
        web.get("/back", back.show),
        web.get("/{page:secure|link|not-me}/{rest:.+}", _unknown),
    ]


@page
async def _unknown(request: web.Request) -> web.StreamResponse:
    """Answer a token that cannot be one, such as a link that a mail program cut or lengthened."""
    del request
    raise UnknownError("token")
