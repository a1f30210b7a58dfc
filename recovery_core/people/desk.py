"""The desk: its queue, one ticket with what is needed to decide it, and what needs no vote (R15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from recovery_core.accounts.account import Account
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Line
from recovery_core.errors import ConflictError, GoneError, RecoveryError
from recovery_core.people import live
from recovery_core.people.agents import agent_with, desk_ticket, is_reviewer
from recovery_core.people.enabling import reason_of
from recovery_core.people.operators import Operator
from recovery_core.people.paging import SIZE, Page, before, page_of
from recovery_core.people.rights import RIGHTS, Right
from recovery_core.people.scope import locked
from recovery_core.people.settling import settle
from recovery_core.people.tickets import Kind, Lane, Note, Reason, Ticket, TicketState, Vote
from recovery_core.people.voting import VOTED, is_own
from recovery_core.work import UnitOfWork

CHECKLIST: dict[Kind, tuple[str, ...]] = {
    Kind.REVIEW: ("licence_readable", "name_matches", "uscc_matches", "seal_and_date", "person_authorised"),
    Kind.TAKEOVER: ("owner_reached", "sessions_ended", "contacts_checked", "administrator_told"),
    Kind.TALK: ("need_understood", "way_shown"),
    Kind.ENABLE: ("reason_known", "person_employed"),
}
"""Keys of what is to be looked at, by kind; the words stand in the desk's catalogue."""
_LINES = 500


@dataclass(frozen=True, slots=True)
class DeskView:
    """One ticket as this agent may see it now."""

    ticket: Ticket
    position: int
    notes: Sequence[Note]
    lines: Sequence[Line] = field(repr=False)
    """The masked transcript; empty without the right to see it."""
    votes: Sequence[Vote]
    """Empty until this agent has voted or the ticket is decided."""
    voted: bool
    may_vote: bool
    account: Account | None
    """Registered data: only after a proof, and for reviewers of documents (R15, R17)."""
    checklist: tuple[str, ...]


async def queue(parts: Parts, agent_id: str, number: int = 1) -> Page[Ticket]:
    """Return one page of the desk's open tickets in queue order; raises NoRightError."""
    async with parts.work.reading() as work:
        await agent_with(work, agent_id, Right.SEE_QUEUE)
        return page_of(await work.tickets.queue(Lane.DESK, None, SIZE + 1, before(number)), number)


async def open_ticket(parts: Parts, agent_id: str, ticket_id: str) -> DeskView:
    """Return one ticket and note who looked; raises NoRightError or UnknownError."""
    async with parts.work() as work:
        agent = await agent_with(work, agent_id, Right.SEE_TICKET)
        ticket = await desk_ticket(work, ticket_id)
        said = {"ticket": ticket.id, "by": agent.id}
        await work.audit.append(ticket.case_id, AuditName.TICKET_SEEN, parts.clock.now(), said)
        view = await _view(work, agent, ticket)
        await work.commit()
    return view


async def take(parts: Parts, agent_id: str, ticket_id: str) -> Ticket:
    """Work on the ticket; of two agents one gets ConflictError. A talk begins with it."""
    async with parts.work() as work:
        agent = await agent_with(work, agent_id, Right.TAKE)
        case, ticket = await locked(work, await desk_ticket(work, ticket_id))
        if ticket.assignee == agent.id and ticket.state is TicketState.TAKEN:
            return ticket
        if ticket.state is TicketState.TAKEN:
            raise ConflictError("taken")
        if ticket.state is not TicketState.OPEN:
            raise GoneError("already_decided")
        if ticket.kind is Kind.TALK:
            await agent_with(work, agent_id, Right.CHAT)
            await live.begin(work, parts, case, ticket, agent)
        mine = replace(ticket, assignee=agent.id)
        taken = await settle(work, parts, mine, TicketState.TAKEN, AuditName.TICKET_TAKEN, agent.id)
        await work.commit()
    return taken


