"""Carries out what an accounts file asks for, batch by batch, inside one unit of work (R19)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from recovery_core.accounts.account import Account, ContactKind, Status
from recovery_core.accounts.importing_plan import (
    Allowed,
    Change,
    Effect,
    compare,
    contacts_after,
    corrected,
    new_account,
)
from recovery_core.accounts.importing_rows import Row
from recovery_core.accounts.ports import SetOutcome
from recovery_core.audit import AuditName
from recovery_core.entropy import Entropy
from recovery_core.errors import ConflictError
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.notices.telling import end_sessions
from recovery_core.work import UnitOfWork

BATCH = 1000
"""Rows that are compared and stored together."""
CHAIN = "operator"
"""The audit chain of what belongs to no case."""
ID_BITS = 128


@dataclass(slots=True)
class Tally:
    """What an import did or would do, counted."""

    effects: Counter[Effect] = field(default_factory=Counter)
    contacts: int = 0
    statuses: int = 0
    passwords: int = 0
    kept_statuses: int = 0
    kept_passwords: int = 0
    notices: int = 0

    def add(self, change: Change) -> None:
        """Count *change*."""
        self.effects[change.effect] += 1
        self.contacts += len(change.contacts)
        self.statuses += change.status is not None
        self.passwords += change.password is not None
        self.kept_statuses += change.kept_status
        self.kept_passwords += change.kept_password
        self.notices += sum((c.old is not None) + (c.new is not None) for c in change.contacts)

    def counts(self) -> dict[str, str | int]:
        """Return the counts that the audit trail keeps."""
        return {
            "added": self.effects[Effect.ADDED],
            "changed": self.effects[Effect.CHANGED],
            "unchanged": self.effects[Effect.UNCHANGED],
            "contacts": self.contacts,
            "statuses": self.statuses,
            "passwords": self.passwords,
        }


async def planned(work: UnitOfWork, rows: Sequence[Row], allowed: Allowed) -> AsyncIterator[Sequence[Change]]:
    """Yield what *rows* would change, in batches of :data:`BATCH`."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        accounts = await work.accounts_writer.existing([row.address for row in batch])
        asked = [accounts[row.address].id for row in batch if row.hash and row.address in accounts]
        hashes = await work.accounts_writer.current_hashes(asked)
        yield [_change(row, accounts.get(row.address), hashes, allowed) for row in batch]


async def store(work: UnitOfWork, changes: Sequence[Change], at: datetime, entropy: Entropy) -> None:
    """Store *changes*, tell the old and the new contacts, end what the changes make stale."""
    added = [new_account(c.row, entropy.token(ID_BITS)) for c in changes if c.account is None]
    if added:
        await work.accounts_writer.add_accounts(added, at)
    present = [(c, c.account) for c in changes if c.account is not None and c.effect is Effect.CHANGED]
    fields = [corrected(change, account) for change, account in present if change.fields]
    if fields:
        await work.accounts_writer.update_accounts(fields)
    for change, account in present:
        await _store_one(work, change, account, at, entropy)


async def change_status(
    work: UnitOfWork, account: Account, status: Status, at: datetime, *, by: str, reason: str
) -> None:
    """Enable or disable *account* with its audit event; a disabled mailbox is also logged out.

    The consoles show *by* and *reason*; ``import`` and ``command`` have words of their own there.
    """
    await work.accounts.set_status(account.id, status, at)
    is_active = status is Status.ACTIVE
    name = AuditName.ACCOUNT_ENABLED if is_active else AuditName.ACCOUNT_DISABLED
    await work.audit.append(CHAIN, name, at, {"account": account.id, "by": by, "reason": reason})
    if not is_active:
        await end_sessions(work, account, f"disabled:{account.id}", at)


async def _store_one(
    work: UnitOfWork, change: Change, account: Account, at: datetime, entropy: Entropy
) -> None:
    if change.contacts:
        await _replace_contacts(work, change, account, at, entropy)
    if change.status is not None:
        await change_status(work, account, change.status, at, by="import", reason="import")
    if change.password is not None:
        operation = entropy.token(ID_BITS)
        outcome = await work.directory.set_password(account.id, change.password, operation, at)
        if outcome is not SetOutcome.DONE:
            raise ConflictError("password_not_set")
        await work.audit.append(
            CHAIN, AuditName.PASSWORD_SET, at, {"account": account.id, "reason": "import"}
        )
        await end_sessions(work, account, f"import:{account.id}", at)


async def _replace_contacts(
    work: UnitOfWork, change: Change, account: Account, at: datetime, entropy: Entropy
) -> None:
    contacts = contacts_after(change, account, lambda: entropy.token(ID_BITS))
    await work.accounts.replace_contacts(account.id, contacts)
    await work.vetoes.end_of_contacts(account.id, [contact.id for contact in contacts], at)
    kinds = ",".join(sorted(c.kind for c in change.contacts))
    await work.audit.append(
        CHAIN, AuditName.CONTACTS_CHANGED, at, {"account": account.id, "kinds": kinds, "reason": "import"}
    )
    for contact in change.contacts:
        for value in (contact.old.value if contact.old is not None else None, contact.new):
            if value is not None:
                await work.outbox.put(_notice(account, contact.kind, value, at, entropy), at)


def _notice(account: Account, kind: ContactKind, to: str, at: datetime, entropy: Entropy) -> Delivery:
    return Delivery(
        id=f"contact:{entropy.token(ID_BITS)}",
        channel=Channel.SMS if kind is ContactKind.PHONE else Channel.MAIL,
        to=to,
        template=Template.CONTACT_CHANGED,
        variables={"address": account.address, "time": at.isoformat(timespec="minutes")},
        language=account.language,
        topic=f"contacts:{account.id}",
    )


def _change(row: Row, account: Account | None, hashes: Mapping[str, str], allowed: Allowed) -> Change:
    return compare(row, account, hashes.get(account.id) if account is not None else None, allowed)
