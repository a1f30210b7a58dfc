"""Whatever is asked of the messengers' tables is found by an index, however many events there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.samples import NOW
from tests.contract.test_messengers import an_item
from tests.integration.test_query_plans import Step, plans
from tests.stores import sql_work, sqlite_url

STEPS: dict[str, Step] = {
    "inbox.put": lambda u: u.inbox.put([an_item()]),
    "inbox.remember": lambda u: u.inbox.remember(an_item()),
    "inbox.waiting": lambda u: u.inbox.waiting("key", 10),
    "inbox.done": lambda u: u.inbox.done(1, NOW),
    "inbox.failed": lambda u: u.inbox.failed(1),
    "inbox.backlog": lambda u: u.inbox.backlog("plain"),
    "inbox.forget_before": lambda u: u.inbox.forget_before(NOW),
    "bindings.of_account": lambda u: u.bindings.of_account("key"),
    "bindings.of_conversation": lambda u: u.bindings.of_conversation("talk"),
    "bindings.retarget": lambda u: u.bindings.retarget("talk", {}),
    "bindings.sent": lambda u: u.bindings.sent("talk", 1, 0),
    "bindings.later": lambda u: u.bindings.later("talk", NOW),
    "accounts.by_employee_number": lambda u: u.accounts.by_employee_number("E1001"),
}


@pytest.mark.parametrize("name", STEPS)
async def test_the_messengers_tables_are_searched_by_an_index(name: str, tmp_path: Path) -> None:
    """No table is walked through."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as work:
        walked = [line for line in await plans(work, STEPS[name]) if line.startswith("SCAN")]
    assert [line for line in walked if not line.startswith(("SCAN CONSTANT ROW", "SCAN (subquery"))] == []


async def test_who_waits_is_read_from_what_waits(tmp_path: Path) -> None:
    """The accounts with something to do are found among waiting events alone, however many are done."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as work:
        found = await plans(work, lambda unit: unit.inbox.accounts(10))
    scans = [line for line in found if line.startswith("SCAN")]
    assert scans
    assert all("USING" in line and "ix_channel_events_" in line for line in scans), scans


async def test_each_binding_costs_one_look(tmp_path: Path) -> None:
    """Who is behind is asked of every binding, and its lines are found by an index."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as work:
        found = await plans(work, lambda unit: unit.bindings.behind(["plain"], NOW, 10))
    assert [line for line in found if line.startswith("SCAN")] == ["SCAN channel_bindings"]
    assert any(line.startswith("SEARCH lines USING") and "ix_lines_" in line for line in found), found
