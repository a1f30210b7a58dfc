"""Challenges, changed only by single atomic statements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy import case as when

from recovery_core.adapters.sql.tables.proofs import CHALLENGES
from recovery_core.adapters.sql.transaction import Transaction
from recovery_core.proofs.challenge import Challenge, ChallengeState
from recovery_core.proofs.methods import Method

_C = CHALLENGES.c
_PENDING = _C.state == ChallengeState.PENDING
_OTHERS = CHALLENGES.alias()
_ADD = insert(CHALLENGES).values(
    ordinal=select(func.coalesce(func.max(_OTHERS.c.ordinal), 0) + 1)
    .where(_OTHERS.c.case_id == bindparam("of_case"))
    .scalar_subquery()
)
_CONSUME = (
    update(CHALLENGES)
    .where(_C.id == bindparam("challenge"), _PENDING, _C.tries_left > 0)
    .values(state=ChallengeState.USED.value, candidate_hash=None)
)
_END = (
    update(CHALLENGES)
    .where(_C.case_id == bindparam("case"), _PENDING)
    .values(state=bindparam("ended"), candidate_hash=None)
)
_LATEST = (
    select(CHALLENGES)
    .where(_C.case_id == bindparam("case"))
    .order_by(_C.ordinal.desc(), _C.issued_at.desc(), _C.id.desc())
    .limit(1)
)


class SqlChallenges:
    """Of many callers with the same right code exactly one wins, whichever process it runs in."""

    def __init__(self, transaction: Transaction) -> None:
        """Work within *transaction*."""
        self._transaction = transaction

    async def add(self, challenge: Challenge) -> None:
        """Store a new pending challenge, the newest of its case."""
        await self._transaction.run(_ADD, _values(challenge))

    async def latest(self, case_id: str) -> Challenge | None:
        """Return the newest challenge of the case, whatever its state."""
        return await self._one(_LATEST, {"case": case_id})

    async def by_secret_hash(self, method: Method, secret_hash: str) -> Challenge | None:
        """Return the newest challenge with that secret; none for an empty one (questions have none)."""
        return await self._one(
            select(CHALLENGES)
            .where(_C.secret_hash == secret_hash, _C.secret_hash != "", _C.method == method)
            .order_by(_C.issued_at.desc(), _C.id.desc())
            .limit(1)
        )

    async def consume(self, challenge_id: str) -> bool:
        """Turn *pending* with tries left into *used*; tell whether this call did it (exactly one can)."""
        return await self._transaction.changed(_CONSUME, {"challenge": challenge_id}) == 1

    async def spend_try(self, challenge_id: str) -> int | None:
        """Take one try of a pending challenge, *dead* at zero; return the tries left, None if not pending."""
        last = _C.tries_left <= 1
        left = await self._transaction.value(
            update(CHALLENGES)
            .where(_C.id == challenge_id, _PENDING)
            .values(
                tries_left=when((last, 0), else_=_C.tries_left - 1),
                state=when((last, ChallengeState.DEAD), else_=_C.state),
            )
            .returning(_C.tries_left)
        )
        return None if left is None else int(left)

    async def end_pending(self, case_id: str, state: ChallengeState) -> int:
        """End every pending challenge of the case; return how many there were."""
        return await self._transaction.changed(_END, {"case": case_id, "ended": state})

    async def set_candidate(self, challenge_id: str, candidate_hash: str | None) -> None:
        """Keep or drop the keyed hash of six digits that may be the code; only while it is pending."""
        await self._transaction.run(
            update(CHALLENGES).where(_C.id == challenge_id, _PENDING).values(candidate_hash=candidate_hash)
        )

    async def mails_of_case(self, case_id: str) -> int:
        """Return how many mail challenges the case has had (R6: three)."""
        return int(
            await self._transaction.value(
                select(func.count())
                .select_from(CHALLENGES)
                .where(_C.case_id == case_id, _C.method == Method.MAIL)
            )
        )

    async def expire(self, now: datetime) -> int:
        """Write *expired* on every pending challenge whose time is over; return how many."""
        return await self._transaction.changed(
            update(CHALLENGES)
            .where(_PENDING, _C.expires_at <= now)
            .values(state=ChallengeState.EXPIRED, candidate_hash=None)
        )

    async def _one(self, statement: Select[Any], values: dict[str, Any] | None = None) -> Challenge | None:
        row = await self._transaction.first(statement, values)
        return None if row is None else _challenge(row)


def _values(challenge: Challenge) -> dict[str, Any]:
    return {
        "id": challenge.id,
        "case_id": challenge.case_id,
        "of_case": challenge.case_id,
        "method": challenge.method,
        "address_key": challenge.address_key,
        "secret_hash": challenge.secret_hash,
        "decoy": challenge.decoy,
        "questions": None if challenge.questions is None else list(challenge.questions),
        "issued_at": challenge.issued_at,
        "expires_at": challenge.expires_at,
        "tries_left": challenge.tries_left,
        "state": challenge.state,
        "candidate_hash": challenge.candidate_hash,
    }


def _challenge(row: Row[Any]) -> Challenge:
    questions = row.questions
    return Challenge(
        id=row.id,
        case_id=row.case_id,
        method=Method(row.method),
        address_key=row.address_key,
        secret_hash=row.secret_hash,
        decoy=row.decoy,
        questions=None if questions is None else (questions[0], questions[1]),
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        tries_left=row.tries_left,
        state=ChallengeState(row.state),
        candidate_hash=row.candidate_hash,
    )
