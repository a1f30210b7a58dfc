"""What the notices ask of the store, the senders and the vault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from recovery_core.accounts.ports import AccountStore
from recovery_core.notices.delivery import Channel, Delivery, OutboxItem, Template
from recovery_core.notices.veto import Veto


class OutboxStore(Protocol):
    """The transactional outbox: what is in it was committed with its cause."""

    async def put(self, delivery: Delivery, at: datetime) -> None:
        """Seal and store the delivery; the same id twice is stored once."""
        ...

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[OutboxItem]:
        """Return due items and keep other workers from them until *until*; drop expired ones instead."""
        ...

    async def sent(self, item_id: str, at: datetime) -> None:
        """Mark the item sent and blank its content in the same update."""
        ...

    async def later(self, item_id: str, due: datetime) -> None:
        """Try the item again at *due*; counts one more attempt."""
        ...

    async def give_up(self, item_id: str, at: datetime) -> None:
        """Mark the item failed for good and blank its content."""
        ...

    async def drop(self, topic: str, at: datetime) -> int:
        """Drop and blank everything unsent of *topic*; return how many."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete the blanked rows older than *moment*; return how many."""
        ...


class VetoStore(Protocol):
    """Vetoes, found by the keyed hash of their token or code."""

    async def add(self, veto: Veto) -> None:
        """Store a new veto."""
        ...

    async def by_token_hash(self, token_hash: str) -> Veto | None:
        """Return the veto with that token or code."""
        ...

    async def use(self, veto_id: str, at: datetime) -> bool:
        """Mark it used; tell whether this call did it (exactly one can)."""
        ...

    async def used_by_contact_since(self, contact_id: str, since: datetime) -> int:
        """Return how many vetoes of the contact were used since then."""
        ...

    async def end_of_contacts(self, account_id: str, kept: Sequence[str], at: datetime) -> int:
        """End open vetoes of contacts that the account no longer has."""
        ...


class DigestStore(Protocol):
    """What administrators learn once a day (R12)."""

    async def add(self, domain: str, line: Mapping[str, str], at: datetime) -> None:
        """Keep one line for the next digest of *domain*."""
        ...

    async def due(self, before: datetime) -> Sequence[str]:
        """Return the domains whose oldest kept line is older than *before*."""
        ...

    async def take(self, domain: str) -> Sequence[Mapping[str, str]]:
        """Return and drop the kept lines of *domain*."""
        ...


class NoticeStores(Protocol):
    """The stores of a unit of work that notices need."""

    @property
    def accounts(self) -> AccountStore:
        """Accounts, contacts and domains."""
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


class Sender(Protocol):
    """Delivers by one channel. Raises UnavailableError (try later) or RefusedByPeerError (never again).

    An UnavailableError with the code ``deferred`` is about this recipient alone; any other one counts towards
    the outage of the channel.
    """

    channel: Channel

    async def send(
        self, item_id: str, to: str, subject: str, text: str, variables: Mapping[str, str]
    ) -> None:
        """Deliver *text*; *item_id* is stable over repetitions so that a peer can recognise them.

        *variables* are those that *text* was made of, for a sender that needs more than words.
        """
        ...


class Words(Protocol):
    """Turns a template into words."""

    def render(
        self, channel: Channel, template: Template, variables: Mapping[str, str], language: str
    ) -> tuple[str, str]:
        """Return subject and text; no subject for SMS, neither for an order to a machine."""
        ...


class Vault(Protocol):
    """Encrypts what the database must hold but nobody may read there; the key lives outside it."""

    def seal(self, plain: bytes, context: str) -> bytes:
        """Return the ciphertext, bound to *context* (for example the row's id)."""
        ...

    def open(self, sealed: bytes, context: str) -> bytes:
        """Return the plain bytes; raises ValueError if anything was changed."""
        ...


class Alerts(Protocol):
    """Tells the operators; never raises, never waits."""

    def raise_alert(self, code: str) -> None:
        """Report the alert *code* (``sms_cap``, ``domain_guessing``, ``clock_back``, ``sender_down`` …)."""
        ...
