"""The embedded directory: the mailboxes' passwords, changed in the same unit of work as everything else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from recovery_core.accounts.ports import Credentials, SetOutcome
from recovery_core.adapters.sql.tables.accounts import MAILBOXES, PASSWORD_HISTORY
from recovery_core.adapters.sql.transaction import Transaction

_KEPT = 3
"""The guide's history: the last three passwords, the current one among them."""


class SqlDirectory:
    """Every account has a mailbox; version 0 is one that has never had a password."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def credentials(self, account_id: str) -> Credentials:
        """Return the version and the last three hashes, the current one first (none: version 0)."""
        mailbox = await self._transaction.first(select(MAILBOXES).where(MAILBOXES.c.account_id == account_id))
        history = await self._transaction.all(
            select(PASSWORD_HISTORY.c.password)
            .where(PASSWORD_HISTORY.c.account_id == account_id)
            .order_by(PASSWORD_HISTORY.c.version.desc())
            .limit(_KEPT)
        )
        if mailbox is None:
            return Credentials(version=0)
        return Credentials(
            mailbox.version,
            tuple(row.password for row in history),
            blocked=mailbox.blocked,
            changed_at=mailbox.changed_at if mailbox.version > 1 else None,
        )

    async def set_password(
        self, account_id: str, encoded: str, operation_id: str, at: datetime
    ) -> SetOutcome:
        """Make *encoded* the password and open a blocked mailbox; refused for an account without one.

        An operation that is still in the history is not repeated, even if a later one followed it.
        """
        version = await self._transaction.value(
            select(MAILBOXES.c.version).where(MAILBOXES.c.account_id == account_id).with_for_update()
        )
        if version is None:
            return SetOutcome.REFUSED
        if await self._done_before(account_id, operation_id):
            return SetOutcome.DONE
        await self._store(account_id, encoded, operation_id, version + 1, at)
        return SetOutcome.DONE

    async def _done_before(self, account_id: str, operation_id: str) -> bool:
        history = PASSWORD_HISTORY.c
        found = await self._transaction.value(
            select(history.version).where(history.account_id == account_id, history.operation == operation_id)
        )
        return found is not None

    async def _store(
        self, account_id: str, encoded: str, operation_id: str, version: int, at: datetime
    ) -> None:
        await self._transaction.run(
            update(MAILBOXES)
            .where(MAILBOXES.c.account_id == account_id)
            .values(
                password=encoded, version=version, blocked=False, changed_at=at, last_operation=operation_id
            )
        )
        await self._transaction.run(
            insert(PASSWORD_HISTORY).values(
                account_id=account_id, version=version, password=encoded, operation=operation_id, set_at=at
            )
        )
        kept = (
            select(PASSWORD_HISTORY.c.version)
            .where(PASSWORD_HISTORY.c.account_id == account_id)
            .order_by(PASSWORD_HISTORY.c.version.desc())
            .limit(_KEPT)
        )
        await self._transaction.run(
            delete(PASSWORD_HISTORY).where(
                PASSWORD_HISTORY.c.account_id == account_id, PASSWORD_HISTORY.c.version.not_in(kept)
            )
        )

    async def block(self, account_id: str, at: datetime) -> None:
        """Keep the mailbox shut until a new password is set.

        The version rises, so that no grant given before the block outlives it (R10, R12).
        """
        await self._transaction.run(
            update(MAILBOXES)
            .where(MAILBOXES.c.account_id == account_id, MAILBOXES.c.blocked.is_(False))
            .values(blocked=True, version=MAILBOXES.c.version + 1, changed_at=at)
        )
