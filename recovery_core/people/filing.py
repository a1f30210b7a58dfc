"""A ticket is opened: once per cause, with the same work for an address that does not exist (R2, R18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from recovery_core.audit import AuditName
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.flow import State
from recovery_core.cases.opening import end_pending
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import LineKind
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.people.hours import due_at
from recovery_core.people.routing import Route, Surroundings, approvers
from recovery_core.people.tickets import Kind, Lane, Ticket, TicketState
from recovery_core.work import UnitOfWork

TOLD_AT_MOST = 3
"""Approvers who get a mail of one request; as many rows are written for every address (R2)."""
_NUMBER_LENGTH = 6
_ID_BITS = 128


async def file(
    work: UnitOfWork, parts: Parts, case: Case, around: Surroundings, route: Route, escalation: Escalation
) -> Ticket:
    """Store the ticket of *case*, escalate the case, tell who decides; the caller commits."""
    new = replace(new_ticket(parts, case, route), client=await client_of(work, case))
    ticket = await work.tickets.add_once(new)
    await escalate(work, parts, case, escalation)
    await work.audit.append(
        case.id, AuditName.TICKET_OPENED, parts.clock.now(), {"ticket": ticket.id, "kind": ticket.kind.value}
    )
    await _tell_approvers(work, parts, ticket, around)
    return ticket


async def client_of(work: UnitOfWork, case: Case) -> str:
    """Return the keyed hash that limits count the case's client on."""
    conversation = await work.conversations.get(case.conversation_id)
    return (conversation.client_key if conversation else None) or f"conversation:{case.conversation_id}"


def new_ticket(parts: Parts, case: Case, route: Route) -> Ticket:
    """Return the ticket of *case*; a review first waits for the documents."""
    now, address = parts.clock.now(), case.address or ""
    waits = route.kind is Kind.REVIEW
    return Ticket(
        id=parts.entropy.token(_ID_BITS),
        number=f"T-{parts.entropy.readable(_NUMBER_LENGTH)}",
        kind=route.kind,
        lane=route.lane,
        case_id=case.id,
        conversation_id=case.conversation_id,
        domain=address.rpartition("@")[2],
        state=TicketState.WAITING if waits else TicketState.OPEN,
        created_at=now,
        updated_at=now,
        due_at=due_at(route.kind, now, parts.numbers.administrator_days),
        account_id=case.account_id,
        address=case.address,
        proofs=",".join(method.value for method in case.proofs),
        match_tries_left=parts.numbers.match_tries,
    )


async def escalate(work: UnitOfWork, parts: Parts, case: Case, escalation: Escalation) -> Case:
    """Move the case aside and end what was pending; a case that is aside already only changes why."""
    now = parts.clock.now()
    if case.state is not State.ESCALATED:
        case = case.move(State.ESCALATED, now)
        await end_pending(work, parts, case)
        await work.forms.end_of_case(case.id, now)
        await work.audit.append(case.id, AuditName.CASE_ESCALATED, now, {"why": escalation.value})
    case = replace(case, escalation=escalation, grant=None, updated_at=now)
    await work.cases.save(case)
    return case


async def show_number(work: UnitOfWork, parts: Parts, conversation_id: str, ticket: Ticket) -> None:
    """Let the gateway show the match number; only the ticket's id is stored, the assistant sees nothing."""
    asked = await work.conversations.unanswered(1, conversation_id)
    message_id = asked[0].message_id if asked else f"ticket-{ticket.id}"
    notice = {"kind": "notice", "key": "gateway.match_number", "ticket": ticket.id}
    now = parts.clock.now()
    await work.conversations.append(conversation_id, LineKind.REPLY, message_id, notice, now)


async def _tell_approvers(work: UnitOfWork, parts: Parts, ticket: Ticket, around: Surroundings) -> None:
    told = approvers(around, ticket.lane)[:TOLD_AT_MOST]
    for slot in range(TOLD_AT_MOST):
        to, language = told[slot] if slot < len(told) else ("", "zh")
        key = parts.keyed.of("told", to or f"{ticket.id}:{slot}")
        now = parts.clock.now()
        lately = await work.sends.attempts_since(key, now - parts.numbers.approver_told_every)
        # A row either way: a mail that is left out costs as much as one that is not (R2).
        await work.sends.add_attempt(parts.keyed.of("not-told", key) if lately else key, now)
        notice = _notice(parts, ticket, slot, to, language, now)
        await work.outbox.put(replace(notice, decoy=not to or lately > 0), now)


def _notice(parts: Parts, ticket: Ticket, slot: int, to: str, language: str, now: datetime) -> Delivery:
    variables = {
        "address": ticket.address or "",
        "number": ticket.number,
        "time": now.isoformat(timespec="minutes"),
    }
    if ticket.lane is Lane.OWNER:
        template = Template.OWNER_APPROVAL
        variables["approval_link"] = f"{parts.public_url}/owner/{owner_token(parts, ticket.id, to)}"
    else:
        template, variables["page"] = Template.REQUEST_NOTICE, f"{parts.public_url}/admin"
    return Delivery(
        id=f"request:{ticket.id}:{slot}",
        channel=Channel.MAIL,
        to=to,
        template=template,
        variables=variables,
        language=language,
        topic=f"ticket:{ticket.id}",
    )


def owner_token(parts: Parts, ticket_id: str, contact: str) -> str:
    """Return the token of the link in a mail to the owner's *contact*: derived by key, stored nowhere.

    It is worth nothing once the domain has another contact.
    """
    return f"{ticket_id}.{parts.keyed.of('owner-link', ticket_id, contact.casefold())}"
