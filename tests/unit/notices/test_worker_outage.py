"""When the outbox worker shows that a sender is down, and what that must not tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.errors import UnavailableError
from tests.unit.notices.house import House


@pytest.fixture
def house() -> House:
    """Return a worker with an empty outbox."""
    return House()


async def test_the_banner_shows_after_five_failures_and_goes_with_a_success(house: House) -> None:
    """R2: an outage is one alert and one banner for all; the next message that leaves ends it."""
    for number in range(6):
        await house.put(str(number))
    house.fail(UnavailableError())
    await house.worker.run_once(limit=4)
    assert (house.worker.banner, house.alerts.codes) == (False, [])
    await house.worker.run_once(limit=1)
    assert (house.worker.banner, house.alerts.codes) == (True, ["sender_down"])
    await house.worker.run_once()
    assert house.alerts.codes == ["sender_down"]
    house.sms.meanwhile = lambda _: None
    house.clock.move(timedelta(seconds=2))
    await house.worker.run_once(limit=1)
    assert house.worker.banner is False


async def test_the_banner_goes_when_nothing_failed_for_ten_minutes(house: House) -> None:
    """An outage that nobody runs into any more is not shown for ever."""
    for number in range(5):
        await house.put(str(number))
    house.fail(UnavailableError())
    await house.worker.run_once()
    house.clock.move(timedelta(minutes=10, microseconds=-1))
    assert house.worker.banner is True
    house.clock.move(timedelta(microseconds=1))
    assert house.worker.banner is False


async def test_one_recipients_trouble_never_raises_the_banner(house: House) -> None:
    """R2: a full mailbox or a phone that is off must not be visible to whoever asked for a code."""
    for number in range(10):
        await house.put(str(number))
    house.fail(UnavailableError("deferred"))
    await house.worker.run_once()
    assert (house.worker.banner, house.alerts.codes) == (False, [])
    assert set(house.rows.states().values()) == {"waiting"}


async def test_a_decoy_never_ends_an_outage(house: House) -> None:
    """A decoy went nowhere, so it tells nothing about the sender."""
    for number in range(5):
        await house.put(str(number))
    house.fail(UnavailableError())
    await house.worker.run_once()
    await house.put("decoy", decoy=True)
    await house.worker.run_once()
    assert house.worker.banner is True
