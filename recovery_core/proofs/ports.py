"""What the proofs ask of the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from recovery_core.proofs.challenge import Challenge, ChallengeState
from recovery_core.proofs.methods import Method


class ChallengeStore(Protocol):
    """Challenges, changed only by single atomic statements."""

    async def add(self, challenge: Challenge) -> None:
        """Store a new pending challenge."""
        ...

    async def latest(self, case_id: str) -> Challenge | None:
        """Return the newest challenge of the case, whatever its state."""
        ...

    async def by_secret_hash(self, method: Method, secret_hash: str) -> Challenge | None:
        """Return the challenge with that secret (mail links are found by their token's hash)."""
        ...

    async def consume(self, challenge_id: str) -> bool:
        """Turn *pending* with tries left into *used*; tell whether this call did it (exactly one can)."""
        ...

    async def spend_try(self, challenge_id: str) -> int | None:
        """Take one try of a pending challenge, *dead* at zero; return the tries left, None if not pending."""
        ...

    async def end_pending(self, case_id: str, state: ChallengeState) -> int:
        """End every pending challenge of the case; return how many there were."""
        ...

    async def set_candidate(self, challenge_id: str, candidate_hash: str | None) -> None:
        """Keep or drop the keyed hash of six digits that may be the code."""
        ...

    async def mails_of_case(self, case_id: str) -> int:
        """Return how many mail challenges the case has had (R6: three)."""
        ...

    async def expire(self, now: datetime) -> int:
        """Write *expired* on every pending challenge whose time is over; return how many."""
        ...


@dataclass(frozen=True, slots=True)
class Budget:
    """The guess budget of one account (or unknown address) and method, over all cases (R7, R8)."""

    key: str
    consecutive_failures: int = 0
    killed_codes: int = 0
    wait_until: datetime | None = None
    stopped: bool = False
    """No more real challenges until another proof, an administrator or an agent opens it: silently decoys."""
    day_started: datetime | None = None
    day_failures: int = 0


class BudgetStore(Protocol):
    """Guess budgets, read with a lock and written whole."""

    async def get(self, key: str) -> Budget:
        """Return the budget of *key*, a fresh one if there was none; locks it for this unit of work."""
        ...

    async def put(self, budget: Budget) -> None:
        """Store the budget."""
        ...


class SendStore(Protocol):
    """What was sent, for the limits of R4 and R5; keys are keyed hashes.

    :meth:`last_at`, :meth:`addresses_of_client`, :meth:`attempts_since` and :meth:`money_since` of all let
    nobody else ask the same until the unit of work ends: what is counted next cannot slip past a limit.
    """

    async def count_since(self, key: str, since: datetime) -> int:
        """Return how many sendings (decoys too) were counted on *key* since then."""
        ...

    async def last_at(self, key: str) -> datetime | None:
        """Return when *key* last got a sending."""
        ...

    async def money_since(self, since: datetime, domain_key: str | None = None) -> int:
        """Return how many paid messages (no decoys) went out since then, of one domain or of all."""
        ...

    async def add(self, key: str, domain_key: str, at: datetime, *, paid: bool) -> None:
        """Count one sending."""
        ...

    async def addresses_of_client(self, client_key: str, since: datetime) -> frozenset[str]:
        """Return the address keys for which the client started challenges since then (R4)."""
        ...

    async def add_client_start(self, client_key: str, address_key: str, at: datetime) -> None:
        """Remember that the client started a challenge for the address."""
        ...

    async def wrong_codes_since(self, domain_key: str, since: datetime) -> int:
        """Return how many wrong codes were entered in the domain since then (R8)."""
        ...

    async def add_wrong_code(self, domain_key: str, at: datetime) -> None:
        """Count one wrong code in the domain."""
        ...

    async def attempts_since(self, key: str, since: datetime) -> int:
        """Return how many tries were counted under *key* since then (resume, veto codes)."""
        ...

    async def add_attempt(self, key: str, at: datetime) -> None:
        """Count one try under *key*."""
        ...

    async def forget_before(self, moment: datetime) -> int:
        """Drop all counts older than *moment*; return how many rows went."""
        ...


class AnswerHasher(Protocol):
    """Compares an answer with its stored hash; the password hasher does it at the same cost."""

    async def verify(self, encoded: str, secret: str) -> None:
        """Return when *secret* belongs to *encoded*; raises WrongError when it does not."""
        ...

    async def waste(self, secret: str) -> None:
        """Cost as much as :meth:`verify` and learn nothing."""
        ...
