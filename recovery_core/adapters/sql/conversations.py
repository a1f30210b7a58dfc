"""Conversations, their lines and their buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from recovery_core.adapters.sql.tables.conversations import (
    ASKED,
    BUTTONS,
    CONVERSATIONS,
    LINES,
    TYPED_SECRETS,
)
from recovery_core.adapters.sql.transaction import Transaction, both
from recovery_core.conversations.conversation import Conversation, Line, LineKind, Mode
from recovery_core.conversations.language import Language

_C, _L, _B = CONVERSATIONS.c, LINES.c, BUTTONS.c

# What every turn runs is built once: building a statement anew costs more than running it.
_TALK, _MESSAGE = bindparam("talk", type_=_C.id.type), bindparam("message", type_=_L.message_id.type)
_GET = select(CONVERSATIONS).where(_C.id == _TALK)
_BY_TOKEN = select(CONVERSATIONS).where(_C.token_hash == bindparam("token"))
_SEEN = (
    update(CONVERSATIONS)
    .where(_C.id == _TALK)
    .values(last_seen_at=bindparam("seen"), language=bindparam("spoken"), client_key=bindparam("client"))
    .returning(*CONVERSATIONS.c)
)
_IN_ORDER = select(_C.id).where(_C.id == _TALK).with_for_update(key_share=True)
_LINE = select(LINES).where(_L.conversation_id == _TALK, _L.message_id == _MESSAGE, ASKED)
_REPLIES = (
    select(LINES)
    .where(_L.conversation_id == _TALK, _L.message_id == _MESSAGE, _L.kind == LineKind.REPLY.value)
    .order_by(_L.seq)
)
_SINCE = (
    select(LINES)
    .where(_L.conversation_id == _TALK, _L.seq > bindparam("after"), _L.kind != LineKind.EVENT.value)
    .order_by(_L.seq)
    .limit(bindparam("most"))
)
_UNANSWERED = select(LINES).where(_L.answered_at.is_(None), ASKED).order_by(_L.seq).limit(bindparam("most"))
_UNANSWERED_HERE = _UNANSWERED.where(_L.conversation_id == _TALK)
_R = LINES.alias("replies").c
_EARLIER = (
    select(func.count())
    .where(_R.conversation_id == _TALK, _R.message_id == _MESSAGE, _R.kind == LineKind.REPLY.value)
    .scalar_subquery()
)
_ANSWERED = (
    update(LINES)
    .where(_L.seq == bindparam("number"), _L.answered_at.is_(None), ASKED)
    .values(answered_at=bindparam("moment"))
    .returning(_EARLIER)
)
"""Returns how many replies to the line there are already."""
_ADD_LINE = both(
    lambda insert_into: (
        insert_into(LINES)
        .on_conflict_do_nothing(index_elements=["conversation_id", "message_id"], index_where=ASKED)
        .returning(*LINES.c)
    )
)
_ADD_BUTTONS = insert(BUTTONS)
_BUTTON = select(_B.name).where(_B.conversation_id == _TALK, _B.id == bindparam("button"))


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
        row = await self._transaction.first(_GET, {"talk": conversation_id})
        return None if row is None else _conversation(row)

    async def by_token_hash(self, token_hash: str) -> Conversation | None:
        """Return the conversation whose browser holds the token with that keyed hash."""
        row = await self._transaction.first(_BY_TOKEN, {"token": token_hash})
        return None if row is None else _conversation(row)

    async def seen(
        self, conversation_id: str, at: datetime, language: Language, client_key: str | None
    ) -> Conversation | None:
        """Remember when, in which language and from where the person wrote last; return what it is now."""
        values = {"talk": conversation_id, "seen": at, "spoken": language, "client": client_key}
        row = await self._transaction.first(_SEEN, values)
        return None if row is None else _conversation(row)

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
        row = await self._transaction.first(_LINE, {"talk": conversation_id, "message": message_id})
        return None if row is None else _line(row)

    async def replies_to(self, conversation_id: str, message_id: str) -> Sequence[Line]:
        """Return the replies to that line, in order."""
        return await self._lines(_REPLIES, {"talk": conversation_id, "message": message_id})

    async def latest_replies(self, conversation_id: str, limit: int) -> Sequence[Line]:
        """Return the newest replies of the conversation, the newest first."""
        return await self._lines(
            select(LINES)
            .where(_L.conversation_id == conversation_id, _L.kind == LineKind.REPLY)
            .order_by(_L.seq.desc())
            .limit(limit)
        )

    async def since(self, conversation_id: str, seq: int, limit: int) -> Sequence[Line]:
        """Return the said and reply lines after *seq*, in order (events are not shown)."""
        return await self._lines(_SINCE, {"talk": conversation_id, "after": seq, "most": limit})

    async def unanswered(self, limit: int, conversation_id: str | None = None) -> Sequence[Line]:
        """Return said and event lines without an answer, oldest first."""
        if conversation_id is None:
            return await self._lines(_UNANSWERED, {"most": limit})
        return await self._lines(_UNANSWERED_HERE, {"talk": conversation_id, "most": limit})

    async def answer(
        self, line: Line, replies: Sequence[Mapping[str, Any]], at: datetime
    ) -> Sequence[Line] | None:
        """Store the replies and mark the line answered, once: None if it already was."""
        await self._in_order(line.conversation_id)
        values = {"number": line.seq, "moment": at, "talk": line.conversation_id, "message": line.message_id}
        earlier = await self._transaction.value(_ANSWERED, values)
        if earlier is None:
            return None
        stored = [
            await self._insert(line.conversation_id, LineKind.REPLY, line.message_id, payload, at)
            for payload in replies
        ]
        if earlier:
            return await self.replies_to(line.conversation_id, line.message_id)
        return [reply for reply in stored if reply is not None]

    async def add_buttons(self, conversation_id: str, names: Mapping[str, str], at: datetime) -> None:
        """Remember which button each opaque id of *names* stands for, in this conversation only."""
        rows = [
            {"conversation_id": conversation_id, "id": button_id, "name": name, "at": at}
            for button_id, name in names.items()
        ]
        if rows:
            await self._transaction.run(_ADD_BUTTONS, rows)

    async def button(self, conversation_id: str, button_id: str) -> str | None:
        """Return the button's name if it was offered in this conversation."""
        name = await self._transaction.value(_BUTTON, {"talk": conversation_id, "button": button_id})
        return None if name is None else str(name)

    async def forget_before(self, moment: datetime) -> int:
        """Drop conversations not seen since *moment* with all that was said; return how many."""
        idle = select(_C.id).where(_C.last_seen_at < moment)
        await self._transaction.run(delete(TYPED_SECRETS).where(TYPED_SECRETS.c.conversation_id.in_(idle)))
        return await self._transaction.changed(delete(CONVERSATIONS).where(_C.last_seen_at < moment))

    async def _in_order(self, conversation_id: str) -> None:
        """Wait for other writers of this conversation.

        Numbers are drawn before the commit; without this a reader that has seen line 7 could miss line 6,
        committed a moment later. SQLite has one writer at a time and needs nothing.
        """
        if self._transaction.is_postgres:
            await self._transaction.run(_IN_ORDER, {"talk": conversation_id})

    async def _insert(
        self, conversation_id: str, kind: LineKind, message_id: str, payload: Mapping[str, Any], at: datetime
    ) -> Line | None:
        values = {
            "conversation_id": conversation_id,
            "kind": kind,
            "message_id": message_id,
            "payload": dict(payload),
            "at": at,
        }
        row = await self._transaction.first(_ADD_LINE.on(self._transaction), values)
        return None if row is None else _line(row)

    async def _lines(self, statement: Any, values: dict[str, Any] | None = None) -> Sequence[Line]:  # noqa: ANN401
        return [_line(row) for row in await self._transaction.all(statement, values)]


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
