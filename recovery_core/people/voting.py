"""Two people decide independently: not twice, not on an own ticket, nor after seeing another vote (R17)."""

from __future__ import annotations

from collections.abc import Sequence

from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, RecoveryError
from recovery_core.people.agents import agent_with, desk_ticket
from recovery_core.people.enabling import enable_account
from recovery_core.people.operators import Operator
from recovery_core.people.reviewing import accept
from recovery_core.people.rights import Right
from recovery_core.people.scope import locked
from recovery_core.people.settling import refuse_case
from recovery_core.people.tickets import Kind, Reason, Ticket, TicketState, Vote
from recovery_core.work import UnitOfWork

VOTED = frozenset({Kind.REVIEW, Kind.ENABLE})
"""Kinds that the desk decides by votes and by nothing else."""
_VOTABLE = frozenset({TicketState.OPEN, TicketState.TAKEN})


def outcome(votes: Sequence[Vote], wanted: int) -> bool | None:
    """Return what *wanted* different reviewers agree on, None while they do not."""
    for side in (True, False):
        if len({vote.reviewer for vote in votes if vote.approve is side}) >= wanted:
            return side
    return None


async def vote(
    parts: Parts,
    reviewer_id: str,
    ticket_id: str,
    approve: bool,  # noqa: FBT001
    reason: Reason | None,
) -> Ticket:
    """Give one vote; the one that completes an agreement decides.

    Raises NoRightError, UnknownError, GoneError, or RecoveryError with ``own_ticket``, ``voted_already``,
    ``reason_missing`` or ``nothing_to_review``.
    """
    if not approve and reason is None:
        raise RecoveryError("reason_missing")
    async with parts.work() as work:
        reviewer = await agent_with(work, reviewer_id, Right.VOTE)
        case, ticket = await locked(work, await desk_ticket(work, ticket_id))
        check_vote(reviewer, case, ticket)
        given = Vote(ticket.id, reviewer.id, approve, None if approve else reason, parts.clock.now())
        if not await work.tickets.add_vote(given):
            raise RecoveryError("voted_already")
        said = {"ticket": ticket.id, "by": reviewer.id}
        await work.audit.append(case.id, AuditName.VOTE_GIVEN, given.at, said)
        ticket = await _count(work, parts, case, ticket, given)
        await work.commit()
    return ticket


def check_vote(reviewer: Operator, case: Case, ticket: Ticket) -> None:
    """Return if the reviewer may vote on the ticket now, else raise."""
    if is_own(reviewer, ticket):
        raise RecoveryError("own_ticket")
    if not ticket.is_open:
        raise GoneError("already_decided")
    if ticket.kind not in VOTED or ticket.state not in _VOTABLE:
        raise RecoveryError("nothing_to_review")
    if case.state is not State.ESCALATED:
        raise GoneError("case_over")


def is_own(reviewer: Operator, ticket: Ticket) -> bool:
    """Tell whether the ticket is the reviewer's: their own mailbox, or one they work on themselves."""
    mailbox = ticket.address is not None and reviewer.name.casefold() == ticket.address.casefold()
    return mailbox or reviewer.id in {ticket.assignee, ticket.account_id}


async def _count(work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, given: Vote) -> Ticket:
    agreed = outcome(await work.tickets.votes(ticket.id), parts.numbers.votes_wanted)
    if agreed is None:
        return ticket
    if not agreed:
        return await refuse_case(work, parts, case, ticket, given.reason or Reason.OTHER, "votes")
    if ticket.kind is Kind.REVIEW:
        return await accept(work, parts, case, ticket)
    account = await work.accounts.by_id(ticket.account_id) if ticket.account_id else None
    if account is None:
        raise GoneError("account_gone")
    return await enable_account(work, parts, case, ticket, account, "votes", "votes")
