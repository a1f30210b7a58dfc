"""A worker that is killed in the middle of sending loses nothing and repeats at most once."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from recovery_core.adapters.sql.engine import make_engine
from recovery_core.adapters.sql.tables import METADATA
from recovery_core.adapters.sql.tables.notices import OUTBOX
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.keyed import KeyedHash
from recovery_core.notices.delivery import Channel, Delivery, Template
from tests.fakes import FakeClock
from tests.fakes_outbox import FakeVault
from tests.integration.outbox_child import work_once

ROOT = Path(__file__).parents[2]
START = FakeClock().now()
LEASE_ENDS = START + timedelta(seconds=60)


@dataclass
class Outbox:
    """An outbox in a SQLite file, and the file that stands for the other side."""

    url: str
    engine: AsyncEngine
    peer: Path

    async def put(self, item_id: str, life: timedelta | None = None) -> None:
        """Commit one delivery at the start."""
        async with SqlWork(self.engine, KeyedHash(b"audit"), FakeVault())() as unit:
            delivery = Delivery(
                id=item_id,
                channel=Channel.SMS,
                to="+8613800138000",
                template=Template.CODE,
                variables={"code": "832117"},
                language="zh",
                topic="t",
                expires_at=START + life if life else None,
            )
            await unit.outbox.put(delivery, START)
            await unit.commit()

    async def states(self) -> dict[str, tuple[str, bool]]:
        """Return each item's state and whether its content is still there."""
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(OUTBOX.c.id, OUTBOX.c.state, OUTBOX.c.sealed))
            return {row.id: (row.state, row.sealed is not None) for row in rows}

    def received(self) -> list[str]:
        """Return the ids that reached the other side, in order."""
        return self.peer.read_text().split() if self.peer.exists() else []

    async def killed(self, stop: str) -> None:
        """Run a worker in its own process at the start and kill it where it stops."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.integration.outbox_child"),
            *(self.url, str(self.peer), stop, START.isoformat()),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"here\n"
        os.kill(process.pid, signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL

    async def completed(self, moment: datetime) -> None:
        """Run another worker to its end at *moment*."""
        await work_once(self.engine, self.peer, "never", moment)


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    """Make an empty outbox in a file."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'rekey.db'}"
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield Outbox(url, engine, tmp_path / "peer")
    await engine.dispose()


async def test_killed_before_sending_it_is_sent_when_the_lease_ends(outbox: Outbox) -> None:
    """Nothing is lost: another worker sends the item once 60 s are over, not a moment earlier, and once."""
    await outbox.put("a")
    await outbox.killed("before")
    assert outbox.received() == []
    assert await outbox.states() == {"a": ("waiting", True)}
    await outbox.completed(LEASE_ENDS - timedelta(microseconds=1))
    assert outbox.received() == []
    await outbox.completed(LEASE_ENDS)
    await outbox.completed(LEASE_ENDS + timedelta(days=1))
    assert outbox.received() == ["a"]
    assert await outbox.states() == {"a": ("sent", False)}


async def test_killed_between_sending_and_marking_it_is_repeated_once(outbox: Outbox) -> None:
    """A message whose mark was lost goes out once more, with the same id, and never a third time."""
    await outbox.put("a")
    await outbox.killed("after")
    assert outbox.received() == ["a"]
    await outbox.completed(LEASE_ENDS - timedelta(microseconds=1))
    assert outbox.received() == ["a"]
    await outbox.completed(LEASE_ENDS)
    await outbox.completed(LEASE_ENDS + timedelta(days=1))
    assert outbox.received() == ["a", "a"]
    assert await outbox.states() == {"a": ("sent", False)}


async def test_what_expired_while_nobody_lived_is_never_sent(outbox: Outbox) -> None:
    """R4, R20: after the crash a code is sent up to its last moment and dropped at its end."""
    await outbox.put("expired", life=timedelta(minutes=5))
    await outbox.put("lasting", life=timedelta(minutes=5, seconds=1))
    await outbox.killed("before")
    await outbox.completed(START + timedelta(minutes=5))
    assert outbox.received() == ["lasting"]
    assert await outbox.states() == {"expired": ("dropped", False), "lasting": ("sent", False)}
