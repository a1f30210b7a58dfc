"""No statement of a recovery walks through a whole table: a million accounts cost as much as one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from recovery_core.accounts.account import Status
from recovery_core.adapters.sql.engine import watched
from recovery_core.adapters.sql.unit_of_work import SqlUnitOfWork, SqlWork
from recovery_core.audit import AuditName
from recovery_core.cases.flow import State
from recovery_core.conversations.conversation import LineKind
from recovery_core.conversations.language import Language
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import Method
from tests.contract.samples import NOW, SECOND, a_case, a_challenge, a_conversation, a_delivery
from tests.stores import fresh_postgres, sql_work, sqlite_url, work_on

Step = Callable[[SqlUnitOfWork], Awaitable[object]]


async def forgotten(unit: SqlUnitOfWork) -> None:
    """Forget a case that has ended."""
    await unit.cases.add(a_case("ended", state=State.CANCELLED))
    assert await unit.cases.forget_ended(NOW + SECOND, 10) == 1


STEPS: dict[str, Step] = {
    "accounts.by_address": lambda u: u.accounts.by_address("a@example.com"),
    "accounts.by_id": lambda u: u.accounts.by_id("a"),
    "accounts.domain": lambda u: u.accounts.domain("example.com"),
    "accounts.domain_size": lambda u: u.accounts.domain_size("example.com"),
    "accounts.administrators": lambda u: u.accounts.administrators("example.com"),
    "accounts.question_pairs": lambda u: u.accounts.question_pairs("example.com"),
    "accounts.set_status": lambda u: u.accounts.set_status("a", Status.ACTIVE, NOW),
    "accounts.replace_contacts": lambda u: u.accounts.replace_contacts("a", ()),
    "writer.existing": lambda u: u.accounts_writer.existing(["a@example.com", "b@example.com"]),
    "directory.credentials": lambda u: u.directory.credentials("a"),
    "directory.set_password": lambda u: u.directory.set_password("a", "hash", "op", NOW),
    "directory.block": lambda u: u.directory.block("a", NOW),
    "conversations.get": lambda u: u.conversations.get("talk"),
    "conversations.by_token_hash": lambda u: u.conversations.by_token_hash("hash"),
    "conversations.seen": lambda u: u.conversations.seen("talk", NOW, Language.EN, None),
    "conversations.append": lambda u: u.conversations.append("talk", LineKind.SAID, "m", {}, NOW),
    "conversations.line": lambda u: u.conversations.line("talk", "m"),
    "conversations.replies_to": lambda u: u.conversations.replies_to("talk", "m"),
    "conversations.since": lambda u: u.conversations.since("talk", 0, 10),
    "conversations.unanswered": lambda u: u.conversations.unanswered(10),
    "conversations.unanswered of one": lambda u: u.conversations.unanswered(10, "talk"),
    "conversations.button": lambda u: u.conversations.button("talk", "b"),
    "conversations.forget_before": lambda u: u.conversations.forget_before(NOW),
    "cases.add": lambda u: u.cases.add(a_case("new")),
    "cases.save": lambda u: u.cases.save(a_case()),
    "cases.lock": lambda u: u.cases.lock("case"),
    "cases.lock_current": lambda u: u.cases.lock_current("talk"),
    "cases.by_reference": lambda u: u.cases.by_reference("RC"),
    "cases.idle_since": lambda u: u.cases.idle_since(NOW, NOW, 10),
    "cases.completing": lambda u: u.cases.completing(NOW, 10),
    "cases.forget_ended": forgotten,
    "forms.get": lambda u: u.forms.get("form"),
    "forms.finish": lambda u: u.forms.finish("form", NOW),
    "forms.claim": lambda u: u.forms.claim("form", "browser"),
    "forms.end_of_case": lambda u: u.forms.end_of_case("case", NOW),
    "forms.end_of_conversation": lambda u: u.forms.end_of_conversation("talk", NOW),
    "typed_secrets.has": lambda u: u.typed_secrets.has("talk", "hash"),
    "typed_secrets.forget": lambda u: u.typed_secrets.forget("talk"),
    "challenges.add": lambda u: u.challenges.add(a_challenge()),
    "challenges.latest": lambda u: u.challenges.latest("case"),
    "challenges.by_secret_hash": lambda u: u.challenges.by_secret_hash(Method.MAIL, "hash"),
    "challenges.consume": lambda u: u.challenges.consume("c"),
    "challenges.spend_try": lambda u: u.challenges.spend_try("c"),
    "challenges.end_pending": lambda u: u.challenges.end_pending("case", ChallengeState.DEAD),
    "challenges.mails_of_case": lambda u: u.challenges.mails_of_case("case"),
    "challenges.expire": lambda u: u.challenges.expire(NOW),
    "budgets.get": lambda u: u.budgets.get("key"),
    "sends.count_since": lambda u: u.sends.count_since("key", NOW),
    "sends.last_at": lambda u: u.sends.last_at("key"),
    "sends.money_since": lambda u: u.sends.money_since(NOW),
    "sends.money_since of one": lambda u: u.sends.money_since(NOW, "domain"),
    "sends.addresses_of_client": lambda u: u.sends.addresses_of_client("client", NOW),
    "sends.wrong_codes_since": lambda u: u.sends.wrong_codes_since("domain", NOW),
    "sends.forget_before": lambda u: u.sends.forget_before(NOW),
    "outbox.put": lambda u: u.outbox.put(a_delivery(), NOW),
    "outbox.lease": lambda u: u.outbox.lease(NOW, NOW, 10),
    "outbox.sent": lambda u: u.outbox.sent("d", NOW),
    "outbox.later": lambda u: u.outbox.later("d", NOW),
    "outbox.drop": lambda u: u.outbox.drop("topic", NOW),
    "outbox.forget_before": lambda u: u.outbox.forget_before(NOW),
    "vetoes.by_token_hash": lambda u: u.vetoes.by_token_hash("hash"),
    "vetoes.use": lambda u: u.vetoes.use("v", NOW),
    "vetoes.used_by_contact_since": lambda u: u.vetoes.used_by_contact_since("c", NOW),
    "vetoes.end_of_contacts": lambda u: u.vetoes.end_of_contacts("a", ["c"], NOW),
    "digests.take": lambda u: u.digests.take("example.com"),
    "audit.append": lambda u: u.audit.append("case", AuditName.CASE_OPENED, NOW),
    "audit.events": lambda u: u.audit.events("case"),
    "audit.anchor": lambda u: u.audit.anchor(NOW),
}


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Make one up-to-date PostgreSQL database."""
    with fresh_postgres() as url:
        yield url


