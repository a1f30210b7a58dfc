"""One turn of the chat: what is known is not asked again, and what only the store knows is not missed."""

from __future__ import annotations

import pytest

from recovery_core.adapters.sql.engine import SqliteEngine, watched
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases.events import Event, announce
from tests.portal_house import Chat


async def test_the_stored_line_and_its_replies_are_not_read_again(chat: Chat) -> None:
    """A turn looks for what is unanswered once, when it stores the line, and never reads a reply back."""
    work = chat.portal.house.parts.work
    assert isinstance(work, SqlWork)
    asked: list[str] = []
    with watched(work.engine, lambda sql, _values: asked.append(sql)):
        await chat.say("hello")

    of_lines = [sql for sql in asked if sql.startswith("SELECT") and "FROM lines" in sql]
    assert len(of_lines) == 1
    assert len([sql for sql in asked if "FROM conversations" in sql]) == 1


async def test_a_notice_comes_before_the_answer_that_is_handed_over(chat: Chat) -> None:
    """What was said at once of a line is among the replies of whoever waits, as it is in the store."""
    replies = await chat.say("hello, my password is Harbour-Crane-18")
    again = await chat.portal.house.furnishing.turns.replies(*await _last_said(chat), 0)

    assert replies[0]["kind"] == "notice"
    assert [reply["id"] for reply in replies] == [str(line.seq) for line in again[1]]


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
    work = chat.portal.house.parts.work
    assert isinstance(work, SqlWork)
    assert isinstance(work.engine, SqliteEngine)
    pool = work.engine.pool_of_work
    synced: list[int] = []
    pool._sync_log = lambda: synced.append(pool._unsynced)  # type: ignore[method-assign]

    response = await chat.post({"text": "hello"}, wait=wait)

    assert response.status == (200 if wait else 202)
    assert synced == [1]


async def _last_said(chat: Chat) -> tuple[str, str]:
    turn = chat.portal.assistant.turns[-1]
    return turn.conversation_id, turn.message_id
