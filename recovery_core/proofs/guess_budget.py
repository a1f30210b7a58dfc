"""The guess budget of one account and method, over all cases, channels and clients (R7, R8).

Pure functions: they take a budget and return the next one. An unknown address has budgets as well.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from recovery_core.errors import MustWaitError
from recovery_core.keyed import KeyedHash
from recovery_core.numbers import Numbers
from recovery_core.proofs.methods import Method
from recovery_core.proofs.ports import Budget

_DAY = timedelta(days=1)


def budget_key(keyed: KeyedHash, address: str, method: Method) -> str:
    """Return the keyed hash under which the guesses for *address* by *method* are counted."""
    return keyed.of("budget", address, method)


def check_wait(budget: Budget, now: datetime) -> None:
    """Return if a new challenge may start; raises MustWaitError after killed codes (R8)."""
    if budget.wait_until is not None and now < budget.wait_until:
        raise MustWaitError(budget.wait_until - now, "too_many_killed_codes")


def spent(budget: Budget, method: Method, numbers: Numbers, now: datetime) -> bool:
    """Tell whether every further challenge of the method is silently a decoy (R7, R8)."""
    if budget.stopped:
        return True
    if method is not Method.QUESTIONS:
        return False
    today = budget.day_failures if _same_day(budget, now) else 0
    return today >= numbers.answers_wrong_per_day


def domain_guessed(wrong: int, domain_size: int, numbers: Numbers) -> bool:
    """Tell whether a domain saw so many wrong codes in a day that each code there has one try (R8)."""
    return wrong > max(numbers.domain_wrong_floor, int(domain_size * numbers.domain_wrong_share))


def after_wrong(budget: Budget, method: Method, numbers: Numbers, now: datetime) -> Budget:
    """Return the budget after one wrong code or pair of answers; a mail link is never counted."""
    if method is Method.MAIL:
        return budget
    failures = budget.consecutive_failures + 1
    limit = numbers.answers_wrong_in_all if method is Method.QUESTIONS else numbers.failures_until_stop
    same_day = _same_day(budget, now)
    return replace(
        budget,
        consecutive_failures=failures,
        stopped=budget.stopped or failures >= limit,
        day_started=budget.day_started if same_day else now,
        day_failures=budget.day_failures + 1 if same_day else 1,
    )


def after_killed(budget: Budget, numbers: Numbers, now: datetime) -> Budget:
    """Return the budget after a code died of wrong tries: from the second on the next one waits (R8)."""
    killed = budget.killed_codes + 1
    if killed < numbers.killed_codes_until_wait:
        return replace(budget, killed_codes=killed)
    doublings = min(killed - numbers.killed_codes_until_wait, 32)
    wait = min(numbers.wait_after_kill * 2**doublings, numbers.wait_after_kill_max)
    return replace(budget, killed_codes=killed, wait_until=now + wait)


def after_proof(budget: Budget) -> Budget:
    """Return the budget after any proof of the account succeeded: everything is forgiven."""
    return Budget(key=budget.key)


def _same_day(budget: Budget, now: datetime) -> bool:
    return budget.day_started is not None and now < budget.day_started + _DAY
