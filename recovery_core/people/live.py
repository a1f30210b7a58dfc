"""A person answers: the conversation waits, is taken and given back; the assistant sees none of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from recovery_core.audit import AuditName
from recovery_core.cases import forms
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.hearing import HIDDEN, EmptyTextError
from recovery_core.cases.opening import open_case
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.conversations.code_in_line import code_try, mask_codes
from recovery_core.conversations.conversation import Line, LineKind, Mode
from recovery_core.conversations.masking import looks_like_password, mask_secrets
from recovery_core.conversations.text import clean, is_blank
from recovery_core.errors import GoneError, RecoveryError
from recovery_core.messages import Button, FormPurpose, Message, MessageId
from recovery_core.people import crowding
from recovery_core.people.agents import agent_with, desk_ticket
from recovery_core.people.filing import client_of, new_ticket
from recovery_core.people.operators import Operator
from recovery_core.people.rights import Right
from recovery_core.people.routing import Route
from recovery_core.people.scope import locked
from recovery_core.people.settling import settle
from recovery_core.people.statusing import measured_words
from recovery_core.people.tickets import Kind, Lane, Ticket, TicketState
from recovery_core.work import UnitOfWork

_TALK = Route(Kind.TALK, Lane.DESK)
_BUTTON_BITS = 96


async def talk_to_human(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Wait for a person if somebody is there now, else leave a ticket; say what was measured, no promise."""
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is None or case.ended:
            case = await open_case(work, parts, conversation_id)
        full = await crowding.no_more_talks(work, parts, case)
        if full is not None:
            return (full,)
        new = replace(new_ticket(parts, case, _TALK), client=await client_of(work, case))
        ticket = await work.tickets.add_once(new)
        if ticket.state is TicketState.TAKEN:
            return (Message(MessageId.TALK_IS_ON),)
        now = parts.clock.now()
        await work.tickets.save(replace(ticket, updated_at=now))
        await work.audit.append(case.id, AuditName.TALK_WAITED, now, {"ticket": ticket.id})
        said = await _waits(work, parts, conversation_id, ticket)
        measured = await measured_words(work, parts, Kind.TALK)
        await work.commit()
    return (said, measured)


async def say(parts: Parts, agent_id: str, ticket_id: str, message_id: str, text: str) -> Line | None:
    """Say *text*, masked, once per *message_id* (None: it was said before); raises EmptyTextError."""
    said = _masked(text)
    async with parts.work() as work:
        agent, case, _ = await _own(work, agent_id, ticket_id)
        payload = {"kind": "agent", "text": said, "by": agent.display_name}
        line = await _append(work, parts, case, message_id, payload)
        await work.commit()
    return line


async def offer_form(
    parts: Parts, agent_id: str, ticket_id: str, message_id: str, purpose: FormPurpose
) -> Line | None:
    """Offer the person a secure form that their case may have now; raises ``form_not_possible``."""
    async with parts.work() as work:
        _, case, _ = await _own(work, agent_id, ticket_id)
        token = await forms.mint(work, parts, case.conversation_id, purpose)
        if token is None:
            raise RecoveryError("form_not_possible")
        form = {"purpose": purpose.value, "id": forms.form_id_of(parts, token)}
        payload = {"kind": "form", "key": "gateway.form_offered", "form": form}
        line = await _append(work, parts, case, message_id, payload)
        await work.commit()
    return line


async def give_back(parts: Parts, agent_id: str, ticket_id: str) -> Ticket:
    """Let the assistant go on where the case was; the talk's ticket is closed."""
    async with parts.work() as work:
        agent, case, ticket = await _own(work, agent_id, ticket_id)
        await finish(work, parts, case, ticket)
        closed = await settle(work, parts, ticket, TicketState.CLOSED, AuditName.TICKET_CLOSED, agent.id)
        await work.commit()
    return closed


