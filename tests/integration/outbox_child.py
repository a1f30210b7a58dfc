"""A process with an outbox worker that stops at a chosen point until it is killed.

Arguments: database URL, the file that stands for the other side, ``before``, ``after`` or ``never``, and the
moment its clock shows (ISO 8601).
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy.ext.asyncio import AsyncEngine

from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.keyed import KeyedHash
from recovery_core.notices.delivery import Channel
from recovery_core.notices.worker import OutboxWorker
from recovery_core.work import Work
from tests.fakes import FakeClock
from tests.fakes_outbox import FakeAlerts, FakeVault, FakeWords


class FileSender:
    """Writes each message to a file that survives the process, and stops where it was told to."""

    channel = Channel.SMS

    def __init__(self, peer: Path, stop: str) -> None:
        """Stop ``before`` or ``after`` the first message has reached the other side, or never."""
        self._peer = peer
        self._stop = stop

    async def send(
        self,
        item_id: str,
        to: str,  # noqa: ARG002
        subject: str,  # noqa: ARG002
        text: str,  # noqa: ARG002
        variables: Mapping[str, str],  # noqa: ARG002
    ) -> None:
        """Deliver one line."""
        if self._stop == "before":
            await self._wait_to_be_killed()
        descriptor = os.open(self._peer, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{item_id}\n".encode())
        os.close(descriptor)
        if self._stop == "after":
            await self._wait_to_be_killed()

    async def _wait_to_be_killed(self) -> None:
        sys.stdout.write("here\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


async def work_once(engine: AsyncEngine, peer: Path, stop: str, moment: datetime) -> None:
    """Run a worker once at *moment*."""
    vault = FakeVault()
    work = cast(Work, SqlWork(engine, KeyedHash(b"audit"), vault))
    senders = {Channel.SMS: FileSender(peer, stop)}
    worker = OutboxWorker(work, vault, senders, FakeWords(), FakeClock(moment), FakeAlerts())
    await worker.run_once()


async def main(url: str, peer: str, stop: str, moment: str) -> None:
    """Read the arguments."""
    await work_once(make_engine(url), Path(peer), stop, datetime.fromisoformat(moment))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
