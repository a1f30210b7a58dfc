"""The audit trail: what was changed, cut or taken away shows (R21)."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.audit import AuditName, broken_at
from recovery_core.keyed import KeyedHash
from tests.contract.samples import HOUR, NOW, SECOND
from tests.stores import AUDIT_KEY, VAULT


async def grow(work: SqlWork, chain: str, links: int = 3) -> None:
    """Add *links* to *chain*."""
    async with work() as unit:
        for number in range(links):
            await unit.audit.append(chain, AuditName.TRY_WRONG, NOW + number * SECOND, {"number": number})
        await unit.commit()


async def anchor(work: SqlWork) -> int:
    """Anchor what grew."""
    async with work() as unit:
        anchored = await unit.audit.anchor(NOW + HOUR)
        await unit.commit()
    return anchored


async def problems(work: SqlWork) -> list[str]:
    """Return what the check finds."""
    async with work.reading() as unit:
        return list(await unit.audit.problems())


async def tamper(work: SqlWork, *orders: str) -> None:
    """Change the tables as somebody with the database but without the key could."""
    async with work.engine.begin() as connection:
        for order in orders:
            await connection.execute(text(order))


async def test_events_come_back_in_order(work: SqlWork) -> None:
    """Links are numbered from zero and follow from each other; other chains are not among them."""
    await grow(work, "case-1")
    await grow(work, "case-2", 1)
    async with work.reading() as unit:
        events = await unit.audit.events("case-1")
        assert await unit.audit.events("none") == []
    assert [(event.position, event.data) for event in events] == [(n, {"number": n}) for n in range(3)]
    assert events[2].at == NOW + 2 * SECOND
    assert broken_at(AUDIT_KEY, events) is None


async def test_an_intact_trail_has_no_problems(work: SqlWork) -> None:
    """Empty, grown, anchored and grown again: nothing is wrong."""
    assert await problems(work) == []
    await grow(work, "case-1")
    assert await problems(work) == []
    await anchor(work)
    async with work() as unit:
        await unit.audit.append("case-1", AuditName.CASE_FROZEN, NOW)
        await unit.commit()
    assert await problems(work) == []


async def test_a_chain_is_anchored_when_it_grew(work: SqlWork) -> None:
    """Each chain that grew is anchored once."""
    await grow(work, "case-1")
    await grow(work, "case-2")
    assert await anchor(work) == 2
    assert await anchor(work) == 0
    await grow(work, "case-2", 1)
    assert await anchor(work) == 1
    assert await problems(work) == []


async def test_parallel_links_form_one_chain(work: SqlWork) -> None:
    """Twenty events at the same moment, the first of their chain among them, follow from each other."""
    await asyncio.gather(*(grow(work, "operator", 1) for _ in range(20)))
    async with work.reading() as unit:
        assert len(await unit.audit.events("operator")) == 20
    assert await problems(work) == []


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("UPDATE audit_events SET name = 'x' WHERE chain = 'case-1' AND position = 1", "broken:case-1:1"),
        ("UPDATE audit_events SET data = '{}' WHERE chain = 'case-1' AND position = 2", "broken:case-1:2"),
        ("UPDATE audit_events SET mac = 'x' WHERE chain = 'case-1' AND position = 0", "broken:case-1:0"),
        ("DELETE FROM audit_events WHERE chain = 'case-1' AND position = 1", "broken:case-1:1"),
        ("DELETE FROM audit_events WHERE chain = 'case-1' AND position = 2", "cut:case-1"),
        ("UPDATE audit_heads SET length = 2 WHERE chain = 'case-1'", "cut:case-1"),
        ("DELETE FROM audit_events WHERE chain = 'case-1'", "missing:case-1"),
        ("DELETE FROM audit_anchors WHERE position = 0", "broken:anchors:0"),
        ("UPDATE audit_anchors SET length = 1 WHERE position = 1", "broken:anchors:1"),
    ],
)
async def test_what_is_changed_shows(work: SqlWork, order: str, found: str) -> None:
    """R21: a changed, removed or cut link, a taken chain and a changed anchor are found and named."""
    await grow(work, "case-1")
    await grow(work, "case-2")
    await anchor(work)
    await tamper(work, order)
    assert found in await problems(work)


async def test_a_tail_cut_with_its_head_shows(work: SqlWork) -> None:
    """R21: who cuts the tail and corrects the head row is still found by the anchor."""
    await grow(work, "case-1")
    await anchor(work)
    await tamper(
        work,
        "DELETE FROM audit_events WHERE position = 2",
        "UPDATE audit_heads SET length = 2, mac = (SELECT mac FROM audit_events WHERE position = 1)",
    )
    assert await problems(work) == ["cut:case-1"]


async def test_another_key_finds_everything_broken(work: SqlWork) -> None:
    """Without the key nobody can make links that hold."""
    await grow(work, "case-1")
    await anchor(work)
    stranger = SqlWork(work.engine, KeyedHash(b"another key"), VAULT)
    assert await problems(stranger) == ["broken:anchors:0", "broken:case-1:0"]


async def test_old_chains_are_forgotten_whole(work: SqlWork) -> None:
    """R21: a chain goes when its last link is older than the moment, without being reported missing."""
    await grow(work, "old", 1)
    await grow(work, "kept", 2)
    await anchor(work)
    async with work() as unit:
        assert await unit.audit.forget_before(NOW + SECOND) == 1
        assert await unit.audit.forget_before(NOW + SECOND) == 0
        assert await unit.audit.events("old") == []
        assert len(await unit.audit.events("kept")) == 2
        await unit.commit()
    assert await problems(work) == []


async def test_a_forgotten_chain_may_begin_again(work: SqlWork) -> None:
    """A chain that grows after it was forgotten is a new one; its tail is guarded again."""
    await grow(work, "operator", 3)
    await anchor(work)
    async with work() as unit:
        await unit.audit.forget_before(NOW + HOUR)
        await unit.commit()
    await grow(work, "operator", 1)
    await anchor(work)
    assert await problems(work) == []
    await tamper(work, "DELETE FROM audit_events")
    assert await problems(work) == ["missing:operator"]


async def test_checking_goes_on_over_pages(work: SqlWork) -> None:
    """More chains and anchors than a page holds are all checked."""
    async with work() as unit:
        for number in range(1001):
            await unit.audit.append(f"case-{number:05}", AuditName.CASE_OPENED, NOW)
        assert await unit.audit.anchor(NOW) == 1001
        await unit.commit()
    await tamper(work, "UPDATE audit_events SET name = 'x' WHERE chain = 'case-01000'")
    assert await problems(work) == ["broken:case-01000:0"]
