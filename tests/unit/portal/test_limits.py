"""Rate limits on a clock that is moved by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.limits import KEYS_BEFORE_SWEEP, Limits, Rates
from tests.fakes import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """Return the clock of the limits."""
    return FakeClock()


@pytest.fixture
def limits(clock: FakeClock) -> Limits:
    """Return limits of three in ten seconds and five in a minute."""
    return Limits(clock, Rates(messages_per_client="3/10second;5/minute"))


async def hits(limits: Limits, count: int, key: str = "k") -> list[int | None]:
    """Hit *count* times."""
    return [await limits.hit("messages_per_client", key) for _ in range(count)]


async def test_the_last_hit_that_fits_and_the_first_that_does_not(limits: Limits) -> None:
    """Three hits fit, the fourth waits for the first to leave the window."""
    assert await hits(limits, 4) == [None, None, None, 10]


async def test_each_key_counts_alone(limits: Limits) -> None:
    """Another key, and the same key under another limit, have their own count."""
    await hits(limits, 3)

    assert await limits.hit("messages_per_client", "other") is None
    assert await limits.hit("forms_per_client", "k") is None


@pytest.mark.parametrize(("after", "wait"), [(9, 1), (9.2, 1), (10, None)])
async def test_the_window_moves(limits: Limits, clock: FakeClock, after: float, wait: int | None) -> None:
    """A place becomes free exactly when the oldest hit is as old as the window is long."""
    await hits(limits, 3)
    clock.move(timedelta(seconds=after))

    assert await limits.hit("messages_per_client", "k") == wait


async def test_the_longer_window_counts_too(limits: Limits, clock: FakeClock) -> None:
    """After five hits in a minute the sixth waits for the minute, though the short window is free."""
    await hits(limits, 3)
    clock.move(timedelta(seconds=20))
    await hits(limits, 2)
    clock.move(timedelta(seconds=10))

    assert await hits(limits, 1) == [30]


async def test_refused_hits_do_not_prolong_the_wait(limits: Limits, clock: FakeClock) -> None:
    """Who keeps trying is let in when the told time is over."""
    await hits(limits, 3)
    clock.move(timedelta(seconds=5))
    assert await hits(limits, 50) == [5] * 50
    clock.move(timedelta(seconds=5))

    assert await hits(limits, 1) == [None]


async def test_a_clock_that_goes_back_keeps_nobody_out(limits: Limits, clock: FakeClock) -> None:
    """R20: hits of a future that was taken back are forgotten."""
    await hits(limits, 3)
    clock.move(timedelta(hours=-1))

    assert await hits(limits, 1) == [None]


async def test_memory_is_given_back(limits: Limits, clock: FakeClock) -> None:
    """Keys that nobody used within their window are dropped, so that a flood of clients leaves nothing."""
    for number in range(3 * KEYS_BEFORE_SWEEP):
        await limits.hit("messages_per_client", str(number))
    assert len(limits) == 3 * KEYS_BEFORE_SWEEP
    clock.move(timedelta(minutes=1))
    for number in range(KEYS_BEFORE_SWEEP + 1):
        await limits.hit("messages_per_client", f"new {number}")

    assert len(limits) <= KEYS_BEFORE_SWEEP + 1
