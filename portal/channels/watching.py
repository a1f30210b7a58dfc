"""Reads a WebSocket and notices when it is dead though nobody closed it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass

import aiohttp
from aiohttp import WSMsgType

from portal.channels.port import ChannelAwayError

_ENDS = frozenset({WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED})

_LAST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Watch:
    """How long a connection may be silent (seconds)."""

    ping_every: float = 60.0
    dead_after: float = 180.0


async def texts(socket: aiohttp.ClientWebSocketResponse, watch: Watch) -> AsyncIterator[str]:
    """Yield the text messages of *socket*, opened without ``autoping``, until the other side closes it.

    Raises:
        ChannelAwayError: it broke, or was silent for too long although we asked for a sign of life.
    """
    silent = 0.0
    while True:
        try:
            message = await socket.receive(watch.ping_every)
            silent = 0.0
        except TimeoutError:
            silent += watch.ping_every
            if silent >= watch.dead_after:
                raise ChannelAwayError("silent") from None
            await _ping(socket)
            continue
        if message.type is WSMsgType.TEXT:
            yield message.data
        elif message.type is WSMsgType.PING:
            await _pong(socket, message.data)
        elif message.type in _ENDS:
            return
        elif message.type is WSMsgType.ERROR:
            raise ChannelAwayError("broken")


async def ended(tasks: Collection[asyncio.Task[None]]) -> None:
    """Wait some seconds for *tasks*, then cancel those that are left: nothing goes on running."""
    waiting = list(tasks)
    try:
        if waiting:
            await asyncio.wait(waiting, timeout=_LAST_SECONDS)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _ping(socket: aiohttp.ClientWebSocketResponse) -> None:
    try:
        await socket.ping()
    except (ConnectionError, aiohttp.ClientError):
        raise ChannelAwayError("broken") from None


async def _pong(socket: aiohttp.ClientWebSocketResponse, data: bytes) -> None:
    try:
        await socket.pong(data)
    except (ConnectionError, aiohttp.ClientError):
        raise ChannelAwayError("broken") from None
