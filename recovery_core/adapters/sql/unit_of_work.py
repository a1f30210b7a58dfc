"""The unit of work on a SQL database: one connection, one transaction, all stores."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine

from recovery_core.adapters.sql.accounts import SqlAccounts
from recovery_core.adapters.sql.accounts_writer import SqlAccountsWriter
from recovery_core.adapters.sql.audit import SqlAudit
from recovery_core.adapters.sql.cases import SqlCases
from recovery_core.adapters.sql.challenges import SqlChallenges
from recovery_core.adapters.sql.channels import SqlBindings, SqlInbox
from recovery_core.adapters.sql.connection import Connection
from recovery_core.adapters.sql.conversations import SqlConversations
from recovery_core.adapters.sql.digests import SqlDigests
from recovery_core.adapters.sql.directory import SqlDirectory
from recovery_core.adapters.sql.engine import WAIT_SECONDS
from recovery_core.adapters.sql.evidence import SqlEvidence
from recovery_core.adapters.sql.failures import POSSIBLE, raise_meaning
from recovery_core.adapters.sql.figures import SqlFigures
from recovery_core.adapters.sql.forms import SqlForms, SqlTypedSecrets
from recovery_core.adapters.sql.limits import SqlBudgets, SqlSends
from recovery_core.adapters.sql.operators import SqlOperators
from recovery_core.adapters.sql.outbox import SqlOutbox
from recovery_core.adapters.sql.stores import store_of
from recovery_core.adapters.sql.tickets import SqlTickets
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.adapters.sql.vetoes import SqlVetoes
from recovery_core.keyed import KeyedHash
from recovery_core.notices.ports import Vault


class SqlUnitOfWork:
    """The stores of one transaction; used once, in ``async with``. A store is made when it is asked for."""

    def __init__(self, work: SqlWork, *, reading: bool, synced: bool = True) -> None:
        """Made by :class:`SqlWork` only."""
        self._work = work
        self._reading = reading
        self._synced = synced
        self._connection: Connection
        self._transaction: Transaction

    async def __aenter__(self) -> Self:
        """Wait for the turn to write, take a connection and begin; raises UnavailableError."""
        try:
            self._connection = await self._work.store.open(reading=self._reading, synced=self._synced)
        except POSSIBLE as error:
            raise_meaning(error)
        self._transaction = Transaction(self._connection)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed and give the connection back."""
        try:
            await self._connection.close()
        except POSSIBLE as failure:
            raise_meaning(failure)

    async def commit(self) -> None:
        """Store everything for good; what is done afterwards belongs to a new transaction.

        Raises ConflictError or UnavailableError; then nothing was stored, unless the connection was lost
        while the database was answering.
        """
        try:
            await self._connection.commit()
        except POSSIBLE as error:
            raise_meaning(error)
        self._tell_of_outbox()

    def _tell_of_outbox(self) -> None:
        # Asked of what is there: the property would make a store that nobody used.
        outbox: SqlOutbox | None = self.__dict__.get("outbox")
        if outbox is not None and outbox.filled:
            outbox.filled = False
            self._work.when_filled()

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Accounts, contacts and domains."""
        return SqlAccounts(self._transaction)

    @cached_property
    def accounts_writer(self) -> SqlAccountsWriter:
        """Accounts in bulk."""
        return SqlAccountsWriter(self._transaction)

    @cached_property
    def directory(self) -> SqlDirectory:
        """The passwords."""
        return SqlDirectory(self._transaction)

    @cached_property
    def conversations(self) -> SqlConversations:
        """Conversations and their lines."""
        return SqlConversations(self._transaction)

    @cached_property
    def inbox(self) -> SqlInbox:
        """What messengers told."""
        return SqlInbox(self._transaction, self._work.vault)

    @cached_property
    def bindings(self) -> SqlBindings:
        """Which account of a messenger leads which conversation."""
        return SqlBindings(self._transaction, self._work.vault)

    @cached_property
    def cases(self) -> SqlCases:
        """Cases."""
        return SqlCases(self._transaction)

    @cached_property
    def forms(self) -> SqlForms:
        """Secure forms."""
        return SqlForms(self._transaction)

    @cached_property
    def typed_secrets(self) -> SqlTypedSecrets:
        """Keyed hashes of what was typed by mistake."""
        return SqlTypedSecrets(self._transaction)

    @cached_property
    def challenges(self) -> SqlChallenges:
        """Challenges."""
        return SqlChallenges(self._transaction)

    @cached_property
    def budgets(self) -> SqlBudgets:
        """Guess budgets."""
        return SqlBudgets(self._transaction)

    @cached_property
    def sends(self) -> SqlSends:
        """What was sent and tried."""
        return SqlSends(self._transaction)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """What leaves the house."""
        return SqlOutbox(self._transaction, self._work.vault)

    @cached_property
    def vetoes(self) -> SqlVetoes:
        """Vetoes."""
        return SqlVetoes(self._transaction)

    @cached_property
    def digests(self) -> SqlDigests:
        """What administrators learn once a day."""
        return SqlDigests(self._transaction)

    @cached_property
    def audit(self) -> SqlAudit:
        """The audit trail."""
        return SqlAudit(self._transaction, self._work.audit_key)

    @cached_property
    def tickets(self) -> SqlTickets:
        """Tickets, votes and notes."""
        return SqlTickets(self._transaction)

    @cached_property
    def operators(self) -> SqlOperators:
        """Agents, second factors and console sessions."""
        return SqlOperators(self._transaction)

    @cached_property
    def evidence(self) -> SqlEvidence:
        """What is known of documents."""
        return SqlEvidence(self._transaction)

    @cached_property
    def figures(self) -> SqlFigures:
        """Figures for the overview."""
        return SqlFigures(self._transaction)


class SqlWork:
    """Opens units of work on one engine; one per process."""

    def __init__(
        self,
        engine: AsyncEngine,
        audit_key: KeyedHash,
        vault: Vault,
        *,
        wait_seconds: float = WAIT_SECONDS,
        when_filled: Callable[[], None] = lambda: None,
    ) -> None:
        """Use *engine*; audit links are made with *audit_key*, the outbox is sealed by *vault*.

        On SQLite a writer waits *wait_seconds* at most for its turn. *when_filled* is called after each
        commit that put something into the outbox.
        """
        self.engine = engine
        self.audit_key = audit_key
        self.vault = vault
        self.when_filled = when_filled
        self.store = store_of(engine, wait_seconds)

    def __call__(self) -> SqlUnitOfWork:
        """Return a new unit of work, to be used in ``async with``."""
        return SqlUnitOfWork(self, reading=False)

    def reading(self) -> SqlUnitOfWork:
        """Return a unit of work that cannot write and never waits for one that does."""
        return SqlUnitOfWork(self, reading=True)

    def soon(self) -> SqlUnitOfWork:
        """Return a unit of work whose commit does not wait for SQLite's disk; see :meth:`settle`."""
        return SqlUnitOfWork(self, reading=False, synced=False)

    async def settle(self) -> None:
        """Return when whatever was committed before survives a loss of power; raises UnavailableError."""
        try:
            await self.store.settle()
        except POSSIBLE as error:
            raise_meaning(error)
