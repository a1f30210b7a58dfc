"""A thousand events, a tenth twice, a kill in the middle: each is answered exactly once."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from recovery_core.adapters.sql.tables.channels import CHANNEL_EVENTS
from tests.integration.channels.burst import Burst
from tests.stores import sqlite_url, work_on

EVENTS = 1000


@pytest.mark.timeout(600)
async def test_each_of_a_thousand_is_answered_exactly_once(folder: Path, tmp_path: Path) -> None:
    """The process is killed (-9) with events taken in, worked on and half sent; the next one goes on."""
    burst = Burst(folder, tmp_path / "peer.jsonl")
    async with burst.serving() as process:
        telling = asyncio.create_task(burst.tell(EVENTS))
        await burst.until_told(EVENTS // 5, 120)
        process.kill()
        await process.wait()
    async with burst.serving():
        await telling
        await burst.until_told(EVENTS, 240)
    answers = {row["id"]: row["text"] for row in burst.told()}
    assert Counter(answers.values()) == Counter(f"re: message {number}" for number in range(EVENTS))
    work = work_on(sqlite_url(folder / "rekey.db"))
    async with work.engine.connect() as connection:
        columns = (func.count(), func.count(CHANNEL_EVENTS.c.done_at), func.count(CHANNEL_EVENTS.c.sealed))
        assert tuple((await connection.execute(select(*columns))).one()) == (EVENTS, EVENTS, 0)
    await work.engine.dispose()
