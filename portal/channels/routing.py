"""The door for platforms that call: ``/channels/<name>`` and what lies below it."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack

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
    ProvenByHeader,
    Received,
)
from portal.keys import PARTS
from recovery_core.errors import ConflictError, UnavailableError

_log = structlog.get_logger("channels")

MESSENGERS = web.AppKey("messengers", Messengers)
MAX_BODY = 1024 * 1024
"""Bytes of a request; the platforms' own events are far below, unless a channel's ``max_body`` says more."""
SHORT_BODY = 64 * 1024
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
    headers = {key.lower(): value for key, value in request.headers.items()}
    slots: asyncio.Semaphore | None = messengers.long_bodies
    if isinstance(channel, ProvenByHeader):
        channel.admit(headers)
        slots = None
    body = await _body(request, getattr(channel, "max_body", MAX_BODY), slots)
    if isinstance(body, web.Response):
        return body
    incoming = Incoming(
        method=request.method,
        headers=headers,
        query=dict(request.query),
        body=body,
        at=request.app[PARTS].clock.now(),
        path="/" + request.match_info["rest"] if request.match_info.get("rest") else "",
    )
    received = await _read(name, channel, incoming)
    await messengers.hear(name, received.events)
    typed = {"Content-Type": received.content_type} if received.body else {}
    return web.Response(status=received.status, body=received.body, headers=typed)


async def _read(name: str, channel: Listening, incoming: Incoming) -> Received:
    try:
        return await channel.receive(incoming)
    except (NotGenuineError, NotReadableError, ChannelAwayError, UnavailableError, ConflictError):
        raise
    except Exception as error:  # noqa: BLE001  a parser of what strangers send
        # A parser that stumbles must not tell a stranger more than that the request was no good.
        _log.error("channels.parser_broken", channel=name, kind=type(error).__name__)
        raise NotReadableError from None


async def _body(request: web.Request, most: int, slots: asyncio.Semaphore | None) -> bytes | web.Response:
    """Return the body, or the refusal of one that is too long or does not come.

    A body that grows long waits for one of *slots*. Short ones, as almost all events are, wait for nothing:
    a stranger who holds every slot keeps no platform out.
    """
    if (request.content_length or 0) > most:
        return web.Response(status=413)
    read = bytearray()
    try:
        async with asyncio.timeout(READ_SECONDS), AsyncExitStack() as held:
            async for chunk in request.content.iter_any():
                read += chunk
                if len(read) > most:
                    return web.Response(status=413)
                if len(read) > SHORT_BODY and slots is not None:
                    await held.enter_async_context(slots)
                    slots = None
    except TimeoutError:
        return web.Response(status=408)
    return bytes(read)


def listens(channel: Channel) -> bool:
    """Tell whether the platform calls us."""
    return isinstance(channel, Listening)
