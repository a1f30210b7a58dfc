"""No statement about tickets, operators or documents walks through a whole table, on either database."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from recovery_core.adapters.sql.engine import watched
from recovery_core.adapters.sql.unit_of_work import SqlUnitOfWork, SqlWork
from recovery_core.evidence.evidence import Claim
from recovery_core.people.operators import Console
from recovery_core.people.tickets import Kind, Lane, Note, Vote
from tests.contract.samples import NOW
from tests.contract.samples_people import a_file, a_session, a_ticket, an_agent
from tests.stores import fresh_postgres, sql_work, sqlite_url, work_on

Step = Callable[[SqlUnitOfWork], Awaitable[object]]

STEPS: dict[str, Step] = {
    "tickets.add_once": lambda u: u.tickets.add_once(a_ticket("new")),
    "tickets.add_once again": lambda u: u.tickets.add_once(a_ticket("new", case_id="case-ticket")),
    "tickets.lock": lambda u: u.tickets.lock("ticket"),
    "tickets.get": lambda u: u.tickets.get("ticket"),
    "tickets.save": lambda u: u.tickets.save(a_ticket()),
    "tickets.of_case": lambda u: u.tickets.of_case("case"),
    "tickets.of_account": lambda u: u.tickets.of_account("id-alice", 10),
    "tickets.queue": lambda u: u.tickets.queue(Lane.DESK, None, 10),
    "tickets.queue of domains": lambda u: u.tickets.queue(Lane.ADMINISTRATOR, ["a.example", "b.example"], 10),
    "tickets.crowd": lambda u: u.tickets.crowd([Kind.RESET, Kind.REVIEW], "a@a.example", "client"),
    "tickets.position": lambda u: u.tickets.position(a_ticket()),
    "tickets.measured": lambda u: u.tickets.measured(Kind.RESET, 10),
    "tickets.due_decoys": lambda u: u.tickets.due_decoys(NOW, 10),
    "tickets.effective": lambda u: u.tickets.effective(NOW, 10),
    "tickets.orphans": lambda u: u.tickets.orphans(10),
    "tickets.due_between": lambda u: u.tickets.due_between(NOW, NOW, 10),
    "tickets.decided_between": lambda u: u.tickets.decided_between(NOW, NOW),
    "tickets.add_vote": lambda u: u.tickets.add_vote(Vote("ticket", "r", approve=True, reason=None, at=NOW)),
    "tickets.votes": lambda u: u.tickets.votes("ticket"),
    "tickets.add_note": lambda u: u.tickets.add_note(Note("ticket", "a", "text", NOW)),
    "tickets.notes": lambda u: u.tickets.notes("ticket"),
    "operators.by_name": lambda u: u.operators.by_name(Console.DESK, "agent1"),
    "operators.by_id": lambda u: u.operators.by_id("id-agent1"),
    "operators.put": lambda u: u.operators.put(an_agent()),
    "operators.agents": lambda u: u.operators.agents(),
    "operators.present": lambda u: u.operators.present(NOW),
    "operators.accept_step": lambda u: u.operators.accept_step("id-agent1", 1),
    "operators.add_session": lambda u: u.operators.add_session(a_session()),
    "operators.session": lambda u: u.operators.session("token"),
    "operators.touch": lambda u: u.operators.touch("token", NOW, None),
    "operators.end_session": lambda u: u.operators.end_session("token"),
    "operators.end_sessions_of": lambda u: u.operators.end_sessions_of("id-agent1"),
    "evidence.add": lambda u: u.evidence.add("ticket", Claim("c", "u", "m"), [a_file("new")], NOW),
    "evidence.claim": lambda u: u.evidence.claim("ticket"),
    "evidence.files": lambda u: u.evidence.files("ticket"),
    "evidence.forget": lambda u: u.evidence.forget("file"),
    "figures.cases_between": lambda u: u.figures.cases_between(NOW, NOW),
    "figures.not_understood": lambda u: u.figures.not_understood(NOW, NOW, 10),
}
"""Without ``evidence.over``: it walks through the files, which are few because of it (R21)."""

BOUNDED = re.compile(r"SCAN tickets USING (COVERING )?INDEX ix_tickets_(unfinished|queue|due|decoys)\b")
"""A partial index that holds only what is still to be done may be walked through."""


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Make one up-to-date PostgreSQL database."""
    with fresh_postgres() as url:
        yield url


async def with_one_document(unit: SqlUnitOfWork) -> None:
    """Store a ticket with a document."""
    await unit.tickets.add_once(a_ticket())
    await unit.evidence.add("ticket", Claim("c", "u", "m"), [a_file()], NOW)


async def statements(unit: SqlUnitOfWork, work: SqlWork, step: Step) -> list[tuple[str, Any]]:
    """Run *step* and return what was sent to the database."""
    sent: list[tuple[str, Any]] = []
    with watched(work.engine, lambda statement, values: sent.append((statement, values))):
        await step(unit)
    return sent


@pytest.mark.parametrize("name", STEPS)
async def test_sqlite_searches_every_table_by_an_index(name: str, tmp_path: Path) -> None:
    """Each table is searched by a key or an index; only small partial indexes are walked through."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as work, work() as unit:
        await with_one_document(unit)
        found = []
        for statement, parameters in await statements(unit, work, STEPS[name]):
            one = parameters[0] if parameters and isinstance(parameters[0], list) else parameters
            plan = await unit._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", one)
            found += [str(row[3]) for row in plan]
    assert [line for line in found if line.startswith("SCAN") and not BOUNDED.match(line)] == []


@pytest.mark.parametrize("name", STEPS)
async def test_postgres_can_use_an_index_for_every_table(name: str, postgres: str) -> None:
    """With walking made expensive no plan walks through a table: an index fits every statement."""
    work = work_on(postgres)
    async with work() as unit:
        await unit._connection.execute(text("SET LOCAL enable_seqscan = off"))
        await with_one_document(unit)
        found = []
        for statement, parameters in await statements(unit, work, STEPS[name]):
            if isinstance(parameters, list):
                parameters = parameters[0]  # noqa: PLW2901  one row of many is planned like all
            plan = await unit._connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            found += [str(row[0]) for row in plan]
    await work.engine.dispose()
    assert [line for line in found if "Seq Scan" in line] == []


async def test_a_missing_index_would_be_seen(tmp_path: Path, postgres: str) -> None:
    """The checks work: the one statement that walks through its table shows it on both databases."""
    walked = {"sqlite": "SCAN evidence_files", "postgresql": "Seq Scan on evidence_files"}
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
    for url in (sqlite_url(tmp_path / "store.db"), postgres):
        async with sql_work(url) as work, work() as unit:
            kind = work.engine.dialect.name
            asked = "SELECT id FROM evidence_files ORDER BY at"
            plan = await unit._connection.exec_driver_sql(f"{explain[kind]} {asked}")
            assert any(walked[kind] in str(row) for row in plan)
