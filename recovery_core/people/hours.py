"""Working days, by the calendar of the people who decide: Monday to Friday in China, without holidays."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from recovery_core.people.tickets import DUE, Kind

CHINA = timezone(timedelta(hours=8))
"""China has one time zone and no summer time."""

_DAY = timedelta(days=1)
_SATURDAY = 5
_ADMINISTRATORS_KINDS = frozenset({Kind.RESET, Kind.ENABLE, Kind.OWNER_APPROVAL, Kind.SUPER_APPROVAL})


def after_working_days(start: datetime, days: int) -> datetime:
    """Return the moment *days* working days after *start*, at the same time of day."""
    moment = start
    while days > 0:
        moment += _DAY
        days -= moment.astimezone(CHINA).weekday() < _SATURDAY
    return moment


def due_at(kind: Kind, now: datetime, administrator_days: int) -> datetime:
    """Return when a ticket of *kind* opened *now* is overdue; administrators get working days (R17)."""
    if kind in _ADMINISTRATORS_KINDS:
        return after_working_days(now, administrator_days)
    return now + DUE[kind]