async def leave(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Go back to the assistant because the person wants to; the case continues where it was."""
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        for found in await work.tickets.of_case(case.id) if case else ():
            ticket = await work.tickets.lock(found.id)
            if ticket is None or ticket.kind is not Kind.TALK or not ticket.is_open:
                continue
            taken = ticket.state is TicketState.TAKEN
            to = TicketState.CLOSED if taken else TicketState.WITHDRAWN
            name = AuditName.TALK_ENDED if taken else AuditName.TICKET_WITHDRAWN
            await settle(work, parts, ticket, to, name)
        await work.conversations.set_mode(conversation_id, Mode.BOT)
        said = await reminder(work, parts, case)
        await work.commit()
    return (Message(MessageId.TALK_ENDED), *said)


async def mode_of(parts: Parts, conversation_id: str) -> Mode:
    """Return who answers in the conversation now."""
    async with parts.work.reading() as work:
        conversation = await work.conversations.get(conversation_id)
    return conversation.mode if conversation else Mode.BOT


async def begin(work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, agent: Operator) -> None:
    """Let the agent answer from now on, wherever the case is now (R13)."""
    now = parts.clock.now()
    await work.conversations.set_mode(case.conversation_id, Mode.HUMAN)
    way_back = parts.entropy.token(_BUTTON_BITS)
    names = {way_back: Button.BACK_TO_ASSISTANT.value}
    await work.conversations.add_buttons(case.conversation_id, names, now)
    button = {"id": way_back, "name": Button.BACK_TO_ASSISTANT.value, "key": "gateway.back_to_assistant"}
    notice = {"kind": "notice", "key": "gateway.person_here", "buttons": [button]}
    message_id = f"talk-{ticket.id}"
    await work.conversations.append(case.conversation_id, LineKind.REPLY, message_id, notice, now)
    await work.audit.append(case.id, AuditName.TALK_TAKEN, now, {"ticket": ticket.id, "by": agent.id})


async def finish(work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket) -> None:
    """Let the assistant answer again and say where the person stands."""
    await work.conversations.set_mode(case.conversation_id, Mode.BOT)
    await announce(work, parts, case.conversation_id, Event.TALK_ENDED)
    said = {"ticket": ticket.id}
    await work.audit.append(case.id, AuditName.TALK_ENDED, parts.clock.now(), said)


async def miss(work: UnitOfWork, parts: Parts, ticket_id: str) -> bool:
    """Stop a waiting that lasted too long: the ticket stays, the assistant goes on; tell whether it did."""
    found = await work.tickets.get(ticket_id)
    if found is None:
        return False
    case, ticket = await locked(work, found)
    conversation = await work.conversations.get(case.conversation_id)
    late = parts.clock.now() >= ticket.updated_at + parts.numbers.live_wait
    waits = conversation is not None and conversation.mode is Mode.WAITING
    if ticket.state is not TicketState.OPEN or not late or not waits:
        return False
    await work.conversations.set_mode(case.conversation_id, Mode.BOT)
    await announce(work, parts, case.conversation_id, Event.TALK_MISSED)
    return True


async def _waits(work: UnitOfWork, parts: Parts, conversation_id: str, ticket: Ticket) -> Message:
    there = await work.operators.present(parts.clock.now() - parts.numbers.desk_present)
    if not there:
        return Message(MessageId.TALK_TICKET, {"number": ticket.number})
    await work.conversations.set_mode(conversation_id, Mode.WAITING)
    return Message(MessageId.TALK_WAITING, {"position": await work.tickets.position(ticket)})


async def _own(work: UnitOfWork, agent_id: str, ticket_id: str) -> tuple[Operator, Case, Ticket]:
    agent = await agent_with(work, agent_id, Right.CHAT)
    case, ticket = await locked(work, await desk_ticket(work, ticket_id))
    if ticket.kind is not Kind.TALK or ticket.assignee != agent.id:
        raise RecoveryError("not_yours")
    if ticket.state is not TicketState.TAKEN:
        raise GoneError("talk_over")
    return agent, case, ticket


async def _append(
    work: UnitOfWork, parts: Parts, case: Case, message_id: str, payload: Mapping[str, object]
) -> Line | None:
    now, message_id = parts.clock.now(), f"agent-{message_id}"
    if await work.conversations.replies_to(case.conversation_id, message_id):
        return None
    return await work.conversations.append(case.conversation_id, LineKind.REPLY, message_id, payload, now)


def _masked(text: str) -> str:
    cleaned = clean(text)
    if is_blank(cleaned):
        raise EmptyTextError
    if code_try(cleaned) is not None or looks_like_password(cleaned):
        return HIDDEN
    return mask_codes(mask_secrets(cleaned).text)
