"""The embedded directory: the mailboxes' passwords, changed in the same unit of work as everything else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from recovery_core.accounts.ports import Credentials, SetOutcome
from recovery_core.adapters.sql.tables.accounts import MAILBOXES, PASSWORD_HISTORY
from recovery_core.adapters.sql.transaction import FEW, Transaction

_KEPT = 3
"""The guide's history: the last three passwords, the current one among them."""

_H, _ACCOUNT = PASSWORD_HISTORY.c, bindparam("account", type_=MAILBOXES.c.account_id.type)
_MAILBOX = select(MAILBOXES).where(MAILBOXES.c.account_id == _ACCOUNT)
_VERSION = select(MAILBOXES.c.version).where(MAILBOXES.c.account_id == _ACCOUNT).with_for_update()
_LAST = _H.version.desc()
_HISTORY = select(_H.password).where(_H.account_id == _ACCOUNT).order_by(_LAST).limit(_KEPT)
_KEPT_VERSIONS = select(_H.version).where(_H.account_id == _ACCOUNT).order_by(_LAST).limit(_KEPT)
_DONE = select(_H.version).where(_H.account_id == _ACCOUNT, _H.operation == bindparam("done"))
_CHANGE = update(MAILBOXES).where(MAILBOXES.c.account_id == _ACCOUNT)
_REMEMBER = insert(PASSWORD_HISTORY)
_FORGET = (
    delete(PASSWORD_HISTORY)
    .where(_H.account_id == _ACCOUNT, _H.version.not_in(_KEPT_VERSIONS))
    .execution_options(**FEW)
)


class SqlDirectory:
    """Every account has a mailbox; version 0 is one that has never had a password."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def credentials(self, account_id: str) -> Credentials:
        """Return the version and the last three hashes, the current one first (none: version 0)."""
        mailbox = await self._transaction.first(_MAILBOX, {"account": account_id})
        history = await self._transaction.all(_HISTORY, {"account": account_id})
        if mailbox is None:
            return Credentials(version=0)
        return Credentials(
            mailbox.version,
            tuple(row.password for row in history),
            blocked=mailbox.blocked,
            changed_at=mailbox.changed_at if mailbox.version > 1 else None,
        )

    async def set_password(
        self, account_id: str, encoded: str, operation_id: str, at: datetime, *, expected: int | None = None
    ) -> SetOutcome:
        """Make *encoded* the password and open a blocked mailbox; refused for an account without one.

        The version is compared with the *expected* one while the mailbox is locked: of two who read the same
        version one is overtaken.
        An operation that is still in the history is not repeated, even if a later one followed it.
        """
        version = await self._transaction.value(_VERSION, {"account": account_id})
        if version is None:
            return SetOutcome.REFUSED
        if await self._done_before(account_id, operation_id):
            return SetOutcome.DONE
        if expected is not None and version != expected:
            return SetOutcome.OVERTAKEN
        await self._store(account_id, encoded, operation_id, version + 1, at)
        return SetOutcome.DONE

    async def _done_before(self, account_id: str, operation_id: str) -> bool:
        values = {"account": account_id, "done": operation_id}
        return await self._transaction.value(_DONE, values) is not None

    async def _store(
        self, account_id: str, encoded: str, operation_id: str, version: int, at: datetime
    ) -> None:
        new = {"password": encoded, "version": version}
        changed = {"account": account_id, "blocked": False, "changed_at": at, "last_operation": operation_id}
        await self._transaction.run(_CHANGE, new | changed)
        added = {"account_id": account_id, "operation": operation_id, "set_at": at}
        await self._transaction.run(_REMEMBER, new | added)
        await self._transaction.run(_FORGET, {"account": account_id})

    async def block(self, account_id: str, at: datetime) -> None:
        """Keep the mailbox shut until a new password is set.

        The version rises, so that no grant given before the block outlives it (R10, R12).
        """
        await self._transaction.run(
            update(MAILBOXES)
            .where(MAILBOXES.c.account_id == account_id, MAILBOXES.c.blocked.is_(False))
            .values(blocked=True, version=MAILBOXES.c.version + 1, changed_at=at)
        )
