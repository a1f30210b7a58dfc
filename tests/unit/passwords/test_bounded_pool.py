"""The threads in which hashes are computed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from recovery_core.adapters.argon2 import ARGON2_PROFILES, BoundedPool
from recovery_core.errors import UnavailableError


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """An event for which work waits; always opened in the end."""
    event = threading.Event()
    yield event
    event.set()


def _waiting_work(gate: threading.Event) -> str:
    gate.wait(10)
    return "done"


async def test_work_beyond_the_queue_is_refused_at_once(gate: threading.Event) -> None:
    """One running and two waiting are the last good number, the fourth is told to come back."""
    pool = BoundedPool(workers=1, waiting=2)
    tasks = [asyncio.create_task(pool.run(lambda: _waiting_work(gate))) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(UnavailableError, match="busy"):
        await pool.run(lambda: "never")
    assert pool.started == 3
    gate.set()
    assert await asyncio.gather(*tasks) == ["done"] * 3
    assert await pool.run(lambda: "room again") == "room again"
    pool.close()


async def test_a_cancelled_caller_in_the_queue_makes_room(gate: threading.Event) -> None:
    """Somebody who went away is not waited for."""
    pool = BoundedPool(workers=1, waiting=1)
    running = asyncio.create_task(pool.run(lambda: _waiting_work(gate)))
    waiting = asyncio.create_task(pool.run(lambda: "never"))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    third = asyncio.create_task(pool.run(lambda: "third"))
    await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(running, third) == ["done", "third"]
    pool.close()


async def test_a_cancelled_caller_whose_work_runs_keeps_its_place(gate: threading.Event) -> None:
    """A thread cannot be stopped, so its place is taken until it ends."""
    pool = BoundedPool(workers=1, waiting=0)
    begun = threading.Event()

    def work() -> str:
        begun.set()
        return _waiting_work(gate)

    running = asyncio.create_task(pool.run(work))
    await asyncio.to_thread(begun.wait, 10)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    with pytest.raises(UnavailableError):
        await pool.run(lambda: "never")
    gate.set()
    pool.close()


async def test_failed_work_makes_room() -> None:
    """An exception reaches the caller and leaves no place taken."""
    pool = BoundedPool(workers=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 // 0)
    assert await pool.run(lambda: 1) == 1
    pool.close()


async def test_two_workers_work_at_the_same_time() -> None:
    """Two computations meet; with one worker the barrier would break."""
    pool = BoundedPool(workers=2, waiting=0)
    barrier = threading.Barrier(2)
    arrived = await asyncio.gather(*(pool.run(lambda: barrier.wait(10)) for _ in range(2)))
    assert sorted(arrived) == [0, 1]
    pool.close()


def test_profiles_hold_the_published_costs() -> None:
    """The default is OWASP's 19 MiB, two passes, one lane."""
    table = {name: (p.memory, p.passes, p.lanes) for name, p in ARGON2_PROFILES.items()}
    assert table == {
        "default": (19_456, 2, 1),
        "owasp_46mib": (47_104, 1, 1),
        "rfc9106_64mib": (65_536, 3, 4),
        "cheapest": (8, 1, 1),
    }
