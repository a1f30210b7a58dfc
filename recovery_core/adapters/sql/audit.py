"""The audit trail in the store: appending, anchoring and forgetting (R21)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, bindparam, delete, insert, select, update
from sqlalchemy.sql.base import Executable

from recovery_core.adapters.sql.audit_check import AuditCheck
from recovery_core.adapters.sql.audit_links import Anchored, anchor_link, event_of
from recovery_core.adapters.sql.tables.audit import ANCHORS, EVENTS, HEADS
from recovery_core.adapters.sql.transaction import Transaction, both
from recovery_core.audit import GENESIS, AuditChain, AuditEvent, AuditName, link
from recovery_core.keyed import KeyedHash

_E, _H, _A = EVENTS.c, HEADS.c, ANCHORS.c
_BATCH = 1_000
"""Heads handled by one round of statements."""


def _grow(insert_into: Callable[[Table], Any]) -> Executable:
    """Return the statement that makes a head or sets its length, mac and moment anew."""
    statement = insert_into(HEADS)
    new = {name: statement.excluded[name] for name in ("length", "mac", "last_at")}
    grown: Executable = statement.on_conflict_do_update(index_elements=["chain"], set_=new)
    return grown


_HEAD = select(HEADS).where(_H.chain == bindparam("of_chain")).with_for_update()
_ADD_EVENT = insert(EVENTS)
_GROW = both(_grow)


class SqlAudit:
    """Every link follows from the one before it under a key that is not in the database."""

    def __init__(self, transaction: Transaction, key: KeyedHash) -> None:
        """Work within *transaction*; links are made with *key*."""
        self._transaction = transaction
        self._key = key

    async def append(
        self, chain: str, name: AuditName, at: datetime, data: Mapping[str, str | int] | None = None
    ) -> None:
        """Add the next link to *chain*."""
        await self._transaction.hold(f"audit {chain}")
        head = await self._transaction.first(_HEAD, {"of_chain": chain})
        position, previous = (0, GENESIS) if head is None else (head.length, head.mac)
        said = dict(data or {})
        mac = link(self._key, previous, chain, position, name, at, said)
        event = {"chain": chain, "position": position, "name": name, "at": at, "data": said, "mac": mac}
        await self._transaction.run(_ADD_EVENT, event)
        grown = {"chain": chain, "anchored": 0, "length": position + 1, "mac": mac, "last_at": at}
        await self._transaction.run(_GROW.on(self._transaction), grown)

    async def events(
        self, chain: str, *, name: AuditName | None = None, since: datetime | None = None
    ) -> Sequence[AuditEvent]:
        """Return the chain in order; only the links called *name*, and not older than *since*, if given."""
        wanted = [_E.chain == chain]
        wanted += [_E.name == name] if name is not None else []
        wanted += [_E.at >= since] if since is not None else []
        rows = await self._transaction.all(select(EVENTS).where(*wanted).order_by(_E.position))
        return [event_of(row) for row in rows]

    async def page(self, chain: str, before: int | None, limit: int) -> Sequence[AuditEvent]:
        """Return the *limit* newest links of *chain* before position *before*, newest first."""
        statement = select(EVENTS).where(_E.chain == chain)
        if before is not None:
            statement = statement.where(_E.position < before)
        rows = await self._transaction.all(statement.order_by(_E.position.desc()).limit(limit))
        return [event_of(row) for row in rows]

    async def chains(self, before: tuple[datetime, str] | None, limit: int) -> Sequence[AuditChain]:
        """Return *limit* chains by their last link, newest first, after the one that *before* names."""
        statement = select(_H.chain, _H.length, _H.last_at)
        if before is not None:
            at, name = before
            statement = statement.where((_H.last_at < at) | ((_H.last_at == at) & (_H.chain < name)))
        ordered = statement.order_by(_H.last_at.desc(), _H.chain.desc()).limit(limit)
        rows = await self._transaction.all(ordered)
        return [AuditChain(row.chain, row.length, row.last_at) for row in rows]

    async def anchor(self, at: datetime) -> int:
        """Add the head and length of every chain that grew to the global chain; return how many."""
        await self._transaction.hold("audit anchors")
        anchored = 0
        # In the order of the partial index that holds just these: a sort would read all chains there are.
        while heads := await self._heads(_H.length > _H.anchored, _H.chain):
            await self._add_anchors(Anchored.GREW, heads, at)
            await self._transaction.run(
                update(HEADS).where(_H.chain == bindparam("of_chain")).values(anchored=bindparam("known")),
                [{"of_chain": head.chain, "known": head.length} for head in heads],
            )
            anchored += len(heads)
        return anchored

    async def problems(self) -> Sequence[str]:
        """Check every chain and the global one; return what is wrong in stable words (none: intact)."""
        return await AuditCheck(self._transaction, self._key).problems()

    async def forget_before(self, moment: datetime) -> int:
        """Drop whole chains whose last link is older than *moment*; return how many.

        That it was forgotten becomes a link of the global chain: a chain that is missing without one was
        taken away.
        """
        await self._transaction.hold("audit anchors")
        forgotten = 0
        while heads := await self._heads(_H.last_at < moment, _H.last_at):
            await self._add_anchors(Anchored.FORGOTTEN, heads, moment)
            chains = [head.chain for head in heads]
            await self._transaction.run(delete(EVENTS).where(_E.chain.in_(chains)))
            await self._transaction.run(delete(HEADS).where(_H.chain.in_(chains)))
            forgotten += len(heads)
        return forgotten

    async def _heads(self, condition: ColumnElement[bool], order: ColumnElement[Any]) -> Sequence[Row[Any]]:
        """Return some heads, locked; one that is just growing has its turn next time."""
        statement = select(HEADS).where(condition).order_by(order).limit(_BATCH)
        return await self._transaction.all(statement.with_for_update(skip_locked=True))

    async def _add_anchors(self, name: Anchored, heads: Sequence[Row[Any]], at: datetime) -> None:
        last = await self._transaction.first(
            select(_A.position, _A.mac).order_by(_A.position.desc()).limit(1)
        )
        position, previous = (-1, GENESIS) if last is None else (last.position, last.mac)
        rows: list[dict[str, Any]] = []
        for head in heads:
            position += 1
            previous = anchor_link(
                self._key, previous, position, name, at, (head.chain, head.length, head.mac)
            )
            rows.append(
                {
                    "position": position,
                    "name": name,
                    "chain": head.chain,
                    "length": head.length,
                    "head": head.mac,
                    "at": at,
                    "mac": previous,
                }
            )
        await self._transaction.run(insert(ANCHORS), rows)
