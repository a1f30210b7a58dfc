"""A conversation in a messenger: what arrived and is not done yet, and where its answers go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One event of a messenger; its content is sealed in the store and gone as soon as it is done."""

    platform: str
    tenant: str
    event_id: str
    """Unique with platform and tenant, the same in every redelivery."""
    account_key: str = field(repr=False)
    """Keyed hash of platform, tenant and account: the events of one key are taken in order."""
    happened_at: datetime
    """By the platform's clock where it tells, else when it arrived."""
    arrived_at: datetime
    content: Mapping[str, Any] | None = field(default=None, repr=False)
    """What is needed to answer; None for an event that is only remembered."""
    seq: int = 0
    """Given by the store; rises with arrival."""
    attempts: int = 0
    """How often it was tried in vain."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Which conversation an account of a messenger leads, and how far its replies have been sent."""

    conversation_id: str
    platform: str
    tenant: str
    account_key: str = field(repr=False)
    target: Mapping[str, Any] = field(repr=False)
    """Where replies go (account, room, address); sealed in the store."""
    created_at: datetime
    sent_seq: int = 0
    """The last line that was sent."""
    sent_part: int = 0
    """How many parts of the line after it were sent."""
    choices_seq: int = 0
    """The line whose choices were numbered in text last; 0 for none."""
    attempts: int = 0
    """How often the next message was tried in vain."""
    due_at: datetime | None = None
    """When to try again after a failure."""
    owner_id: str | None = field(default=None, repr=False)
    """The mailbox account that the company's directory gives to the messenger's account."""
    asked_at: datetime | None = None
    """When the directory was asked for the owner last."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much of a platform waits, and since when."""

    waiting: int
    oldest: datetime | None
