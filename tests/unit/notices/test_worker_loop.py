"""The outbox worker's loop: how much at once, how long, and how it stops."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from recovery_core.errors import ConflictError, UnavailableError
from recovery_core.notices import worker as module
from recovery_core.notices.delivery import Channel, Template
from recovery_core.notices.worker import wait_for_wake
from tests.unit.notices.house import House


@pytest.fixture
def house() -> House:
    """Return a worker with an empty outbox."""
    return House()


async def test_a_sender_that_hangs_is_cut_off() -> None:
    """An attempt that lasts too long counts as unavailable and its item is kept."""
    house = House(send_seconds=0.01)
    hanging = asyncio.Event()

    async def hang(*_: object) -> None:
        await hanging.wait()

    house.sms.send = hang  # type: ignore[method-assign]
    await house.put("a")
    await house.worker.run_once()
    assert house.rows.states() == {"a": "waiting"}
    assert house.rows.rows["a"].attempts == 1


async def test_an_attempt_ends_with_the_life_of_its_item(house: House) -> None:
    """R4: a sender that hangs cannot deliver a code after its end."""
    hanging = asyncio.Event()

    async def hang(*_: object) -> None:
        await hanging.wait()

    house.sms.send = hang  # type: ignore[method-assign]
    await house.put("a", life=timedelta(seconds=0.01))
    await asyncio.wait_for(house.worker.run_once(), 5)
    assert house.rows.rows["a"].attempts == 1


async def test_one_channel_that_hangs_does_not_hold_up_another(house: House) -> None:
    """While more mails than may go at once hang, an SMS is sent."""
    hanging, sms_sent = asyncio.Event(), asyncio.Event()

    async def hang(*_: object) -> None:
        await hanging.wait()

    house.mail.send = hang  # type: ignore[method-assign]
    house.sms.meanwhile = lambda _: sms_sent.set()
    for number in range(module.AT_ONCE + 1):
        await house.put(f"m{number}", Channel.MAIL, template=Template.LINK)
    await house.put("sms")
    running = asyncio.create_task(house.worker.run_once())
    await asyncio.wait_for(sms_sent.wait(), 5)
    hanging.set()
    assert await running == module.AT_ONCE + 2


async def test_no_more_than_eight_attempts_run_at_once(house: House) -> None:
    """Concurrency is bounded in each channel."""
    now = most = 0

    async def count(*_: object) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1

    house.sms.send = count  # type: ignore[method-assign]
    for number in range(3 * module.AT_ONCE):
        await house.put(str(number))
    await house.worker.run_once()
    assert most == module.AT_ONCE


@pytest.mark.parametrize("error", [ConflictError(), UnavailableError()])
async def test_a_mark_that_fails_is_tried_again_before_the_lease_ends(house: House, error: Exception) -> None:
    """A busy database right after sending does not lead to a second SMS."""
    await house.put("a")

    def busy_twice(_: str) -> None:
        house.rows.failing_commits = [error, error]

    house.sms.meanwhile = busy_twice
    await house.worker.run_once()
    assert house.rows.states() == {"a": "sent"}
    assert house.alerts.codes == []


async def test_what_ends_in_the_same_moment_is_marked_in_one_commit(house: House) -> None:
    """Three notices of one recovery cost one commit to take and one to mark."""
    for name, channel in (("a", Channel.SMS), ("b", Channel.MAIL), ("c", Channel.SESSIONS)):
        await house.put(name, channel)
    before = house.rows.commits
    await house.worker.run_once()
    assert set(house.rows.states().values()) == {"sent"}
    assert house.rows.commits == before + 2


async def test_marks_that_cannot_be_stored_are_each_tried_for_themselves(house: House) -> None:
    """When storing fails for good, only the item that gave up is repeated; the others try again."""
    for name in ("a", "b"):
        await house.put(name)

    def away(item: str) -> None:
        if item == "b":
            house.rows.failing_commits = [UnavailableError()] * 3

    house.sms.meanwhile = away
    await house.worker.run_once()
    assert house.alerts.codes == ["outbox_not_marked"]
    assert sorted(house.rows.states().values()) == ["sent", "waiting"]


async def test_a_mark_that_fails_for_good_is_reported_and_repeated_after_the_lease(house: House) -> None:
    """If nothing can be stored after sending, the operators learn of it and the item comes again at 60 s."""
    await house.put("a")

    def away(_: str) -> None:
        house.rows.failing_commits = [UnavailableError()] * 3

    house.sms.meanwhile = away
    await house.worker.run_once()
    assert house.alerts.codes == ["outbox_not_marked"]
    house.sms.meanwhile = lambda _: None
    house.clock.move(timedelta(seconds=59))
    assert await house.worker.run_once() == 0
    house.clock.move(timedelta(seconds=1))
    assert await house.worker.run_once() == 1
    assert house.rows.states() == {"a": "sent"}


async def test_the_loop_survives_a_database_that_is_away_and_stops_when_told(house: House) -> None:
    """The loop waits between looks, reports what it cannot read, goes on, and ends after *stop*."""
    stop, wake = asyncio.Event(), asyncio.Event()
    await house.put("a")
    house.rows.failing_commits = [UnavailableError()]

    def step(waits: int) -> None:
        if waits == 3:
            stop.set()

    house.when_waiting = step
    await asyncio.wait_for(house.worker.run(stop, wake), 5)
    assert house.alerts.codes == ["outbox_unreadable"]
    assert house.rows.states() == {"a": "sent"}
    assert house.waits == 3


async def test_a_full_batch_is_followed_by_the_next_without_waiting(house: House) -> None:
    """More than one batch is started before the loop waits for the first time."""
    stop, wake = asyncio.Event(), asyncio.Event()
    for number in range(120):
        await house.put(str(number))

    def started(_: int) -> None:
        assert all(row.due > house.clock.now() for row in house.rows.rows.values() if row.state == "waiting")
        if set(house.rows.states().values()) == {"sent"}:
            stop.set()

    house.when_waiting = started
    await asyncio.wait_for(house.worker.run(stop, wake), 5)
    assert len(house.sms.sent) == 120


async def test_stopping_lets_what_is_being_sent_finish_and_begins_nothing_more(house: House) -> None:
    """At shutdown an attempt under way is marked, and an item still waiting for its turn is left leased."""
    stop, wake = asyncio.Event(), asyncio.Event()
    leaving = asyncio.Event()
    for number in range(module.AT_ONCE + 1):
        await house.put(str(number))

    async def slow(*_: object) -> None:
        await leaving.wait()

    house.sms.send = slow  # type: ignore[method-assign]
    house.when_waiting = lambda _: stop.set()
    running = asyncio.create_task(house.worker.run(stop, wake))
    for _ in range(10):
        await asyncio.sleep(0)
    assert not running.done()
    leaving.set()
    await asyncio.wait_for(running, 5)
    assert list(house.rows.states().values()) == ["sent"] * module.AT_ONCE + ["waiting"]


async def test_a_wake_that_came_while_working_is_used_up_by_the_next_look(house: House) -> None:
    """The loop clears *wake* before it looks, so nothing is missed and it does not spin."""
    stop, wake = asyncio.Event(), asyncio.Event()
    wake.set()
    house.when_waiting = lambda _: stop.set()
    await asyncio.wait_for(house.worker.run(stop, wake), 5)
    assert house.waits == 1


async def test_waiting_ends_at_once_when_woken() -> None:
    """A set *wake* ends the wait although its time is not over."""
    wake = asyncio.Event()
    wake.set()
    await asyncio.wait_for(wait_for_wake(wake, 3600), 1)


async def test_waiting_ends_by_itself() -> None:
    """Without anybody waking it the wait ends when its time is over."""
    await asyncio.wait_for(wait_for_wake(asyncio.Event(), 0), 1)
