"""The overview's table of messengers: does each work, when was it heard, what waits, what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from portal.channels.figures import Standing
from portal.channels.routing import MESSENGERS
from portal.desk.times import Words
from portal.desk.times import measured as took
from portal.keys import PARTS

_LATE = 60.0
"""Seconds that an event may wait before the messenger counts as late."""


@dataclass(frozen=True, slots=True)
class Row:
    """One messenger in words; ``state`` is ``good``, ``late`` or ``away``."""

    name: str
    state: str
    heard: str
    waiting: int
    lag: str
    refused: int


def rows(request: web.Request, t: Words) -> Sequence[Row]:
    """Return the messengers that are on, by name; nothing where there is none."""
    messengers = request.app.get(MESSENGERS)
    if messengers is None:
        return []
    now = request.app[PARTS].clock.now()
    standings = sorted(messengers.figures.standings.items())
    return [
        Row(
            name=name,
            state=state_of(one),
            heard=took(now - one.last_event, t) if one.last_event else "",
            waiting=one.waiting,
            lag=took(timedelta(seconds=one.lag_seconds), t) if one.lag_seconds else "",
            refused=one.refused,
        )
        for name, one in standings
    ]


def state_of(standing: Standing) -> str:
    """Return how the messenger does: away while sending fails or nothing listens, late while events wait."""
    if standing.failures or standing.connected is False:
        return "away"
    return "late" if standing.lag_seconds > _LATE else "good"
