"""The audit trail is read in pages, by chain, and by what is looked for (R21)."""

from __future__ import annotations

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.audit import AuditName
from tests.contract.samples import NOW, SECOND
from tests.contract.test_audit import grow


async def test_a_chain_is_read_in_pages(work: SqlWork) -> None:
    """The newest links come first, the next page begins before the last position, and then there is none."""
    await grow(work, "case-1", 5)
    await grow(work, "case-2", 1)
    async with work.reading() as unit:
        pages = [
            [link.position for link in await unit.audit.page("case-1", before, 2)]
            for before in (None, 3, 1, 0)
        ]
    assert pages == [[4, 3], [2, 1], [0], []]


async def test_chains_are_listed_by_their_last_link(work: SqlWork) -> None:
    """The chain that grew last stands first; a page goes on after a chain, also among equally old ones."""
    for name, links in (("a", 2), ("b", 3), ("c", 2), ("d", 1)):
        await grow(work, name, links)
    async with work.reading() as unit:
        first = await unit.audit.chains(None, 2)
        second = await unit.audit.chains((first[-1].last_at, first[-1].name), 2)
        assert await unit.audit.chains((second[-1].last_at, second[-1].name), 2) == []
    assert [(chain.name, chain.length) for chain in (*first, *second)] == [
        ("b", 3), ("c", 2), ("a", 2), ("d", 1),
    ]  # fmt: skip
    assert first[0].last_at == NOW + 2 * SECOND


async def test_links_are_found_by_name_and_time(work: SqlWork) -> None:
    """Only links of that name, from that moment on, come back, in order."""
    await grow(work, "case-1", 3)
    async with work() as unit:
        await unit.audit.append("case-1", AuditName.PROOF_GIVEN, NOW + SECOND)
        await unit.commit()
    async with work.reading() as unit:
        wrong = await unit.audit.events("case-1", name=AuditName.TRY_WRONG, since=NOW + SECOND)
        given = await unit.audit.events("case-1", name=AuditName.PROOF_GIVEN)
        late = await unit.audit.events("case-1", since=NOW + 3 * SECOND)
    assert [link.position for link in wrong] == [1, 2]
    assert [link.position for link in given] == [3]
    assert late == []
