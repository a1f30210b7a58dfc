"""Who at the desk asks, as they are now: role and rights are read again for every act (R15)."""

from __future__ import annotations

from recovery_core.errors import UnknownError
from recovery_core.people.operators import Console, Operator
from recovery_core.people.rights import DeskRole, NoRightError, Right, require
from recovery_core.people.tickets import Lane, Ticket
from recovery_core.work import UnitOfWork


async def agent_with(work: UnitOfWork, agent_id: str, right: Right) -> Operator:
    """Return the agent if they hold *right* now; raises NoRightError."""
    agent = await work.operators.by_id(agent_id)
    if agent is None or agent.disabled or agent.console is not Console.DESK or agent.role is None:
        raise NoRightError
    require(agent.role, right)
    return agent


async def desk_ticket(work: UnitOfWork, ticket_id: str) -> Ticket:
    """Return a ticket of the desk, without a lock; raises UnknownError for any other lane's."""
    ticket = await work.tickets.get(ticket_id)
    if ticket is None or ticket.lane is not Lane.DESK:
        raise UnknownError("ticket")
    return ticket


def is_reviewer(agent: Operator) -> bool:
    """Tell whether the agent may judge documents."""
    return agent.role is DeskRole.REVIEWER
