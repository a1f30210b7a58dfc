"""A ticket moves: stored with its audit event, and the person learns of it (R18)."""

from __future__ import annotations

from dataclasses import replace

from recovery_core.accounts.account import ContactKind
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.opening import end
from recovery_core.cases.parts import Parts
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.people.tickets import Reason, Ticket, TicketState
from recovery_core.work import UnitOfWork

_DECIDED = frozenset({TicketState.APPROVED, TicketState.REFUSED, TicketState.CLOSED})


async def settle(
    work: UnitOfWork,
    parts: Parts,
    ticket: Ticket,
    state: TicketState,
    name: AuditName,
    by: str | None = None,
    reason: Reason | None = None,
) -> Ticket:
    """Move the locked ticket, note who decided and why; raises MoveNotAllowedError."""
    now = parts.clock.now()
    moved = ticket.move(state, now)
    if state in _DECIDED and ticket.decided_at is None:
        moved = replace(moved, decided_at=now, decided_by=by, reason=reason)
    elif reason is not None:
        moved = replace(moved, reason=reason)
    await work.tickets.save(moved)
    said = {"ticket": ticket.id} | ({"by": by} if by else {}) | ({"reason": reason.value} if reason else {})
    await work.audit.append(ticket.case_id, name, now, said)
    return moved


async def refuse_case(
    work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, reason: Reason, by: str | None
) -> Ticket:
    """Refuse the request and end its case; the person learns why and what to do next."""
    name = AuditName.TICKET_REFUSED if by else AuditName.TICKET_EXPIRED
    refused = await settle(work, parts, ticket, TicketState.REFUSED, name, by, reason)
    if not case.ended:
        await end(work, parts, case, State.REFUSED, AuditName.CASE_REFUSED)
    await tell(work, parts, case, refused, Event.REQUEST_REFUSED)
    return refused


async def tell(work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, event: Event) -> None:
    """Bring the news to the open chat and to the contacts proven in this case, to nobody else (R18)."""
    await announce(work, parts, case.conversation_id, event)
    account = await work.accounts.by_id(case.account_id) if case.account_id else None
    for contact in account.contacts if account else ():
        if contact.id not in case.proof_contacts:
            continue
        now = parts.clock.now()
        news = Delivery(
            id=f"news:{ticket.id}:{event.value}:{contact.id}",
            channel=Channel.SMS if contact.kind is ContactKind.PHONE else Channel.MAIL,
            to=contact.value,
            template=Template.TICKET_NEWS,
            variables={"number": ticket.number, "news": event.value.removeprefix("gateway_")},
            language=contact.language,
            topic=f"ticket:{ticket.id}",
        )
        await work.outbox.put(news, now)
