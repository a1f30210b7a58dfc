"""Somebody else got in: a contact's veto opens an urgent ticket; a stranger's word locks nobody out (R12)."""

from __future__ import annotations

from recovery_core.audit import AuditName
from recovery_core.cases import vetoing
from recovery_core.cases.case import Case
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.cases.vetoing import Afterwards, VetoOutcome
from recovery_core.messages import Message, MessageId
from recovery_core.people.filing import new_ticket
from recovery_core.people.routing import Route
from recovery_core.people.tickets import Kind, Lane, Ticket
from recovery_core.work import UnitOfWork

_TAKEOVER = Route(Kind.TAKEOVER, Lane.DESK)


async def report_takeover(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Offer what is possible: after a proof an urgent ticket, before one the ways to prove and to ask.

    Nothing is blocked here, whoever says it: only a contact's own veto can hold an account.
    """
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is None or case.ended or not case.proofs:
            return (Message(MessageId.REPORT_TAKEOVER), *await reminder(work, parts, case))
        ticket = await _open(work, parts, case)
        said = await reminder(work, parts, case)
        await work.commit()
    return (Message(MessageId.TAKEOVER_FILED, {"number": ticket.number}), *said)


async def veto(parts: Parts, token: str) -> VetoOutcome:
    """Use a veto by its link; what it revokes, or may no longer stop, becomes an urgent ticket."""
    return await vetoing.veto(parts, token, _afterwards(parts))


async def veto_by_code(parts: Parts, client_key: str, code: str) -> VetoOutcome:
    """Use a veto by the code of an SMS; as :func:`veto`."""
    return await vetoing.veto_by_code(parts, client_key, code, _afterwards(parts))


def _afterwards(parts: Parts) -> Afterwards:
    async def people_act(work: UnitOfWork, case: Case, outcome: VetoOutcome) -> None:
        if outcome is not VetoOutcome.FROZEN:
            await _open(work, parts, case)

    return people_act


async def _open(work: UnitOfWork, parts: Parts, case: Case) -> Ticket:
    ticket = await work.tickets.add_once(new_ticket(parts, case, _TAKEOVER))
    said = {"ticket": ticket.id}
    await work.audit.append(case.id, AuditName.TAKEOVER_REPORTED, parts.clock.now(), said)
    return ticket
