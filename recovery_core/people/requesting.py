"""The person asks for somebody above: an administrator, the owner, reviewers; the words never tell which."""

from __future__ import annotations

from collections.abc import Sequence

from recovery_core.audit import AuditName
from recovery_core.cases import opening
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.messages import Message, MessageId
from recovery_core.people import crowding, filing
from recovery_core.people.routing import looks_like_super, route, surroundings
from recovery_core.people.settling import settle
from recovery_core.people.statusing import status_of
from recovery_core.people.tickets import Kind, Ticket, TicketState
from recovery_core.proofs import send_limits
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork

_MAY_ASK = frozenset({State.IDENTIFIED, State.CHALLENGED, State.ESCALATED})


async def request_administrator(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Open the request for whoever decides on this mailbox; show the match number; say what comes next."""
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is None or case.ended or case.address is None:
            return (Message(MessageId.ASK_ADDRESS),)
        standing = await _standing(work, case)
        if standing is not None:
            await filing.show_number(work, parts, conversation_id, standing)
            said = await status_of(work, parts, standing)
            await work.commit()
            return said
        if case.state not in _MAY_ASK:
            return await reminder(work, parts, case)
        try:
            said = await _file(work, parts, case, case.address)
        except send_limits.AddressLimitError as refusal:
            minutes = int(refusal.retry_after.total_seconds() // 60)
            return (Message(MessageId.ADDRESS_LIMIT, {"minutes": minutes}),)
        await work.commit()
    return said


async def request_review(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Open the review of documents where its time has come, or say what must be tried first (R17)."""
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is None or case.ended or case.address is None:
            return (Message(MessageId.ASK_ADDRESS),)
        standing = await _standing(work, case)
        if standing is not None and standing.kind is Kind.REVIEW:
            return await status_of(work, parts, standing)
        if case.state not in _MAY_ASK:
            return await reminder(work, parts, case)
        if not _may_review(parts, case, standing):
            return (Message(MessageId.REVIEW_LATER, {"days": parts.numbers.administrator_days}),)
        if standing is None:
            full = await crowding.no_more_requests(work, parts, case)
            if full is not None:
                return (full,)
        said = await _file_review(work, parts, case)
        if standing is not None and said[0].id is MessageId.REVIEW_OPENED:
            await settle(work, parts, standing, TicketState.WITHDRAWN, AuditName.TICKET_WITHDRAWN)
        await work.commit()
    return said


async def cancel(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """End the case because the person gives up; its requests are withdrawn."""
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
    said = await opening.cancel(parts, conversation_id)
    if case is not None:
        await withdraw(parts, case.id)
    return said


async def withdraw(parts: Parts, case_id: str) -> None:
    """Withdraw the open requests of a cancelled case; the sweep does it too if this never runs."""
    async with parts.work() as work:
        case = await work.cases.lock(case_id)
        if case is None or case.state is not State.CANCELLED:
            return
        for ticket in await work.tickets.of_case(case_id):
            held = await work.tickets.lock(ticket.id)
            if held is not None and held.is_open and held.kind is not Kind.TALK:
                await settle(work, parts, held, TicketState.WITHDRAWN, AuditName.TICKET_WITHDRAWN)
        await work.commit()


async def _standing(work: UnitOfWork, case: Case) -> Ticket | None:
    tickets: Sequence[Ticket] = await work.tickets.of_case(case.id)
    approved = TicketState.APPROVED
    waiting = (t for t in tickets if t.is_open or (t.state is approved and t.effective_at is not None))
    return next((t for t in waiting if t.kind in crowding.REQUESTS), None)


async def _file(work: UnitOfWork, parts: Parts, case: Case, address: str) -> tuple[Message, ...]:
    await _count_client(work, parts, case, address)
    around = await surroundings(work, address)
    full = await crowding.no_more_requests(work, parts, case)
    if full is not None:
        return (full,)
    enable = case.escalation is Escalation.ENABLE and case.state is State.ESCALATED
    if looks_like_super(address) and not enable:
        return await _file_review(work, parts, case)
    chosen = route(around, enable=enable)
    why = Escalation.ENABLE if enable else Escalation.ADMINISTRATOR
    ticket = await filing.file(work, parts, case, around, chosen, why)
    await filing.show_number(work, parts, case.conversation_id, ticket)
    filed = MessageId.DISABLED_REQUEST_FILED if enable else MessageId.REQUEST_FILED
    return (Message(filed, {"number": ticket.number}),)


async def _file_review(work: UnitOfWork, parts: Parts, case: Case) -> tuple[Message, ...]:
    full = await crowding.no_more_reviews(work, parts, case)
    if full is not None:
        return (full,)
    around = await surroundings(work, case.address or "")
    chosen = route(around, enable=False, review=True)
    ticket = await filing.file(work, parts, case, around, chosen, Escalation.REVIEW)
    return (Message(MessageId.REVIEW_OPENED, {"number": ticket.number}),)


def _may_review(parts: Parts, case: Case, standing: Ticket | None) -> bool:
    if looks_like_super(case.address or ""):
        return True
    overdue = standing is not None and parts.clock.now() >= standing.due_at
    return overdue and standing is not None and standing.kind is not Kind.ENABLE


async def _count_client(work: UnitOfWork, parts: Parts, case: Case, address: str) -> None:
    """Count the request as a start of the client for the address (R4); raises AddressLimitError."""
    now = parts.clock.now()
    client = await filing.client_of(work, case)
    keys = send_limits.SendKeys.of(parts.keyed, address, Method.SMS, client)
    trusted = client in parts.trusted_clients
    await send_limits.start_of_client(work.sends, keys, parts.numbers, now, trusted=trusted)
