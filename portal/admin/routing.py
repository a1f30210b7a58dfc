"""The addresses of the administrators' console."""

from __future__ import annotations

from aiohttp import web

from portal.admin import requests
from portal.console import sign_in
from recovery_core.people.operators import Console

_ID = "{ticket:[A-Za-z0-9_-]{1,96}}"


def routes() -> list[web.RouteDef]:
    """Return all routes."""
    return [
        *sign_in.routes(Console.ADMIN),
        web.get("/admin", requests.show_all),
        web.get(f"/admin/requests/{_ID}", requests.show),
        web.post(f"/admin/requests/{_ID}", requests.act),
    ]
