"""Conversations, their lines and their buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from recovery_core.adapters.sql.tables.conversations import (
    ASKED,
    BUTTONS,
    CONVERSATIONS,
    LINES,
    TYPED_SECRETS,
)
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.conversations.conversation import Conversation, Line, LineKind, Mode
from recovery_core.conversations.language import Language

_C, _L, _B = CONVERSATIONS.c, LINES.c, BUTTONS.c


class SqlConversations:
    """Lines of one conversation are numbered and committed in the same order."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, conversation: Conversation) -> None:
        """Store a new conversation."""
        await self._transaction.run(
            insert(CONVERSATIONS).values(
                id=conversation.id,
                token_hash=conversation.token_hash,
                channel=conversation.channel,
                language=conversation.language,
                created_at=conversation.created_at,
                last_seen_at=conversation.last_seen_at,
                mode=conversation.mode,
                client_key=conversation.client_key,
            )
        )

    async def get(self, conversation_id: str) -> Conversation | None:
        """Return the conversation with that id."""
        row = await self._transaction.first(select(CONVERSATIONS).where(_C.id == conversation_id))
        return None if row is None else _conversation(row)

    async def by_token_hash(self, token_hash: str) -> Conversation | None:
        """Return the conversation whose browser holds the token with that keyed hash."""
        row = await self._transaction.first(select(CONVERSATIONS).where(_C.token_hash == token_hash))
        return None if row is None else _conversation(row)

    async def seen(
        self, conversation_id: str, at: datetime, language: Language, client_key: str | None
    ) -> None:
        """Remember when, in which language and from where the person wrote last."""
        await self._transaction.run(
            update(CONVERSATIONS)
            .where(_C.id == conversation_id)
            .values(last_seen_at=at, language=language, client_key=client_key)
        )

    async def set_mode(self, conversation_id: str, mode: Mode) -> None:
        """Remember who answers from now on."""
        await self._transaction.run(update(CONVERSATIONS).where(_C.id == conversation_id).values(mode=mode))

    async def append(
        self, conversation_id: str, kind: LineKind, message_id: str, payload: Mapping[str, Any], at: datetime
    ) -> Line | None:
        """Store a line; None if a said or event line with that message id is already there.

        Raises ConflictError if there is no such conversation.
        """
        await self._in_order(conversation_id)
        return await self._insert(conversation_id, kind, message_id, payload, at)

    async def line(self, conversation_id: str, message_id: str) -> Line | None:
        """Return the said or event line with that message id."""
        row = await self._transaction.first(
            select(LINES).where(_L.conversation_id == conversation_id, _L.message_id == message_id, ASKED)
        )
        return None if row is None else _line(row)

    async def replies_to(self, conversation_id: str, message_id: str) -> Sequence[Line]:
        """Return the replies to that line, in order."""
        return await self._lines(
            select(LINES)
            .where(
                _L.conversation_id == conversation_id,
                _L.message_id == message_id,
                _L.kind == LineKind.REPLY,
            )
            .order_by(_L.seq)
        )

    async def since(self, conversation_id: str, seq: int, limit: int) -> Sequence[Line]:
        """Return the said and reply lines after *seq*, in order (events are not shown)."""
        return await self._lines(
            select(LINES)
            .where(_L.conversation_id == conversation_id, _L.seq > seq, _L.kind != LineKind.EVENT)
            .order_by(_L.seq)
            .limit(limit)
        )

    async def unanswered(self, limit: int, conversation_id: str | None = None) -> Sequence[Line]:
        """Return said and event lines without an answer, oldest first."""
        statement = select(LINES).where(_L.answered_at.is_(None), ASKED)
        if conversation_id is not None:
            statement = statement.where(_L.conversation_id == conversation_id)
        return await self._lines(statement.order_by(_L.seq).limit(limit))

    async def answer(
        self, line: Line, replies: Sequence[Mapping[str, Any]], at: datetime
    ) -> Sequence[Line] | None:
        """Store the replies and mark the line answered, once: None if it already was."""
        await self._in_order(line.conversation_id)
        first = await self._transaction.changed(
            update(LINES).where(_L.seq == line.seq, _L.answered_at.is_(None), ASKED).values(answered_at=at)
        )
        if not first:
            return None
        stored = [
            await self._insert(line.conversation_id, LineKind.REPLY, line.message_id, payload, at)
            for payload in replies
        ]
        return [reply for reply in stored if reply is not None]

    async def add_button(self, button_id: str, conversation_id: str, name: str, at: datetime) -> None:
        """Remember which button an opaque id stands for, in this conversation only."""
        await self._transaction.run(
            insert(BUTTONS).values(conversation_id=conversation_id, id=button_id, name=name, at=at)
        )

    async def button(self, conversation_id: str, button_id: str) -> str | None:
        """Return the button's name if it was offered in this conversation."""
        name = await self._transaction.value(
            select(_B.name).where(_B.conversation_id == conversation_id, _B.id == button_id)
        )
        return None if name is None else str(name)

    async def forget_before(self, moment: datetime) -> int:
        """Drop conversations not seen since *moment* with all that was said; return how many."""
        idle = select(_C.id).where(_C.last_seen_at < moment)
        await self._transaction.run(delete(TYPED_SECRETS).where(TYPED_SECRETS.c.conversation_id.in_(idle)))
        return await self._transaction.changed(delete(CONVERSATIONS).where(_C.last_seen_at < moment))

    async def _in_order(self, conversation_id: str) -> None:
        """Wait for other writers of this conversation.

        Numbers are drawn before the commit; without this a reader that has seen line 7 could miss line 6,
        committed a moment later.
        """
        await self._transaction.run(
            select(_C.id).where(_C.id == conversation_id).with_for_update(key_share=True)
        )

    async def _insert(
        self, conversation_id: str, kind: LineKind, message_id: str, payload: Mapping[str, Any], at: datetime
    ) -> Line | None:
        statement = (
            self._transaction.insert(LINES)
            .values(
                conversation_id=conversation_id,
                kind=kind,
                message_id=message_id,
                payload=dict(payload),
                at=at,
            )
            .on_conflict_do_nothing(index_elements=["conversation_id", "message_id"], index_where=ASKED)
        )
        row = await self._transaction.first(statement.returning(*LINES.c))
        return None if row is None else _line(row)

    async def _lines(self, statement: Any) -> Sequence[Line]:  # noqa: ANN401
        return [_line(row) for row in await self._transaction.all(statement)]


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        id=row.id,
        token_hash=row.token_hash,
        channel=row.channel,
        language=Language(row.language),
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        mode=Mode(row.mode),
        client_key=row.client_key,
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        seq=row.seq,
        conversation_id=row.conversation_id,
        kind=LineKind(row.kind),
        message_id=row.message_id,
        payload=row.payload,
        at=row.at,
        answered_at=row.answered_at,
    )
