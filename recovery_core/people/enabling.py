"""A disabled account is enabled first, then reset: the order is kept here and by every grant (R10)."""

from __future__ import annotations

from dataclasses import replace

from recovery_core.accounts.account import Account, Status
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.challenging import rule_for
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import forgive
from recovery_core.conversations.code_in_line import mask_codes
from recovery_core.conversations.masking import mask_secrets
from recovery_core.errors import RecoveryError
from recovery_core.people.settling import settle, tell
from recovery_core.people.tickets import Kind, Note, Ticket, TicketState
from recovery_core.work import UnitOfWork

MAX_REASON = 500
"""Characters of a reason or a note that are kept."""


def reason_of(text: str) -> str:
    """Return the reason as it may be kept: masked and cut; raises RecoveryError if there is none."""
    reason = mask_codes(mask_secrets(text.strip()).text)[:MAX_REASON]
    if not reason:
        raise RecoveryError("reason_missing")
    return reason


async def enable_account(
    work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, account: Account, by: str, reason: str
) -> Ticket:
    """Enable; a request to enable is done with it, any other one waits on for its own approval."""
    now = parts.clock.now()
    if account.status is Status.DISABLED:
        await work.accounts.set_status(account.id, Status.ACTIVE, now)
        said = {"account": account.id, "by": by, "ticket": ticket.id}
        await work.audit.append("operator", AuditName.ACCOUNT_ENABLED, now, said)
    await work.tickets.add_note(Note(ticket.id, by, reason, now))
    if ticket.kind is not Kind.ENABLE:
        return ticket
    done = await settle(work, parts, ticket, TicketState.APPROVED, AuditName.TICKET_APPROVED, by)
    await forgive(work, parts, account)
    # One fresh proof is asked: what was proven before counts for all but one of the methods wanted (R10).
    kept = tuple(dict.fromkeys(case.proofs))[: rule_for(parts, account).methods_wanted - 1]
    contacts = case.proof_contacts if kept else ()
    again = replace(case.move(State.CHALLENGED, now), proofs=kept, proof_contacts=contacts, grant=None)
    await work.cases.save(again)
    await work.audit.append(case.id, AuditName.CASE_ENABLED, now, {"ticket": ticket.id})
    await tell(work, parts, case, done, Event.ACCOUNT_ENABLED)
    return done
