"""The arithmetic of the guess budgets (R7, R8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.errors import MustWaitError
from recovery_core.keyed import KeyedHash
from recovery_core.numbers import Numbers
from recovery_core.proofs import guess_budget
from recovery_core.proofs.methods import CHALLENGES, Method
from recovery_core.proofs.ports import Budget
from tests.fakes import FakeClock

NOW, NUMBERS = FakeClock().now(), Numbers()
S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
TICK, DAY = timedelta(microseconds=1), timedelta(days=1)


def test_the_key_hides_the_address() -> None:
    """R8: a budget belongs to one address and method, and its key tells neither."""
    keyed = KeyedHash(b"key")
    keys = {guess_budget.budget_key(keyed, a, m) for a in ("a@b.example", "c@b.example") for m in CHALLENGES}

    assert len(keys) == 6
    assert not any("example" in key for key in keys)


@pytest.mark.parametrize(("failures", "stopped"), [(98, False), (99, True)])
def test_the_hundredth_failure_stops_codes(failures: int, *, stopped: bool) -> None:
    """R8: ninety-nine failures in a row do not stop the method, a hundred do."""
    budget = guess_budget.after_wrong(Budget("k", consecutive_failures=failures), S, NUMBERS, NOW)

    assert (budget.consecutive_failures, budget.stopped) == (failures + 1, stopped)
    assert guess_budget.spent(budget, S, NUMBERS, NOW) is stopped


@pytest.mark.parametrize(("failures", "stopped"), [(8, False), (9, True)])
def test_the_tenth_wrong_answer_stops_questions(failures: int, *, stopped: bool) -> None:
    """R7: nine wrong pairs do not stop the questions, ten do."""
    assert guess_budget.after_wrong(Budget("k", failures), Q, NUMBERS, NOW).stopped is stopped


def test_a_stop_is_not_lifted_by_another_failure() -> None:
    """R8: what was stopped stays stopped until a proof."""
    assert guess_budget.after_wrong(Budget("k", stopped=True), S, NUMBERS, NOW).stopped


def test_mail_is_never_counted() -> None:
    """R8: a mail link has no budget."""
    assert guess_budget.after_wrong(Budget("k"), M, NUMBERS, NOW) == Budget("k")


DAYS = [(4, TICK, False), (5, DAY - TICK, True), (5, DAY, False)]


@pytest.mark.parametrize(("count", "moved", "spent"), DAYS)
def test_a_day_of_answers(count: int, moved: timedelta, *, spent: bool) -> None:
    """R7: five wrong pairs within a day of the first are one day's budget; the next day counts anew."""
    budget = Budget("k")
    for _ in range(count):
        budget = guess_budget.after_wrong(budget, Q, NUMBERS, NOW)

    assert guess_budget.spent(budget, Q, NUMBERS, NOW + moved) is spent
    assert guess_budget.after_wrong(budget, Q, NUMBERS, NOW + DAY).day_failures == 1
    assert not guess_budget.spent(budget, S, NUMBERS, NOW)


def test_the_wait_doubles_to_an_hour() -> None:
    """R8: the first killed code costs nothing, then 30 s doubling to one hour, however many follow."""
    budget, waits = Budget("k"), []
    for _ in range(60):
        budget = guess_budget.after_killed(budget, NUMBERS, NOW)
        waits.append(int((budget.wait_until - NOW).total_seconds()) if budget.wait_until else 0)

    assert waits[:10] == [0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert set(waits[10:]) == {3600}


def test_the_wait_ends_on_time() -> None:
    """R8: one moment before its end one waits, at its end not."""
    budget = Budget("k", wait_until=NOW)
    with pytest.raises(MustWaitError, match="too_many_killed_codes") as refused:
        guess_budget.check_wait(budget, NOW - TICK)

    assert refused.value.retry_after == TICK
    guess_budget.check_wait(budget, NOW)
    guess_budget.check_wait(Budget("k"), NOW)


def test_a_proof_forgives_everything() -> None:
    """R8: after a proof the budget is as new."""
    assert guess_budget.after_proof(Budget("k", 99, 9, NOW, stopped=True, day_failures=5)) == Budget("k")


@pytest.mark.parametrize(
    ("wrong", "size", "guessed"),
    [(50, 0, False), (51, 0, True), (50, 2500, False), (51, 2500, True), (60, 3000, False), (61, 3000, True)],
)
def test_a_domain_is_guessed(wrong: int, size: int, *, guessed: bool) -> None:
    """R8: more than 50, or two per cent of the accounts where that is more."""
    assert guess_budget.domain_guessed(wrong, size, NUMBERS) is guessed
