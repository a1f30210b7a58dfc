"""What to say about news of tickets; everything else is the cases' to say."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from recovery_core.cases import answering, reporting
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.messages import Message, MessageId
from recovery_core.people.requesting import request_administrator
from recovery_core.people.statusing import status_of
from recovery_core.people.tickets import Kind, Ticket, TicketState
from recovery_core.work import UnitOfWork

_ABOUT_TICKETS = frozenset(
    {
        Event.REQUEST_REFUSED,
        Event.DOCUMENTS_RECEIVED,
        Event.REVIEW_APPROVED,
        Event.REVIEW_EFFECTIVE,
        Event.REVIEW_POSSIBLE,
        Event.REQUEST_APPROVED,
        Event.ACCOUNT_ENABLED,
        Event.TALK_MISSED,
        Event.TALK_ENDED,
    }
)


async def report(parts: Parts, conversation_id: str, event: Event) -> tuple[Message, ...]:
    """Return what to say about *event*, told from case and tickets as they stand now."""
    if event not in _ABOUT_TICKETS:
        return await after_proof(
            parts, conversation_id, await reporting.report(parts, conversation_id, event)
        )
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
        if case is None:
            return (Message(MessageId.CASE_STATUS_NONE),)
        return await _of_ticket(work, parts, case, event)


async def affirm(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Take a yes, as the cases do; a proof on a disabled account asks its administrator at once."""
    return await after_proof(parts, conversation_id, await answering.affirm(parts, conversation_id))


async def after_proof(parts: Parts, conversation_id: str, said: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return *said*; where it tells of a disabled account, the administrator is asked to enable it (R10)."""
    if not any(message.id is MessageId.DISABLED_AFTER_PROOF for message in said):
        return said
    return await request_administrator(parts, conversation_id)


async def _of_ticket(work: UnitOfWork, parts: Parts, case: Case, event: Event) -> tuple[Message, ...]:
    tickets = await work.tickets.of_case(case.id)
    rest = await reminder(work, parts, case)
    if event is Event.REQUEST_APPROVED:
        return _approved(parts, case) or rest
    if event is Event.ACCOUNT_ENABLED:
        return (Message(MessageId.ACCOUNT_ENABLED),) if case.state is State.CHALLENGED else rest
    if event is Event.REVIEW_EFFECTIVE:
        return (Message(MessageId.REVIEW_EFFECTIVE),) if case.state is State.APPROVED else rest
    if event is Event.TALK_ENDED:
        return (Message(MessageId.TALK_ENDED), *rest)
    return await _of_newest(work, parts, event, tickets) or rest


async def _of_newest(
    work: UnitOfWork, parts: Parts, event: Event, tickets: Sequence[Ticket]
) -> tuple[Message, ...]:
    talk = next((t for t in tickets if t.kind is Kind.TALK), None)
    ticket = next((t for t in tickets if t.kind not in {Kind.TALK, Kind.TAKEOVER}), None)
    if event is Event.TALK_MISSED and talk is not None:
        return (Message(MessageId.TALK_MISSED, {"number": talk.number}),)
    if event is Event.REVIEW_POSSIBLE and ticket is not None and ticket.is_open:
        return (Message(MessageId.REVIEW_POSSIBLE),)
    if event is Event.DOCUMENTS_RECEIVED and ticket is not None and ticket.state is not TicketState.WAITING:
        return (Message(MessageId.DOCUMENTS_RECEIVED, {"number": ticket.number}),)
    return await status_of(work, parts, ticket) if ticket is not None else ()


def _approved(parts: Parts, case: Case) -> tuple[Message, ...]:
    if case.state is not State.PROVEN or case.grant is None:
        return ()
    left = case.grant.expires_at - parts.clock.now()
    minutes = max(1, ceil(left.total_seconds() / 60))
    return (Message(MessageId.REQUEST_APPROVED, {"minutes": minutes}),)
