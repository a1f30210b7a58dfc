"""The unit of work: everything a use case changes is stored together or not at all."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from recovery_core.accounts.ports import AccountStore, AccountWriter, Directory
from recovery_core.audit import AuditStore
from recovery_core.cases.ports import CaseStore, FormStore, TypedSecretStore
from recovery_core.conversations.messenger_ports import BindingStore, InboxStore
from recovery_core.conversations.ports import ConversationStore
from recovery_core.evidence.ports import EvidenceStore
from recovery_core.notices.ports import DigestStore, OutboxStore, VetoStore
from recovery_core.people.ports import FigureStore, OperatorStore, TicketStore
from recovery_core.proofs.ports import BudgetStore, ChallengeStore, SendStore


class UnitOfWork(Protocol):
    """The stores of one transaction; leaving it without :meth:`commit` rolls everything back."""

    @property
    def accounts(self) -> AccountStore:
        """Accounts, contacts and domains."""
        ...

    @property
    def accounts_writer(self) -> AccountWriter:
        """Accounts in bulk."""
        ...

    @property
    def directory(self) -> Directory:
        """The passwords."""
        ...

    @property
    def conversations(self) -> ConversationStore:
        """Conversations and their lines."""
        ...

    @property
    def inbox(self) -> InboxStore:
        """What messengers told."""
        ...

    @property
    def bindings(self) -> BindingStore:
        """Which account of a messenger leads which conversation."""
        ...

    @property
    def cases(self) -> CaseStore:
        """Cases."""
        ...

    @property
    def forms(self) -> FormStore:
        """Secure forms."""
        ...

    @property
    def typed_secrets(self) -> TypedSecretStore:
        """Keyed hashes of what was typed by mistake."""
        ...

    @property
    def challenges(self) -> ChallengeStore:
        """Challenges."""
        ...

    @property
    def budgets(self) -> BudgetStore:
        """Guess budgets."""
        ...

    @property
    def sends(self) -> SendStore:
        """What was sent and tried."""
        ...

    @property
    def outbox(self) -> OutboxStore:
        """What leaves the house."""
        ...

    @property
    def vetoes(self) -> VetoStore:
        """Vetoes."""
        ...

    @property
    def digests(self) -> DigestStore:
        """What administrators learn once a day."""
        ...

    @property
    def audit(self) -> AuditStore:
        """The audit trail."""
        ...

    @property
    def tickets(self) -> TicketStore:
        """Tickets, votes and notes."""
        ...

    @property
    def operators(self) -> OperatorStore:
        """Agents, second factors and console sessions."""
        ...

    @property
    def evidence(self) -> EvidenceStore:
        """What is known of documents."""
        ...

    @property
    def figures(self) -> FigureStore:
        """Figures for the overview."""
        ...

    async def __aenter__(self) -> Self:
        """Begin."""
        ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed."""
        ...

    async def commit(self) -> None:
        """Store everything; raises ConflictError or UnavailableError."""
        ...


class Work(Protocol):
    """Opens units of work."""

    def __call__(self) -> UnitOfWork:
        """Return a new unit of work, to be used in ``async with``."""
        ...

    def reading(self) -> UnitOfWork:
        """Return one that cannot write and never waits for one that does."""
        ...

    def soon(self) -> UnitOfWork:
        """Return one whose commit is seen at once, but may be lost with the power until it is settled.

        It is settled by every later commit of another kind and by :meth:`settle`. Nothing that it stores and
        that nobody would say again is acknowledged before that.
        """
        ...

    async def settle(self) -> None:
        """Return when whatever was committed before the call survives a loss of power.

        Raises UnavailableError.
        """
        ...
