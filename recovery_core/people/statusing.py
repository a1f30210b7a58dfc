"""Where is my request: state, position, and how long the last ones took; measured, never promised (R18)."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from recovery_core.cases import answering
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.conversations.conversation import Mode
from recovery_core.messages import Message, MessageId
from recovery_core.people.ports import Measured
from recovery_core.people.tickets import Kind, Ticket, TicketState
from recovery_core.work import UnitOfWork

_MINUTES_UNTIL = timedelta(hours=3)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


async def ticket_status(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Tell how the request of this conversation's case stands, else how the case does.

    A conversation knows only its own case: it asked itself, or brought the resume secret (R13).
    """
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
        tickets = await work.tickets.of_case(case.id) if case else ()
        if tickets:
            conversation = await work.conversations.get(conversation_id)
            talk = conversation is not None and conversation.mode is not Mode.BOT
            ticket = next((t for t in tickets if (t.kind is Kind.TALK) is talk), tickets[0])
            if not (case and case.ended and ticket.is_open) and ticket.kind is not Kind.TALK:
                return await status_of(work, parts, ticket)
            if ticket.kind is Kind.TALK and ticket.is_open:
                said = await _of_talk(work, parts, ticket, waiting=talk)
                # A ticket for a talk stops nothing: the recovery goes on beside it.
                return said if talk else (*said, *await reminder(work, parts, case))
    return await answering.status(parts, conversation_id)


async def status_of(work: UnitOfWork, parts: Parts, ticket: Ticket) -> tuple[Message, ...]:
    """Return what is said about *ticket* now; a decoy's reads like any other (R18)."""
    if not ticket.is_open:
        return (_decided(parts, ticket),)
    number = {"number": ticket.number}
    if ticket.kind is Kind.REVIEW and ticket.state is TicketState.WAITING:
        return (Message(MessageId.REVIEW_OPENED, number),)
    if ticket.kind is Kind.TAKEOVER:
        return (Message(MessageId.TAKEOVER_FILED, number), await measured_words(work, parts, ticket.kind))
    waits = MessageId.REVIEW_WAITS if ticket.kind is Kind.REVIEW else MessageId.REQUEST_WAITS
    position = await work.tickets.position(ticket)
    said = Message(waits, {**number, "position": position})
    return (said, await measured_words(work, parts, ticket.kind))


def _decided(parts: Parts, ticket: Ticket) -> Message:
    number = {"number": ticket.number}
    if ticket.state is TicketState.REFUSED and ticket.reason is not None:
        return Message(MessageId(f"refused_{ticket.reason.value}"), number)
    if ticket.state is TicketState.WITHDRAWN:
        return Message(MessageId.REQUEST_WITHDRAWN, number)
    if ticket.state is TicketState.APPROVED and ticket.effective_at is not None:
        left = ticket.effective_at - parts.clock.now()
        return Message(MessageId.REVIEW_COOLS, {**number, "hours": max(1, ceil(left / _HOUR))})
    return Message(MessageId.REQUEST_DONE, number)


async def measured_words(work: UnitOfWork, parts: Parts, kind: Kind) -> Message:
    """Say median and 90th percentile of the last decided tickets of *kind*, or that there are none."""
    return measured_message(await work.tickets.measured(kind, parts.numbers.tickets_measured))


def measured_message(measured: Measured) -> Message:
    """Return the message for what was measured: minutes while they read well, else hours."""
    if measured.median is None or measured.p90 is None or not measured.count:
        return Message(MessageId.NOT_MEASURED)
    unit, id_ = (_MINUTE, MessageId.MEASURED_MINUTES)
    if measured.p90 > _MINUTES_UNTIL:
        unit, id_ = (_HOUR, MessageId.MEASURED_HOURS)
    spans = {"median": max(1, ceil(measured.median / unit)), "p90": max(1, ceil(measured.p90 / unit))}
    return Message(id_, {"count": measured.count, **spans})


async def _of_talk(work: UnitOfWork, parts: Parts, ticket: Ticket, *, waiting: bool) -> tuple[Message, ...]:
    if ticket.state is TicketState.TAKEN:
        return (Message(MessageId.TALK_IS_ON),)
    if waiting:
        position = await work.tickets.position(ticket)
        said = Message(MessageId.TALK_WAITING, {"position": position})
    else:
        said = Message(MessageId.TALK_TICKET, {"number": ticket.number})
    return (said, await measured_words(work, parts, ticket.kind))
