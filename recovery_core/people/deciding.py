"""An approver decides: approve by the matching number, enable with a reason, refuse with one (R10, R14, R15).

Every decision locks the case and then its ticket, so that of two parallel ones exactly one wins.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from recovery_core.accounts.account import Account, Status
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import forgive, give_grant
from recovery_core.errors import GoneError, RecoveryError, WrongError
from recovery_core.people import scope
from recovery_core.people.enabling import enable_account, reason_of
from recovery_core.people.matching import is_match
from recovery_core.people.scope import Approver
from recovery_core.people.settling import refuse_case, settle, tell
from recovery_core.people.tickets import Kind, Reason, Ticket, TicketState
from recovery_core.work import UnitOfWork

Finder = Callable[[UnitOfWork], Awaitable[Approver]]


async def approve(parts: Parts, operator_id: str, ticket_id: str, typed_number: str) -> Ticket:
    """Give the person one right to set a password, if the number is the one they were told (R14).

    Raises WrongError with the tries left (at 0 the request is refused), UnknownError, GoneError,
    NoRightError, or RecoveryError with ``own_account``, ``still_disabled``, ``wants_enabling``.
    """
    return await _approve(parts, _administrator(operator_id), ticket_id, typed_number)


async def approve_by_link(parts: Parts, token: str, ticket_id: str, typed_number: str) -> Ticket:
    """Approve as the owner whose mail holds *token*; raises as :func:`approve`."""
    return await _approve(parts, _owner(parts, token), ticket_id, typed_number)


async def enable(parts: Parts, operator_id: str, ticket_id: str, reason_text: str) -> Ticket:
    """Enable the account; the case goes on with one fresh proof (R10).

    Raises as :func:`approve`, and RecoveryError with ``not_disabled`` or ``reason_missing``.
    """
    return await _enable(parts, _administrator(operator_id), ticket_id, reason_text)


async def enable_by_link(parts: Parts, token: str, ticket_id: str, reason_text: str) -> Ticket:
    """Enable as the owner whose mail holds *token*; raises as :func:`enable`."""
    return await _enable(parts, _owner(parts, token), ticket_id, reason_text)


async def refuse(parts: Parts, operator_id: str, ticket_id: str, reason: Reason) -> Ticket:
    """Refuse with a reason that the person reads; raises UnknownError, GoneError, NoRightError."""
    return await _refuse(parts, _administrator(operator_id), ticket_id, reason)


async def refuse_by_link(parts: Parts, token: str, ticket_id: str, reason: Reason) -> Ticket:
    """Refuse as the owner whose mail holds *token*; raises as :func:`refuse`."""
    return await _refuse(parts, _owner(parts, token), ticket_id, reason)


def _administrator(operator_id: str) -> Finder:
    return lambda work: scope.administrator(work, operator_id)


def _owner(parts: Parts, token: str) -> Finder:
    return lambda work: scope.owner(work, parts, token)


async def _approve(parts: Parts, find: Finder, ticket_id: str, typed_number: str) -> Ticket:
    async with parts.work() as work:
        approver, case, ticket = await _begin(work, parts, find, ticket_id)
        account = await _account(work, ticket)
        if ticket.kind is Kind.ENABLE:
            raise RecoveryError("wants_enabling")
        if not is_match(parts.keyed, ticket.id, typed_number):
            raise await _wrong_number(work, parts, case, ticket, approver)
        if account.status is Status.DISABLED:
            raise RecoveryError("still_disabled")
        approved = await settle(
            work, parts, ticket, TicketState.APPROVED, AuditName.TICKET_APPROVED, approver.id
        )
        await _let_through(work, parts, case, approved, account)
        await work.commit()
    return approved


async def _let_through(work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, account: Account) -> None:
    now = parts.clock.now()
    await forgive(work, parts, account)
    moved = case.move(State.APPROVED, now).move(State.CHALLENGED, now).move(State.PROVEN, now)
    granted = await give_grant(work, parts, replace(moved, proofs=()), account)
    await work.cases.save(granted)
    await work.audit.append(case.id, AuditName.CASE_APPROVED, now, {"ticket": ticket.id})
    await tell(work, parts, case, ticket, Event.REQUEST_APPROVED)


async def _enable(parts: Parts, find: Finder, ticket_id: str, reason_text: str) -> Ticket:
    reason = reason_of(reason_text)
    async with parts.work() as work:
        approver, case, ticket = await _begin(work, parts, find, ticket_id)
        account = await _account(work, ticket)
        if account.status is Status.ACTIVE and ticket.kind is not Kind.ENABLE:
            raise RecoveryError("not_disabled")
        ticket = await enable_account(work, parts, case, ticket, account, approver.id, reason)
        await work.commit()
    return ticket


async def _refuse(parts: Parts, find: Finder, ticket_id: str, reason: Reason) -> Ticket:
    async with parts.work() as work:
        approver, case, ticket = await _begin(work, parts, find, ticket_id)
        refused = await refuse_case(work, parts, case, ticket, reason, approver.id)
        await work.commit()
    return refused


async def _begin(
    work: UnitOfWork, parts: Parts, find: Finder, ticket_id: str
) -> tuple[Approver, Case, Ticket]:
    approver = await find(work)
    seen = await scope.require_ticket(work, parts, approver, ticket_id)
    case, ticket = await scope.locked(work, seen)
    if not ticket.is_open:
        raise GoneError("already_decided")
    if ticket.account_id is not None and ticket.account_id == approver.id:
        raise RecoveryError("own_account")
    if case.state is not State.ESCALATED:
        raise GoneError("case_over")
    return approver, case, ticket


async def _account(work: UnitOfWork, ticket: Ticket) -> Account:
    account = await work.accounts.by_id(ticket.account_id) if ticket.account_id else None
    if account is None:
        raise GoneError("account_gone")
    return account


async def _wrong_number(
    work: UnitOfWork, parts: Parts, case: Case, ticket: Ticket, approver: Approver
) -> WrongError:
    """Spend one of three entries, the last one refuses the request; return the error to raise."""
    now, left = parts.clock.now(), ticket.match_tries_left - 1
    said = {"ticket": ticket.id, "by": approver.id}
    await work.audit.append(case.id, AuditName.MATCH_WRONG, now, said)
    spent = replace(ticket, match_tries_left=left, updated_at=now)
    if left > 0:
        await work.tickets.save(spent)
    else:
        await refuse_case(work, parts, case, spent, Reason.NUMBER_WRONG, approver.id)
    await work.commit()
    return WrongError("match_number", left)
