"""Accounts as the core sees them: derived facts, and nothing personal in a repr."""

from __future__ import annotations

import pytest

from recovery_core.accounts.account import Account, Contact, ContactKind, Role, SecurityAnswer, Status
from recovery_core.accounts.new_account import NewAccount

PHONE = Contact("c1", ContactKind.PHONE, "+8613800138000", "zh")


def account(role: Role = Role.EMPLOYEE) -> Account:
    """Return an account with a phone."""
    return Account("id", "alice@example.com", "Alice", role, Status.ACTIVE, "zh", contacts=(PHONE,))


def test_the_domain_is_the_part_after_the_sign() -> None:
    """The domain of a stored and of a new account is what follows the last @."""
    assert account().domain == "example.com"
    assert NewAccount("id", "alice@example.com", "Alice").domain == "example.com"


@pytest.mark.parametrize(("role", "strict"), [(r, r is not Role.EMPLOYEE) for r in Role])
def test_who_is_an_administrator(role: Role, *, strict: bool) -> None:
    """R9: every role but the employee's is under the stricter rule."""
    assert account(role).is_administrator is strict


def test_contacts_are_found_by_kind() -> None:
    """The first contact of a kind is found, or none."""
    assert account().contact(ContactKind.PHONE) == PHONE
    assert account().contact(ContactKind.MAIL) is None


def test_nothing_personal_shows() -> None:
    """Neither a phone number nor the hash of an answer is in a repr."""
    assert "138" not in repr(account())
    assert "hash" not in repr(SecurityAnswer("first_pet", "hash of Rex"))
