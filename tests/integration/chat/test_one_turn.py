"""One turn of the chat: what is known is not asked again, and what only the store knows is not missed."""

from __future__ import annotations

import asyncio
import errno
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest

from recovery_core.adapters.sql.engine import SqliteEngine, watched
from recovery_core.adapters.sql.sqlite_pool import SqlitePool
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases.events import Event, announce
from recovery_core.conversations.conversation import Line
from tests.portal_house import Chat, until


async def test_the_stored_line_and_its_replies_are_not_read_again(chat: Chat) -> None:
    """A turn looks for what is unanswered once, when it stores the line, and never reads a reply back."""
    with _asked(chat) as asked:
        await chat.say("hello")

    assert _looks_at_lines(asked) == 1
    assert len([sql for sql in asked if "FROM conversations" in sql]) == 1


async def test_a_pressed_button_is_not_read_again_either(chat: Chat) -> None:
    """A button takes the same way as a line."""
    await chat.say("I forgot the password of alice@example.com")
    with _asked(chat) as asked:
        await chat.press("method_sms")

    assert _looks_at_lines(asked) == 1


async def test_a_notice_comes_before_the_answer_that_is_handed_over(chat: Chat) -> None:
    """What was said at once of a line is among the replies of whoever waits, as it is in the store."""
    replies = await chat.say("hello, my password is Harbour-Crane-18")
    again = await chat.portal.house.furnishing.turns.replies(*await _last_said(chat), 0)

    assert replies[0]["kind"] == "notice"
    assert [reply["id"] for reply in replies] == [str(line.seq) for line in again[1]]


async def test_what_an_action_stores_itself_is_among_the_replies(chat: Chat) -> None:
    """The match number of a request, which Rasa never sees, is told to whoever waits for the answer."""
    await chat.say("I forgot my password dave@example.com")
    await chat.say("I lost my phone")
    await chat.press("administrator")
    told = await chat.press("request_administrator")

    assert any(re.search(r"\d{4} \d{4}", reply["text"] or "") for reply in told)


async def test_an_older_line_is_answered_first(chat: Chat) -> None:
    """A line that nobody woke the turns for is answered before the one that was said after it."""
    await chat.say("hello")
    talk, _ = await _last_said(chat)
    async with chat.portal.house.parts.work() as work:
        await announce(work, chat.portal.house.parts, talk, Event.CASE_EXPIRED)
        await work.commit()

    await chat.say("hello again", key="after")

    turns = chat.portal.assistant.turns
    assert turns[-2].intent == Event.CASE_EXPIRED.value
    assert turns[-1].message_id == "after"


async def test_nobody_who_left_is_remembered(chat: Chat) -> None:
    """Once a turn is over, nothing of it is kept for whoever waits."""
    await chat.say("hello")

    assert len(chat.portal.house.furnishing.turns._answers) == 0


@pytest.mark.parametrize("wait", [False, True])
async def test_a_line_is_acknowledged_once_it_is_safe(chat: Chat, wait: bool) -> None:  # noqa: FBT001
    """Without an answer that was stored after it, a line is synced before the browser is told."""
    chat.portal.assistant.down = True
    chat.portal.house.furnishing.turns._closed = wait  # nobody waits for an answer any more
    pool = _pool(chat)
    synced: list[int] = []
    pool._sync_log = lambda: synced.append(pool._unsynced)  # type: ignore[method-assign]

    response = await chat.post({"text": "hello"}, wait=wait)

    assert response.status == (200 if wait else 202)
    assert synced == [1]


async def test_an_answer_waits_for_its_line_to_be_safe(chat: Chat) -> None:
    """The line is synced while the assistant thinks, and no answer is given before; it waits for no more."""
    turns, pool = chat.portal.house.furnishing.turns, _pool(chat)
    stored, synced, begun = asyncio.Event(), list[str](), iter(("line", "replies"))
    held = {"line": threading.Event(), "replies": threading.Event()}
    store = turns._store

    async def note(
        line: Line, replies: Sequence[Mapping[str, object]], *, apologise: bool
    ) -> Sequence[Line] | None:
        told = await store(line, replies, apologise=apologise)
        stored.set()
        return told

    def sync() -> None:
        what = next(begun)
        held[what].wait(10)
        synced.append(what)

    turns._store, pool._sync_log = note, sync  # type: ignore[method-assign]
    answer = asyncio.ensure_future(chat.say("hello"))
    await stored.wait()
    for _ in range(3):  # an answer that is on its way arrives before these
        await chat.http.get("/healthz")
    early = answer.done()
    held["line"].set()

    assert [reply["kind"] for reply in await answer] == ["text"]
    assert not early
    assert synced == ["line"]
    held["replies"].set()


