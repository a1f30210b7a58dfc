"""A messenger of our own for the tests of the inbox and the outgoing side: JSON, signed, in memory.

It is no platform: the contract of the real ones is tested in ``test_contract.py``.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Event,
    Finding,
    Incoming,
    Kind,
    Message,
    NotGenuineError,
    NotPrivateError,
    NotReadableError,
    Person,
    Received,
    Target,
)

KEY = b"key of the plain messenger"


@dataclass
class PlainChannel:
    """Takes signed events and keeps what it was told, in order; can be away or refuse."""

    name: str = "plain"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(max_text=2000, max_buttons=6))
    told: list[tuple[Target, Message]] = field(default_factory=list)
    """Everything it took, doubles by id included."""
    away: bool = False
    refusing: bool = False
    overheard: bool = False
    """Whether others read in every chat."""
    losing: int = 0
    """How many of the next messages are taken, and then the answer is lost."""
    people: dict[str, Person] = field(default_factory=dict)

    async def receive(self, incoming: Incoming) -> Received:
        """Check the signature and read the events."""
        signature = hmac.digest(KEY, incoming.body, sha256).hex()
        if not hmac.compare_digest(signature, incoming.headers.get("x-signature", "")):
            raise NotGenuineError("signature")
        try:
            rows = json.loads(incoming.body)["events"]
            return Received([event_of(row) for row in rows], body=b'{"ok":true}')
        except (ValueError, KeyError, TypeError):
            raise NotReadableError from None

    async def send(self, to: Target, message: Message) -> None:
        """Take *message*."""
        if self.away:
            raise ChannelAwayError("away")
        if self.refusing:
            raise ChannelRefusedError("left")
        if self.overheard and not message.public:
            raise NotPrivateError
        self.told.append((to, message))
        if self.losing:
            self.losing -= 1
            raise ChannelAwayError("answer_lost")

    async def typing(self, to: Target) -> None:
        """Show nothing."""

    async def who(self, tenant: str, account: str) -> Person | None:  # noqa: ARG002
        """Return whom the directory knows."""
        if self.away:
            raise ChannelAwayError("away")
        return self.people.get(account)

    async def check(self) -> Sequence[Finding]:
        """Say that all is well."""
        return [Finding(good=not self.away, key="channel.check.credentials")]

    async def close(self) -> None:
        """Release nothing."""

    def texts(self, account: str | None = None) -> list[str]:
        """Return what was said, to *account* or to all, each message id once."""
        seen: dict[str, str] = {}
        for target, message in self.told:
            if account in (None, target.account):
                seen.setdefault(message.id, message.text)
        return list(seen.values())

    @property
    def last(self) -> Message:
        """Return the newest message."""
        return self.told[-1][1]


def event_of(row: Mapping[str, Any]) -> Event:
    """Return the event that *row* tells."""
    at = datetime.fromisoformat(row["at"]) if row.get("at") else None
    account = row.get("account", "u-1")
    return Event(
        id=row["id"],
        tenant=row.get("tenant", "corp"),
        account=account,
        room=row.get("room", f"room-{account}"),
        kind=Kind(row.get("kind", "text")),
        text=row.get("text"),
        button=row.get("button"),
        locale=row.get("locale"),
        at=at,
    )


def signed(*rows: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return body and headers of a genuine request with the events *rows*."""
    body = json.dumps({"events": rows}).encode()
    return body, {"X-Signature": hmac.digest(KEY, body, sha256).hex(), "Content-Type": "application/json"}
