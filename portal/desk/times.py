"""Times in words: how long ago, how long from now, how long it took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

Words = Callable[..., str]


def span(length: timedelta | None, t: Words) -> str:
    """Return *length* in its largest fitting unit, a dash for None."""
    if length is None:
        return "–"
    length = abs(length)
    if length >= 2 * _DAY:
        return t("desk.span.days", n=length // _DAY)
    if length >= 2 * _HOUR:
        return t("desk.span.hours", n=length // _HOUR)
    return t("desk.span.minutes", n=length // _MINUTE)


def due(moment: datetime, now: datetime, t: Words) -> str:
    """Return when something is due, or since when it is late."""
    key = "desk.due.late" if now >= moment else "desk.due.left"
    return t(key, span=span(moment - now, t))
