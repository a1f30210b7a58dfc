"""Which challenges are decoys: they look and cost the same, are never delivered and never accepted (R2)."""

from __future__ import annotations

from recovery_core.accounts.account import Account, ContactKind
from recovery_core.numbers import Numbers
from recovery_core.proofs.methods import Method, ProofRule


def target(account: Account | None, method: Method, rule: ProofRule, numbers: Numbers) -> str | None:
    """Return where a real challenge goes (phone, mailbox, or the account's id), None for a decoy.

    A decoy is: no such account, a method it lacks or may not use, a phone in a country that is not paid for,
    or a backup mailbox that is the lost mailbox itself (R6).
    """
    if account is None or method not in rule.allowed:
        return None
    if method is Method.QUESTIONS:
        return account.id if len(account.answers) == 2 else None  # noqa: PLR2004  always a pair
    contact = account.contact(ContactKind.PHONE if method is Method.SMS else ContactKind.MAIL)
    if contact is None or contact.value.casefold() == account.address:
        return None
    if method is Method.SMS and not contact.value.startswith(numbers.sms_countries):
        return None
    return contact.value
