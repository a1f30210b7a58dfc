"""What every use case works with: the ports and the numbers, built once by the composition root."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from recovery_core.clock import Clock
from recovery_core.conversations.choosing import NO_CHOICES, Vocabulary
from recovery_core.entropy import Entropy
from recovery_core.keyed import KeyedHash
from recovery_core.notices.ports import Alerts
from recovery_core.notices.telling import Telling
from recovery_core.numbers import Numbers
from recovery_core.passwords.policy import PasswordPolicy
from recovery_core.passwords.ports import Blocklist, PasswordHasher
from recovery_core.work import Work


@dataclass(frozen=True, slots=True)
class Parts:
    """The core's ports; use cases take it as their first argument."""

    work: Work
    clock: Clock
    entropy: Entropy
    keyed: KeyedHash
    hasher: PasswordHasher
    blocklist: Blocklist
    policy: PasswordPolicy
    numbers: Numbers
    alerts: Alerts
    public_url: str
    """Where links in mails and SMS lead; never taken from a request's Host header."""
    trusted_clients: Container[str] = frozenset()
    """Client keys of company exits, exempt from the limit of addresses per client (R4)."""
    messenger_proofs: Mapping[str, Container[str]] = field(default_factory=dict)
    """Messengers whose accounts, mapped by the company's directory, count as one proof, each with the mail
    domains for whose people it may speak; set by operators who state that nobody signs in there with the
    mailbox (docs/decisions/0041-messenger-accounts.md)."""
    choices: Vocabulary = NO_CHOICES
    """What people type instead of pressing a button."""
    sessions_end: bool = False
    """Whether open mailbox sessions can be ended; the person is told if not (R11)."""

    @property
    def telling(self) -> Telling:
        """Return what the notices need besides the account."""
        return Telling(self.public_url, self.numbers.veto_life)
