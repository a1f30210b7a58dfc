"""The messengers' inbox and the bindings of their accounts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, literal, or_, select, update

from recovery_core.adapters.sql.tables.channels import CHANNEL_BINDINGS, CHANNEL_EVENTS
from recovery_core.adapters.sql.tables.conversations import LINES
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.conversations.conversation import LineKind
from recovery_core.conversations.messengers import Backlog, Binding, InboxItem
from recovery_core.notices.ports import Vault

_E, _B, _L = CHANNEL_EVENTS.c, CHANNEL_BINDINGS.c, LINES.c


class SqlInbox:
    """Contents are sealed before they reach the database, bound to the event they belong to."""

    def __init__(self, transaction: Transaction, vault: Vault) -> None:
        """Work within *transaction*; contents are sealed by *vault*."""
        self._transaction = transaction
        self._vault = vault

    async def put(self, items: Sequence[InboxItem]) -> None:
        """Store those that are not there yet by platform, tenant and event id, all with their content."""
        if items:
            await self._transaction.run(self._new(), [self._row(item) for item in items])

    async def remember(self, item: InboxItem) -> bool:
        """Store the item as done and without content; tell whether it was not there yet."""
        row = {**self._row(item), "done_at": item.arrived_at, "sealed": None}
        return await self._transaction.changed(self._new().values(row)) == 1

    async def accounts(self, limit: int) -> Sequence[str]:
        """Return account keys with something to do, the one that waits longest first."""
        rows = await self._transaction.all(
            select(_E.account_key)
            .where(_E.done_at.is_(None))
            .group_by(_E.account_key)
            .order_by(func.min(_E.seq))
            .limit(limit)
        )
        return [row.account_key for row in rows]

    async def waiting(self, account_key: str, limit: int) -> Sequence[InboxItem]:
        """Return what is to do for the account in the order of its happening, then of its arrival."""
        rows = await self._transaction.all(
            select(CHANNEL_EVENTS)
            .where(_E.account_key == account_key, _E.done_at.is_(None))
            .order_by(_E.happened_at, _E.seq)
            .limit(limit)
        )
        return [self._item(row) for row in rows]

    async def done(self, seq: int, at: datetime) -> bool:
        """Mark the item done and blank its content in the same update; tell whether this call did it."""
        statement = update(CHANNEL_EVENTS).where(_E.seq == seq, _E.done_at.is_(None))
        return await self._transaction.changed(statement.values(done_at=at, sealed=None)) == 1

    async def failed(self, seq: int) -> None:
        """Count one more try in vain."""
        await self._transaction.run(
            update(CHANNEL_EVENTS).where(_E.seq == seq).values(attempts=_E.attempts + 1)
        )

    async def backlog(self, platform: str) -> Backlog:
        """Return how much of the platform waits."""
        row = await self._transaction.first(
            select(func.count().label("waiting"), func.min(_E.arrived_at).label("oldest")).where(
                _E.platform == platform, _E.done_at.is_(None)
            )
        )
        return Backlog(row.waiting, row.oldest) if row is not None else Backlog(0, None)

    async def forget_before(self, moment: datetime) -> int:
        """Delete what was done before *moment*; return how much."""
        return await self._transaction.changed(delete(CHANNEL_EVENTS).where(_E.done_at < moment))

    def _new(self) -> Any:  # noqa: ANN401
        statement = self._transaction.insert(CHANNEL_EVENTS)
        return statement.on_conflict_do_nothing(index_elements=["platform", "tenant", "event_id"])

    def _row(self, item: InboxItem) -> Mapping[str, Any]:
        return {
            "platform": item.platform,
            "tenant": item.tenant,
            "event_id": item.event_id,
            "account_key": item.account_key,
            "happened_at": item.happened_at,
            "arrived_at": item.arrived_at,
            "attempts": 0,
            "done_at": None,
            "sealed": self._vault.seal(_packed(item.content or {}), _context(item)),
        }

    def _item(self, row: Row[Any]) -> InboxItem:
        stored = {name: getattr(row, name) for name in InboxItem.__slots__ if name != "content"}
        item = InboxItem(**stored)
        return replace(item, content=json.loads(self._vault.open(row.sealed, _context(item))))


class SqlBindings:
    """Where replies go is sealed, bound to the conversation."""

    def __init__(self, transaction: Transaction, vault: Vault) -> None:
        """Work within *transaction*; targets are sealed by *vault*."""
        self._transaction = transaction
        self._vault = vault

    async def add(self, binding: Binding) -> None:
        """Store a new binding; raises ConflictError if the account leads a conversation already."""
        await self._transaction.run(
            insert(CHANNEL_BINDINGS).values(
                conversation_id=binding.conversation_id,
                platform=binding.platform,
                tenant=binding.tenant,
                account_key=binding.account_key,
                sealed=self._seal(binding.conversation_id, binding.target),
                created_at=binding.created_at,
                sent_seq=binding.sent_seq,
                sent_part=binding.sent_part,
                choices_seq=binding.choices_seq,
                attempts=binding.attempts,
                due_at=binding.due_at,
                owner_id=binding.owner_id,
                asked_at=binding.asked_at,
            )
        )

    async def of_account(self, account_key: str) -> Binding | None:
        """Return the binding of the account."""
        row = await self._transaction.first(select(CHANNEL_BINDINGS).where(_B.account_key == account_key))
        return None if row is None else self._binding(row)

    async def of_conversation(self, conversation_id: str) -> Binding | None:
        """Return the binding of the conversation."""
        row = await self._transaction.first(
            select(CHANNEL_BINDINGS).where(_B.conversation_id == conversation_id)
        )
        return None if row is None else self._binding(row)

    async def retarget(self, conversation_id: str, target: Mapping[str, Any]) -> None:
        """Remember where replies go from now on."""
        await self._change(conversation_id, sealed=self._seal(conversation_id, target))

    async def owned(self, conversation_id: str, owner_id: str | None, at: datetime) -> None:
        """Remember whom the directory named, and when it was asked."""
        await self._change(conversation_id, owner_id=owner_id, asked_at=at)

    async def behind(self, platforms: Collection[str], now: datetime, limit: int) -> Sequence[str]:
        """Return ids of conversations of *platforms* with replies that are due to be sent."""
        reply = select(literal(1)).where(
            _L.conversation_id == _B.conversation_id, _L.seq > _B.sent_seq, _L.kind == LineKind.REPLY
        )
        rows = await self._transaction.all(
            select(_B.conversation_id)
            .where(_B.platform.in_(platforms), or_(_B.due_at.is_(None), _B.due_at <= now), reply.exists())
            .limit(limit)
        )
        return [row.conversation_id for row in rows]

    async def sent(self, conversation_id: str, seq: int, part: int) -> None:
        """Remember that the lines up to *seq*, and *part* parts of the next, were sent; ends a failure."""
        await self._change(conversation_id, sent_seq=seq, sent_part=part, attempts=0, due_at=None)

    async def numbered(self, conversation_id: str, seq: int) -> None:
        """Remember the line whose choices were numbered last."""
        await self._change(conversation_id, choices_seq=seq)

    async def later(self, conversation_id: str, due: datetime) -> None:
        """Try again at *due*; counts one more try in vain."""
        await self._change(conversation_id, attempts=_B.attempts + 1, due_at=due)

    async def _change(self, conversation_id: str, **values: object) -> None:
        await self._transaction.run(
            update(CHANNEL_BINDINGS).where(_B.conversation_id == conversation_id).values(values)
        )

    def _seal(self, conversation_id: str, target: Mapping[str, Any]) -> bytes:
        return self._vault.seal(_packed(target), f"binding:{conversation_id}")

    def _binding(self, row: Row[Any]) -> Binding:
        target = json.loads(self._vault.open(row.sealed, f"binding:{row.conversation_id}"))
        stored = {name: getattr(row, name) for name in Binding.__slots__ if name != "target"}
        return Binding(target=target, **stored)


def _packed(content: Mapping[str, Any]) -> bytes:
    # Escaped: a lone surrogate is no UTF-8, and a messenger may send one.
    return json.dumps(content, ensure_ascii=True).encode()


def _context(item: InboxItem) -> str:
    return f"event:{item.platform}:{item.tenant}:{item.event_id}"
