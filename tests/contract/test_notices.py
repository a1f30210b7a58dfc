"""The outbox, the vetoes and the digests."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

import pytest
from sqlalchemy import text

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import ConflictError
from recovery_core.notices.delivery import PADDED, Channel, Delivery, OutboxItem
from tests.contract.samples import HOUR, NOW, SECOND, a_delivery, a_veto
from tests.stores import AUDIT_KEY, VAULT


async def put(work: SqlWork, *deliveries: Delivery, at: datetime = NOW) -> None:
    """Store *deliveries*."""
    async with work() as unit:
        for delivery in deliveries:
            await unit.outbox.put(delivery, at)
        await unit.commit()


async def lease(work: SqlWork, at: datetime = NOW, limit: int = 10) -> list[OutboxItem]:
    """Lease for a minute."""
    async with work() as unit:
        items = await unit.outbox.lease(at, at + 60 * SECOND, limit)
        await unit.commit()
    return list(items)


async def kept_contents(work: SqlWork) -> dict[str, int | None]:
    """Return the length of what is still sealed, by id."""
    async with work.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT id, sealed FROM outbox"))).all()
    return {row.id: None if row.sealed is None else len(row.sealed) for row in rows}


async def test_a_delivery_is_sealed_and_can_be_opened(work: SqlWork) -> None:
    """What is stored shows nothing of the delivery; the vault opens it for its id."""
    await put(work, a_delivery(expires_at=NOW + HOUR))
    [item] = await lease(work)
    assert (item.id, item.channel, item.decoy, item.attempts) == ("delivery", Channel.SMS, False, 0)
    assert item.expires_at == NOW + HOUR
    assert b"123456" not in item.sealed
    assert b"13800138000" not in item.sealed
    body = json.loads(VAULT.open(item.sealed, "delivery"))
    assert (body["to"], body["variables"]["code"]) == ("+8613800138000", "123456")


@pytest.mark.parametrize("decoy", [False, True])
async def test_a_commit_tells_of_what_it_put_in(work: SqlWork, *, decoy: bool) -> None:
    """Whoever delivers is told at the commit, for a decoy as well (R2), and not of what was rolled back."""
    told = []
    telling = SqlWork(work.engine, AUDIT_KEY, VAULT, when_filled=lambda: told.append(1))
    async with telling() as unit:
        await unit.outbox.put(a_delivery(decoy=decoy), NOW)
        assert not told
        await unit.commit()
        assert told == [1]
        await unit.outbox.put(a_delivery("later"), NOW)
    await lease(telling)
    assert told == [1]


async def test_decoys_have_the_same_size(work: SqlWork) -> None:
    """R2: a decoy's row is as long as that of a delivery with other contents."""
    await put(work, a_delivery("a"), a_delivery("b", to="+861", variables={"code": "1"}, decoy=True))
    sizes = await kept_contents(work)
    assert sizes["a"] == sizes["b"]
    assert sizes["a"] == PADDED + 29


async def test_the_same_id_is_stored_once(work: SqlWork) -> None:
    """A delivery that is put again, even after it was sent, is not delivered again."""
    await put(work, a_delivery(), a_delivery())
    assert len(await lease(work)) == 1
    async with work() as unit:
        await unit.outbox.sent("delivery", NOW)
        await unit.commit()
    await put(work, a_delivery())
    assert await lease(work, NOW + HOUR) == []


async def test_what_is_not_committed_is_not_delivered(work: SqlWork) -> None:
    """A delivery of a unit of work that was rolled back is never leased."""
    async with work() as unit:
        await unit.outbox.put(a_delivery(), NOW)
    assert await lease(work) == []


async def test_a_lease_keeps_others_away_until_it_ends(work: SqlWork) -> None:
    """A leased item is not given again until the very end of its lease, then it is."""
    await put(work, a_delivery())
    assert len(await lease(work)) == 1
    assert await lease(work, NOW + 59 * SECOND) == []
    assert len(await lease(work, NOW + 60 * SECOND)) == 1


