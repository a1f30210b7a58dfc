"""What an approver sees: the requests in their scope, beside each the others for the same account (R15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from recovery_core.accounts.account import Account, Status
from recovery_core.audit import AuditName
from recovery_core.cases.parts import Parts
from recovery_core.people import scope
from recovery_core.people.paging import SIZE, Page, before, page_of
from recovery_core.people.scope import Approver
from recovery_core.people.tickets import Kind, Lane, Ticket, queue_order
from recovery_core.work import UnitOfWork

_BESIDE = 50
_DECIDED_HERE = frozenset({Kind.RESET, Kind.ENABLE, Kind.OWNER_APPROVAL, Kind.SUPER_APPROVAL})


@dataclass(frozen=True, slots=True)
class RequestView:
    """One request with what is needed to decide it."""

    ticket: Ticket
    address: str = field(repr=False)
    display_name: str
    disabled: bool
    channel: str
    """By which channel the person asks: ``web`` or a messenger."""
    proofs: tuple[str, ...]
    """Methods proven before they asked; empty: none."""
    others: tuple[Ticket, ...]
    """Other open requests for the same account, never merged (R14)."""
    own: bool
    """The approver's own account: nobody decides on it."""
    disabled_since: datetime | None = None
    disabled_by: str | None = None
    disabled_why: str | None = None

    @property
    def may_enable(self) -> bool:
        """Tell whether *enable* can be chosen."""
        return self.disabled and not self.own

    @property
    def may_approve(self) -> bool:
        """Tell whether *approve* can be chosen: never while the account is disabled (R10)."""
        return not self.disabled and not self.own and self.ticket.kind is not Kind.ENABLE


async def requests(parts: Parts, operator_id: str, number: int = 1) -> Page[RequestView]:
    """Return one page of the open requests in the administrator's scope, in queue order.

    Raises NoRightError.
    """
    async with parts.work.reading() as work:
        approver = await scope.administrator(work, operator_id)
        assert approver.account is not None  # noqa: S101  an administrator has one
        domains = await scope.domains_of(work, approver.account)
        # Each lane is in order, so that the page is among the first ones of each.
        most, lanes = before(number) + SIZE + 1, scope.lanes_of(approver)
        found = [ticket for lane in lanes for ticket in await work.tickets.queue(lane, domains, most)]
        page = page_of(sorted(found, key=queue_order)[before(number) :], number)
        views = tuple([await _view(work, approver, ticket) for ticket in page.items])
        return Page(views, page.number, page.more)


async def request(parts: Parts, operator_id: str, ticket_id: str) -> RequestView:
    """Return one request; raises UnknownError for one out of scope, which is audited, and NoRightError."""
    async with parts.work() as work:
        approver = await scope.administrator(work, operator_id)
        ticket = await scope.require_ticket(work, parts, approver, ticket_id)
        return await _view(work, approver, ticket, whole=True)


async def owner_requests(parts: Parts, token: str, number: int = 1) -> Page[RequestView]:
    """Return one page of the open requests of the owner's domain.

    Raises UnknownError or GoneError for the link.
    """
    async with parts.work.reading() as work:
        approver = await scope.owner(work, parts, token)
        domains = (approver.owned_domain or "",)
        page = page_of(await work.tickets.queue(Lane.OWNER, domains, SIZE + 1, before(number)), number)
        views = tuple([await _view(work, approver, ticket, whole=True) for ticket in page.items])
        return Page(views, page.number, page.more)


async def _view(work: UnitOfWork, approver: Approver, ticket: Ticket, *, whole: bool = False) -> RequestView:
    account = await work.accounts.by_id(ticket.account_id) if ticket.account_id else None
    talk = await work.conversations.get(ticket.conversation_id)
    others = await work.tickets.of_account(ticket.account_id, _BESIDE) if ticket.account_id else ()
    since, by, why = await _disabled(work, account) if whole and account else (None, None, None)
    return RequestView(
        ticket=ticket,
        address=ticket.address or "",
        display_name=account.display_name if account else "",
        disabled=account is not None and account.status is Status.DISABLED,
        channel=talk.channel if talk else "",
        proofs=tuple(filter(None, ticket.proofs.split(","))),
        others=tuple(t for t in others if t.id != ticket.id and t.kind in _DECIDED_HERE),
        own=ticket.account_id == approver.id,
        disabled_since=since,
        disabled_by=by,
        disabled_why=why,
    )


async def _disabled(work: UnitOfWork, account: Account) -> tuple[datetime | None, str | None, str | None]:
    """Return since when, by whom and why the account is disabled, as far as it was written down."""
    if account.status is not Status.DISABLED:
        return None, None, None
    since = await work.accounts.status_since(account.id)
    for event in reversed(await work.audit.events("operator", name=AuditName.ACCOUNT_DISABLED)):
        if event.data.get("account") == account.id:
            return since, str(event.data.get("by", "")) or None, str(event.data.get("reason", "")) or None
    return since, None, None
