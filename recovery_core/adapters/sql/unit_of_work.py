"""The unit of work on a SQL database: one connection, one transaction, all stores."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from recovery_core.adapters.sql.accounts import SqlAccounts
from recovery_core.adapters.sql.accounts_writer import SqlAccountsWriter
from recovery_core.adapters.sql.audit import SqlAudit
from recovery_core.adapters.sql.cases import SqlCases
from recovery_core.adapters.sql.challenges import SqlChallenges
from recovery_core.adapters.sql.channels import SqlBindings, SqlInbox
from recovery_core.adapters.sql.conversations import SqlConversations
from recovery_core.adapters.sql.digests import SqlDigests
from recovery_core.adapters.sql.directory import SqlDirectory
from recovery_core.adapters.sql.engine import READING, WAIT_SECONDS
from recovery_core.adapters.sql.evidence import SqlEvidence
from recovery_core.adapters.sql.failures import translated
from recovery_core.adapters.sql.figures import SqlFigures
from recovery_core.adapters.sql.forms import SqlForms, SqlTypedSecrets
from recovery_core.adapters.sql.limits import SqlBudgets, SqlSends
from recovery_core.adapters.sql.operators import SqlOperators
from recovery_core.adapters.sql.outbox import SqlOutbox
from recovery_core.adapters.sql.tickets import SqlTickets
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.adapters.sql.vetoes import SqlVetoes
from recovery_core.errors import UnavailableError
from recovery_core.keyed import KeyedHash
from recovery_core.notices.ports import Vault


class SqlUnitOfWork:
    """The stores of one transaction; used once, in ``async with``."""

    accounts: SqlAccounts
    accounts_writer: SqlAccountsWriter
    directory: SqlDirectory
    conversations: SqlConversations
    inbox: SqlInbox
    bindings: SqlBindings
    cases: SqlCases
    forms: SqlForms
    typed_secrets: SqlTypedSecrets
    challenges: SqlChallenges
    budgets: SqlBudgets
    sends: SqlSends
    outbox: SqlOutbox
    vetoes: SqlVetoes
    digests: SqlDigests
    audit: SqlAudit
    tickets: SqlTickets
    operators: SqlOperators
    evidence: SqlEvidence
    figures: SqlFigures

    def __init__(self, work: SqlWork, *, reading: bool) -> None:
        """Made by :class:`SqlWork` only."""
        self._work = work
        self._reading = reading
        self._open = AsyncExitStack()
        self._connection: AsyncConnection

    async def __aenter__(self) -> Self:
        """Wait for the turn to write, take a connection and begin; raises UnavailableError."""
        async with AsyncExitStack() as opening:
            if not self._reading:
                await self._work.take_turn(opening)
            with translated():
                self._connection = await opening.enter_async_context(self._work.engine.connect())
                await self._begin()
            self._open = opening.pop_all()
        self._make_stores(Transaction(self._connection))
        return self

    async def _begin(self) -> None:
        if self._reading:
            await self._connection.execution_options(**{READING: True, "postgresql_readonly": True})
        await self._connection.begin()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed and give the connection back."""
        with translated():
            await self._open.__aexit__(kind, error, trace)

    async def commit(self) -> None:
        """Store everything for good; what is done afterwards belongs to a new transaction.

        Raises ConflictError or UnavailableError; then nothing was stored, unless the connection was lost
        while the database was answering.
        """
        with translated():
            await self._connection.commit()

    def _make_stores(self, transaction: Transaction) -> None:
        self.accounts = SqlAccounts(transaction)
        self.accounts_writer = SqlAccountsWriter(transaction)
        self.directory = SqlDirectory(transaction)
        self.conversations = SqlConversations(transaction)
        self.inbox = SqlInbox(transaction, self._work.vault)
        self.bindings = SqlBindings(transaction, self._work.vault)
        self.cases = SqlCases(transaction)
        self.forms = SqlForms(transaction)
        self.typed_secrets = SqlTypedSecrets(transaction)
        self.challenges = SqlChallenges(transaction)
        self.budgets = SqlBudgets(transaction)
        self.sends = SqlSends(transaction)
        self.outbox = SqlOutbox(transaction, self._work.vault)
        self.vetoes = SqlVetoes(transaction)
        self.digests = SqlDigests(transaction)
        self.audit = SqlAudit(transaction, self._work.audit_key)
        self.tickets = SqlTickets(transaction)
        self.operators = SqlOperators(transaction)
        self.evidence = SqlEvidence(transaction)
        self.figures = SqlFigures(transaction)


class SqlWork:
    """Opens units of work on one engine; one per process."""

    def __init__(
        self, engine: AsyncEngine, audit_key: KeyedHash, vault: Vault, *, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        """Use *engine*; audit links are made with *audit_key*, the outbox is sealed by *vault*.

        A writer waits *wait_seconds* at most for those before it in this process.
        """
        self.engine = engine
        self.audit_key = audit_key
        self.vault = vault
        self._wait_seconds = wait_seconds
        self._turns = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    def __call__(self) -> SqlUnitOfWork:
        """Return a new unit of work, to be used in ``async with``."""
        return SqlUnitOfWork(self, reading=False)

    def reading(self) -> SqlUnitOfWork:
        """Return a unit of work that cannot write and never waits for one that does."""
        return SqlUnitOfWork(self, reading=True)

    async def take_turn(self, until: AsyncExitStack) -> None:
        """Wait until the writers that came first are done; the turn ends when *until* is left.

        SQLite's own waiting is a sleep that grows and knows no order; within a process writers queue here,
        between processes ``busy_timeout`` remains. Raises UnavailableError when that takes too
        long, as it does for a unit of work that is opened inside another one.
        """
        if self._turns is None:
            return
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise UnavailableError from None
        until.callback(self._turns.release)
