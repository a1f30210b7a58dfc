"""Access tokens that a platform gives for a secret: fetched once, kept while they are good."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from recovery_core.clock import Clock

_EARLY = timedelta(minutes=5)
"""A token is replaced that long before its end, so that none ends on its way."""
_SHARE = 0.5
"""Of a short life; a token of two minutes is used for one."""


@dataclass(frozen=True, slots=True)
class Token:
    """What the platform gave, and for how many seconds."""

    value: str = field(repr=False)
    seconds: int


Fetch = Callable[[str], Awaitable[Token]]
"""Gets a token for a secret; raises ChannelAwayError."""


class Tokens:
    """Keeps one token; a secret that changed or a token that was refused leads to a new one."""

    def __init__(self, clock: Clock, secret: Callable[[], str], fetch: Fetch) -> None:
        """Fetch by *fetch* with *secret* as it is at that moment."""
        self._clock, self._secret, self._fetch = clock, secret, fetch
        self._lock = asyncio.Lock()
        self._value, self._made_with = "", ""
        self._until: datetime | None = None

    async def get(self) -> str:
        """Return a token that is good now; raises ChannelAwayError. Many askers wait for one fetch."""
        async with self._lock:
            secret = self._secret()
            if self._until is None or self._clock.now() >= self._until or self._changed(secret):
                self._until = None
                token = await self._fetch(secret)
                life = timedelta(seconds=token.seconds)
                self._value, self._made_with = token.value, secret
                self._until = self._clock.now() + max(life - _EARLY, life * _SHARE)
            return self._value

    def drop(self, value: str) -> None:
        """Forget *value*, which the platform refused; one that was fetched since stays."""
        if value == self._value:
            self._until = None

    def _changed(self, secret: str) -> bool:
        return not hmac.compare_digest(secret.encode(), self._made_with.encode())
