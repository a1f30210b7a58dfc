"""Challenges, guess budgets and counts in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from recovery_core.proofs.challenge import Challenge, ChallengeState
from recovery_core.proofs.methods import Method
from recovery_core.proofs.ports import Budget
from tests.fakes_store_data import Data, Sent

_PENDING = ChallengeState.PENDING


class Challenges:
    """The ChallengeStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def add(self, challenge: Challenge) -> None:
        """Store a new challenge."""
        self._data.challenges[challenge.id] = challenge

    async def latest(self, case_id: str) -> Challenge | None:
        """Return the newest challenge of the case."""
        own = [c for c in self._data.challenges.values() if c.case_id == case_id]
        return own[-1] if own else None

    async def by_secret_hash(self, method: Method, secret_hash: str) -> Challenge | None:
        """Return the challenge with that secret."""
        found = [
            c
            for c in self._data.challenges.values()
            if c.method is method and secret_hash and c.secret_hash == secret_hash
        ]
        return found[-1] if found else None

    async def consume(self, challenge_id: str) -> bool:
        """Use it, once."""
        challenge = self._data.challenges[challenge_id]
        if challenge.state is not _PENDING or challenge.tries_left <= 0:
            return False
        self._put(challenge, state=ChallengeState.USED, candidate_hash=None)
        return True

    async def spend_try(self, challenge_id: str) -> int | None:
        """Take one try."""
        challenge = self._data.challenges[challenge_id]
        if challenge.state is not _PENDING:
            return None
        left = max(0, challenge.tries_left - 1)
        self._put(challenge, tries_left=left, state=_PENDING if left else ChallengeState.DEAD)
        return left

    async def end_pending(self, case_id: str, state: ChallengeState) -> int:
        """End the pending ones of the case."""
        own = [c for c in self._pending() if c.case_id == case_id]
        for challenge in own:
            self._put(challenge, state=state, candidate_hash=None)
        return len(own)

    async def set_candidate(self, challenge_id: str, candidate_hash: str | None) -> None:
        """Keep or drop the candidate of a pending challenge."""
        challenge = self._data.challenges[challenge_id]
        if challenge.state is _PENDING:
            self._put(challenge, candidate_hash=candidate_hash)

    async def mails_of_case(self, case_id: str) -> int:
        """Count the mail challenges of the case."""
        return sum(c.case_id == case_id and c.method is Method.MAIL for c in self._data.challenges.values())

    async def expire(self, now: datetime) -> int:
        """Write expiries."""
        over = [c for c in self._pending() if c.expires_at <= now]
        for challenge in over:
            self._put(challenge, state=ChallengeState.EXPIRED, candidate_hash=None)
        return len(over)

    def _pending(self) -> list[Challenge]:
        return [c for c in self._data.challenges.values() if c.state is _PENDING]

    def _put(self, challenge: Challenge, **values: object) -> None:
        self._data.challenges[challenge.id] = replace(challenge, **values)


class Budgets:
    """The BudgetStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def get(self, key: str) -> Budget:
        """Return the budget or a fresh one."""
        return self._data.budgets.get(key, Budget(key))

    async def put(self, budget: Budget) -> None:
        """Store the budget."""
        self._data.budgets[budget.key] = budget


class Sends:
    """The SendStore."""

    def __init__(self, data: Data) -> None:
        """Work on *data*."""
        self._data = data

    async def count_since(self, key: str, since: datetime) -> int:
        """Count the sendings on *key*."""
        return sum(s.key == key and s.at >= since for s in self._data.sendings)

    async def last_at(self, key: str) -> datetime | None:
        """Return the last sending on *key*."""
        return max((s.at for s in self._data.sendings if s.key == key), default=None)

    async def money_since(self, since: datetime, domain_key: str | None = None) -> int:
        """Count the paid ones."""
        return sum(
            s.paid and s.at >= since and domain_key in {None, s.domain_key} for s in self._data.sendings
        )

    async def add(self, key: str, domain_key: str, at: datetime, *, paid: bool) -> None:
        """Count one sending."""
        self._data.sendings.append(Sent(key, domain_key, at, paid))

    async def addresses_of_client(self, client_key: str, since: datetime) -> frozenset[str]:
        """Return the addresses that the client asked for."""
        return frozenset(a for c, a, at in self._data.starts if c == client_key and at >= since)

    async def add_client_start(self, client_key: str, address_key: str, at: datetime) -> None:
        """Remember one start."""
        self._data.starts.append((client_key, address_key, at))

    async def wrong_codes_since(self, domain_key: str, since: datetime) -> int:
        """Count the wrong codes of the domain."""
        return sum(key == domain_key and at >= since for key, at in self._data.wrong)

    async def add_wrong_code(self, domain_key: str, at: datetime) -> None:
        """Count one wrong code."""
        self._data.wrong.append((domain_key, at))

    async def attempts_since(self, key: str, since: datetime) -> int:
        """Count the tries under *key*."""
        return sum(k == key and at >= since for k, at in self._data.attempts)

    async def add_attempt(self, key: str, at: datetime) -> None:
        """Count one try."""
        self._data.attempts.append((key, at))

    async def forget_before(self, moment: datetime) -> int:
        """Drop older counts."""
        data = self._data
        tables = (len(data.sendings), len(data.starts), len(data.wrong), len(data.attempts))
        data.sendings = [s for s in data.sendings if s.at >= moment]
        data.starts = [row for row in data.starts if row[2] >= moment]
        data.wrong = [row for row in data.wrong if row[1] >= moment]
        data.attempts = [row for row in data.attempts if row[1] >= moment]
        return sum(tables) - len(data.sendings) - len(data.starts) - len(data.wrong) - len(data.attempts)
