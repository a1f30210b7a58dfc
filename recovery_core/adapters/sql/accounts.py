"""The accounts, contacts and domains of the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, delete, insert, select, update

from recovery_core.accounts.account import (
    Account,
    Contact,
    ContactKind,
    Domain,
    Edition,
    Role,
    SecurityAnswer,
    Status,
)
from recovery_core.adapters.sql.tables.accounts import (
    ACCOUNTS,
    ANSWERS,
    CONTACTS,
    DOMAINS,
    QUESTION_PAIRS,
    WITH_RIGHTS,
)
from recovery_core.adapters.sql.transaction import Transaction


class _Chosen(NamedTuple):
    """The three statements that read accounts whole, built once."""

    accounts: Select[Any]
    contacts: Select[Any]
    answers: Select[Any]


def _whole(condition: ColumnElement[bool]) -> _Chosen:
    ids = select(ACCOUNTS.c.id).where(condition)
    return _Chosen(
        select(ACCOUNTS).where(condition),
        select(CONTACTS).where(CONTACTS.c.account_id.in_(ids)).order_by(CONTACTS.c.position),
        select(ANSWERS).where(ANSWERS.c.account_id.in_(ids)).order_by(ANSWERS.c.position),
    )


_BY_ADDRESS = _whole(ACCOUNTS.c.address == bindparam("named"))
_BY_ID = _whole(ACCOUNTS.c.id == bindparam("account"))
# The condition of the partial index is said in its own words: by the statistics of (domain, role) every
# role is frequent, and SQLite would rather read all accounts.
_ADMINISTRATORS = _whole(
    and_(ACCOUNTS.c.domain == bindparam("company"), WITH_RIGHTS, ACCOUNTS.c.status == Status.ACTIVE.value)
)
_SOME_DOMAINS = select(DOMAINS.c.name).order_by(DOMAINS.c.name).limit(2)
_DOMAIN = select(DOMAINS).where(DOMAINS.c.name == bindparam("domain"))


class SqlAccounts:
    """Accounts are read whole, by three statements whether there are some or none (R2)."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def by_address(self, address: str) -> Account | None:
        """Return the account of the normalised *address* with contacts and answers."""
        return next(iter(await self._chosen(_BY_ADDRESS, {"named": address})), None)

    async def by_id(self, account_id: str) -> Account | None:
        """Return the account with that id."""
        return next(iter(await self._chosen(_BY_ID, {"account": account_id})), None)

    async def by_employee_number(self, number: str) -> Sequence[Account]:
        """Return the accounts with that employee number, by address."""
        return await accounts_where(self._transaction, ACCOUNTS.c.employee_number == number)

    async def domain(self, name: str) -> Domain | None:
        """Return the domain called *name*."""
        row = await self._transaction.first(_DOMAIN, {"domain": name})
        return None if row is None else domain_of(row)

    async def only_domain(self) -> str | None:
        """Return the name of the only domain; None if there are more, or none."""
        rows = await self._transaction.all(_SOME_DOMAINS)
        return rows[0].name if len(rows) == 1 else None

    async def domain_size(self, name: str) -> int:
        """Return how many accounts the domain has (0 for an unknown one), as counted when they were added."""
        size = await self._transaction.value(select(DOMAINS.c.accounts).where(DOMAINS.c.name == name))
        return size or 0

    async def administrators(self, domain: str) -> Sequence[Account]:
        """Return the active administrators of *domain*, super administrators among them, by address."""
        # Sorted here: for SQLite an ORDER BY is a reason to walk through the whole domain by address.
        found = await self._chosen(_ADMINISTRATORS, {"company": domain})
        return sorted(found, key=lambda account: account.address)

    async def question_pairs(self, domain: str) -> Sequence[tuple[tuple[str, str], int]]:
        """Return the pairs of *domain* with their counts, in an order that never changes by itself."""
        pairs = QUESTION_PAIRS.c
        rows = await self._transaction.all(
            select(pairs.first, pairs.second, pairs["count"].label("times"))
            .where(pairs.domain == domain, pairs["count"] > 0)
            .order_by(pairs.first, pairs.second)
        )
        return [((row.first, row.second), row.times) for row in rows]

    async def status_since(self, account_id: str) -> datetime | None:
        """Return when the account was enabled or disabled last."""
        row = await self._transaction.first(
            select(ACCOUNTS.c.status_changed_at).where(ACCOUNTS.c.id == account_id)
        )
        return None if row is None else row.status_changed_at

    async def set_status(self, account_id: str, status: Status, at: datetime) -> None:
        """Enable or disable the account."""
        await self._change(account_id, status=status, status_changed_at=at)

    async def replace_contacts(self, account_id: str, contacts: Sequence[Contact]) -> None:
        """Replace all contacts and raise ``contacts_version`` by one."""
        await self._change(account_id, contacts_version=ACCOUNTS.c.contacts_version + 1)
        await self._transaction.run(delete(CONTACTS).where(CONTACTS.c.account_id == account_id))
        if contacts:
            await self._transaction.run(insert(CONTACTS), contact_rows(account_id, contacts))

    async def require_two_methods(self, account_id: str, required: bool) -> None:  # noqa: FBT001
        """Set or clear the mark that a takeover leaves on the account (R12)."""
        await self._change(account_id, two_methods_required=required)

    async def use_hold(self, account_id: str, at: datetime) -> None:
        """Remember that the one automatic hold in 30 days was used at *at* (R12)."""
        await self._change(account_id, hold_used_at=at)

    async def _chosen(self, chosen: _Chosen, values: dict[str, Any]) -> list[Account]:
        rows = [await self._transaction.all(statement, values) for statement in chosen]
        return _assembled(*rows)

    async def _change(self, account_id: str, **values: object) -> None:
        await self._transaction.run(update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(**values))


