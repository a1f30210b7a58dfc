"""What the core asks of the store of accounts and of the directory that holds the passwords."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from recovery_core.accounts.account import Account, Contact, Domain, SecurityAnswer, Status
from recovery_core.accounts.new_account import NewAccount


class AccountStore(Protocol):
    """Accounts, their contacts and the domains, in the database."""

    async def by_address(self, address: str) -> Account | None:
        """Return the account of the normalised *address* with contacts and answers.

        The number of statements is the same whether it exists or not (R2).
        """
        ...

    async def by_id(self, account_id: str) -> Account | None:
        """Return the account with that id."""
        ...

    async def by_employee_number(self, number: str) -> Sequence[Account]:
        """Return the accounts with that employee number; companies may use the same one."""
        ...

    async def domain(self, name: str) -> Domain | None:
        """Return the domain called *name*."""
        ...

    async def only_domain(self) -> str | None:
        """Return the name of the only domain; None if there are more, or none."""
        ...

    async def domain_size(self, name: str) -> int:
        """Return how many accounts the domain has (0 for an unknown one)."""
        ...

    async def administrators(self, domain: str) -> Sequence[Account]:
        """Return the active administrators of *domain*."""
        ...

    async def question_pairs(self, domain: str) -> Sequence[tuple[tuple[str, str], int]]:
        """Return the pairs of question ids registered in *domain* with how often each occurs (R7)."""
        ...

    async def status_since(self, account_id: str) -> datetime | None:
        """Return when the account was enabled or disabled last."""
        ...

    async def set_status(self, account_id: str, status: Status, at: datetime) -> None:
        """Enable or disable the account."""
        ...

    async def replace_contacts(self, account_id: str, contacts: Sequence[Contact]) -> None:
        """Replace all contacts and raise ``contacts_version`` by one."""
        ...

    async def require_two_methods(self, account_id: str, required: bool) -> None:  # noqa: FBT001
        """Set or clear the mark that a takeover leaves on the account (R12)."""
        ...

    async def use_hold(self, account_id: str, at: datetime) -> None:
        """Remember that the one automatic hold in 30 days was used at *at* (R12)."""
        ...


class AccountWriter(Protocol):
    """Adds and corrects accounts in bulk: the import, the demo company and the command line.

    Status, contacts and passwords of existing accounts are changed one by one, through ``AccountStore`` and
    ``Directory``, because each such change has consequences (R10, R19).
    """

    async def add_domain(self, domain: Domain) -> None:
        """Store a new domain; raises ConflictError if one of that name is there."""
        ...

    async def update_domain(self, domain: Domain) -> None:
        """Store the fields of an existing domain; raises UnknownError if there is none of that name."""
        ...

    async def domains(self) -> Sequence[Domain]:
        """Return all domains by name."""
        ...

    async def existing(self, addresses: Sequence[str]) -> Mapping[str, Account]:
        """Return those of the normalised *addresses* that exist, with contacts and answers, by address."""
        ...

    async def current_hashes(self, account_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the hash of the current password of those accounts that have one, by account id."""
        ...

    async def add_accounts(self, accounts: Sequence[NewAccount], at: datetime) -> None:
        """Store new accounts with contacts and hashes; any number, sent in chunks.

        Raises ConflictError if an id or an address is there or its domain is not; roll back then.
        """
        ...

    async def update_accounts(self, accounts: Sequence[Account]) -> None:
        """Store display name, role, language and employee number of existing accounts, and nothing else."""
        ...

    async def set_answers(self, account_id: str, answers: Sequence[SecurityAnswer]) -> None:
        """Replace the registered answers by two different questions, or by none; raises ValueError else."""
        ...

    def all_accounts(self, domain: str | None = None) -> AsyncIterator[Account]:
        """Iterate over all accounts, or those of *domain*, by address; never holds them all."""
        ...


class SetOutcome(StrEnum):
    """What a directory says of an attempt to set a password; *unknown* is re-read, never guessed."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    OVERTAKEN = "overtaken"
    """The version was no longer the expected one: somebody else was first."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the directory holds for an account: the current and earlier hashes, newest first."""

    version: int
    """Counts every change of the password; part of what kills a grant (R10)."""
    hashes: tuple[str, ...] = field(default=(), repr=False)
    blocked: bool = False
    changed_at: datetime | None = field(default=None, compare=False)
    """When the password was changed last; None while it is still the first one."""


class Directory(Protocol):
    """Where the password lives. The embedded one joins the unit of work."""

    async def credentials(self, account_id: str) -> Credentials:
        """Return the version and the last three hashes, the current one first (none: version 0)."""
        ...

    async def set_password(
        self, account_id: str, encoded: str, operation_id: str, at: datetime, *, expected: int | None = None
    ) -> SetOutcome:
        """Make *encoded* the password; repeating the same *operation_id* changes nothing and says done.

        With an *expected* version only over that one. A directory outside of the unit of work may ignore it.
        """
        ...

    async def block(self, account_id: str, at: datetime) -> None:
        """Let neither the current nor an earlier password open the mailbox until a new one is set (R12)."""
        ...


@runtime_checkable
class RemoteDirectory(Directory, Protocol):
    """A directory outside the unit of work: what it does is not undone by rolling back.

    Its ``set_password`` may raise UnavailableError, which means as much as *unknown*.
    """

    async def outcome(self, account_id: str, operation_id: str) -> SetOutcome:
        """Return what became of the operation (refused: it never took place); changes nothing."""
        ...


class Sessions(Protocol):
    """Ends what is still logged in with the old password."""

    async def end(self, address: str) -> bool:
        """End the open sessions of *address*; tell whether they surely are ended. Raises UnavailableError."""
        ...
