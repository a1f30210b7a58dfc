"""What the conversations ask of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from recovery_core.conversations.conversation import Conversation, Line, LineKind, Mode
from recovery_core.conversations.language import Language
from recovery_core.conversations.messengers import Backlog, Binding, InboxItem


class ConversationStore(Protocol):
    """Conversations and their lines."""

    async def add(self, conversation: Conversation) -> None:
        """Store a new conversation."""
        ...

    async def get(self, conversation_id: str) -> Conversation | None:
        """Return the conversation with that id."""
        ...

    async def by_token_hash(self, token_hash: str) -> Conversation | None:
        """Return the conversation whose browser holds the token with that keyed hash."""
        ...

    async def seen(
        self, conversation_id: str, at: datetime, language: Language, client_key: str | None
    ) -> Conversation | None:
        """Remember when, in which language and from where the person wrote last; return what it is now.

        None if there is no such conversation any more.
        """
        ...

    async def set_mode(self, conversation_id: str, mode: Mode) -> None:
        """Remember who answers from now on."""
        ...

    async def append(
        self, conversation_id: str, kind: LineKind, message_id: str, payload: Mapping[str, Any], at: datetime
    ) -> Line | None:
        """Store a line; None if a said or event line with that message id is already there."""
        ...

    async def line(self, conversation_id: str, message_id: str) -> Line | None:
        """Return the said or event line with that message id."""
        ...

    async def replies_to(self, conversation_id: str, message_id: str) -> Sequence[Line]:
        """Return the replies to that line, in order."""
        ...

    async def latest_replies(self, conversation_id: str, limit: int) -> Sequence[Line]:
        """Return the newest replies of the conversation, the newest first."""
        ...

    async def since(self, conversation_id: str, seq: int, limit: int) -> Sequence[Line]:
        """Return the said and reply lines after *seq*, in order (events are not shown)."""
        ...

    async def unanswered(self, limit: int, conversation_id: str | None = None) -> Sequence[Line]:
        """Return said and event lines without an answer, oldest first."""
        ...

    async def answer(
        self, line: Line, replies: Sequence[Mapping[str, Any]], at: datetime
    ) -> Sequence[Line] | None:
        """Store the replies and mark the line answered, once: None if it already was."""
        ...

    async def add_button(self, button_id: str, conversation_id: str, name: str, at: datetime) -> None:
        """Remember which button an opaque id stands for, in this conversation only."""
        ...

    async def button(self, conversation_id: str, button_id: str) -> str | None:
        """Return the button's name if it was offered in this conversation."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Drop conversations not seen since *moment* with all lines and buttons; return how many."""
        ...


class InboxStore(Protocol):
    """What messengers told: stored before it is acknowledged, done exactly once."""

    async def put(self, items: Sequence[InboxItem]) -> int:
        """Store those that are not there yet by platform, tenant and event id; return how many were new.

        An item without content is stored as done: it is only remembered.
        """
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

    async def behind(self, now: datetime, limit: int) -> Sequence[str]:
        """Return ids of conversations with replies that are due to be sent."""
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
