"""The body of a request: one JSON object, whatever else a client may send."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from recovery_core.errors import RecoveryError

MAX_BODY = 64 * 1024
"""Bytes of a request's body; a text of 4,000 characters fits, each escaped as two halves of a pair."""
JSON = "application/json"


class BadRequestError(RecoveryError):
    """Raised for a body or header that is not what the API describes (HTTP 400)."""

    code = "bad_request"
    status = 400


class NotJsonError(RecoveryError):
    """Raised for a body that does not call itself JSON (HTTP 415); pages of other sites cannot send JSON."""

    code = "not_json"
    status = 415


async def json_object(request: web.Request) -> dict[str, Any]:
    """Return the object in the body, empty without one; raises BadRequestError or NotJsonError."""
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != JSON:
        raise NotJsonError
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadRequestError from None
    if not isinstance(body, dict):
        raise BadRequestError
    return body
