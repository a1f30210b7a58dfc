"""The door for platforms that call: ``/channels/<name>`` and what lies below it."""

from __future__ import annotations

import asyncio
import time

import structlog
from aiohttp import web

from portal.channels.messengers import Messengers
from portal.channels.port import (
    Channel,
    ChannelAwayError,
    Incoming,
    Listening,
    NotGenuineError,
    NotReadableError,
    Received,
)
from portal.keys import PARTS
from recovery_core.errors import ConflictError, UnavailableError

_log = structlog.get_logger("channels")

MESSENGERS = web.AppKey("messengers", Messengers)
MAX_BODY = 1024 * 1024
"""Bytes of a request; the platforms' own events are far below, unless a channel's ``max_body`` says more."""
READ_SECONDS = 10.0
_RETRY_AFTER = {"Retry-After": "5"}


def routes() -> list[web.RouteDef]:
    """Return the routes; what is not there and what does not listen are the same 404."""
    return [
        web.route(method, path, receive)
        for method in ("GET", "POST", "PUT")
        for path in ("/channels/{channel:[a-z]+}", "/channels/{channel:[a-z]+}/{rest:.*}")
    ]


async def receive(request: web.Request) -> web.StreamResponse:
    """Check the proof, store the events, answer as the platform expects; nothing is worked on here."""
    begun, name = time.monotonic(), request.match_info["channel"]
    messengers = request.app[MESSENGERS]
    channel = messengers.channels.get(name)
    if not isinstance(channel, Listening):
        return web.Response(status=404)
    try:
        response = await _received(request, messengers, name, channel)
    except NotGenuineError as error:
        messengers.figures.refused(name, error.reason)
        _log.warning("channels.not_genuine", channel=name, code=error.reason)
        response = web.Response(status=401)
    except NotReadableError:
        messengers.figures.refused(name, "not_readable")
        response = web.Response(status=400)
    except (ChannelAwayError, UnavailableError, ConflictError) as error:
        _log.warning("channels.not_stored", channel=name, kind=type(error).__name__)
        response = web.Response(status=503, headers=_RETRY_AFTER)
    messengers.figures.acknowledged(name, time.monotonic() - begun)
    return response


async def _received(
    request: web.Request, messengers: Messengers, name: str, channel: Listening
) -> web.Response:
    body = await _body(request, getattr(channel, "max_body", MAX_BODY))
    if isinstance(body, web.Response):
        return body
    incoming = Incoming(
        method=request.method,
        headers={key.lower(): value for key, value in request.headers.items()},
        query=dict(request.query),
        body=body,
        at=request.app[PARTS].clock.now(),
        path="/" + request.match_info["rest"] if request.match_info.get("rest") else "",
    )
    received = await _read(name, channel, incoming)
    await messengers.hear(name, received.events)
    headers = {"Content-Type": received.content_type} if received.body else {}
    return web.Response(status=received.status, body=received.body, headers=headers)


async def _read(name: str, channel: Listening, incoming: Incoming) -> Received:
    try:
        return await channel.receive(incoming)
    except (NotGenuineError, NotReadableError, ChannelAwayError, UnavailableError, ConflictError):
        raise
    except Exception as error:  # noqa: BLE001  a parser of what strangers send
        # A parser that stumbles must not tell a stranger more than that the request was no good.
        _log.error("channels.parser_broken", channel=name, kind=type(error).__name__)
        raise NotReadableError from None


async def _body(request: web.Request, most: int) -> bytes | web.Response:
    """Return the body, or the refusal of one that is too long or does not come."""
    if (request.content_length or 0) > most:
        return web.Response(status=413)
    read = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS):
            async for chunk in request.content.iter_any():
                read += chunk
                if len(read) > most:
                    return web.Response(status=413)
    except TimeoutError:
        return web.Response(status=408)
    return bytes(read)


def listens(channel: Channel) -> bool:
    """Tell whether the platform calls us."""
    return isinstance(channel, Listening)
