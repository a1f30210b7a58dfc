"""When the assistant, the database or the portal itself goes away: nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal.chat.turns import LONGEST_WAIT, MOST_FAILURES, SLOW_AFTER, Turns
from recovery_core.adapters.sql.unit_of_work import SqlWork
from tests.fake_assistant import FakeAssistant
from tests.fakes import FakeClock
from tests.portal_house import Chat, PortalHouse, portal_house, until


class Pauses:
    """Counts pauses instead of making them; the notice's pause can be let through by hand."""

    def __init__(self) -> None:
        """Start without any pause."""
        self.made: list[float] = []
        self.slow = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        """Return at once, or for the notice when :attr:`slow` is set."""
        if seconds == SLOW_AFTER:
            await self.slow.wait()
            return
        self.made.append(seconds)
        await asyncio.sleep(0.001)


@pytest.fixture
def pauses(portal: PortalHouse) -> Pauses:
    """Let the portal's turns try again at once."""
    made = Pauses()
    portal.house.furnishing.turns._pause = made
    return made


async def test_an_assistant_that_comes_back(portal: PortalHouse, pauses: Pauses) -> None:
    """While it is away the person is told once; then each line is answered once, in order."""
    chat = await portal.chat()
    portal.assistant.down = True
    await chat.post({"text": "I forgot my password"}, wait=False, key="first")
    await chat.post({"text": "alice@example.com"}, wait=False, key="second")
    pauses.slow.set()
    async with chat.events() as events:
        await events.reply()
        notice = await events.reply()
        assert (notice["kind"], notice["buttons"]) == ("notice", None)
        pauses.slow.clear()
        await until(lambda: len(pauses.made) >= 8)
        portal.assistant.down = False
        asked, offered = await events.reply(), await events.reply()
        assert (asked["kind"], offered["kind"]) == ("text", "buttons")
        assert await events.silent("reply")
    assert [turn.message_id for turn in portal.assistant.turns] == ["first", "second"]
    assert pauses.made[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, LONGEST_WAIT]


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_an_answer_lost_on_its_way(portal: PortalHouse, pauses: Pauses, lost: str) -> None:
    """An answer that is lost after its action ran comes again, and the action does not run again."""
    chat = await portal.chat()
    await chat.say("I forgot the password of alice@example.com")
    portal.assistant.lose = lost

    replies = await chat.press("method_sms")

    assert [r["form"]["purpose"] for r in replies] == ["code"]
    assert len(pauses.made) == 1
    assert len([m for m in await portal.outbox() if m["code"]]) == 1


async def test_a_line_that_cannot_be_answered(portal: PortalHouse, pauses: Pauses) -> None:
    """An assistant that is there but fails at one line gets twelve tries, then the next line has its turn."""
    chat = await portal.chat()
    portal.assistant.failing = MOST_FAILURES

    broken = await chat.say("hello")
    assert [(r["kind"], r["buttons"]) for r in broken] == [("notice", None)]
    assert len(pauses.made) == MOST_FAILURES
    assert (await chat.say("I forgot my password"))[0]["kind"] == "text"


async def test_a_line_answered_at_the_last_try(portal: PortalHouse, pauses: Pauses) -> None:
    """One failure fewer, and the line is answered."""
    chat = await portal.chat()
    portal.assistant.failing = MOST_FAILURES - 1

    assert (await chat.say("I forgot my password"))[0]["kind"] == "text"
    assert len(pauses.made) == MOST_FAILURES - 1


@pytest.mark.parametrize(
    "odd",
    [
        [{"text": "x", "buttons": [{"title": "t", "payload": "/restart"}]}],
        [{"text": "x", "buttons": [{"title": "t"}]}],
        [{"text": "x", "custom": {"form": "elsewhere"}}],
        ["words"],
        [{"text": "x", "custom": "words"}],
        7,
    ],
)
async def test_an_answer_that_makes_no_sense(portal: PortalHouse, pauses: Pauses, odd: object) -> None:
    """Replies with unknown buttons, forms or shapes are never shown; the assistant is asked again."""
    chat = await portal.chat()
    portal.assistant.odd_replies = [odd]

    assert (await chat.say("I forgot my password"))[0]["kind"] == "text"
    assert len(pauses.made) == 1


