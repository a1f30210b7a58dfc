"""The findings of ``rekey channels check`` that platforms share; the words are in the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from portal.channels.port import ChannelAwayError, ChannelRefusedError, Finding
from portal.channels.verify import WINDOW

_TOLD_FROM = timedelta(seconds=30)
"""A smaller difference is told to nobody: answers take a while."""
_LIMIT = aiohttp.ClientTimeout(total=10)
NOT_DIRECTORY = Finding(good=False, key="channel.check.not_directory")
DIRECTORY = Finding(good=True, key="channel.check.directory")


def signed_in(address: str) -> list[Finding]:
    """Return that *address* answers and takes our credentials, and that we can prove what it sends."""
    return [
        _reachable(address),
        Finding(good=True, key="channel.check.credentials"),
        Finding(good=True, key="channel.check.events_configured"),
    ]


def failed(address: str, error: ChannelAwayError | ChannelRefusedError) -> list[Finding]:
    """Return what *error* means: no way to *address*, or credentials that it does not take."""
    if isinstance(error, ChannelAwayError) and error.reason not in ("sign_in", "permission"):
        return [Finding(good=False, key="channel.check.not_reachable", variables={"host": host(address)})]
    return [_reachable(address), Finding(good=False, key="channel.check.not_credentials")]


async def clock(http: aiohttp.ClientSession, address: str, now: datetime) -> list[Finding]:
    """Return how far the clocks are apart, if they are (header ``Date``, RFC 9110 6.6.1); never raises."""
    try:
        async with http.get(address, timeout=_LIMIT, allow_redirects=False) as response:
            theirs = parsedate_to_datetime(response.headers["Date"])
    except (aiohttp.ClientError, OSError, ValueError, KeyError):
        return []
    apart = abs(now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)))
    if apart < _TOLD_FROM:
        return []
    seconds = {"seconds": str(int(apart.total_seconds()))}
    return [Finding(good=apart <= WINDOW, key="channel.check.clock", variables=seconds)]


def host(address: str) -> str:
    """Return the host of *address* for people to read, without what else stands there."""
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _reachable(address: str) -> Finding:
    return Finding(good=True, key="channel.check.reachable", variables={"host": host(address)})
