"""Where a POST came from: the own pages, a foreign site, or a client that is no browser at all."""

from __future__ import annotations

from aiohttp import web

from portal.keys import SITE


def same_origin(request: web.Request) -> bool:
    """Tell whether the request may change something, by what the browser says of the page that sent it.

    Browsers send ``Origin`` with every POST and, today, ``Sec-Fetch-Site``; scripts can set neither. Each
    that is there must name the own site. Without both the client is no browser, and nobody's cookies can be
    ridden on (docs/decisions/0020-post-without-origin.md).
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site.strip().lower() != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin.strip().lower() in _own(request)


def _own(request: web.Request) -> frozenset[str]:
    site = request.app[SITE]
    own = {site.origin.lower()}
    if site.demo:
        # Middleware lets only loopback names through in demo mode (R22), so the Host header can be believed.
        own.add(f"http://{request.host}".lower())
    return frozenset(own)