async def accounts_where(
    transaction: Transaction, condition: ColumnElement[bool], limit: int | None = None
) -> list[Account]:
    """Return the accounts that fulfil *condition*, by address, in exactly three statements."""
    chosen = select(ACCOUNTS).where(condition).order_by(ACCOUNTS.c.address).limit(limit)
    rows = await transaction.all(chosen)
    if limit is None:
        ids: Select[tuple[Any]] = select(ACCOUNTS.c.id).where(condition)
        scope = (CONTACTS.c.account_id.in_(ids), ANSWERS.c.account_id.in_(ids))
    else:
        found = [row.id for row in rows]
        scope = (CONTACTS.c.account_id.in_(found), ANSWERS.c.account_id.in_(found))
    contacts = await transaction.all(select(CONTACTS).where(scope[0]).order_by(CONTACTS.c.position))
    answers = await transaction.all(select(ANSWERS).where(scope[1]).order_by(ANSWERS.c.position))
    return _assembled(rows, contacts, answers)


def _assembled(
    rows: Iterable[Row[Any]], contacts: Iterable[Row[Any]], answers: Iterable[Row[Any]]
) -> list[Account]:
    contacts_of: defaultdict[str, list[Contact]] = defaultdict(list)
    answers_of: defaultdict[str, list[SecurityAnswer]] = defaultdict(list)
    for row in contacts:
        kind = ContactKind(row.kind)
        contacts_of[row.account_id].append(Contact(row.id, kind, row.value, row.language))
    for row in answers:
        answers_of[row.account_id].append(SecurityAnswer(row.question, row.answer_hash))
    return [_account(row, tuple(contacts_of[row.id]), tuple(answers_of[row.id])) for row in rows]


def _account(row: Row[Any], contacts: tuple[Contact, ...], answers: tuple[SecurityAnswer, ...]) -> Account:
    return Account(
        id=row.id,
        address=row.address,
        display_name=row.display_name,
        role=Role(row.role),
        status=Status(row.status),
        language=row.language,
        employee_number=row.employee_number,
        contacts=contacts,
        answers=answers,
        contacts_version=row.contacts_version,
        two_methods_required=row.two_methods_required,
        hold_used_at=row.hold_used_at,
    )


def domain_of(row: Row[Any]) -> Domain:
    """Return the domain that *row* holds."""
    return Domain(
        name=row.name,
        edition=Edition(row.edition),
        company=row.company,
        uscc=row.uscc,
        language=row.language,
        owner_contact=row.owner_contact,
        group_domain=row.group_domain,
        demo=row.demo,
    )


def contact_rows(account_id: str, contacts: Iterable[Contact]) -> list[dict[str, object]]:
    """Return the rows of the contacts of one account, in their order."""
    return [
        {
            "id": contact.id,
            "account_id": account_id,
            "position": position,
            "kind": contact.kind,
            "value": contact.value,
            "language": contact.language,
        }
        for position, contact in enumerate(contacts)
    ]
