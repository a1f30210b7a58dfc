"""Guessing is slowed, stopped and reported, and never locks anybody out (R8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.cases.proving import Try
from recovery_core.messages import MessageId
from recovery_core.numbers import Numbers
from recovery_core.proofs.methods import Method
from recovery_core.proofs.ports import Budget
from tests.unit.cases.company import ALICE, BOB, CAROL, NOBODY
from tests.unit.cases.house import DAY, HOUR, MINUTE, TICK, House

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("address", [ALICE.address, NOBODY])
async def test_killed_codes_make_the_next_one_wait(address: str) -> None:
    """R8: from the second killed code on the next challenge waits 30 s, doubling to one hour."""
    house = House(Numbers(resend_wait=timedelta(), sends_per_hour=99, sends_per_day=99))
    waits = []
    await house.challenged(S, address)
    for _ in range(10):
        await house.kill()
        said = await house.ask(S)
        if said is MessageId.WAIT_BEFORE_SENDING:
            wait = max(b.wait_until for b in house.data.budgets.values() if b.wait_until) - house.clock.now()
            waits.append(int(wait.total_seconds()))
            house.clock.move(wait - TICK)
            assert await house.ask(S) is MessageId.WAIT_BEFORE_SENDING
            house.clock.move(TICK)
            assert await house.ask(S) is MessageId.CODE_SENT
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert await house.ask(Q) is MessageId.ANSWERS_FORM


async def test_a_hundred_failures_stop_the_method() -> None:
    """R8: the hundredth wrong code in a row stops SMS silently, also a code already sent; mail goes on."""
    free = Numbers(resend_wait=timedelta(), sends_per_hour=99, sends_per_day=99, wait_after_kill=timedelta())
    house = House(free)
    await house.challenged(S)
    for _ in range(19):
        await house.kill()
        await house.ask(S)
        house.data.wrong.clear()
    for _ in range(4):
        await house.try_code(house.wrong_code())
    assert not house.challenge().decoy
    await house.ask(S)
    assert not house.challenge().decoy
    await house.try_code(house.wrong_code())

    assert (await house.try_code(house.code())).outcome is Try.WRONG
    await house.ask(S)
    assert house.challenge().decoy
    await house.ask(M)
    assert not house.challenge().decoy


async def test_ninety_nine_failures_stop_nothing() -> None:
    """R8: after 99 wrong codes the right one still proves, and forgives them all."""
    house = House()
    await house.challenged(S)
    key = house.keyed.of("budget", ALICE.address, S)
    house.data.budgets[key] = Budget(key, consecutive_failures=98, killed_codes=9)
    await house.try_code(house.wrong_code())

    assert (await house.try_code(house.code())).outcome is Try.RIGHT
    assert house.data.budgets[key] == Budget(key)


async def guessed(house: House, count: int) -> None:
    """Count so many wrong codes in the domain."""
    async with house.work() as work:
        for _ in range(count):
            await work.sends.add_wrong_code(house.keyed.of("domain", "example.com"), house.clock.now())
        await work.commit()


@pytest.mark.parametrize("address", [ALICE.address, NOBODY])
async def test_a_guessed_domain_gives_one_try(house: House, address: str) -> None:
    """R8: up to 50 wrong codes in a domain in 24 h a code has five tries, beyond them one, with an alert."""
    await house.challenged(S, address)
    await guessed(house, 49)
    assert (await house.try_code(house.wrong_code())).outcome is Try.WRONG
    assert house.alerts.codes == []

    assert (await house.try_code(house.wrong_code())).outcome is Try.DEAD
    assert house.alerts.codes == ["domain_guessing"]
    assert (await house.try_code(house.code())).outcome is Try.NOT_PENDING
    house.talk("there")
    assert (await house.challenged(S, BOB.address, "there")).tries_left == 1
    house.clock.move(DAY + TICK)
    assert (await house.challenged(S, CAROL.address, "there")).tries_left == 5


async def test_two_per_cent_of_a_large_domain_are_allowed() -> None:
    """R8: where two per cent of the accounts are more than the floor, they are the cap."""
    house = House(Numbers(domain_wrong_floor=1, domain_wrong_share=0.3))
    await guessed(house, 2)
    assert (await house.challenged(S)).tries_left == 5
    await guessed(house, 1)
    house.clock.move(MINUTE)
    await house.ask(S)
    assert house.challenge().tries_left == 1


async def test_a_recovery_never_locks_the_account(house: House) -> None:
    """R8: however many wrong codes, account and password are as they were."""
    before = (dict(house.data.accounts), dict(house.data.credentials))
    await house.challenged(S)
    await house.kill()
    house.clock.move(HOUR)
    await house.ask(S)
    await house.kill()

    assert (house.data.accounts, house.data.credentials) == before
