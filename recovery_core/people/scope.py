"""Whose requests somebody may see and decide: the own domain, for ``gmxxxx`` the group's too (R15)."""

from __future__ import annotations

from dataclasses import dataclass

from recovery_core.accounts.account import Account, Role, Status
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, UnknownError
from recovery_core.people.rights import NoRightError
from recovery_core.people.tickets import Lane, Ticket
from recovery_core.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who decides: an administrator with an account, or the owner of a domain by a mail link."""

    id: str
    account: Account | None = None
    owned_domain: str | None = None


async def administrator(work: UnitOfWork, operator_id: str) -> Approver:
    """Return the administrator as they are now; raises NoRightError if the role was lost meanwhile."""
    account = await work.accounts.by_id(operator_id)
    if account is None or not account.is_administrator or account.status is not Status.ACTIVE:
        raise NoRightError
    return Approver(account.id, account)


async def owner(work: UnitOfWork, parts: Parts, token: str) -> Approver:
    """Return the owner whose mail holds *token*; raises UnknownError, or GoneError when its time is over.

    The mail must have gone to whoever is the domain's owner now.
    """
    ticket_id, _, mac = token.partition(".")
    ticket = await work.tickets.get(ticket_id)
    domain = await work.accounts.domain(ticket.domain) if ticket else None
    contact = (domain.owner_contact if domain else None) or ""
    right = parts.keyed.matches(mac, "owner-link", ticket_id, contact.casefold())
    if ticket is None or ticket.lane is not Lane.OWNER or not contact or not right:
        raise UnknownError("link")
    if parts.clock.now() >= ticket.due_at:
        raise GoneError("link_over")
    return Approver(f"owner:{ticket.domain}", owned_domain=ticket.domain)


async def sees(work: UnitOfWork, approver: Approver, ticket: Ticket) -> bool:
    """Tell whether the request is the approver's to decide."""
    if approver.account is None:
        return ticket.lane is Lane.OWNER and ticket.domain == approver.owned_domain
    account = approver.account
    if ticket.lane not in {Lane.ADMINISTRATOR, Lane.SUPER}:
        return False
    if account.role is Role.SUPER_ADMINISTRATOR:
        return ticket.domain in await domains_of(work, account)
    return ticket.lane is Lane.ADMINISTRATOR and ticket.domain == account.domain


def lanes_of(approver: Approver) -> tuple[Lane, ...]:
    """Return the queues in which the requests of the administrator's domains stand."""
    account = approver.account
    above = account is not None and account.role is Role.SUPER_ADMINISTRATOR
    return (Lane.ADMINISTRATOR, Lane.SUPER) if above else (Lane.ADMINISTRATOR,)


async def domains_of(work: UnitOfWork, account: Account) -> tuple[str, ...]:
    """Return the domains whose requests the administrator sees."""
    if account.role is not Role.SUPER_ADMINISTRATOR:
        return (account.domain,)
    domains = await work.accounts_writer.domains()
    return (account.domain, *(d.name for d in domains if d.group_domain == account.domain))


async def require_ticket(work: UnitOfWork, parts: Parts, approver: Approver, ticket_id: str) -> Ticket:
    """Return the request; another domain's is unknown, and the attempt is audited (R15)."""
    ticket = await work.tickets.get(ticket_id)
    if ticket is not None and await sees(work, approver, ticket):
        return ticket
    found = {"ticket": ticket.id} if ticket else {}
    said = {"by": approver.id, **found}
    await work.audit.append("operator", AuditName.TICKET_OUT_OF_SCOPE, parts.clock.now(), said)
    await work.commit()
    raise UnknownError("ticket")


async def locked(work: UnitOfWork, ticket: Ticket) -> tuple[Case, Ticket]:
    """Lock case and ticket, in this order everywhere; raises UnknownError if either is gone."""
    case = await work.cases.lock(ticket.case_id)
    held = await work.tickets.lock(ticket.id)
    if case is None or held is None:
        raise UnknownError("ticket")
    return case, held
