"""The portal's application: routes, limits and headers; the composition root furnishes it."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CollectorRegistry

from portal import admin, desk, forms, headers, health, keys, openapi, owner, pages
from portal.channels import routing as channels
from portal.channels.messengers import Messengers
from portal.chat import api, sse, typing_api
from portal.chat.body import MAX_BODY
from portal.chat.rasa_client import Assistant
from portal.chat.turns import Turns
from portal.cross_site import refuse_cross_site
from portal.demo import outbox
from portal.demo_guard import local_only
from portal.limits import Limits
from portal.networks import TrustedProxies
from portal.upload_slots import UploadSlots
from recovery_core.cases.parts import Parts
from recovery_core.evidence.submitting import Documents


@dataclass(frozen=True, slots=True)
class Furnishing:
    """Everything the portal is given."""

    parts: Parts
    texts: keys.Texts
    site: keys.Site
    turns: Turns
    assistant: Assistant
    limits: Limits
    proxies: TrustedProxies
    health: keys.Health
    metrics: CollectorRegistry
    demo_outbox: keys.DemoOutbox | None = None
    documents: Documents | None = None
    """None: no documents are taken here."""
    messengers: Messengers | None = None
    """None: people come by the widget alone."""


def portal_app(given: Furnishing) -> web.Application:
    """Return the application; nothing runs before aiohttp starts it."""
    guards = [headers.never_a_5xx_of_ours, local_only, refuse_cross_site]
    app = web.Application(middlewares=guards, client_max_size=MAX_BODY)
    app[keys.PARTS] = given.parts
    app[keys.TEXTS] = given.texts
    app[keys.SITE] = given.site
    app[keys.TURNS] = given.turns
    app[keys.LIMITS] = given.limits
    app[keys.PROXIES] = given.proxies
    app[keys.HEALTH] = given.health
    app[keys.PAGES] = pages.environment(str(given.site.templates))
    app[health.ASSISTANT] = given.assistant
    app[health.METRICS] = given.metrics
    app[keys.UPLOADS] = UploadSlots()
    _furnish_some(app, given)
    app.on_response_prepare.append(headers.add_headers)
    app.add_routes(_routes())
    app.add_routes(forms.routes())
    app.add_routes(admin.routes())
    app.add_routes(desk.routes())
    app.add_routes(owner.routes())
    app.router.add_static("/static/", given.site.static)
    return app


def _furnish_some(app: web.Application, given: Furnishing) -> None:
    """Add what not every installation has."""
    if given.documents is not None:
        app[keys.DOCUMENTS] = given.documents
        app[keys.EVIDENCE_FILES] = given.documents.files
    if given.messengers is not None:
        app[channels.MESSENGERS] = given.messengers
        app.add_routes(channels.routes())
    if given.site.demo and given.demo_outbox is not None:
        app[keys.DEMO_OUTBOX] = given.demo_outbox
        app.add_routes(outbox.routes())


def _routes() -> list[web.RouteDef]:
    return [
        web.get("/", pages.chat),
        web.get("/embed", pages.chat),
        web.post("/api/chat/session", api.begin_session),
        web.post("/api/chat/messages", api.post_message),
        web.post("/api/chat/typing", typing_api.post_typing),
        web.get("/api/chat/events", sse.events),
        web.get("/api/openapi.json", openapi.document),
        web.get("/healthz", health.healthz),
        web.get("/readyz", health.readyz),
        web.get("/metrics", health.metrics),
    ]
