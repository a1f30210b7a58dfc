"""The way of a document review: submitted, accepted, 24 hours in which an old contact may object (R17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from recovery_core.accounts.account import Account, Contact, ContactKind, Role, Status
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import forgive
from recovery_core.errors import GoneError
from recovery_core.notices import telling
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.people.scope import locked
from recovery_core.people.settling import refuse_case, settle, tell
from recovery_core.people.tickets import DUE, Kind, Reason, Ticket, TicketState
from recovery_core.work import UnitOfWork

_DAY = timedelta(days=1)
_SMS_PER_DAY = 2
"""Warnings of documents that one phone gets in a day."""


async def ticket_of_case(work: UnitOfWork, case_id: str) -> Ticket:
    """Return the case's open review; raises GoneError if there is none."""
    for ticket in await work.tickets.of_case(case_id):
        if ticket.kind is Kind.REVIEW and ticket.is_open:
            return ticket
    raise GoneError("no_review")


async def submitted(work: UnitOfWork, parts: Parts, ticket_id: str) -> Ticket:
    """Put the review into the queue: the documents are stored in this unit of work; the caller commits.

    Raises GoneError when the case or its review is over. Later documents change nothing but the evidence.
    """
    found = await work.tickets.get(ticket_id)
    if found is None:
        raise GoneError("no_review")
    case, ticket = await locked(work, found)
    if case.state is not State.ESCALATED or not ticket.is_open:
        raise GoneError("no_review")
    now = parts.clock.now()
    await work.audit.append(case.id, AuditName.EVIDENCE_SENT, now, {"ticket": ticket.id})
    if ticket.state is not TicketState.WAITING:
        return ticket
    opened = replace(ticket.move(TicketState.OPEN, now), due_at=now + DUE[ticket.kind])
    await work.tickets.save(opened)
    await _warn_contacts(work, parts, case, opened, Template.REVIEW_SUBMITTED)
    await announce(work, parts, case.conversation_id, Event.DOCUMENTS_RECEIVED)
    return opened


async def accept(work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket) -> Ticket:
    """Approve the review: it takes effect after the waiting time, unless an old contact objects."""
    waits = replace(ticket, effective_at=parts.clock.now() + parts.numbers.review_wait)
    approved = await settle(work, parts, waits, TicketState.APPROVED, AuditName.TICKET_APPROVED, "votes")
    await _warn_contacts(work, parts, case, approved, Template.REVIEW_APPROVED)
    await tell(work, parts, case, approved, Event.REVIEW_APPROVED)
    return approved


async def take_effect(work: UnitOfWork, parts: Parts, ticket_id: str) -> bool:
    """Register the new mailbox and ask for its proof, once the waiting time is over; tell whether it is."""
    found = await work.tickets.get(ticket_id)
    if found is None:
        return False
    case, ticket = await locked(work, found)
    now = parts.clock.now()
    over = ticket.effective_at is not None and now >= ticket.effective_at
    if ticket.state is not TicketState.APPROVED or not over or case.state is not State.ESCALATED:
        return False
    account = await work.accounts.by_id(ticket.account_id) if ticket.account_id else None
    claim = await work.evidence.claim(ticket.id)
    if account is None or claim is None:
        await refuse_case(work, parts, case, ticket, Reason.OTHER, None)
        return True
    await _register(work, parts, case, account, claim.new_mailbox)
    await forgive(work, parts, account)
    closed = await settle(work, parts, ticket, TicketState.CLOSED, AuditName.REVIEW_EFFECTIVE)
    await work.cases.save(replace(case.move(State.APPROVED, now), proofs=(), proof_contacts=()))
    await announce(work, parts, case.conversation_id, Event.REVIEW_EFFECTIVE)
    await _tell_mailbox(work, parts, closed, claim.new_mailbox, account.language)
    return True


async def _register(work: UnitOfWork, parts: Parts, case: Case, account: Account, mailbox: str) -> None:
    """Make the new mailbox the only contact; old and new are told, every live grant dies (R10, R19)."""
    now = parts.clock.now()
    new = Contact(parts.entropy.token(128), ContactKind.MAIL, mailbox, account.language)
    await telling.tell_contacts(work, account, Template.CONTACT_CHANGED, _change(parts, case))
    await work.accounts.replace_contacts(account.id, [new])
    await work.vetoes.end_of_contacts(account.id, [new.id], now)
    said = {"account": account.id, "kinds": new.kind.value, "reason": "review"}
    await work.audit.append("operator", AuditName.CONTACTS_CHANGED, now, said)


def _change(parts: Parts, case: Case) -> telling.Change:
    return telling.Change(case.id, case.reference, parts.clock.now(), "", ())


async def _warn_contacts(
    work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, template: Template
) -> None:
    """Tell every contact; a kind that the account lacks, or nobody has, gets a decoy of equal work (R2).

    Mails always go out, and what follows an approval: strangers cannot use up the warning that counts (R17).
    """
    account = await work.accounts.by_id(ticket.account_id or "") or _nobody(ticket)
    lacking = [kind for kind in ContactKind if account.contact(kind) is None]
    nowhere = (Contact("", kind, "", account.language) for kind in lacking)
    for contact in sorted((*account.contacts, *nowhere), key=lambda contact: contact.kind):
        change, decoy = _change(parts, case), not contact.id
        if contact.kind is ContactKind.PHONE:
            enough = await _enough_sms(work, parts, contact.value or case.id)
            decoy = decoy or (enough and template is Template.REVIEW_SUBMITTED)
            await _pay(work, parts, account.domain, paid=not decoy)
        await telling.tell_with_veto(
            work, parts.keyed, parts.entropy, account, contact, change, parts.telling, template, decoy=decoy
        )


async def _enough_sms(work: UnitOfWork, parts: Parts, phone: str) -> bool:
    """Count one warning to the phone; tell whether it had enough of them in a day already."""
    key, now = parts.keyed.of("review-sms", phone), parts.clock.now()
    lately = await work.sends.attempts_since(key, now - _DAY)
    await work.sends.add_attempt(key, now)
    return lately >= _SMS_PER_DAY


async def _pay(work: UnitOfWork, parts: Parts, domain: str, *, paid: bool) -> None:
    """Count the SMS among those that cost (R5); a warning is never left out for its price (R17)."""
    key = parts.keyed.of("domain", domain)
    await work.sends.add(parts.keyed.of("review-sms", domain), key, parts.clock.now(), paid=paid)


def _nobody(ticket: Ticket) -> Account:
    """Return what stands for the account that does not exist."""
    return Account(ticket.id, ticket.address or "", "", Role.EMPLOYEE, Status.ACTIVE, "zh")


async def _tell_mailbox(work: UnitOfWork, parts: Parts, ticket: Ticket, mailbox: str, language: str) -> None:
    news = Delivery(
        id=f"news:{ticket.id}:effective",
        channel=Channel.MAIL,
        to=mailbox,
        template=Template.TICKET_NEWS,
        variables={"number": ticket.number, "news": "review_effective"},
        language=language,
        topic=f"ticket:{ticket.id}",
    )
    await work.outbox.put(news, parts.clock.now())
