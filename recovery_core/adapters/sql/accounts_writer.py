"""Adds and corrects accounts in bulk."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, delete, insert, select, true, update

from recovery_core.accounts.account import Account, Domain, SecurityAnswer
from recovery_core.accounts.new_account import NewAccount
from recovery_core.adapters.sql.accounts import accounts_where, contact_rows, domain_of
from recovery_core.adapters.sql.tables.accounts import (
    ACCOUNTS,
    ANSWERS,
    CONTACTS,
    DOMAINS,
    MAILBOXES,
    PASSWORD_HISTORY,
    QUESTION_PAIRS,
)
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.errors import ConflictError, UnknownError

_CHUNK = 5_000
"""Rows in one batch; more are not faster and only hold more memory."""
_PAGE = 1_000
_ANSWERS = 2
T = TypeVar("T")


class SqlAccountsWriter:
    """Writes many rows by few statements and keeps the counters of the domains."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add_domain(self, domain: Domain) -> None:
        """Store a new domain; raises ConflictError if one of that name is there."""
        await self._transaction.run(
            insert(DOMAINS).values(name=domain.name, accounts=0, **_domain_values(domain))
        )

    async def update_domain(self, domain: Domain) -> None:
        """Store the fields of an existing domain; raises UnknownError if there is none of that name."""
        statement = update(DOMAINS).where(DOMAINS.c.name == domain.name).values(**_domain_values(domain))
        if not await self._transaction.changed(statement):
            raise UnknownError

    async def domains(self) -> Sequence[Domain]:
        """Return all domains by name."""
        rows = await self._transaction.all(select(DOMAINS).order_by(DOMAINS.c.name))
        return [domain_of(row) for row in rows]

    async def existing(self, addresses: Sequence[str]) -> Mapping[str, Account]:
        """Return those of the normalised *addresses* that exist, by address."""
        found: dict[str, Account] = {}
        for some in _chunks(addresses, _PAGE):
            accounts = await accounts_where(self._transaction, ACCOUNTS.c.address.in_(some), _PAGE)
            found |= {account.address: account for account in accounts}
        return found

    async def current_hashes(self, account_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the current hash of those accounts that have one, by account id."""
        found: dict[str, str] = {}
        mailboxes = MAILBOXES.c
        for some in _chunks(account_ids, _PAGE):
            rows = await self._transaction.all(
                select(mailboxes.account_id, mailboxes.password).where(
                    mailboxes.account_id.in_(some), mailboxes.password.is_not(None)
                )
            )
            found |= {row.account_id: row.password for row in rows}
        return found

    async def add_accounts(self, accounts: Sequence[NewAccount], at: datetime) -> None:
        """Store new accounts with contacts and hashes; raises ConflictError, roll back then."""
        for some in _chunks(accounts, _CHUNK):
            await self._add_chunk(some, at)
        for name, added in sorted(Counter(account.domain for account in accounts).items()):
            await self._transaction.run(
                update(DOMAINS).where(DOMAINS.c.name == name).values(accounts=DOMAINS.c.accounts + added)
            )

    async def _add_chunk(self, accounts: Sequence[NewAccount], at: datetime) -> None:
        batches = (
            (ACCOUNTS, [_account_row(account, at) for account in accounts]),
            (CONTACTS, [row for account in accounts for row in contact_rows(account.id, account.contacts)]),
            (MAILBOXES, [_mailbox_row(account, at) for account in accounts]),
            (PASSWORD_HISTORY, [_history_row(a, at) for a in accounts if a.password_hash is not None]),
        )
        for table, rows in batches:
            await self._transaction.insert_many(table, rows)

    async def update_accounts(self, accounts: Sequence[Account]) -> None:
        """Store display name, role, language and employee number of existing accounts."""
        statement = (
            update(ACCOUNTS)
            .where(ACCOUNTS.c.id == bindparam("of_id"))
            .values({name: bindparam(f"new_{name}") for name in _CORRECTED})
        )
        for some in _chunks(accounts, _CHUNK):
            rows = [{"of_id": a.id} | {f"new_{name}": getattr(a, name) for name in _CORRECTED} for a in some]
            await self._transaction.run(statement, rows)

    async def set_answers(self, account_id: str, answers: Sequence[SecurityAnswer]) -> None:
        """Replace the registered answers and count the pair in its domain (R7)."""
        if len(answers) not in {0, _ANSWERS} or len({a.question for a in answers}) != len(answers):
            raise ValueError("two_different_questions")
        # The account's row is locked first: two changes at once must not count the old pair down twice.
        domain = await self._transaction.value(
            select(ACCOUNTS.c.domain).where(ACCOUNTS.c.id == account_id).with_for_update(key_share=True)
        )
        if domain is None:
            raise ConflictError
        await self._count_pair(domain, await self._questions(account_id), -1)
        await self._transaction.run(delete(ANSWERS).where(ANSWERS.c.account_id == account_id))
        if answers:
            await self._transaction.run(insert(ANSWERS), _answer_rows(account_id, answers))
        await self._count_pair(domain, [answer.question for answer in answers], 1)

    async def _questions(self, account_id: str) -> Sequence[str]:
        rows = await self._transaction.all(
            select(ANSWERS.c.question).where(ANSWERS.c.account_id == account_id).order_by(ANSWERS.c.position)
        )
        return [row.question for row in rows]

    async def _count_pair(self, domain: str, questions: Sequence[str], step: int) -> None:
        if not questions:
            return
        first, second = questions
        count = QUESTION_PAIRS.c["count"]
        statement = self._transaction.insert(QUESTION_PAIRS).values(
            domain=domain, first=first, second=second, count=step
        )
        await self._transaction.run(
            statement.on_conflict_do_update(
                index_elements=["domain", "first", "second"], set_={"count": count + step}
            )
        )

    async def all_accounts(self, domain: str | None = None) -> AsyncIterator[Account]:
        """Iterate by address, a page at a time."""
        scope = true() if domain is None else ACCOUNTS.c.domain == domain
        after = ""
        while page := await accounts_where(self._transaction, scope & (ACCOUNTS.c.address > after), _PAGE):
            for account in page:
                yield account
            after = page[-1].address


_CORRECTED = ("display_name", "role", "language", "employee_number")


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _domain_values(domain: Domain) -> dict[str, object]:
    return {
        "edition": domain.edition,
        "company": domain.company,
        "uscc": domain.uscc,
        "language": domain.language,
        "owner_contact": domain.owner_contact,
        "group_domain": domain.group_domain,
        "demo": domain.demo,
    }


def _account_row(account: NewAccount, at: datetime) -> dict[str, object]:
    return {
        "id": account.id,
        "address": account.address,
        "domain": account.domain,
        "display_name": account.display_name,
        "role": account.role,
        "status": account.status,
        "status_changed_at": at,
        "language": account.language,
        "employee_number": account.employee_number,
        "contacts_version": 1,
        "two_methods_required": False,
        "hold_used_at": None,
    }


def _mailbox_row(account: NewAccount, at: datetime) -> dict[str, object]:
    return {
        "account_id": account.id,
        "address": account.address,
        "password": account.password_hash,
        "version": 0 if account.password_hash is None else 1,
        "blocked": False,
        "changed_at": at,
        "last_operation": None,
    }


def _history_row(account: NewAccount, at: datetime) -> dict[str, object]:
    return {
        "account_id": account.id,
        "version": 1,
        "password": account.password_hash,
        "operation": None,
        "set_at": at,
    }


def _answer_rows(account_id: str, answers: Sequence[SecurityAnswer]) -> list[dict[str, object]]:
    return [
        {
            "account_id": account_id,
            "position": position,
            "question": answer.question,
            "answer_hash": answer.answer_hash,
        }
        for position, answer in enumerate(answers)
    ]
