"""The audit trail for those who may read it: chains by their last link, then the links of one (R15, R21)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recovery_core.audit import AuditChain, AuditEvent
from recovery_core.cases.parts import Parts
from recovery_core.errors import UnknownError
from recovery_core.people.agents import agent_with
from recovery_core.people.rights import Right

CHAINS = 30
LINKS = 50
"""How many stand on a page."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A chain, with the reference of its case; empty where there is no case (any more)."""

    chain: AuditChain
    reference: str


@dataclass(frozen=True, slots=True)
class Trail:
    """Links of one chain, newest first, and the names of the agents who appear in them."""

    reference: str
    links: Sequence[AuditEvent]
    names: Mapping[str, str]


async def chains(parts: Parts, agent_id: str, before: tuple[datetime, str] | None) -> Sequence[Listed]:
    """Return :data:`CHAINS` chains after the one that *before* names; raises NoRightError."""
    async with parts.work.reading() as work:
        await agent_with(work, agent_id, Right.SEE_AUDIT)
        found = await work.audit.chains(before, CHAINS)
        cases = [await work.cases.get(chain.name) for chain in found]
    paired = zip(found, cases, strict=True)
    return [Listed(chain, case.reference if case else "") for chain, case in paired]


async def trail(parts: Parts, agent_id: str, chain: str, before: int | None) -> Trail:
    """Return :data:`LINKS` links of *chain* before position *before*; raises NoRightError, UnknownError."""
    async with parts.work.reading() as work:
        await agent_with(work, agent_id, Right.SEE_AUDIT)
        links = await work.audit.page(chain, before, LINKS)
        if not links:
            raise UnknownError("chain")
        case = await work.cases.get(chain)
        agents = await work.operators.agents()
    return Trail(case.reference if case else "", links, {agent.id: agent.display_name for agent in agents})
