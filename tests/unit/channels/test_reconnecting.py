"""Connections come back after every loss, soon at first and then more slowly, and stop when told."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from portal.channels.port import ChannelAwayError
from portal.channels.reconnecting import LONGEST, SHORTEST, STEADY, Backoff, Persistent
from recovery_core.entropy import SystemEntropy
from tests.fakes import FakeClock, FakeEntropy


class _Digits(FakeEntropy):
    def __init__(self, digits: str) -> None:
        super().__init__()
        self._digits = digits

    def digits(self, count: int) -> str:
        return self._digits[:count]


@pytest.mark.parametrize(("digits", "share"), [("0000", 0.5), ("9999", 0.99995)])
def test_the_pause_doubles_up_to_five_minutes(digits: str, share: float) -> None:
    """From half of to the whole of 1, 2, 4 … 300 seconds."""
    backoff = Backoff(_Digits(digits))
    waits = [backoff.wait() for _ in range(20)]
    wholes = [min(LONGEST, SHORTEST * 2**number) for number in range(20)]
    assert waits == pytest.approx([whole * share for whole in wholes])


def test_two_clients_do_not_come_back_in_step() -> None:
    """Of a thousand clients that lose the platform at once hardly two return at the same moment."""
    waits = {Backoff(SystemEntropy(), losses=8).wait() for _ in range(1000)}
    assert len(waits) > 800
    assert max(waits) - min(waits) > 100


class _LostError(Exception):
    """Ends a test's connection in an unexpected way; its text must not be logged."""


async def test_a_steady_connection_forgets_old_losses() -> None:
    """A connection that lived a minute makes the next loss the first; a shorter one does not."""
    clock, waits, lives = (
        FakeClock(),
        [],
        [timedelta(0), STEADY - timedelta(microseconds=1), STEADY, timedelta(0)],
    )

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == len(lives):
            raise asyncio.CancelledError

    persistent = Persistent("test", clock, _Digits("0000"), pause)

    async def connection() -> None:
        persistent.taken_in()
        clock.move(lives[len(waits)])

    with pytest.raises(asyncio.CancelledError):
        await persistent.hold(connection)
    assert waits == [0.5, 1.0, 0.5, 1.0]
    assert persistent.losses == 4
    assert not persistent.connected


async def test_every_end_of_a_connection_is_a_loss_but_cancelling() -> None:
    """Whatever ends a connection is logged by its kind alone, and another one follows."""
    ends: list[BaseException | None] = [ChannelAwayError("silent"), _LostError("ticket=abc"), None]

    async def pause(seconds: float) -> None:  # noqa: ARG001
        return

    persistent = Persistent("test", FakeClock(), FakeEntropy(), pause)

    async def connection() -> None:
        if not ends:
            raise asyncio.CancelledError
        end = ends.pop(0)
        if end is not None:
            raise end

    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await persistent.hold(connection)
    assert [line["reason"] for line in logs] == ["silent", "_LostError", "closed"]
    assert "abc" not in str(logs)
