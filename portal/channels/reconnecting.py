"""Comes back after every loss of a connection: soon at first, then more and more slowly, never in step."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

import structlog

from portal.channels.port import ChannelAwayError
from recovery_core.clock import Clock
from recovery_core.entropy import Entropy

Pause = Callable[[float], Awaitable[None]]
"""Waits for so many seconds; a test passes one that only takes notes."""
SHORTEST = 1.0
LONGEST = 300.0
STEADY = timedelta(seconds=60)
"""A connection that lived so long was a good one: the next loss is again the first."""
_JITTER_DIGITS = 4

_log = structlog.get_logger("rekey.channels")


@dataclass(slots=True)
class Backoff:
    """Counts losses and says how long to wait: between half of and the whole of a doubling time.

    The lower half is never drawn: a thousand clients neither come back at once nor at the same moment.
    """

    entropy: Entropy
    losses: int = 0

    def wait(self) -> float:
        """Return the seconds to wait before the next try, and count it."""
        whole = min(LONGEST, math.ldexp(SHORTEST, min(self.losses, 16)))
        self.losses += 1
        share = float(f"0.{self.entropy.digits(_JITTER_DIGITS)}")
        return whole * (0.5 + share / 2)


@dataclass(slots=True)
class Persistent:
    """Holds one connection of a channel open until cancelled."""

    name: str
    clock: Clock
    entropy: Entropy
    pause: Pause = asyncio.sleep
    connected: bool = field(default=False, init=False)
    """Whether the platform has taken us in; for health."""
    losses: int = field(default=0, init=False)
    """How often a connection was lost or refused; for metrics."""

    async def hold(self, connection: Callable[[], Awaitable[None]]) -> None:
        """Run *connection* again and again; it says by :meth:`taken_in` that it stands.

        It returns or raises ChannelAwayError when the connection is lost; any other exception counts as a
        loss too and is logged by its type alone, for its text may hold a ticket.
        """
        backoff = Backoff(self.entropy)
        while True:
            began = self.clock.now()
            await self._once(connection)
            if self._was_steady(began):
                backoff.losses = 0
            self.connected = False
            self.losses += 1
            await self.pause(backoff.wait())

    def taken_in(self) -> None:
        """Note that the platform accepted the connection."""
        self.connected = True

    async def _once(self, connection: Callable[[], Awaitable[None]]) -> None:
        try:
            await connection()
        except ChannelAwayError as away:
            _log.warning("channel_lost", channel=self.name, reason=away.reason)
        except Exception as error:  # noqa: BLE001  whatever it is, the next connection may do better
            _log.error("channel_lost", channel=self.name, reason=type(error).__name__)
        else:
            _log.info("channel_lost", channel=self.name, reason="closed")

    def _was_steady(self, began: datetime) -> bool:
        return self.connected and self.clock.now() - began >= STEADY


@runtime_checkable
class Held(Protocol):
    """A channel that tells whether its connection stands, which its task alone does not."""

    connection: Persistent
