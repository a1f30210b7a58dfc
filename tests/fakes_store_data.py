"""What the store in memory holds: plain tables of immutable values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from recovery_core.accounts.account import Account, Domain
from recovery_core.accounts.ports import Credentials
from recovery_core.audit import AuditEvent
from recovery_core.cases.case import Case
from recovery_core.cases.form import Form
from recovery_core.conversations.conversation import Conversation, Line
from recovery_core.conversations.messengers import Binding
from recovery_core.keyed import KeyedHash
from recovery_core.notices.delivery import Delivery
from recovery_core.notices.veto import Veto
from recovery_core.proofs.challenge import Challenge
from recovery_core.proofs.ports import Budget


@dataclass(frozen=True)
class Posted:
    """One row of the outbox, with the delivery readable for the test and the size it is stored with."""

    delivery: Delivery
    at: datetime
    size: int
    state: str = "waiting"
    attempts: int = 0


@dataclass(frozen=True)
class Sent:
    """One counted sending."""

    key: str
    domain_key: str
    at: datetime
    paid: bool


@dataclass
class Data:
    """The tables; the values are immutable, so that a shallow copy is a snapshot."""

    keyed: KeyedHash
    domains: dict[str, Domain] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    credentials: dict[str, Credentials] = field(default_factory=dict)
    operations: dict[str, str] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    bindings: dict[str, Binding] = field(default_factory=dict)
    buttons: dict[tuple[str, str], str] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    joined: dict[str, int] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    typed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    challenges: dict[str, Challenge] = field(default_factory=dict)
    budgets: dict[str, Budget] = field(default_factory=dict)
    sendings: list[Sent] = field(default_factory=list)
    starts: list[tuple[str, str, datetime]] = field(default_factory=list)
    wrong: list[tuple[str, datetime]] = field(default_factory=list)
    attempts: list[tuple[str, datetime]] = field(default_factory=list)
    outbox: dict[str, Posted] = field(default_factory=dict)
    vetoes: dict[str, Veto] = field(default_factory=dict)
    digests: dict[str, tuple[tuple[datetime, dict[str, str]], ...]] = field(default_factory=dict)
    chains: dict[str, tuple[AuditEvent, ...]] = field(default_factory=lambda: defaultdict(tuple))
    anchors: dict[str, tuple[int, str]] = field(default_factory=dict)

    def snapshot(self) -> dict[str, Any]:
        """Return a copy of every table."""
        return {f.name: getattr(self, f.name).copy() for f in fields(self) if f.name != "keyed"}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Put every table back."""
        for name, table in snapshot.items():
            setattr(self, name, table)
