"""The addresses of the owner's page."""

from __future__ import annotations

from aiohttp import web

from portal.owner import requests

_TOKEN = "{token:[A-Za-z0-9._~-]{1,200}}"  # noqa: S105  a pattern of paths


def routes() -> list[web.RouteDef]:
    """Return all routes."""
    return [
        web.get(f"/owner/{_TOKEN}", requests.show),
        web.post(f"/owner/{_TOKEN}", requests.act),
    ]
