"""What every response carries: the policy of a site that holds secrets and loads nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from portal.chat.body import BadRequestError, NotJsonError
from portal.keys import SITE
from portal.problems import problem
from recovery_core.errors import ConflictError, UnavailableError

_log = structlog.get_logger("portal")

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
EMBEDDED = "/embed"
"""The one page that others may show in a frame (R22)."""

_HTTP_CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers; a signal handler, so that streams and errors carry them too."""
    site = request.app[SITE]
    framed = request.path == EMBEDDED and site.embed_origins
    ancestors = " ".join(("'self'", *site.embed_origins)) if framed else "'none'"
    response.headers.setdefault("Content-Security-Policy", _CSP.format(ancestors=ancestors))
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith("/static/embed.js"):
        response.headers["Cross-Origin-Resource-Policy"] = "same-site"
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if site.secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")


@web.middleware
async def never_a_5xx_of_ours(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer what nobody foresaw in the person's language; the log gets the type, never the content."""
    try:
        return await handler(request)
    except web.HTTPRequestEntityTooLarge:
        return problem(request, 413, "too_long", "gateway.too_long")
    except web.HTTPException as refusal:
        return _of_http(request, refusal)
    except (BadRequestError, NotJsonError) as error:
        return problem(request, error.status, error.code, "gateway.bad_request")
    except (UnavailableError, ConflictError) as error:
        _log.warning("portal.unavailable", code=error.code)
        return problem(request, 503, "unavailable", "gateway.broken", headers={"Retry-After": "5"})
    except Exception:  # noqa: BLE001  the last door: whatever it is, the person gets an answer
        _log.exception(
            "portal.broken", route=str(getattr(request.match_info.route.resource, "canonical", ""))
        )
        return problem(request, 500, "broken", "gateway.broken")


def _of_http(request: web.Request, refusal: web.HTTPException) -> web.Response:
    """Return the API's problem for a wrong path or method; elsewhere pages keep aiohttp's own answer."""
    code = _HTTP_CODES.get(refusal.status)
    if code is None or not request.path.startswith("/api/"):
        raise refusal
    allowed = {"Allow": refusal.headers["Allow"]} if "Allow" in refusal.headers else {}
    return problem(request, refusal.status, code, "gateway.bad_request", headers=allowed)
