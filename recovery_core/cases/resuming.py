"""Coming back: a reference and a secret move a case to another conversation, never a proof (R13)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.forms import require_form
from recovery_core.cases.linking import move_to
from recovery_core.cases.opening import end_pending
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, MustWaitError, WrongError
from recovery_core.messages import FormPurpose
from recovery_core.proofs import secrets
from recovery_core.work import UnitOfWork

SECRET_LENGTH = 26
"""Base32 characters of the resume secret: 130 bits (R13)."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReturnTicket:
    """What the secure page shows once: where to come back to, and the secret that lets one."""

    reference: str
    secret: str = field(repr=False)


async def issue(parts: Parts, form_id: str, browser: str) -> ReturnTicket:
    """Draw a new resume secret, which replaces the older one; raises GoneError, UnknownError."""
    secret = parts.entropy.base32(SECRET_LENGTH)
    async with parts.work() as work:
        form = await require_form(work, parts, form_id, browser, FormPurpose.RESUME)
        case = await work.cases.lock(form.case_id)
        if case is None or case.ended:
            raise GoneError("case_ended")
        hashed = parts.keyed.of("resume", case.reference, secret)
        await work.cases.save(replace(case, resume_hash=hashed, updated_at=parts.clock.now()))
        await work.forms.finish(form.id, parts.clock.now())
        await work.commit()
    return ReturnTicket(case.reference, secret)


async def resume(parts: Parts, conversation_id: str, client_key: str, reference: str, secret: str) -> Case:
    """Move the case to *conversation_id*; raises WrongError, or MustWaitError after ten tries an hour.

    An unknown reference, a wrong secret and an ended case are refused alike. What was proven is not: a proven
    case goes back to ``challenged``, pending challenges and forms die, the secret is used up.
    """
    reference, secret = reference.strip().upper(), "".join(secret.split()).replace("-", "").upper()
    key, now = f"resume:{client_key}", parts.clock.now()
    async with parts.work() as work:
        if await work.sends.attempts_since(key, now - _HOUR) >= parts.numbers.resume_tries_per_hour:
            raise MustWaitError(_HOUR, "resume_tries")
        await work.sends.add_attempt(key, now)
        found = await work.cases.by_reference(reference)
        case = await work.cases.lock(found.id if found else "")
        expected = (case.resume_hash if case else None) or parts.keyed.of("resume", "nothing")
        right = parts.keyed.matches(expected, "resume", reference, secret)
        if case is None or case.ended or not right:
            await work.commit()
            raise WrongError("resume")
        await end_pending(work, parts, case)
        if case.state is State.PROVEN:
            case = case.move(State.CHALLENGED, now)
        kept = replace(case, proofs=(), proof_contacts=(), grant=None, resume_hash=None)
        kept = await move_to(work, parts, kept, conversation_id)
        await work.audit.append(case.id, AuditName.CASE_RESUMED, now)
        await announce(work, parts, conversation_id, Event.CASE_RESUMED)
        await work.commit()
    return kept


async def end_idle_rights(parts: Parts, conversation_id: str) -> None:
    """Do :func:`end_idle` in a unit of work of its own."""
    async with parts.work() as work:
        if await end_idle(work, parts, conversation_id):
            await work.commit()


async def end_idle(work: UnitOfWork, parts: Parts, conversation_id: str) -> bool:
    """Take back what a conversation proved if it was silent, or its grant is over; before each word (R13).

    Tells whether there was something to take back; the caller commits.
    """
    case = await work.cases.lock_current(conversation_id)
    if case is None or not await _idle(work, parts, case):
        return False
    now, proven = parts.clock.now(), case.state is State.PROVEN
    kept = case.move(State.CHALLENGED, now) if proven else case
    await work.cases.save(replace(kept, proofs=(), proof_contacts=(), grant=None, updated_at=now))
    await work.forms.end_of_case(case.id, now)
    await end_pending(work, parts, case)
    if proven:
        await work.audit.append(case.id, AuditName.GRANT_ENDED, now)
        await announce(work, parts, conversation_id, Event.GRANT_EXPIRED)
    return True


async def _idle(work: UnitOfWork, parts: Parts, case: Case) -> bool:
    """Tell whether *case* has rights that its conversation was silent for too long to keep."""
    # A case that waits for people has no right to lose; its proofs say whom the news may reach (R18).
    if case.ended or case.state is State.ESCALATED or not (case.proofs or case.grant):
        return False
    conversation = await work.conversations.get(case.conversation_id)
    if conversation is None:
        return False
    # A proof given on a page, without a word in the chat, is a sign of life as well.
    last = max(conversation.last_seen_at, case.updated_at)
    return parts.clock.now() >= last + parts.numbers.rights_idle or _grant_over(parts, case)


def _grant_over(parts: Parts, case: Case) -> bool:
    grant, now = case.grant, parts.clock.now()
    return grant is not None and not secrets.in_time(grant.issued_at, grant.expires_at, now, parts.numbers)
