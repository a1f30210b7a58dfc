"""The transactional outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, bindparam, delete, select, update

from recovery_core.adapters.sql.tables.notices import OUTBOX
from recovery_core.adapters.sql.transaction import Transaction, both
from recovery_core.notices.delivery import Channel, Delivery, OutboxItem
from recovery_core.notices.ports import Vault

_O = OUTBOX.c


class _State(StrEnum):
    """What became of an item; only a waiting one still has its content."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


_PUT = both(lambda insert_into: insert_into(OUTBOX).on_conflict_do_nothing(index_elements=["id"]))
_END_ANY = (
    update(OUTBOX)
    .where(_O.state == _State.WAITING)
    .values(state=bindparam("ended"), sealed=None, finished_at=bindparam("moment"))
)
_END = _END_ANY.where(_O.id == bindparam("item"))
_END_TOPIC = _END_ANY.where(_O.topic == bindparam("about"))
_END_EXPIRED = _END_ANY.where(_O.expires_at <= bindparam("moment"))
_DUE = (
    select(_O.id)
    .where(_O.state == _State.WAITING, _O.due_at <= bindparam("moment"))
    .order_by(_O.due_at, _O.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE = (
    update(OUTBOX).where(_O.id.in_(select(_DUE.c.id))).values(due_at=bindparam("until")).returning(*OUTBOX.c)
)


class SqlOutbox:
    """Items are sealed before they reach the database; a lease is a due time in the future."""

    def __init__(self, transaction: Transaction, vault: Vault) -> None:
        """Work within *transaction*; contents are sealed by *vault*, bound to the item's id."""
        self._transaction = transaction
        self._vault = vault
        self.filled = False
        """Whether something was put in since the last commit."""

    async def put(self, delivery: Delivery, at: datetime) -> None:
        """Seal and store the delivery; the same id twice is stored once."""
        values = {
            "id": delivery.id,
            "channel": delivery.channel,
            "topic": delivery.topic,
            "sealed": self._vault.seal(delivery.packed(), delivery.id),
            "decoy": delivery.decoy,
            "attempts": 0,
            "state": _State.WAITING,
            "created_at": at,
            "due_at": at,
            "expires_at": delivery.expires_at,
        }
        await self._transaction.run(_PUT.on(self._transaction), values)
        self.filled = True

    async def lease(self, now: datetime, until: datetime, limit: int) -> Sequence[OutboxItem]:
        """Return due items, kept from other workers until *until*; expired ones are dropped instead."""
        await self._transaction.run(_END_EXPIRED, {"ended": _State.DROPPED, "moment": now})
        rows = await self._transaction.all(_LEASE, {"moment": now, "until": until, "most": limit})
        return [_item(row) for row in sorted(rows, key=lambda row: (row.created_at, row.id))]

    async def sent(self, item_id: str, at: datetime) -> None:
        """Mark the item sent and blank its content in the same update."""
        await self._transaction.run(_END, {"item": item_id, "ended": _State.SENT, "moment": at})

    async def later(self, item_id: str, due: datetime) -> None:
        """Try the item again at *due*; counts one more attempt."""
        await self._transaction.run(
            update(OUTBOX)
            .where(_O.id == item_id, _O.state == _State.WAITING)
            .values(due_at=due, attempts=_O.attempts + 1)
        )

    async def give_up(self, item_id: str, at: datetime) -> None:
        """Mark the item failed for good and blank its content."""
        await self._transaction.run(_END, {"item": item_id, "ended": _State.FAILED, "moment": at})

    async def drop(self, topic: str, at: datetime) -> int:
        """Drop and blank everything unsent of *topic*; return how many."""
        values = {"about": topic, "ended": _State.DROPPED, "moment": at}
        return await self._transaction.changed(_END_TOPIC, values)

    async def forget_before(self, moment: datetime) -> int:
        """Delete the blanked rows older than *moment*; return how many."""
        return await self._transaction.changed(delete(OUTBOX).where(_O.finished_at < moment))


def _item(row: Row[Any]) -> OutboxItem:
    return OutboxItem(
        id=row.id,
        channel=Channel(row.channel),
        sealed=row.sealed,
        decoy=row.decoy,
        attempts=row.attempts,
        expires_at=row.expires_at,
    )
