"""Times in words: how long ago, how long from now, how long it took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

Words = Callable[..., str]


def span(length: timedelta | None, t: Words) -> str:
    """Return *length*, rounded to its largest fitting unit, a dash for None."""
    if length is None:
        return "–"
    length = abs(length)
    if length >= 2 * _DAY:
        return t("desk.span.days", n=round(length / _DAY))
    if length >= 2 * _HOUR:
        return t("desk.span.hours", n=round(length / _HOUR))
    return t("desk.span.minutes", n=length // _MINUTE)


def measured(length: timedelta | None, t: Words) -> str:
    """Return how long something took, in seconds where minutes would say nothing."""
    if length is None or length >= _MINUTE:
        return span(length, t)
    return t("desk.span.seconds", n=ceil(length.total_seconds()))


def due(moment: datetime, now: datetime, t: Words) -> str:
    """Return when something is due, or since when it is late."""
    key = "desk.due.late" if now >= moment else "desk.due.left"
    return t(key, span=span(moment - now, t))
