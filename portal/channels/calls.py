"""Calls a platform's REST interface, and tells what may be tried again from what never will work."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from portal.channels.port import ChannelAwayError, ChannelRefusedError

_LIMIT = aiohttp.ClientTimeout(total=15, connect=5)
_READ_AT_MOST = 4_000_000
_OK = range(200, 300)
_REFUSED = range(400, 500)
_TOO_MANY = 429
_SIGN_IN = 401
TOO_LONG = "too_long"
"""Why nothing is known of an answer that is longer than any that we ask for."""
_AGAIN = frozenset({408, 425})
_LONGEST_WAIT = 3600.0
"""Seconds; what a platform asks for beyond that is its mistake or ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; anything that is no JSON object counts as an empty one."""

    status: int
    data: Mapping[str, Any]
    rows: tuple[Any, ...] = ()
    """The entries, where the platform answered with a JSON list."""
    wait: float | None = None
    """Seconds after which the platform wants to be asked again, if it says so."""

    @property
    def good(self) -> bool:
        """Tell whether the platform did what was asked."""
        return self.status in _OK

    def text(self, key: str) -> str:
        """Return the text under *key*, or nothing."""
        found = self.data.get(key)
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Calls:
    """Sends requests; follows no redirect, for each request carries a credential."""

    http: aiohttp.ClientSession

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request, with JSON or a form; return the answer unless trying again is what it means.

        Raises:
            ChannelAwayError: no answer in 15 seconds, a failure of the server, a redirect, too many requests,
                or our credentials were refused: nothing is lost while an operator mends them.
        """
        return judged(await self.once(method, url, headers, body, query, form))

    async def once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; return the answer, whatever its status.

        Raises:
            ChannelAwayError: there was none, or one of more than 4 MB, which is never taken for an empty one.
        """
        try:
            async with self.http.request(
                method,
                url,
                headers=headers,
                json=body,
                data=form,
                params=query,
                timeout=_LIMIT,
                allow_redirects=False,
            ) as response:
                raw = await _read(response.content)
                wait = response.headers.get("Retry-After", "")
        except (
            aiohttp.ClientError,
            OSError,
            ValueError,
        ):  # timeouts are OSErrors, wrong addresses ValueErrors
            raise ChannelAwayError("unreachable") from None
        return _answer(response.status, raw, wait)


def judged(answer: Answer) -> Answer:
    """Return *answer* unless trying again later is what it means; raises ChannelAwayError."""
    if answer.status == _TOO_MANY:
        raise ChannelAwayError("too_many", answer.wait)
    if answer.status == _SIGN_IN:
        raise ChannelAwayError("sign_in")
    if answer.status in _AGAIN or not (answer.good or answer.status in _REFUSED):
        raise ChannelAwayError("failed", answer.wait)
    return answer


def insist(answer: Answer, reason: str) -> Answer:
    """Return *answer* if it is good; raises ChannelRefusedError with *reason*, which must hold no secret."""
    if not answer.good:
        raise ChannelRefusedError(reason)
    return answer


async def _read(content: aiohttp.StreamReader) -> bytes:
    """Return the body; raises ChannelAwayError for one that is longer than any answer we ask for."""
    raw = bytearray()
    async for chunk in content.iter_any():
        raw += chunk
        if len(raw) > _READ_AT_MOST:
            raise ChannelAwayError(TOO_LONG)
    return bytes(raw)


def _answer(status: int, raw: bytes, wait: str) -> Answer:
    try:
        found = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        found = {}
    if isinstance(found, list):
        return Answer(status, {}, tuple(found), _seconds(wait, {}))
    data = found if isinstance(found, dict) else {}
    return Answer(status, data, (), _seconds(wait, data))


def _seconds(header: str, data: Mapping[str, Any]) -> float | None:
    """Return how long the platform wants us to wait: its header (RFC 9110 10.2.3), or Matrix's own field."""
    milliseconds = data.get("retry_after_ms")
    if isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool):
        wanted = milliseconds / 1000
    elif header.isascii() and header.isdigit() and len(header) <= 10:  # noqa: PLR2004
        wanted = float(header)
    else:
        return None
    return min(max(wanted, 0.0), _LONGEST_WAIT) if math.isfinite(wanted) else None
