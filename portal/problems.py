"""Refusals of the API: RFC 9457 documents with a stable code and a detail in the person's language."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aiohttp import web

from portal.language import language_of


def problem(
    request: web.Request,
    status: int,
    code: str,
    key: str,
    *,
    headers: Mapping[str, str] | None = None,
    **variables: str | int,
) -> web.Response:
    """Return the problem *code* with the words of catalogue *key* in the person's language."""
    from portal.keys import TEXTS  # noqa: PLC0415  the keys name this module's users

    language = language_of(request)
    detail = request.app[TEXTS].text(key, language, **variables)
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": detail}
    return web.Response(
        status=status,
        text=json.dumps(body, ensure_ascii=False),
        content_type="application/problem+json",
        headers={"Content-Language": language, **(headers or {})},
    )