async def test_a_line_that_cannot_be_synced_is_not_acknowledged(chat: Chat) -> None:
    """A disk that fails is told to the browser; what was stored is answered again when it is asked for."""
    pool = _pool(chat)

    def sync() -> None:
        raise OSError(errno.EIO, "no disk")

    working, pool._sync_log = pool._sync_log, sync  # type: ignore[method-assign]
    refused = await chat.post({"text": "hello"}, key="once")
    pool._sync_log = working  # type: ignore[method-assign]
    taken = await chat.post({"text": "hello"}, key="once")

    assert refused.status == 503
    assert taken.status == 200
    assert len((await taken.json())["replies"]) == 1


async def test_a_line_comes_back_once_it_is_safe(chat: Chat) -> None:
    """A page forgets what it sent when the stream shows it, which it does after the sync and not before."""
    pool, free = _pool(chat), threading.Event()
    order: list[str] = []

    def sync() -> None:
        free.wait(10)
        order.append("safe")

    async with chat.events() as events:
        await events.next("reply")
        pool._sync_log = sync  # type: ignore[method-assign]
        seen = asyncio.ensure_future(events.next("said"))
        seen.add_done_callback(lambda _: order.append("seen"))
        answer = asyncio.ensure_future(chat.say("hello"))
        await until(lambda: len(chat.portal.assistant.turns) == 1)
        for _ in range(3):  # what is on its way arrives before these
            await chat.http.get("/healthz")
        free.set()
        await asyncio.gather(seen, answer)
    assert order[0] == "safe"
    assert "seen" in order


async def test_one_failure_of_the_disk_is_told(chat: Chat) -> None:
    """A line whose own sync failed is refused, although the disk works again when the browser is answered."""
    pool = _pool(chat)
    working, failed = pool._sync_log, []

    def sync() -> None:
        if not failed:
            failed.append("once")
            raise OSError(errno.EIO, "no disk")
        working()

    pool._sync_log = sync  # type: ignore[method-assign]
    refused = await chat.post({"text": "hello"})

    assert refused.status == 503


async def test_replies_are_synced_soon_and_until_that_succeeds(chat: Chat) -> None:
    """What was told before it was synced is synced without another line, also after a failure."""
    pool, loop, safe = _pool(chat), asyncio.get_running_loop(), asyncio.Event()
    tries: list[tuple[int, int]] = []

    def sync() -> None:
        tries.append((pool._safe, pool._unsynced))
        if len(tries) == 2:
            raise OSError(errno.EIO, "no disk")
        if len(tries) == 3:
            loop.call_soon_threadsafe(safe.set)

    pool._sync_log = sync  # type: ignore[method-assign]
    await chat.say("hello")
    async with asyncio.timeout(10):
        await safe.wait()

    safe_until, written = tries[1]
    assert safe_until < written == pool._unsynced
    assert tries[2] == tries[1]


def _engine(chat: Chat) -> SqliteEngine:
    work = chat.portal.house.parts.work
    assert isinstance(work, SqlWork)
    assert isinstance(work.engine, SqliteEngine)
    return work.engine


def _pool(chat: Chat) -> SqlitePool:
    return _engine(chat).pool_of_work


@contextmanager
def _asked(chat: Chat) -> Iterator[list[str]]:
    """Collect the statements that the store is asked."""
    asked: list[str] = []
    with watched(_engine(chat), lambda sql, _values: asked.append(sql)):
        yield asked


def _looks_at_lines(asked: Sequence[str]) -> int:
    return len([sql for sql in asked if sql.startswith("SELECT") and "FROM lines" in sql])


async def _last_said(chat: Chat) -> tuple[str, str]:
    turn = chat.portal.assistant.turns[-1]
    return turn.conversation_id, turn.message_id
