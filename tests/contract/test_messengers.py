"""The messengers' inbox and their bindings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from recovery_core.adapters.sql.tables.channels import CHANNEL_BINDINGS, CHANNEL_EVENTS
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.conversations.conversation import LineKind
from recovery_core.conversations.messengers import Backlog, Binding, InboxItem
from recovery_core.errors import ConflictError
from tests.contract.samples import HOUR, NOW, SECOND, an_account, with_accounts, with_conversation

LONE_SURROGATE = "\ud83d \x00"


def an_item(event: str = "e-1", **fields: Any) -> InboxItem:  # noqa: ANN401
    """Return an event of an account."""
    usual: dict[str, Any] = {
        "account_key": "key-1",
        "happened_at": NOW,
        "arrived_at": NOW,
        "content": {"text": "hello 832117"},
    }
    return InboxItem("plain", "corp", event, **usual | fields)


def a_binding(talk: str = "talk", **fields: Any) -> Binding:  # noqa: ANN401
    """Return a binding of an account."""
    usual: dict[str, Any] = {
        "account_key": "key-1",
        "target": {"account": "u-secret", "room": "r"},
        "created_at": NOW,
    }
    return Binding(talk, "plain", "corp", **usual | fields)


async def put(work: SqlWork, *items: InboxItem) -> None:
    """Store *items*."""
    async with work() as unit:
        await unit.inbox.put(items)
        await unit.commit()


async def waiting(work: SqlWork, key: str = "key-1") -> list[InboxItem]:
    """Return what waits for an account, without the store's numbers."""
    async with work.reading() as unit:
        return [replace(item, seq=0) for item in await unit.inbox.waiting(key, 100)]


async def bound(work: SqlWork, binding: Binding) -> None:
    """Store *binding* and its conversation."""
    await with_conversation(work, binding.conversation_id)
    async with work() as unit:
        await unit.bindings.add(binding)
        await unit.commit()


async def test_an_event_is_stored_once_by_platform_tenant_and_id(work: SqlWork) -> None:
    """A redelivery, alone or in a batch with itself, changes nothing; another tenant's event is its own."""
    await put(work, an_item(), an_item(content={"text": "again"}))
    await put(work, an_item(content={"text": "again"}))
    await put(work, replace(an_item(), tenant="other"))
    assert await waiting(work) == [an_item(), replace(an_item(), tenant="other")]
    await put(work)


async def test_parallel_redeliveries_store_one(work: SqlWork) -> None:
    """Twenty deliveries at once are one event."""
    await asyncio.gather(*(put(work, an_item()) for _ in range(20)))
    assert await waiting(work) == [an_item()]


async def test_what_happened_first_comes_first(work: SqlWork) -> None:
    """Order is the platform's time, then the arrival; accounts come by who waits longest."""
    late, early = an_item("late", happened_at=NOW + SECOND), an_item("early")
    other = an_item("other", account_key="key-2")
    await put(work, other, late, early, an_item("early-2"))
    assert [item.event_id for item in await waiting(work)] == ["early", "early-2", "late"]
    async with work.reading() as unit:
        assert await unit.inbox.accounts(10) == ["key-2", "key-1"]
        assert await unit.inbox.accounts(1) == ["key-2"]


async def test_done_is_done_once_and_blanks_the_content(work: SqlWork) -> None:
    """One call wins; nothing waits any more, and a redelivery does not bring it back."""
    await put(work, an_item())
    async with work() as unit:
        [item] = await unit.inbox.waiting("key-1", 10)
        assert await unit.inbox.done(item.seq, NOW)
        assert not await unit.inbox.done(item.seq, NOW)
        await unit.commit()
    await put(work, an_item())
    assert await waiting(work) == []
    async with work.engine.connect() as connection:
        assert (await connection.execute(select(CHANNEL_EVENTS.c.sealed))).all() == [(None,)]


async def test_content_is_sealed_and_comes_back_whole(work: SqlWork) -> None:
    """The column holds no word of it, and whatever a messenger may send survives."""
    content = {"text": f"my code is 832117 {LONE_SURROGATE}", "target": {"account": "u-secret"}}
    await put(work, an_item(content=content))
    assert (await waiting(work))[0].content == content
    async with work.engine.connect() as connection:
        [sealed] = (await connection.execute(select(CHANNEL_EVENTS.c.sealed))).scalars().all()
    assert b"832117" not in sealed
    assert b"u-secret" not in sealed


async def test_a_remembered_event_has_no_content(work: SqlWork) -> None:
    """It is new once, waits for nobody and keeps a later delivery from being stored."""
    async with work() as unit:
        assert await unit.inbox.remember(an_item())
        assert not await unit.inbox.remember(an_item())
        await unit.commit()
    await put(work, an_item())
    assert await waiting(work) == []


