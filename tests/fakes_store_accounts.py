"""Accounts and the directory in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from recovery_core.accounts.account import Account, Contact, Domain, SecurityAnswer, Status
from recovery_core.accounts.new_account import NewAccount
from recovery_core.accounts.ports import Credentials, SetOutcome
from recovery_core.errors import ConflictError, UnknownError
from recovery_core.passwords.profiles import HISTORY_LENGTH
from tests.fakes_store_data import Data


class Accounts:
    """The AccountStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def by_address(self, address: str) -> Account | None:
        """Return the account of the address."""
        return next((a for a in self._data.accounts.values() if a.address == address), None)

    async def by_id(self, account_id: str) -> Account | None:
        """Return the account with that id."""
        return self._data.accounts.get(account_id)

    async def domain(self, name: str) -> Domain | None:
        """Return the domain."""
        return self._data.domains.get(name)

    async def only_domain(self) -> str | None:
        """Return the name of the only domain."""
        return next(iter(self._data.domains)) if len(self._data.domains) == 1 else None

    async def domain_size(self, name: str) -> int:
        """Count the accounts of the domain."""
        return sum(account.domain == name for account in self._data.accounts.values())

    async def administrators(self, domain: str) -> Sequence[Account]:
        """Return the active administrators of the domain."""
        return [
            a
            for a in self._data.accounts.values()
            if a.domain == domain and a.is_administrator and a.status is Status.ACTIVE
        ]

    async def question_pairs(self, domain: str) -> Sequence[tuple[tuple[str, str], int]]:
        """Count the pairs of questions registered in the domain."""
        pairs = Counter(
            (a.answers[0].question, a.answers[1].question)
            for a in self._data.accounts.values()
            if a.domain == domain and a.answers
        )
        return sorted(pairs.items())

    async def set_status(self, account_id: str, status: Status, at: datetime) -> None:  # noqa: ARG002
        """Enable or disable the account."""
        self._change(account_id, status=status)

    async def replace_contacts(self, account_id: str, contacts: Sequence[Contact]) -> None:
        """Replace all contacts and count the change."""
        version = self._data.accounts[account_id].contacts_version + 1
        self._change(account_id, contacts=tuple(contacts), contacts_version=version)

    async def require_two_methods(self, account_id: str, required: bool) -> None:  # noqa: FBT001
        """Set or clear the mark of a takeover."""
        self._change(account_id, two_methods_required=required)

    async def use_hold(self, account_id: str, at: datetime) -> None:
        """Remember the automatic hold."""
        self._change(account_id, hold_used_at=at)

    def _change(self, account_id: str, **values: object) -> None:
        self._data.accounts[account_id] = replace(self._data.accounts[account_id], **values)


class AccountsWriter:
    """The AccountWriter."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add_domain(self, domain: Domain) -> None:
        """Store a new domain."""
        if domain.name in self._data.domains:
            raise ConflictError
        self._data.domains[domain.name] = domain

    async def update_domain(self, domain: Domain) -> None:
        """Store the fields of a domain."""
        if domain.name not in self._data.domains:
            raise UnknownError
        self._data.domains[domain.name] = domain

    async def domains(self) -> Sequence[Domain]:
        """Return all domains by name."""
        return [self._data.domains[name] for name in sorted(self._data.domains)]

    async def existing(self, addresses: Sequence[str]) -> Mapping[str, Account]:
        """Return those that exist."""
        return {a.address: a for a in self._data.accounts.values() if a.address in addresses}

    async def add_accounts(self, accounts: Sequence[NewAccount], at: datetime) -> None:  # noqa: ARG002
        """Store new accounts with their first contacts and hashes."""
        for new in accounts:
            if new.domain not in self._data.domains or await self.existing([new.address]):
                raise ConflictError
            self._data.accounts[new.id] = Account(
                id=new.id,
                address=new.address,
                display_name=new.display_name,
                role=new.role,
                status=new.status,
                language=new.language,
                employee_number=new.employee_number,
                contacts=new.contacts,
            )
            held = Credentials(1, (new.password_hash,)) if new.password_hash else Credentials(0)
            self._data.credentials[new.id] = held

    async def update_accounts(self, accounts: Sequence[Account]) -> None:
        """Store name, role, language and employee number."""
        for account in accounts:
            self._data.accounts[account.id] = replace(
                self._data.accounts[account.id],
                display_name=account.display_name,
                role=account.role,
                language=account.language,
                employee_number=account.employee_number,
            )

    async def set_answers(self, account_id: str, answers: Sequence[SecurityAnswer]) -> None:
        """Replace the answers by two of different questions, or none."""
        if answers and len({answer.question for answer in answers}) != 2:
            raise ValueError
        account = self._data.accounts[account_id]
        self._data.accounts[account_id] = replace(account, answers=tuple(answers))

    async def all_accounts(self, domain: str | None = None) -> AsyncIterator[Account]:
        """Iterate by address."""
        for account in sorted(self._data.accounts.values(), key=lambda a: a.address):
            if domain in {None, account.domain}:
                yield account


class MemoryDirectory:
    """The Directory, joined to the unit of work."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def credentials(self, account_id: str) -> Credentials:
        """Return version and hashes."""
        return self._data.credentials.get(account_id, Credentials(0))

    async def set_password(
        self,
        account_id: str,
        encoded: str,
        operation_id: str,
        at: datetime,  # noqa: ARG002
        *,
        expected: int | None = None,
    ) -> SetOutcome:
        """Make *encoded* the password, once per operation and only over the expected version."""
        held = self._data.credentials.get(account_id)
        if held is None:
            return SetOutcome.REFUSED
        if self._data.operations.get(operation_id) != account_id:
            if expected is not None and held.version != expected:
                return SetOutcome.OVERTAKEN
            self._data.operations[operation_id] = account_id
            hashes = (encoded, *held.hashes)[:HISTORY_LENGTH]
            self._data.credentials[account_id] = Credentials(held.version + 1, hashes)
        return SetOutcome.DONE

    async def block(self, account_id: str, at: datetime) -> None:  # noqa: ARG002
        """Shut the mailbox; the version rises, so that no older grant outlives it."""
        held = self._data.credentials[account_id]
        if not held.blocked:
            self._data.credentials[account_id] = replace(held, version=held.version + 1, blocked=True)