async def test_parallel_workers_share_the_items(work: SqlWork) -> None:
    """Ten workers at the same moment get every item exactly once."""
    await put(work, *(a_delivery(f"d{number}") for number in range(20)))
    batches = await asyncio.gather(*(lease(work, limit=3) for _ in range(10)))
    rest = await lease(work, limit=20)
    ids = [item.id for batch in [*batches, rest] for item in batch]
    assert sorted(ids) == sorted(f"d{number}" for number in range(20))


async def test_items_come_in_order_up_to_the_limit(work: SqlWork) -> None:
    """The oldest come first, not more than asked for, none before it is due."""
    await put(work, a_delivery("late"), at=NOW + SECOND)
    await put(work, a_delivery("b"), a_delivery("a"))
    assert [item.id for item in await lease(work, limit=1)] == ["a"]
    assert [item.id for item in await lease(work)] == ["b"]
    assert [item.id for item in await lease(work, NOW + SECOND)] == ["late"]


async def test_a_sent_item_is_blanked(work: SqlWork) -> None:
    """Sending blanks the content in the same update, and the item is not given again."""
    await put(work, a_delivery())
    async with work() as unit:
        await unit.outbox.sent("delivery", NOW)
        await unit.commit()
    assert await kept_contents(work) == {"delivery": None}
    assert await lease(work, NOW + HOUR) == []


async def test_a_later_item_waits_and_counts(work: SqlWork) -> None:
    """An item put off is due at its new moment, with one more attempt."""
    await put(work, a_delivery())
    async with work() as unit:
        await unit.outbox.later("delivery", NOW + SECOND)
        await unit.commit()
    assert await lease(work) == []
    assert [item.attempts for item in await lease(work, NOW + SECOND)] == [1]


async def test_an_item_given_up_stays_so(work: SqlWork) -> None:
    """A failed item is blanked and neither sent nor tried again."""
    await put(work, a_delivery())
    async with work() as unit:
        await unit.outbox.give_up("delivery", NOW)
        await unit.outbox.later("delivery", NOW)
        await unit.commit()
    assert await kept_contents(work) == {"delivery": None}
    assert await lease(work, NOW + HOUR) == []


async def test_an_expired_item_is_dropped_instead(work: SqlWork) -> None:
    """R4: an item is given until just before its end; at its end it is blanked and never sent."""
    await put(work, a_delivery("a", expires_at=NOW + SECOND), a_delivery("b", expires_at=NOW + 2 * SECOND))
    assert [item.id for item in await lease(work, NOW + SECOND)] == ["b"]
    contents = await kept_contents(work)
    assert (contents["a"], contents["b"] is None) == (None, False)


async def test_what_belongs_to_a_topic_is_dropped(work: SqlWork) -> None:
    """Dropping a topic blanks what is unsent of it, leased or not, and nothing else."""
    await put(work, a_delivery("a"), a_delivery("b"), a_delivery("c", topic="other"))
    await lease(work, limit=1)
    async with work() as unit:
        assert await unit.outbox.drop("challenge", NOW) == 2
        assert await unit.outbox.drop("challenge", NOW) == 0
        await unit.commit()
    assert [item.id for item in await lease(work)] == ["c"]


async def test_old_blanked_rows_are_deleted(work: SqlWork) -> None:
    """Finished rows older than the moment go; waiting ones stay however old."""
    await put(work, a_delivery("old"), a_delivery("new"), a_delivery("waiting"), at=NOW - HOUR)
    async with work() as unit:
        await unit.outbox.sent("old", NOW - SECOND)
        await unit.outbox.give_up("new", NOW)
        assert await unit.outbox.forget_before(NOW) == 1
        await unit.commit()
    assert set(await kept_contents(work)) == {"new", "waiting"}