async def test_a_form_the_case_is_not_ready_for(chat: Chat) -> None:
    """An assistant that asks for a password form without a proof gets none (the core alone decides)."""
    await chat.say("I forgot the password of alice@example.com")
    chat.portal.assistant.odd_replies = [[{"text": "here", "custom": {"form": "password"}}]]

    replies = await chat.say("hello")

    assert [(r["kind"], r["form"]) for r in replies] == [("text", None)]


async def test_a_portal_restarted_in_the_middle(folder: Path, clock: FakeClock) -> None:
    """A line that was taken but not answered is answered by the next portal on the same database."""
    assistant = FakeAssistant(down=True)
    async with portal_house(folder, clock=clock, assistant=assistant) as portal:
        chat = await portal.chat()
        await chat.post({"text": "I forgot my password"}, wait=False)
        cookies = {cookie.key: cookie.value for cookie in chat.http.session.cookie_jar}
    assistant.down = False
    async with portal_house(folder, clock=clock, assistant=assistant) as portal:
        polling = asyncio.create_task(portal.house.furnishing.turns.poll())
        again = Chat(portal, await portal.client(headers={"Cookie": f"rekey={cookies['rekey']}"}))
        async with again.events() as events:
            await events.reply()
            assert (await events.next("said"))[2]["text"] == "I forgot my password"
            assert (await events.reply())["kind"] == "text"
        polling.cancel()
    assert len(assistant.turns) == 1


async def test_a_slow_answer_is_not_lost(portal: PortalHouse) -> None:
    """A browser that leaves while it waits finds the answer when it comes back."""
    chat = await portal.chat()
    portal.assistant.gate = asyncio.Event()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await chat.say("I forgot my password", key="k")
    portal.assistant.gate.set()

    assert (await chat.say("I forgot my password", key="k"))[0]["kind"] == "text"
    assert len(portal.assistant.turns) == 1


@contextmanager
def without_database(portal: PortalHouse) -> Iterator[None]:
    """Take the database away for the time of the block."""
    file = portal.folder / "rekey.db"
    file.rename(portal.folder / "elsewhere.db")
    file.mkdir()
    yield
    file.rmdir()
    (portal.folder / "elsewhere.db").rename(file)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_database_that_is_away(portal: PortalHouse, language: str) -> None:
    """Without the database every door says in the person's language when to come back; then all goes on."""
    chat = await portal.chat(language)
    chat.http.session.headers["Accept-Language"] = language
    await chat.say("I forgot my password")
    work = portal.house.parts.work
    assert isinstance(work, SqlWork)
    await work.engine.dispose()
    with without_database(portal):
        answers = [
            await chat.post({"text": "alice@example.com"}, key="k"),
            await chat.begin(),
            await chat.http.get("/api/chat/events"),
        ]
        for answer in answers:
            body = await answer.json()
            assert (answer.status, body["code"], answer.headers["Retry-After"]) == (503, "unavailable", "5")
            assert body["detail"].isascii() == (language == "en")
        assert (await chat.http.get("/readyz")).status == 503
        assert (await chat.http.get("/healthz")).status == 200

    assert (await chat.http.get("/readyz")).status == 200
    assert (await chat.say("alice@example.com", key="k"))[0]["kind"] == "buttons"


async def test_a_stream_ends_with_the_database(portal: PortalHouse) -> None:
    """An open stream ends cleanly when the database goes away; the browser opens another."""
    chat = await portal.chat()
    work = portal.house.parts.work
    assert isinstance(work, SqlWork)
    async with chat.events() as events:
        await events.reply()
        await work.engine.dispose()
        with without_database(portal):
            for conversation_id in list(portal.news._listeners):
                portal.news.tell(conversation_id)
            rest = await events.response.content.read()
    assert b"HTTP" not in rest


async def test_turns_leave_nothing_behind(portal: PortalHouse) -> None:
    """After its last line is answered a conversation costs no memory."""
    chats = [await portal.chat() for _ in range(5)]
    await asyncio.gather(*(chat.say("I forgot my password") for chat in chats))

    turns = portal.house.furnishing.turns
    await until(lambda: not turns._tasks)
    assert (len(turns._tasks), len(turns._busy), len(turns._again), len(portal.news)) == (0, 0, 0, 0)


async def test_nothing_starts_while_closing(portal: PortalHouse) -> None:
    """Turns that are closed take up nothing more."""
    turns: Turns = portal.house.furnishing.turns
    chat = await portal.chat()
    await turns.close()

    response = await chat.post({"text": "hello"}, wait=False)

    assert response.status == 202
    assert turns._tasks == {}
