"""The overview: what became of the cases, how long people waited, why they were refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from portal.console.pages import words
from portal.desk import messengers
from portal.desk.guard import render, shown
from portal.desk.plots import histogram
from portal.desk.times import Words
from portal.desk.times import measured as took
from portal.keys import PARTS
from recovery_core.people.figures import Figures, figures
from recovery_core.people.operators import Operator
from recovery_core.people.ports import Measured

SPANS = (1, 7, 30, 90)
"""Days that can be looked back on."""
_USUAL = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a plot made of plain HTML."""

    name: str
    count: int
    share: str


@dataclass(frozen=True, slots=True)
class Wait:
    """How long the last of a kind took, in words."""

    kind: str
    median: str
    p90: str
    count: int


@shown
async def show(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/overview: figures of the last days (``?days=``)."""
    days, t = _days(request), words(request)
    found = await _figures(request, agent, days)
    return render(
        request,
        agent,
        "overview.html",
        days=days,
        spans=SPANS,
        outcomes=bars(found.cases.by_outcome, "desk.case", t),
        methods=bars(found.cases.by_method, "desk.method", t),
        decisions=bars({state.value: n for state, n in found.outcomes.items()}, "desk.state", t),
        refusals=bars({reason.value: n for reason, n in found.refusals.items()}, "desk.reason", t),
        recovery=_wait("recovery", found.recovery, t),
        waits=[_wait(kind.value, measured, t) for kind, measured in found.waiting.items() if measured.count],
        not_understood=found.cases.not_understood,
        misheard=found.not_understood,
        messengers=messengers.rows(request, t),
        page="overview",
    )


@shown
async def plot(request: web.Request, agent: Operator) -> web.StreamResponse:
    """GET /desk/overview/recovery.svg: how long recoveries took, as a picture of its own."""
    found = await _figures(request, agent, _days(request))
    drawn = histogram(found.cases.to_recovery, words(request))
    return web.Response(text=drawn, content_type="image/svg+xml", charset="utf-8")


def bars(counts: Mapping[str, int], prefix: str, t: Words) -> Sequence[Bar]:
    """Return the counts as bars, the largest first; names joined by commas are put into words one by one."""
    whole = sum(counts.values()) or 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [Bar(_name(name, prefix, t), n, f"{round(n * 100 / whole)} %") for name, n in ordered]


def _name(name: str, prefix: str, t: Words) -> str:
    return " + ".join(t(f"{prefix}.{part.strip()}") for part in name.split(","))


def _wait(kind: str, measured: Measured, t: Words) -> Wait:
    return Wait(kind, took(measured.median, t), took(measured.p90, t), measured.count)


async def _figures(request: web.Request, agent: Operator, days: int) -> Figures:
    parts = request.app[PARTS]
    now = parts.clock.now()
    return await figures(parts, agent.id, now - timedelta(days=days), now + timedelta(seconds=1))


def _days(request: web.Request) -> int:
    given = request.query.get("days", "")
    return int(given) if given in {str(days) for days in SPANS} else _USUAL
