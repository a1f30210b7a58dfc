"""The chat's own page and the frame that other pages of the company may show."""

from __future__ import annotations

import jinja2
from aiohttp import web

from portal import sessions
from portal.keys import PAGES, SITE, TEXTS
from portal.language import language_of

PUBLIC_STATIC = 3600
"""Seconds that browsers may keep a script or a style."""


def environment(templates: str) -> jinja2.Environment:
    """Return the template environment: everything escaped, unknown names refused."""
    loader = jinja2.FileSystemLoader(templates)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)


async def chat(request: web.Request) -> web.Response:
    """GET /: the full-page chat; GET /embed: the same for a frame."""
    await sessions.conversation_of(request)
    language = language_of(request)
    page = request.app[PAGES].get_template("chat.html")
    title = request.app[TEXTS].text("gateway.page_title", language)
    body = page.render(language=language, demo=request.app[SITE].demo, title=title)
    return web.Response(text=body, content_type="text/html")
