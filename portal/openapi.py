"""The chat API, described for programs: OpenAPI 3.1, written by hand and checked by the tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from aiohttp import web

_FILE = Path(__file__).parent / "openapi.json"


@cache
def _text() -> str:
    return json.dumps(json.loads(_FILE.read_text(encoding="utf-8")), ensure_ascii=False)


async def document(request: web.Request) -> web.Response:
    """GET /api/openapi.json."""
    del request
    return web.Response(text=_text(), content_type="application/json")