async def release(parts: Parts, agent_id: str, ticket_id: str) -> Ticket:
    """Put the own ticket back into the queue; a talk is given back instead."""
    async with parts.work() as work:
        agent = await agent_with(work, agent_id, Right.TAKE)
        _, ticket = await locked(work, await desk_ticket(work, ticket_id))
        if ticket.assignee != agent.id or ticket.state is not TicketState.TAKEN or ticket.kind is Kind.TALK:
            raise RecoveryError("not_yours")
        free = replace(ticket.move(TicketState.OPEN, parts.clock.now()), assignee=None)
        await work.tickets.save(free)
        await work.commit()
    return free


async def add_note(parts: Parts, agent_id: str, ticket_id: str, text: str) -> None:
    """Keep an internal note, masked; raises RecoveryError for an empty one."""
    note = reason_of(text)
    async with parts.work() as work:
        agent = await agent_with(work, agent_id, Right.NOTE)
        ticket = await desk_ticket(work, ticket_id)
        await work.tickets.add_note(Note(ticket.id, agent.id, note, parts.clock.now()))
        await work.commit()


async def close(parts: Parts, agent_id: str, ticket_id: str) -> Ticket:
    """Close what needs no vote; a talk gives the conversation back to the assistant."""
    async with parts.work() as work:
        agent = await agent_with(work, agent_id, Right.DECIDE)
        case, ticket = await _undecided(work, ticket_id)
        if ticket.kind is Kind.TALK:
            await live.finish(work, parts, case, ticket)
        closed = await settle(work, parts, ticket, TicketState.CLOSED, AuditName.TICKET_CLOSED, agent.id)
        await work.commit()
    return closed


async def refuse(parts: Parts, agent_id: str, ticket_id: str, reason: Reason) -> Ticket:
    """Refuse what needs no vote, with a reason; the case itself goes on."""
    async with parts.work() as work:
        agent = await agent_with(work, agent_id, Right.DECIDE)
        case, ticket = await _undecided(work, ticket_id)
        if ticket.kind is Kind.TALK:
            await live.finish(work, parts, case, ticket)
        refused = await settle(
            work, parts, ticket, TicketState.REFUSED, AuditName.TICKET_REFUSED, agent.id, reason
        )
        await work.commit()
    return refused


async def _undecided(work: UnitOfWork, ticket_id: str) -> tuple[Case, Ticket]:
    case, ticket = await locked(work, await desk_ticket(work, ticket_id))
    if ticket.kind in VOTED:
        raise RecoveryError("wants_votes")
    if not ticket.is_open:
        raise GoneError("already_decided")
    return case, ticket


async def _view(work: UnitOfWork, agent: Operator, ticket: Ticket) -> DeskView:
    votes = await work.tickets.votes(ticket.id)
    voted = any(vote.reviewer == agent.id for vote in votes)
    case = await work.cases.lock(ticket.case_id)
    talk = case.conversation_id if case else ticket.conversation_id
    rights = RIGHTS[agent.role] if agent.role else frozenset()
    see = Right.SEE_TRANSCRIPT in rights
    votable = ticket.kind in VOTED and ticket.state in {TicketState.OPEN, TicketState.TAKEN}
    return DeskView(
        ticket=ticket,
        position=await work.tickets.position(ticket),
        notes=await work.tickets.notes(ticket.id),
        lines=await work.conversations.since(talk, 0, _LINES) if see else (),
        votes=votes if voted or not ticket.is_open else (),
        voted=voted,
        may_vote=votable and Right.VOTE in rights and not voted and not is_own(agent, ticket),
        account=await _registered(work, agent, ticket),
        checklist=CHECKLIST.get(ticket.kind, ()),
    )


async def _registered(work: UnitOfWork, agent: Operator, ticket: Ticket) -> Account | None:
    shown = ticket.proofs or (is_reviewer(agent) and ticket.kind is Kind.REVIEW)
    return await work.accounts.by_id(ticket.account_id) if shown and ticket.account_id else None