async def test_a_veto_is_found_by_its_token(work: SqlWork) -> None:
    """Every field of a veto survives; another token finds nothing, the same one twice is a conflict."""
    async with work() as unit:
        await unit.vetoes.add(a_veto(gave_proof=True, used_at=NOW))
        assert await unit.vetoes.by_token_hash("token-veto") == a_veto(gave_proof=True, used_at=NOW)
        assert await unit.vetoes.by_token_hash("other") is None
        with pytest.raises(ConflictError):
            await unit.vetoes.add(a_veto("other", token_hash="token-veto"))


async def test_a_veto_is_used_once(work: SqlWork) -> None:
    """R12: of twenty uses at the same moment exactly one counts."""
    async with work() as unit:
        await unit.vetoes.add(a_veto())
        await unit.commit()

    async def use() -> bool:
        async with work() as unit:
            won = await unit.vetoes.use("veto", NOW)
            await unit.commit()
        return won

    assert sum(await asyncio.gather(*(use() for _ in range(20)))) == 1
    async with work.reading() as unit:
        assert await unit.vetoes.by_token_hash("token-veto") == a_veto(used_at=NOW)


async def test_a_veto_ends_at_its_moment(work: SqlWork) -> None:
    """R12: a veto is good a microsecond before its end, not at it; an unknown one never."""
    async with work() as unit:
        await unit.vetoes.add(a_veto())
        assert not await unit.vetoes.use("other", NOW)
        assert not await unit.vetoes.use("veto", NOW + HOUR)
        assert await unit.vetoes.use("veto", NOW + HOUR - SECOND / 1_000_000)


async def test_used_vetoes_of_a_contact_are_counted(work: SqlWork) -> None:
    """R12: a contact's vetoes used at or after the moment count."""
    async with work() as unit:
        await unit.vetoes.add(a_veto("a", used_at=NOW))
        await unit.vetoes.add(a_veto("b", used_at=NOW + SECOND))
        await unit.vetoes.add(a_veto("open"))
        await unit.vetoes.add(a_veto("foreign", contact_id="other", used_at=NOW))
        assert await unit.vetoes.used_by_contact_since("id-alice.phone", NOW) == 2
        assert await unit.vetoes.used_by_contact_since("id-alice.phone", NOW + SECOND) == 1


async def test_vetoes_of_removed_contacts_end(work: SqlWork) -> None:
    """R12: open vetoes of contacts that are gone end at once; kept and foreign ones do not."""
    async with work() as unit:
        for name, fields in (
            ("gone", {}),
            ("kept", {"contact_id": "kept"}),
            ("used", {"used_at": NOW}),
            ("foreign", {"account_id": "id-bob"}),
        ):
            await unit.vetoes.add(a_veto(name, **fields))
        assert await unit.vetoes.end_of_contacts("id-alice", ["kept"], NOW) == 1
        assert not await unit.vetoes.use("gone", NOW)
        assert await unit.vetoes.use("foreign", NOW)
        assert await unit.vetoes.end_of_contacts("id-alice", [], NOW) == 1
        assert not await unit.vetoes.use("kept", NOW)


async def test_digest_lines_are_taken_once(work: SqlWork) -> None:
    """R12: lines of a domain come in order, once; a domain is due when its oldest line is old enough."""
    async with work() as unit:
        await unit.digests.add("b.example", {"n": "1"}, NOW)
        await unit.digests.add("b.example", {"n": "2"}, NOW + HOUR)
        await unit.digests.add("a.example", {"n": "3"}, NOW + SECOND)
        assert await unit.digests.due(NOW) == []
        assert await unit.digests.due(NOW + SECOND) == ["b.example"]
        assert await unit.digests.due(NOW + 2 * SECOND) == ["a.example", "b.example"]
        assert await unit.digests.take("b.example") == [{"n": "1"}, {"n": "2"}]
        assert await unit.digests.take("b.example") == []
        assert await unit.digests.due(NOW + HOUR) == ["a.example"]
