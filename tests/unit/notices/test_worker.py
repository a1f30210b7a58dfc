"""The outbox worker: what is sent, when again, and what never."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.errors import RefusedByPeerError, UnavailableError
from recovery_core.notices.delivery import Channel, Template
from recovery_core.notices.worker import wait_after
from tests.unit.notices.house import House


@pytest.fixture
def house() -> House:
    """Return a worker with an empty outbox."""
    return House()


async def test_what_was_committed_is_sent_once_and_blanked(house: House) -> None:
    """An item is sent to its recipient once, and its content is gone afterwards."""
    await house.put("a")
    assert await house.worker.run_once() == 1
    assert await house.worker.run_once() == 0
    assert [(id_, to) for id_, to, _ in house.sms.sent] == [("a", "to-a")]
    assert house.rows.states() == {"a": "sent"}
    assert house.rows.rows["a"].sealed == b""


async def test_a_decoy_costs_the_same_and_is_delivered_nowhere(house: House) -> None:
    """R2: a decoy is opened, worded and marked like any other, with as many commits, and sent to nobody."""
    await house.put("real")
    before = house.rows.commits
    await house.worker.run_once()
    real = house.rows.commits - before, house.words.rendered
    await house.put("decoy", decoy=True)
    before = house.rows.commits
    await house.worker.run_once()
    assert (house.rows.commits - before, house.words.rendered - real[1]) == real
    assert house.sms.tried == ["real"]
    assert house.rows.states() == {"real": "sent", "decoy": "sent"}


def test_waits_double_from_two_seconds_up_to_five_minutes() -> None:
    """The waits are 2, 4, 8 … seconds and never more than 5 minutes, however often it failed."""
    seconds = [wait_after(attempts).total_seconds() for attempts in (0, 1, 2, 7, 8, 10_000)]
    assert seconds == [2, 4, 8, 256, 300, 300]


async def test_an_unavailable_sender_is_tried_again_when_the_wait_is_over(house: House) -> None:
    """After a failure the item rests for 2 s, after another for 4 s, and then it is sent."""
    await house.put("a")
    house.fail(UnavailableError())
    await house.worker.run_once()
    house.clock.move(timedelta(seconds=1.999))
    assert await house.worker.run_once() == 0
    house.clock.move(timedelta(seconds=0.001))
    assert await house.worker.run_once() == 1
    house.clock.move(timedelta(seconds=3.999))
    assert await house.worker.run_once() == 0
    house.sms.meanwhile = lambda _: None
    house.clock.move(timedelta(seconds=0.001))
    await house.worker.run_once()
    assert house.rows.states() == {"a": "sent"}


async def test_a_final_refusal_is_given_up_and_reported(house: House) -> None:
    """What the other side refuses for good is blanked, reported and never tried again."""
    await house.put("a")
    house.fail(RefusedByPeerError())
    await house.worker.run_once()
    house.clock.move(timedelta(days=1))
    assert await house.worker.run_once() == 0
    assert house.rows.states() == {"a": "failed"}
    assert house.alerts.codes == ["delivery_refused"]


async def test_nothing_is_sent_once_it_has_expired(house: House) -> None:
    """R4, R20: a code is sent in its last moment and not in the moment it expires."""
    for item in ("last", "gone"):
        await house.put(item, life=timedelta(minutes=5))
    house.fail(UnavailableError(), "gone")
    house.clock.move(timedelta(minutes=5, microseconds=-1))
    await house.worker.run_once()
    house.clock.move(timedelta(minutes=5))
    house.sms.meanwhile = lambda _: None
    await house.worker.run_once()
    assert [id_ for id_, _, _ in house.sms.sent] == ["last"]
    assert house.rows.states() == {"last": "sent", "gone": "dropped"}


async def test_an_item_that_expires_between_lease_and_sending_is_not_sent(house: House) -> None:
    """Expiry is looked at again right before sending, because an item may have waited for its turn."""
    await house.put("slow")
    await house.put("code", life=timedelta(seconds=10))
    house.sms.meanwhile = lambda _: house.clock.move(timedelta(seconds=10))
    await house.worker.run_once()
    assert house.sms.tried == ["slow"]
    assert house.rows.states() == {"slow": "sent", "code": "failed"}


async def test_an_item_whose_lease_is_nearly_over_is_left_to_the_next(house: House) -> None:
    """With less than one attempt's time left of the lease nothing is begun: another worker may have it."""
    await house.put("slow")
    await house.put("late")
    house.sms.meanwhile = lambda _: house.clock.move(timedelta(seconds=40.001))
    await house.worker.run_once()
    assert house.sms.tried == ["slow"]
    house.sms.meanwhile = lambda _: None
    house.clock.move(timedelta(seconds=19.999))
    await house.worker.run_once()
    assert house.rows.states() == {"slow": "sent", "late": "sent"}


async def test_a_failing_item_never_blocks_the_others(house: House) -> None:
    """An item that cannot be worded, opened or sent is kept for later while the others go out."""
    await house.put("unwordable", variables={"broken": "x"})
    await house.put("unreadable")
    house.rows.rows["unreadable"].sealed = b"tampered"
    await house.put("unlucky")
    await house.put("fine")
    house.fail(RuntimeError("a bug"), "unlucky")
    assert await house.worker.run_once() == 4
    assert [id_ for id_, _, _ in house.sms.sent] == ["fine"]
    assert house.alerts.codes == ["delivery_broken"] * 3
    assert sorted(house.rows.states().values()) == ["sent", "waiting", "waiting", "waiting"]


async def test_the_order_to_end_sessions_reaches_the_sessions(house: House) -> None:
    """R11: the channel *sessions* ends what is logged in as the mailbox named by the recipient."""
    await house.put("s", Channel.SESSIONS, template=Template.END_SESSIONS)
    await house.worker.run_once()
    assert house.sessions.ended == ["to-s"]
    assert house.rows.states() == {"s": "sent"}
