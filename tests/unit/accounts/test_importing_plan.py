"""What a row would change in an account that exists (R19)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.accounts.account import Account, Contact, ContactKind, Role, Status
from recovery_core.accounts.importing_header import Column
from recovery_core.accounts.importing_plan import (
    Allowed,
    ContactChange,
    Effect,
    compare,
    contacts_after,
    corrected,
    new_account,
)
from recovery_core.accounts.importing_rows import Row

PHONE = Contact("c1", ContactKind.PHONE, "+8613800138000", "zh")
BACKUP = Contact("c2", ContactKind.MAIL, "alice@backup.example", "zh")
ALICE = Account(
    "a1",
    "alice@example.com",
    "Alice Wang",
    Role.EMPLOYEE,
    Status.ACTIVE,
    "zh",
    "E1001",
    (PHONE, BACKUP),
)
SAME = Row(
    2,
    ALICE.address,
    "Alice Wang",
    Role.EMPLOYEE,
    Status.ACTIVE,
    PHONE.value,
    BACKUP.value,
    "E1001",
    "zh",
    "$6$a",
)
NOTHING = Allowed()
EVERYTHING = Allowed(passwords=True, status=True)


@pytest.mark.parametrize("allowed", [NOTHING, EVERYTHING])
def test_the_same_data_change_nothing(allowed: Allowed) -> None:
    """A row that says what is there has no effect, whatever is allowed."""
    change = compare(SAME, ALICE, "$6$a", allowed)
    assert change.effect is Effect.UNCHANGED
    assert (change.kept_status, change.kept_password) == (False, False)


def test_a_row_without_a_hash_says_nothing_about_the_password() -> None:
    """An empty hash is never a wish to remove the password."""
    change = compare(replace(SAME, hash=None), ALICE, "$6$a", EVERYTHING)
    assert change.effect is Effect.UNCHANGED


def test_a_new_account_takes_hash_and_status() -> None:
    """R19: hash and status apply to new accounts without being allowed."""
    row = replace(SAME, status=Status.DISABLED)
    assert compare(row, None, None, NOTHING).effect is Effect.ADDED
    added = new_account(row, "a9")
    assert (added.id, added.status, added.password_hash) == ("a9", Status.DISABLED, "$6$a")
    assert [c.value for c in added.contacts] == [PHONE.value, BACKUP.value]


def test_hash_and_status_of_an_existing_account_are_kept() -> None:
    """R19: without being allowed, other hashes and statuses are noticed and change nothing."""
    change = compare(replace(SAME, status=Status.DISABLED, hash="$6$b"), ALICE, "$6$a", NOTHING)
    assert change.effect is Effect.UNCHANGED
    assert (change.status, change.password) == (None, None)
    assert change.kept_status
    assert change.kept_password


def test_hash_and_status_change_where_allowed() -> None:
    """R19: each of the two needs its own permission."""
    row = replace(SAME, status=Status.DISABLED, hash="$6$b")
    status = compare(row, ALICE, "$6$a", Allowed(status=True))
    assert (status.status, status.password, status.kept_password) == (Status.DISABLED, None, True)
    password = compare(row, ALICE, "$6$a", Allowed(passwords=True))
    assert (password.status, password.password, password.kept_status) == (None, "$6$b", True)
    assert {status.effect, password.effect} == {Effect.CHANGED}


def test_plain_fields_name_old_and_new() -> None:
    """Name, role, number and language are corrected, and nothing else with them."""
    row = replace(SAME, name="Alice Li", role=Role.ADMINISTRATOR, employee_number=None, language="en")
    change = compare(row, ALICE, "$6$a", NOTHING)
    assert change.fields == {
        Column.NAME: ("Alice Wang", "Alice Li"),
        Column.ROLE: ("employee", "administrator"),
        Column.EMPLOYEE_NUMBER: ("E1001", ""),
        Column.LANGUAGE: ("zh", "en"),
    }
    after = corrected(change, ALICE)
    assert (after.display_name, after.role, after.employee_number, after.language) == (
        "Alice Li",
        Role.ADMINISTRATOR,
        None,
        "en",
    )
    assert (after.contacts, after.status) == (ALICE.contacts, ALICE.status)


def test_a_replaced_contact_is_a_new_contact() -> None:
    """A new phone gets its own id, so that what was sent to the old one dies; the backup keeps its id."""
    change = compare(replace(SAME, phone="+8613900139000"), ALICE, None, NOTHING)
    assert change.contacts == (ContactChange(ContactKind.PHONE, PHONE, "+8613900139000"),)
    after = contacts_after(change, ALICE, lambda: "c3")
    assert after == (BACKUP, Contact("c3", ContactKind.PHONE, "+8613900139000", "zh"))


def test_an_empty_cell_removes_the_contact() -> None:
    """The file says how things shall be: no phone means none."""
    change = compare(replace(SAME, phone=None), ALICE, None, NOTHING)
    assert change.contacts == (ContactChange(ContactKind.PHONE, PHONE, None),)
    assert contacts_after(change, ALICE, lambda: "c3") == (BACKUP,)


def test_a_first_contact_is_a_change_too() -> None:
    """A contact that was not there before is listed without an old side."""
    change = compare(SAME, replace(ALICE, contacts=(PHONE,)), None, NOTHING)
    assert change.contacts == (ContactChange(ContactKind.MAIL, None, BACKUP.value),)


def test_plans_show_neither_contacts_nor_hashes() -> None:
    """The representation of a change can be logged."""
    change = compare(replace(SAME, phone="+8613900139000", hash="$6$b"), ALICE, "$6$a", EVERYTHING)
    assert "139" not in repr(change)
    assert "$6$" not in repr(change)
