"""What a row would change: a comparison of what the file wants with what is there, without doing anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from recovery_core.accounts.account import Account, Contact, ContactKind, Status
from recovery_core.accounts.importing_header import Column
from recovery_core.accounts.importing_rows import Row
from recovery_core.accounts.new_account import NewAccount


class Effect(StrEnum):
    """What happens to the account of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ContactChange:
    """One contact that comes, goes or is replaced; both sides are told (R19)."""

    kind: ContactKind
    old: Contact | None
    new: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What else than names and contacts an import may change in accounts that exist (R19)."""

    passwords: bool = False
    status: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The effect of one row; empty fields stay as they are."""

    row: Row
    account: Account | None
    """The account as it is, None if the row adds it."""
    fields: Mapping[Column, tuple[str, str]] = field(default_factory=dict)
    """Old and new of name, role, language and employee number."""
    contacts: tuple[ContactChange, ...] = ()
    status: Status | None = None
    password: str | None = field(default=None, repr=False)
    kept_status: bool = False
    """The file wants another status, and nobody allowed that."""
    kept_password: bool = False
    """The file brings another hash, and nobody allowed that."""

    @property
    def effect(self) -> Effect:
        """Return what happens to the account."""
        if self.account is None:
            return Effect.ADDED
        changes = self.fields or self.contacts or self.status or self.password
        return Effect.CHANGED if changes else Effect.UNCHANGED


def compare(row: Row, account: Account | None, current_hash: str | None, allowed: Allowed) -> Change:
    """Return what *row* changes in *account* (None: it is new), whose password has *current_hash*."""
    if account is None:
        return Change(row, None)
    other_status = row.status is not account.status
    other_hash = row.hash is not None and row.hash != current_hash
    return Change(
        row,
        account,
        fields=_fields(row, account),
        contacts=tuple(_contacts(row, account)),
        status=row.status if other_status and allowed.status else None,
        password=row.hash if other_hash and allowed.passwords else None,
        kept_status=other_status and not allowed.status,
        kept_password=other_hash and not allowed.passwords,
    )


def new_account(row: Row, account_id: str) -> NewAccount:
    """Return the account that *row* adds; hash and status apply, because it is new (R19)."""
    return NewAccount(
        id=account_id,
        address=row.address,
        display_name=row.name,
        role=row.role,
        status=row.status,
        language=row.language,
        employee_number=row.employee_number,
        phone=row.phone,
        backup_mailbox=row.backup,
        password_hash=row.hash,
    )


def corrected(change: Change, account: Account) -> Account:
    """Return *account* with the plain fields of the row."""
    row = change.row
    return replace(
        account,
        display_name=row.name,
        role=row.role,
        language=row.language,
        employee_number=row.employee_number,
    )


def contacts_after(change: Change, account: Account, draw_id: Callable[[], str]) -> tuple[Contact, ...]:
    """Return all contacts of *account* after *change*; a new value is a new contact with its own id (R12)."""
    gone = {c.old.id for c in change.contacts if c.old is not None}
    kept = [contact for contact in account.contacts if contact.id not in gone]
    new = [
        Contact(draw_id(), c.kind, c.new, change.row.language) for c in change.contacts if c.new is not None
    ]
    return (*kept, *new)


def _fields(row: Row, account: Account) -> dict[Column, tuple[str, str]]:
    pairs: dict[Column, tuple[str, str]] = {
        Column.NAME: (account.display_name, row.name),
        Column.ROLE: (account.role, row.role),
        Column.EMPLOYEE_NUMBER: (account.employee_number or "", row.employee_number or ""),
        Column.LANGUAGE: (account.language, row.language),
    }
    return {column: pair for column, pair in pairs.items() if pair[0] != pair[1]}


def _contacts(row: Row, account: Account) -> list[ContactChange]:
    wanted = ((ContactKind.PHONE, row.phone), (ContactKind.MAIL, row.backup))
    pairs = [(kind, account.contact(kind), value) for kind, value in wanted]
    return [
        ContactChange(kind, old, value)
        for kind, old, value in pairs
        if (old.value if old is not None else None) != value
    ]
