"""Who may send documents at the same moment, and how slowly."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from portal.upload_slots import EACH, LONGEST, MOST, PATIENCE, SLOWEST, NoRoomError, UploadSlots, more_time

EXIT = frozenset({"exit"})


def test_one_address_cannot_keep_the_others_out() -> None:
    """Two at a time of one address; the third is turned away, somebody else is not."""
    slots = UploadSlots()
    with ExitStack() as held:
        for _ in range(EACH):
            held.enter_context(slots.taken("greedy", EXIT))
        with pytest.raises(NoRoomError), slots.taken("greedy", EXIT):
            pass
        held.enter_context(slots.taken("other", EXIT))
    with slots.taken("greedy", EXIT):
        pass


def test_a_company_exit_may_take_every_place() -> None:
    """Up to the most that memory allows; then nobody comes in before one has ended, however it ended."""
    slots = UploadSlots()
    with ExitStack() as held:
        for _ in range(MOST):
            held.enter_context(slots.taken("exit", EXIT))
        for client in ("exit", "somebody"):
            with pytest.raises(NoRoomError), slots.taken(client, EXIT):
                pass
    with pytest.raises(OSError, match="cut off"), slots.taken("somebody", EXIT):
        raise OSError("cut off")
    with ExitStack() as held:
        for _ in range(EACH):
            held.enter_context(slots.taken("somebody", EXIT))


@pytest.mark.parametrize(
    ("size", "seconds"),
    [(0, PATIENCE), (SLOWEST, PATIENCE + 1), (60 * SLOWEST, PATIENCE + 60), (1 << 30, LONGEST)],
)
async def test_time_grows_with_what_has_come(size: int, seconds: float) -> None:
    """Half a minute, a second more for each 16 KiB, never more than five minutes."""
    async with asyncio.timeout(None) as limit:
        more_time(limit, 1_000_000.0, size)
        assert limit.when() == 1_000_000.0 + seconds
        await asyncio.sleep(0)
