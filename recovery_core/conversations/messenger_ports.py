"""What conversations in messengers ask of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from recovery_core.conversations.messengers import Backlog, Binding, InboxItem


class InboxStore(Protocol):
    """What messengers told: stored before it is acknowledged, done exactly once."""

    async def put(self, items: Sequence[InboxItem]) -> None:
        """Store those that are not there yet by platform, tenant and event id, all with their content."""
        ...

    async def remember(self, item: InboxItem) -> bool:
        """Store the item as done and without content; tell whether it was not there yet."""
        ...

    async def accounts(self, limit: int) -> Sequence[str]:
        """Return account keys with something to do, the one that waits longest first."""
        ...

    async def waiting(self, account_key: str, limit: int) -> Sequence[InboxItem]:
        """Return what is to do for the account in the order of its happening, then of its arrival."""
        ...

    async def done(self, seq: int, at: datetime) -> bool:
        """Mark the item done and blank its content in the same update; tell whether this call did it."""
        ...

    async def failed(self, seq: int) -> None:
        """Count one more try in vain."""
        ...

    async def backlog(self, platform: str) -> Backlog:
        """Return how much of the platform waits."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Delete what was done before *moment*; return how much."""
        ...


class BindingStore(Protocol):
    """Which account of a messenger leads which conversation."""

    async def add(self, binding: Binding) -> None:
        """Store a new binding; raises ConflictError if the account leads a conversation already."""
        ...

    async def of_account(self, account_key: str) -> Binding | None:
        """Return the binding of the account."""
        ...

    async def of_conversation(self, conversation_id: str) -> Binding | None:
        """Return the binding of the conversation."""
        ...

    async def retarget(self, conversation_id: str, target: Mapping[str, Any]) -> None:
        """Remember where replies go from now on."""
        ...

    async def owned(self, conversation_id: str, owner_id: str | None, at: datetime) -> None:
        """Remember whom the directory named, and when it was asked."""
        ...

    async def behind(self, platforms: Collection[str], now: datetime, limit: int) -> Sequence[str]:
        """Return ids of conversations of *platforms* with replies that are due to be sent."""
        ...

    async def sent(self, conversation_id: str, seq: int, part: int) -> None:
        """Remember that the lines up to *seq*, and *part* parts of the next, were sent; ends a failure."""
        ...

    async def numbered(self, conversation_id: str, seq: int) -> None:
        """Remember the line whose choices were numbered last."""
        ...

    async def later(self, conversation_id: str, due: datetime) -> None:
        """Try again at *due*; counts one more try in vain."""
        ...
