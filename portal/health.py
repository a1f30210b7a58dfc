"""Is it alive, is it ready, how does it do: for supervisors and operators, never for people."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from portal.chat.rasa_client import Assistant
from portal.keys import HEALTH

ASSISTANT = web.AppKey("assistant", Assistant)
METRICS = web.AppKey("metrics", CollectorRegistry)


class CountedAlerts:
    """Counts the operators' alerts for ``/metrics``; the log line is written by the composition root."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._alerts = Counter("rekey_alerts", "Alerts for the operators.", ["code"], registry=registry)
        self._last = Gauge("rekey_last_alert_timestamp_seconds", "Latest alert.", ["code"], registry=registry)

    def count(self, code: str) -> None:
        """Count the alert *code*."""
        self._alerts.labels(code).inc()
        self._last.labels(code).set_to_current_time()


async def healthz(request: web.Request) -> web.Response:
    """GET /healthz: this process answers."""
    del request
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """GET /readyz: 200 only when Rasa has its model and the store answers."""
    model = await request.app[ASSISTANT].ready()
    store = await request.app[HEALTH].store_answers()
    status = 200 if model and store else 503
    return web.json_response({"assistant": model, "store": store}, status=status)


async def metrics(request: web.Request) -> web.Response:
    """GET /metrics: counters in Prometheus' text form; no personal data."""
    body = generate_latest(request.app[METRICS])
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})
