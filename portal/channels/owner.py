"""Whose account of a messenger it is: asked of the company's directory alone.

The directory's staff number, or the mail address that it vouches for, leads to the mailbox; a name that
people choose themselves leads nowhere. Known owners are spared typing their address and see their contacts,
masked. Whether the account is a proof too, the core decides (docs/decisions/0041-messenger-accounts.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import structlog

from portal.channels.port import Channel, ChannelAwayError, Person
from recovery_core.accounts.account import Account, Contact, ContactKind
from recovery_core.accounts.address import AddressError, parse
from recovery_core.cases.parts import Parts
from recovery_core.conversations.messengers import Binding
from recovery_core.work import UnitOfWork

_log = structlog.get_logger("channels")

ASK_SECONDS = 5.0
"""How long the directory may take; nobody waits longer for an answer because of it."""
ASK_AGAIN = timedelta(minutes=30)
"""How long an answer counts: who left the company since is nobody's owner any more."""
AFTER_FAILURE = timedelta(minutes=2)
_SHOWN_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Owners:
    """Asks who an account belongs to, and remembers it with the binding."""

    parts: Parts
    channels: Mapping[str, Channel]
    anonymous: Container[str] = ()
    """Messengers whose accounts are asked for nobody."""
    domains: Mapping[str, Container[str]] = field(default_factory=dict)
    """The mail domains whose people each messenger's directory may name; where none are given, the only one
    there is: a company's directory must not name the people of another."""

    async def known(self, binding: Binding, *, afresh: bool = False) -> Binding:
        """Return *binding* with its owner as the directory names it; asks now if it is *afresh*."""
        now, channel = self.parts.clock.now(), self.channels.get(binding.platform)
        fresh = not afresh and binding.asked_at is not None and now < binding.asked_at + ASK_AGAIN
        if channel is None or fresh or binding.platform in self.anonymous:
            return binding
        owner, asked_at = None, now
        try:
            async with asyncio.timeout(ASK_SECONDS):
                person = await channel.who(str(binding.target["tenant"]), str(binding.target["account"]))
            owner = await self._owner(binding.platform, person) if person else None
        except (ChannelAwayError, TimeoutError):
            asked_at = now - ASK_AGAIN + AFTER_FAILURE
        except Exception as error:  # noqa: BLE001  whoever is not known goes the anonymous way
            _log.error("channels.directory_broken", channel=binding.platform, kind=type(error).__name__)
            asked_at = now - ASK_AGAIN + AFTER_FAILURE
        async with self.parts.work() as work:
            await work.bindings.owned(binding.conversation_id, owner, asked_at)
            await work.commit()
        return replace(binding, owner_id=owner, asked_at=asked_at)

    async def _owner(self, platform: str, person: Person) -> str | None:
        """Return the one account, of a domain that it may speak of, that all the directory says agrees on."""
        async with self.parts.work.reading() as work:
            may_name = await self._may_name(work, platform)
            by_number = (
                await work.accounts.by_employee_number(person.staff_number) if person.staff_number else []
            )
            by_mail = await _by_mail(work, person.mail) if person.mail else None
        numbered = {account.id for account in by_number if account.domain in may_name}
        if by_mail is not None:
            agrees = by_mail.domain in may_name and (not numbered or by_mail.id in numbered)
            return by_mail.id if agrees else None
        return numbered.pop() if len(numbered) == 1 else None

    async def _may_name(self, work: UnitOfWork, platform: str) -> Container[str]:
        if platform in self.domains:
            return self.domains[platform]
        only = await work.accounts.only_domain()
        return (only,) if only else ()


async def _by_mail(work: UnitOfWork, mail: str) -> Account | None:
    try:
        address = parse(mail)
    except AddressError:
        return None
    return await work.accounts.by_address(str(address))


def masked(contact: Contact) -> str:
    """Return as much of a contact as its owner recognises and nobody else can use."""
    if contact.kind is ContactKind.PHONE:
        return "•••• " + contact.value[-_SHOWN_DIGITS:]
    local, _, domain = contact.value.rpartition("@")
    return f"{local[:1]}•••@{domain}"