async def plans(work: SqlWork, step: Step) -> list[str]:
    """Run *step* and return a line of plan for each table that its statements visit."""
    sent: list[tuple[str, Any]] = []
    postgres = work.engine.dialect.name == "postgresql"
    explain, column = ("EXPLAIN", 0) if postgres else ("EXPLAIN QUERY PLAN", 3)
    async with work() as unit:
        if postgres:
            await unit._connection.execute(text("SET LOCAL enable_seqscan = off"))
        await unit.conversations.add(a_conversation())
        await unit.cases.add(a_case())
        with watched(work.engine, lambda statement, values: sent.append((statement, values))):
            await step(unit)
        found = []
        for statement, parameters in sent:
            one = parameters[0] if parameters and isinstance(parameters, list) and postgres else parameters
            one = one[0] if one and isinstance(one[0], list) else one  # one row of many is planned like all
            explained = await unit._connection.exec_driver_sql(f"{explain} {statement}", one)
            found += [str(row[column]) for row in explained]
    return found


@pytest.mark.parametrize("name", STEPS)
async def test_postgres_can_use_an_index_for_every_table(name: str, postgres: str) -> None:
    """With walking made expensive no plan walks through a table: an index fits every statement."""
    work = work_on(postgres)
    walked = [line for line in await plans(work, STEPS[name]) if "Seq Scan" in line]
    await work.engine.dispose()
    assert walked == []


@pytest.mark.parametrize("name", STEPS)
async def test_every_table_is_searched_by_an_index(name: str, tmp_path: Path) -> None:
    """Each table is searched by a key or an index; only what a partial index holds is walked through."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as work:
        walked = [line for line in await plans(work, STEPS[name]) if line.startswith("SCAN")]
    allowed = ("SCAN due", "SCAN outbox USING INDEX ix_outbox_", "SCAN lines USING INDEX ix_lines_unanswered")
    heads = "SCAN audit_heads USING INDEX ix_audit_heads_"
    no_table = ("SCAN CONSTANT ROW", "SCAN (subquery")  # how SQLite plans a search among no ids at all
    assert [line for line in walked if not line.startswith((*allowed, heads, *no_table))] == []


async def test_administrators_are_not_looked_for_among_everybody(tmp_path: Path) -> None:
    """A domain of a million has few of them: they are found by their role, not by walking its addresses."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as work:
        found = await plans(work, STEPS["accounts.administrators"])
    indexes = [line for line in found if " accounts " in line]
    assert len(indexes) == 3
    assert all("ix_accounts_with_rights (domain=?)" in line for line in indexes)


async def test_a_missing_index_would_be_seen(tmp_path: Path) -> None:
    """The check itself works: a search without an index is a walk."""
    async with sql_work(sqlite_url(tmp_path / "store.db")) as work:
        found = await plans(work, lambda unit: unit.accounts_writer.domains())
        assert [line[:12] for line in found] == ["SCAN domains"]
