"""Conversations and their lines in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from recovery_core.conversations.conversation import Conversation, Line, LineKind
from recovery_core.conversations.language import Language
from recovery_core.conversations.messengers import Binding
from recovery_core.errors import ConflictError
from tests.fakes_store_data import Data


class Conversations:
    """The ConversationStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, conversation: Conversation) -> None:
        """Store a new conversation."""
        self._data.conversations[conversation.id] = conversation

    async def get(self, conversation_id: str) -> Conversation | None:
        """Return the conversation."""
        return self._data.conversations.get(conversation_id)

    async def by_token_hash(self, token_hash: str) -> Conversation | None:
        """Return the conversation of the browser."""
        return next((c for c in self._data.conversations.values() if c.token_hash == token_hash), None)

    async def seen(
        self, conversation_id: str, at: datetime, language: Language, client_key: str | None
    ) -> Conversation | None:
        """Remember when and from where."""
        old = self._data.conversations.get(conversation_id)
        if old is None:
            return None
        new = replace(old, last_seen_at=at, language=language, client_key=client_key)
        self._data.conversations[conversation_id] = new
        return new

    async def append(
        self, conversation_id: str, kind: LineKind, message_id: str, payload: Mapping[str, Any], at: datetime
    ) -> Line | None:
        """Store a line, said and event lines once per message id."""
        if conversation_id not in self._data.conversations:
            raise ConflictError
        if kind is not LineKind.REPLY and await self.line(conversation_id, message_id):
            return None
        seq = max(self._data.lines, default=0) + 1
        line = Line(seq, conversation_id, kind, message_id, dict(payload), at)
        self._data.lines[line.seq] = line
        return line

    async def line(self, conversation_id: str, message_id: str) -> Line | None:
        """Return the said or event line with that id."""
        return next(
            (
                line
                for line in self._of(conversation_id)
                if line.message_id == message_id and line.kind is not LineKind.REPLY
            ),
            None,
        )

    async def replies_to(self, conversation_id: str, message_id: str) -> Sequence[Line]:
        """Return the replies to that line."""
        own = self._of(conversation_id)
        return [line for line in own if line.message_id == message_id and line.kind is LineKind.REPLY]

    async def latest_replies(self, conversation_id: str, limit: int) -> Sequence[Line]:
        """Return the newest replies."""
        own = [line for line in self._of(conversation_id) if line.kind is LineKind.REPLY]
        return own[::-1][:limit]

    async def since(self, conversation_id: str, seq: int, limit: int) -> Sequence[Line]:
        """Return what is shown after *seq*."""
        own = self._of(conversation_id)
        return [line for line in own if line.seq > seq and line.kind is not LineKind.EVENT][:limit]

    async def unanswered(self, limit: int, conversation_id: str | None = None) -> Sequence[Line]:
        """Return said and event lines without an answer."""
        return [
            line
            for line in self._data.lines.values()
            if line.answered_at is None
            and line.kind is not LineKind.REPLY
            and conversation_id in {None, line.conversation_id}
        ][:limit]

    async def answer(
        self, line: Line, replies: Sequence[Mapping[str, Any]], at: datetime
    ) -> Sequence[Line] | None:
        """Store the replies, once."""
        if self._data.lines[line.seq].answered_at is not None:
            return None
        self._data.lines[line.seq] = replace(line, answered_at=at)
        for reply in replies:
            await self.append(line.conversation_id, LineKind.REPLY, line.message_id, reply, at)
        return await self.replies_to(line.conversation_id, line.message_id)

    async def add_buttons(self, conversation_id: str, names: Mapping[str, str], at: datetime) -> None:  # noqa: ARG002
        """Remember buttons."""
        self._data.buttons |= {(conversation_id, button_id): name for button_id, name in names.items()}

    async def button(self, conversation_id: str, button_id: str) -> str | None:
        """Return the button's name."""
        return self._data.buttons.get((conversation_id, button_id))

    async def forget_before(self, moment: datetime) -> int:
        """Drop idle conversations."""
        gone = {c.id for c in self._data.conversations.values() if c.last_seen_at < moment}
        for id_ in gone:
            del self._data.conversations[id_]
        self._data.lines = {s: ln for s, ln in self._data.lines.items() if ln.conversation_id not in gone}
        return len(gone)

    def _of(self, conversation_id: str) -> list[Line]:
        return [line for line in self._data.lines.values() if line.conversation_id == conversation_id]


class Bindings:
    """What of the BindingStore the cases ask."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def of_conversation(self, conversation_id: str) -> Binding | None:
        """Return the binding of the conversation."""
        return self._data.bindings.get(conversation_id)

    async def owned(self, conversation_id: str, owner_id: str | None, at: datetime) -> None:
        """Remember whom the directory named."""
        binding = self._data.bindings[conversation_id]
        self._data.bindings[conversation_id] = replace(binding, owner_id=owner_id, asked_at=at)
