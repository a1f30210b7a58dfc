"""The overview of the desk: how many, how long, why refused. Decoys are no cases of anybody and left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from recovery_core.cases.parts import Parts
from recovery_core.people.agents import agent_with
from recovery_core.people.ports import CaseFigures, Measured
from recovery_core.people.rights import RIGHTS, Right
from recovery_core.people.tickets import Kind, Lane, Reason, Ticket, TicketState

MISHEARD = 50
"""Lines that are listed at most."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the overview shows of a span of time."""

    cases: CaseFigures
    recovery: Measured
    waiting: Mapping[Kind, Measured]
    outcomes: Mapping[TicketState, int]
    refusals: Mapping[Reason, int]
    not_understood: Sequence[tuple[str, int]] = ()
    """Masked, nameless lines and how often; empty without the right to see transcripts."""


def percentile(spans: Sequence[timedelta], share: float) -> timedelta | None:
    """Return the smallest span that at least *share* (0 to 1) of all do not exceed (nearest rank)."""
    ordered = sorted(spans)
    if not ordered:
        return None
    rank = max(1, -(-int(len(ordered) * share * 1000) // 1000))
    return ordered[rank - 1]


def measure(spans: Sequence[timedelta]) -> Measured:
    """Return median and 90th percentile of *spans*."""
    return Measured(percentile(spans, 0.5), percentile(spans, 0.9), len(spans))


async def figures(parts: Parts, agent_id: str, start: datetime, end: datetime) -> Figures:
    """Return the figures of what was opened or decided in that time; raises NoRightError."""
    async with parts.work.reading() as work:
        agent = await agent_with(work, agent_id, Right.SEE_FIGURES)
        reads = agent.role is not None and Right.SEE_TRANSCRIPT in RIGHTS[agent.role]
        tickets = await work.tickets.decided_between(start, end)
        cases = await work.figures.cases_between(start, end)
        misheard = await work.figures.not_understood(start, end, MISHEARD) if reads else ()
    real = [ticket for ticket in tickets if ticket.lane is not Lane.NOBODY]
    return Figures(
        cases=cases,
        recovery=measure(cases.to_recovery),
        waiting={kind: measure(_spans(real, kind)) for kind in Kind},
        outcomes=Counter(ticket.state for ticket in real),
        refusals=Counter(t.reason for t in real if t.reason and t.state is TicketState.REFUSED),
        not_understood=misheard,
    )


def _spans(tickets: Sequence[Ticket], kind: Kind) -> list[timedelta]:
    return [t.decided_at - t.created_at for t in tickets if t.kind is kind and t.decided_at is not None]
