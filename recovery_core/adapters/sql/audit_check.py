"""Verifying the whole audit trail, a page of chains at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import Row, exists, select

from recovery_core.adapters.sql.audit_links import Anchored, anchor_link, event_of
from recovery_core.adapters.sql.tables.audit import ANCHORS, EVENTS, HEADS
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.audit import GENESIS, AuditEvent, broken_at
from recovery_core.keyed import KeyedHash

_E, _H, _A = EVENTS.c, HEADS.c, ANCHORS.c
_PAGE = 1_000


class AuditCheck:
    """Finds what was changed, cut or taken away; says it as ``what:chain`` or ``what:chain:position``."""

    def __init__(self, transaction: Transaction, key: KeyedHash) -> None:
        """Read within *transaction*; links were made with *key*."""
        self._transaction = transaction
        self._key = key

    async def problems(self) -> Sequence[str]:
        """Return ``broken`` links, ``cut`` tails and ``missing`` chains; none if all is intact."""
        found = [problem async for problem in self._global_chain()]
        found += [problem async for problem in self._chains()]
        found += [f"missing:{chain}" for chain in await self._missing()]
        return found

    async def _global_chain(self) -> AsyncIterator[str]:
        previous, expected = GENESIS, 0
        while True:
            page = await self._transaction.all(
                select(ANCHORS).where(_A.position >= expected).order_by(_A.position).limit(_PAGE)
            )
            for row in page:
                head = (row.chain, row.length, row.head)
                mac = anchor_link(self._key, previous, row.position, row.name, row.at, head)
                if row.position != expected or mac != row.mac:
                    yield f"broken:anchors:{expected}"
                    return
                previous, expected = mac, expected + 1
            if len(page) < _PAGE:
                return

    async def _chains(self) -> AsyncIterator[str]:
        after = ""
        while True:
            names = await self._transaction.all(
                select(_E.chain).where(_E.chain > after).distinct().order_by(_E.chain).limit(_PAGE)
            )
            if not names:
                return
            for problem in await self._page([row.chain for row in names]):
                yield problem
            after = names[-1].chain

    async def _page(self, chains: Sequence[str]) -> Sequence[str]:
        events: defaultdict[str, list[AuditEvent]] = defaultdict(list)
        anchors: defaultdict[str, list[Row[Any]]] = defaultdict(list)
        in_order = select(EVENTS).where(_E.chain.in_(chains)).order_by(_E.chain, _E.position)
        for row in await self._transaction.all(in_order):
            events[row.chain].append(event_of(row))
        for row in await self._transaction.all(
            select(ANCHORS).where(_A.chain.in_(chains)).order_by(_A.position)
        ):
            anchors[row.chain].append(row)
        heads = await self._transaction.all(select(HEADS).where(_H.chain.in_(chains)))
        head_of = {row.chain: (row.length, row.mac) for row in heads}
        problems: list[str] = []
        for chain in chains:
            promised = [(row.length, row.head) for row in _since_forgotten(anchors[chain])]
            if chain in head_of:
                promised.append(head_of[chain])
            problems += self._chain(chain, events[chain], promised)
        return problems

    def _chain(
        self, chain: str, events: Sequence[AuditEvent], promised: Sequence[tuple[int, str]]
    ) -> Sequence[str]:
        """Compare the links with each other and with what anchors and head say of them."""
        broken = broken_at(self._key, events)
        if broken is not None:
            return [f"broken:{chain}:{broken}"]
        for length, mac in promised:
            if length > len(events) or events[length - 1].mac != mac:
                return [f"cut:{chain}"]
        return []

    async def _missing(self) -> Sequence[str]:
        """Return anchored chains that have no link any more and were not forgotten at the end."""
        later = ANCHORS.alias()
        newest = ~exists().where(later.c.chain == _A.chain, later.c.position > _A.position)
        gone = ~exists().where(_E.chain == _A.chain)
        rows = await self._transaction.all(
            select(_A.chain).where(_A.name != Anchored.FORGOTTEN, newest, gone).order_by(_A.chain)
        )
        return [row.chain for row in rows]


def _since_forgotten(anchors: Sequence[Row[Any]]) -> Sequence[Row[Any]]:
    """Return the anchors after the last that says the chain was forgotten: they speak of its successor."""
    start = 0
    for index, row in enumerate(anchors):
        if row.name == Anchored.FORGOTTEN:
            start = index + 1
    return anchors[start:]
