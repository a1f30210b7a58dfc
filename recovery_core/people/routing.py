"""Who decides on a request: looked up in the background, never said aloud before a proof (R2, R3)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recovery_core.accounts.account import Account, Domain, Role
from recovery_core.accounts.editions import HELP, Helper
from recovery_core.people.tickets import Kind, Lane
from recovery_core.work import UnitOfWork

_SUPER_FORM = re.compile(r"gm\d{4,}@.+")
_LANES = {
    Helper.ADMINISTRATOR: Lane.ADMINISTRATOR,
    Helper.OWNER: Lane.OWNER,
    Helper.SUPER_ADMINISTRATOR: Lane.SUPER,
    Helper.REVIEWERS: Lane.DESK,
}


@dataclass(frozen=True, slots=True)
class Route:
    """What is asked and who sees it."""

    kind: Kind
    lane: Lane


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything that decides on a route, read by the same statements for every address."""

    account: Account | None
    domain: Domain | None
    administrators: tuple[Account, ...]
    group_administrators: tuple[Account, ...]


async def surroundings(work: UnitOfWork, address: str) -> Surroundings:
    """Read who is asked for and who stands above; four statements, whatever exists (R2)."""
    name = address.rpartition("@")[2]
    account = await work.accounts.by_address(address)
    domain = await work.accounts.domain(name)
    own = tuple(await work.accounts.administrators(name))
    group = domain.group_domain if domain else None
    return Surroundings(account, domain, own, tuple(await work.accounts.administrators(group or name)))


def looks_like_super(address: str) -> bool:
    """Tell whether the typed address has the form of a super administrator's, existing or not.

    Words may depend on this, because it is what the person typed and not what the directory knows.
    """
    return _SUPER_FORM.fullmatch(address) is not None


def route(around: Surroundings, *, enable: bool, review: bool = False) -> Route:
    """Return kind and lane of a request; an address without an account goes to nobody (R18)."""
    account, domain = around.account, around.domain
    if account is None or domain is None:
        return Route(Kind.REVIEW if review else Kind.RESET, Lane.NOBODY)
    if review:
        return Route(Kind.REVIEW, Lane.DESK)
    helped = HELP[account.role, domain.edition]
    kind = Kind.ENABLE if enable else Kind(helped.request.value)
    return Route(kind, _LANES[helped.helper])


def approvers(around: Surroundings, lane: Lane) -> tuple[tuple[str, str], ...]:
    """Return mailbox and language of all who learn of a request in *lane*; never the lost mailbox."""
    account, domain = around.account, around.domain
    if account is None or domain is None:
        return ()
    if lane is Lane.OWNER:
        # Without an owner apart from the lost mailbox nobody answers, and in time review opens (R17).
        owner = _owner_of(account, domain)
        return ((owner, domain.language),) if owner else ()
    if lane is Lane.ADMINISTRATOR:
        found = around.administrators
    elif lane is Lane.SUPER:
        found = tuple(a for a in around.group_administrators if a.role is Role.SUPER_ADMINISTRATOR)
    else:
        found = ()
    return tuple((a.address, a.language) for a in found if a.id != account.id)


def _owner_of(account: Account, domain: Domain) -> str | None:
    contact = domain.owner_contact
    return contact if contact and contact.casefold() != account.address else None
