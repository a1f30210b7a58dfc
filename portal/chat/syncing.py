"""What was committed without waiting for the disk is synced here, while others go on."""

from __future__ import annotations

import asyncio

import structlog

from recovery_core.errors import RecoveryError
from recovery_core.work import Work

_log = structlog.get_logger("turns")

SOON = 0.05
"""Seconds after which replies are synced, together with those of other conversations."""


class Syncing:
    """Settles what was committed: at once in a task, or soon and again until that succeeds."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._tasks: set[asyncio.Task[bool]] = set()
        self._due: asyncio.TimerHandle | None = None
        self._closed = False

    def begin(self) -> asyncio.Task[bool]:
        """Begin to make safe what was committed until now; the task tells whether that succeeded."""
        task = asyncio.create_task(self._settle())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def soon(self) -> None:
        """Have what was committed until now, and until then, made safe within :data:`SOON`."""
        if self._due is None and not self._closed:
            self._due = asyncio.get_running_loop().call_later(SOON, self._at_last)

    async def close(self) -> None:
        """Stop; what is not synced survives the end of this process all the same."""
        self._closed = True
        if self._due is not None:
            self._due.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _at_last(self) -> None:
        self._due = None
        self.begin().add_done_callback(self._unless_safe)

    def _unless_safe(self, ended: asyncio.Task[bool]) -> None:
        if not ended.cancelled() and not ended.result():
            self.soon()

    async def _settle(self) -> bool:
        try:
            await self._work.settle()
        except RecoveryError:
            _log.warning("turns.not_synced")
            return False
        return True
