"""Once a minute: what time or a case's end decides about tickets (R17, R18)."""

from __future__ import annotations

from datetime import timedelta

from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import LineKind
from recovery_core.people import live, reviewing
from recovery_core.people.scope import locked
from recovery_core.people.settling import refuse_case, settle
from recovery_core.people.tickets import DUE, Kind, Lane, Reason, Ticket, TicketState
from recovery_core.work import UnitOfWork

_BATCH = 200
_DAY = timedelta(days=1)
_BY_ADMINISTRATOR = frozenset({Kind.RESET, Kind.OWNER_APPROVAL, Kind.SUPER_APPROVAL})
_OUTLIVES_CASE = frozenset({Kind.TALK, Kind.TAKEOVER})
"""Kinds that are still somebody's work when their case has ended."""


async def sweep(parts: Parts) -> None:
    """Refuse decoys, withdraw orphans, let reviews take effect or open, end waits that lasted too long."""
    await _refuse_decoys(parts)
    await _settle_orphans(parts)
    await _let_reviews_work(parts)
    await _open_reviews(parts)
    await _end_waits(parts)


async def _refuse_decoys(parts: Parts) -> None:
    """Refuse tickets of nobody after the median time of their kind (R18)."""
    now = parts.clock.now()
    async with parts.work.reading() as work:
        after = {kind: await _usual(work, parts, kind) for kind in Kind}
        ids = await work.tickets.due_decoys(now - min(after.values()), _BATCH)
    for ticket_id in ids:
        async with parts.work() as work:
            found = await work.tickets.get(ticket_id)
            if found is None or now < found.created_at + after[found.kind]:
                continue
            case, ticket = await locked(work, found)
            if ticket.state is not TicketState.OPEN or case.ended:
                continue
            await refuse_case(work, parts, case, ticket, Reason.NOT_MATCHED, None)
            await work.commit()


async def _usual(work: UnitOfWork, parts: Parts, kind: Kind) -> timedelta:
    measured = await work.tickets.measured(kind, parts.numbers.tickets_measured)
    return measured.median if measured.median is not None else DUE[kind] / 3


async def _settle_orphans(parts: Parts) -> None:
    async with parts.work.reading() as work:
        ids = await work.tickets.orphans(_BATCH)
    for ticket_id in ids:
        async with parts.work() as work:
            found = await work.tickets.get(ticket_id)
            if found is None:
                continue
            case, ticket = await locked(work, found)
            if case.ended and await settle_orphan(work, parts, case, ticket):
                await work.commit()


async def settle_orphan(work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket) -> bool:
    """End the locked ticket of an ended case as the case ended; tell whether there was anything to end."""
    if ticket.state is TicketState.APPROVED and case.state is not State.FROZEN:
        await settle(work, parts, ticket, TicketState.CLOSED, AuditName.TICKET_CLOSED)
        return True
    if ticket.kind in _OUTLIVES_CASE or not (ticket.is_open or ticket.state is TicketState.APPROVED):
        return False
    if case.state is State.FROZEN:
        refused = TicketState.REFUSED
        await settle(work, parts, ticket, refused, AuditName.TICKET_REFUSED, reason=Reason.VETOED)
    elif case.state is State.COMPLETED:
        await settle(work, parts, ticket, TicketState.CLOSED, AuditName.TICKET_CLOSED)
    else:
        await settle(work, parts, ticket, TicketState.WITHDRAWN, AuditName.TICKET_WITHDRAWN)
    return True


async def _let_reviews_work(parts: Parts) -> None:
    async with parts.work.reading() as work:
        ids = await work.tickets.effective(parts.clock.now(), _BATCH)
    for ticket_id in ids:
        async with parts.work() as work:
            if await reviewing.take_effect(work, parts, ticket_id):
                await work.commit()


async def _open_reviews(parts: Parts) -> None:
    """Say, once, that documents may be sent because no administrator answered in time (R17)."""
    now = parts.clock.now()
    async with parts.work.reading() as work:
        ids = await work.tickets.due_between(now - _DAY, now, _BATCH)
    for ticket_id in ids:
        async with parts.work() as work:
            ticket = await work.tickets.get(ticket_id)
            case = await work.cases.lock(ticket.case_id) if ticket else None
            if ticket is None or case is None or case.ended or ticket.kind not in _BY_ADMINISTRATOR:
                continue
            said = {"event": Event.REVIEW_POSSIBLE.value}
            message_id = f"review-possible-{ticket.id}"
            talk = case.conversation_id
            if await work.conversations.append(talk, LineKind.EVENT, message_id, said, now):
                await work.commit()


async def _end_waits(parts: Parts) -> None:
    looked = 0
    while True:
        async with parts.work.reading() as work:
            queue = await work.tickets.queue(Lane.DESK, None, _BATCH, looked)
        for ticket in queue:
            if ticket.kind is Kind.TALK and ticket.state is TicketState.OPEN:
                async with parts.work() as work:
                    if await live.miss(work, parts, ticket.id):
                        await work.commit()
        looked += len(queue)
        if len(queue) < _BATCH:
            return
