"""Counts for the overview of the desk; reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, or_, select

from recovery_core.adapters.sql.tables.cases import CASES
from recovery_core.adapters.sql.tables.conversations import LINES, REPLIES
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.cases.flow import State
from recovery_core.cases.misunderstanding import NOT_UNDERSTOOD
from recovery_core.conversations.conversation import LineKind
from recovery_core.conversations.nameless import nameless
from recovery_core.people.ports import CaseFigures

_C, _L = CASES.c, LINES.c
_LOOKED_AT = 5_000
"""The newest of the lines that were not understood; enough to see which kinds of words are missing."""
_VOUCHED = "approval"
_ADMITTED = tuple(f"utter_{id_.value}" for id_ in sorted(NOT_UNDERSTOOD))


class SqlFigures:
    """Cases of addresses that do not exist are nobody's and left out."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def cases_between(self, start: datetime, end: datetime) -> CaseFigures:
        """Count the cases opened from *start* until before *end*."""
        opened = (_C.created_at >= start) & (_C.created_at < end)
        real = opened & or_(_C.address.is_(None), _C.account_id.is_not(None))
        outcomes = await self._transaction.all(
            select(_C.state, func.count().label("number")).where(real).group_by(_C.state)
        )
        completed = await self._transaction.all(
            select(_C.proofs, _C.created_at, _C.completed_at)
            .where(real, _C.state == State.COMPLETED, _C.completed_at.is_not(None))
            .order_by(_C.created_at)
        )
        return CaseFigures(
            by_outcome={row.state: row.number for row in outcomes},
            by_method=Counter(",".join(row.proofs) or _VOUCHED for row in completed),
            to_recovery=[row.completed_at - row.created_at for row in completed],
            not_understood=await self._not_understood((_L.at >= start) & (_L.at < end)),
        )

    async def _not_understood(self, said: ColumnElement[bool]) -> int:
        admitted = _L.payload["id"].as_string().in_(_ADMITTED)
        return int(
            await self._transaction.value(
                select(func.count()).select_from(LINES).where(REPLIES, said, admitted)
            )
        )

    async def not_understood(self, start: datetime, end: datetime, limit: int) -> Sequence[tuple[str, int]]:
        """Return the nameless lines that were not understood in that time, the most frequent first."""
        asked = LINES.alias("asked")
        same = (asked.c.conversation_id == _L.conversation_id) & (asked.c.message_id == _L.message_id)
        rows = await self._transaction.all(
            select(asked.c.payload)
            .select_from(LINES.join(asked, same & (asked.c.kind == LineKind.SAID)))
            .where(_L.kind == literal_column("'reply'"), _L.at >= start, _L.at < end)
            .where(_L.payload["id"].as_string().in_(_ADMITTED))
            .order_by(_L.at.desc())
            .limit(_LOOKED_AT)
        )
        texts = (row.payload.get("text") for row in rows)
        return Counter(nameless(text) for text in texts if text).most_common(limit)