async def test_failures_are_counted_and_the_backlog_is_measured(work: SqlWork) -> None:
    """Tries in vain count up; the backlog knows how many wait and since when."""
    await put(work, an_item(), an_item("e-2", arrived_at=NOW + HOUR))
    async with work() as unit:
        seq = (await unit.inbox.waiting("key-1", 1))[0].seq
        await unit.inbox.failed(seq)
        await unit.inbox.failed(seq)
        assert (await unit.inbox.waiting("key-1", 1))[0].attempts == 2
        assert await unit.inbox.backlog("plain") == Backlog(2, NOW)
        assert await unit.inbox.backlog("other") == Backlog(0, None)


async def test_only_what_is_done_is_forgotten(work: SqlWork) -> None:
    """Events done before the moment go; waiting ones stay however old they are."""
    await put(work, an_item(), an_item("e-2"), an_item("e-3"))
    async with work() as unit:
        first, second, _ = await unit.inbox.waiting("key-1", 10)
        await unit.inbox.done(first.seq, NOW)
        await unit.inbox.done(second.seq, NOW + SECOND)
        assert await unit.inbox.forget_before(NOW + SECOND) == 1
        assert await unit.inbox.forget_before(NOW + SECOND) == 0


async def test_a_binding_comes_back_whole(work: SqlWork) -> None:
    """By account and by conversation; its target is sealed; an account leads one conversation."""
    await bound(work, a_binding())
    await with_conversation(work, "other")
    async with work() as unit:
        assert await unit.bindings.of_account("key-1") == a_binding()
        assert await unit.bindings.of_conversation("talk") == a_binding()
        assert await unit.bindings.of_account("key-2") is None
        assert await unit.bindings.of_conversation("other") is None
    async with work.engine.connect() as connection:
        [sealed] = (await connection.execute(select(CHANNEL_BINDINGS.c.sealed))).scalars().all()
    assert b"u-secret" not in sealed
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.bindings.add(a_binding("other"))


async def test_a_binding_remembers_how_far_it_is(work: SqlWork) -> None:
    """What was sent, numbered, put off, addressed and found out is kept; a sending ends a failure."""
    await bound(work, a_binding())
    async with work() as unit:
        await unit.bindings.later("talk", NOW + HOUR)
        await unit.bindings.later("talk", NOW + HOUR)
        await unit.bindings.retarget("talk", {"account": "u-secret", "room": "new"})
        await unit.bindings.numbered("talk", 4)
        await unit.bindings.owned("talk", "id-alice", NOW)
        found = await unit.bindings.of_conversation("talk")
        assert found is not None
        assert (found.attempts, found.due_at, found.choices_seq) == (2, NOW + HOUR, 4)
        assert (found.target["room"], found.owner_id, found.asked_at) == ("new", "id-alice", NOW)
        await unit.bindings.sent("talk", 7, 2)
        found = await unit.bindings.of_conversation("talk")
        assert found is not None
        assert (found.sent_seq, found.sent_part, found.attempts, found.due_at) == (7, 2, 0, None)


async def test_behind_is_who_has_unsent_replies_that_are_due(work: SqlWork) -> None:
    """A reply after the mark counts, what people say does not, and a put-off one waits for its time."""
    await bound(work, a_binding())
    async with work() as unit:
        await unit.conversations.append("talk", LineKind.SAID, "m", {"text": "hello"}, NOW)
        assert await unit.bindings.behind(["plain"], NOW, 10) == []
        reply = await unit.conversations.append("talk", LineKind.REPLY, "m", {"text": "hi"}, NOW)
        assert reply is not None
        assert await unit.bindings.behind(["plain"], NOW, 10) == ["talk"]
        assert await unit.bindings.behind(["other"], NOW, 10) == []
        await unit.bindings.later("talk", NOW + HOUR)
        assert await unit.bindings.behind(["plain"], NOW + HOUR - timedelta(microseconds=1), 10) == []
        assert await unit.bindings.behind(["plain"], NOW + HOUR, 10) == ["talk"]
        await unit.bindings.sent("talk", reply.seq, 0)
        assert await unit.bindings.behind(["plain"], NOW + HOUR, 10) == []


async def test_a_forgotten_conversation_takes_its_binding_along(work: SqlWork) -> None:
    """The account begins anew afterwards."""
    await bound(work, a_binding())
    async with work() as unit:
        await unit.conversations.forget_before(NOW + HOUR)
        assert await unit.bindings.of_account("key-1") is None


async def test_a_number_leads_to_every_account_that_has_it(work: SqlWork) -> None:
    """Two companies may use one number; none and another find nobody."""
    await with_accounts(
        work,
        an_account(employee_number="E1001"),
        an_account("bob", employee_number="E1001"),
        an_account("carol", employee_number="E1002"),
        an_account("dave"),
    )
    async with work.reading() as unit:
        found = await unit.accounts.by_employee_number("E1001")
        assert [account.id for account in found] == ["id-alice", "id-bob"]
        assert await unit.accounts.by_employee_number("e1001") == []
        assert await unit.accounts.by_employee_number("") == []
