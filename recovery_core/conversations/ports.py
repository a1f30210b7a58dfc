"""What the conversations ask of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from recovery_core.conversations.conversation import Conversation, Line, LineKind, Mode
from recovery_core.conversations.language import Language


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
        """Store the replies and mark the line answered, once: None if it already was.

        Returns all replies to the line in order, with those that were there before: notices, and what an
        action stored itself.
        """
        ...

    async def add_buttons(self, conversation_id: str, names: Mapping[str, str], at: datetime) -> None:
        """Remember which button each opaque id of *names* stands for, in this conversation only."""
        ...

    async def button(self, conversation_id: str, button_id: str) -> str | None:
        """Return the button's name if it was offered in this conversation."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Drop conversations not seen since *moment* with all lines and buttons; return how many."""
        ...
