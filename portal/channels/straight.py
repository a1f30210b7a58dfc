"""A WebSocket opens where the settings say or not at all: what is said on it is a credential.

aiohttp follows redirects of a handshake and lets nobody forbid it, so the session is told to break them off.
"""

from __future__ import annotations

from types import SimpleNamespace

import aiohttp


def refuse_redirects(http: aiohttp.ClientSession) -> None:
    """Let every request of *http* that would follow a redirect raise aiohttp.ClientError instead."""
    trace = aiohttp.TraceConfig()
    trace.on_request_redirect.append(_break_off)
    trace.freeze()
    http.trace_configs.append(trace)


async def _break_off(
    session: aiohttp.ClientSession,  # noqa: ARG001  aiohttp says what it tells
    context: SimpleNamespace,  # noqa: ARG001
    told: aiohttp.TraceRequestRedirectParams,
) -> None:
    told.response.close()
    raise aiohttp.ClientError("redirect")
