"""What the demo company would have received by SMS and mail; these routes exist in demo mode only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from portal.forms.pages import page, render
from portal.keys import DEMO_OUTBOX

_HALF = 3


def routes() -> list[web.RouteDef]:
    """Return the routes; register them only when the site is a demo."""
    return [web.get("/demo/outbox", show), web.get("/demo/outbox.json", listed)]


async def listed(request: web.Request) -> web.StreamResponse:
    """GET /demo/outbox.json: the messages, oldest first."""
    body = json.dumps(list(request.app[DEMO_OUTBOX].messages()), ensure_ascii=False)
    return web.Response(text=body, content_type="application/json", charset="utf-8")


@page
async def show(request: web.Request) -> web.StreamResponse:
    """GET /demo/outbox: the same for people, newest first."""
    messages = [_readable(message) for message in reversed(request.app[DEMO_OUTBOX].messages())]
    return render(request, "outbox.html", messages=messages)


def _readable(message: Mapping[str, object]) -> dict[str, object]:
    code, at = message["code"], datetime.fromisoformat(str(message["at"]))
    spaced = f"{str(code)[:_HALF]} {str(code)[_HALF:]}" if code else None
    return dict(message) | {"spaced": spaced, "time": f"{at:%H:%M:%S}"}
