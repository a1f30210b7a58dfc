"""The event stream: complete, resumable, the same for every tab."""

from __future__ import annotations

import asyncio

import pytest

from portal.chat.sse import MOST_STREAMS
from tests.portal_house import Chat, PortalHouse, until

HEAD = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


async def test_the_stream_begins_with_the_mode_and_everything_said(chat: Chat) -> None:
    """A stream without a last id tells the mode and the whole conversation, with rising ids."""
    replies = await chat.say("I forgot my password")

    async with chat.events() as events:
        name, number, mode = await events.next()
        assert (name, number, mode["mode"], mode["demo"]) == ("mode", None, "bot", True)
        seen = [await events.next("reply", "said") for _ in range(3)]
        assert {key: events.response.headers[key] for key in HEAD} == HEAD
    assert [name for name, _, _ in seen] == ["reply", "said", "reply"]
    ids = [int(number or 0) for _, number, _ in seen]
    assert ids == sorted(set(ids))
    assert seen[-1][2] == replies[-1]


async def test_ids_of_events_are_those_of_replies(chat: Chat) -> None:
    """The ids in the stream equal the ids in the replies of ?wait=1."""
    replies = await chat.say("I forgot the password of alice@example.com")
    replies += await chat.press("method_sms")

    async with chat.events(str(int(replies[0]["id"]) - 1)) as events:
        got = [await events.next("reply") for _ in replies]
    assert [(number, body) for _, number, body in got] == [(r["id"], r) for r in replies]


async def test_a_stream_goes_on_where_it_ended(chat: Chat) -> None:
    """Last-Event-ID leaves out what was seen, and only that."""
    first = await chat.say("hello")
    second = await chat.say("I forgot my password")

    async with chat.events(first[-1]["id"]) as events:
        assert (await events.next("reply", "said"))[0] == "said"
        assert (await events.reply())["id"] == second[0]["id"]
        assert await events.silent("reply", "said")


@pytest.mark.parametrize("last", ["", "x", "-1", "1.5", "1e3", "9" * 30, "０", "' OR 1=1", "0x10"])
async def test_an_unreadable_last_id(chat: Chat, last: str) -> None:
    """A last id that is no number starts from the beginning."""
    async with chat.events(last) as events:
        assert (await events.reply())["kind"] == "text"


async def test_a_last_id_from_the_future(chat: Chat) -> None:
    """A last id beyond everything said gives nothing old."""
    async with chat.events("999999999999999999") as events:
        assert await events.silent("reply")


async def test_two_tabs_see_the_same(chat: Chat) -> None:
    """What one tab says appears in every tab, once and in the same order."""
    async with chat.events() as one, chat.events() as other:
        await one.reply()
        await other.reply()
        await chat.say("I forgot my password")
        lines = [[await tab.next("said", "reply") for _ in range(2)] for tab in (one, other)]
    assert lines[0] == lines[1]
    assert [name for name, _, _ in lines[0]] == ["said", "reply"]


async def test_nothing_said_between_two_looks_is_missed(chat: Chat) -> None:
    """Fifteen messages sent while the stream is read arrive all, in order, none twice."""
    async with chat.events() as events:
        await events.reply()
        await asyncio.gather(*(chat.post({"text": f"hello {n}"}, wait=False) for n in range(15)))
        seen = [await events.next("said", "reply") for _ in range(30)]
        assert await events.silent("said", "reply")
    ids = [int(number or 0) for _, number, _ in seen]
    assert ids == sorted(set(ids))


async def test_typing_is_told(chat: Chat) -> None:
    """While the assistant works the stream says so, and says when it is done."""
    chat.portal.assistant.gate = asyncio.Event()
    async with chat.events() as events:
        await events.reply()
        await chat.post({"text": "hello"}, wait=False)
        assert (await events.next("typing"))[2] == {"on": True}
        chat.portal.assistant.gate.set()
        assert (await events.next("typing"))[2] == {"on": False}


async def test_a_line_is_seen_before_its_answer(chat: Chat) -> None:
    """Other tabs see what was said while the assistant is still at work on something else."""
    chat.portal.assistant.gate = asyncio.Event()
    async with chat.events() as events:
        await chat.post({"text": "first"}, wait=False)
        await chat.post({"text": "second"}, wait=False)
        assert [(await events.next("said"))[2]["text"] for _ in range(2)] == ["first", "second"]
    chat.portal.assistant.gate.set()


async def test_links_in_the_stream_stay_the_same(chat: Chat) -> None:
    """A form's link is derived, not stored: reading the stream again gives the same one."""
    await chat.say("I forgot the password of alice@example.com")
    url = (await chat.press("method_sms"))[0]["form"]["url"]

    async with chat.events(str(int(chat.last[0]["id"]) - 1)) as events:
        assert (await events.reply())["form"]["url"] == url
    token = url.rpartition("/")[2].encode()
    assert not any(token in path.read_bytes() for path in chat.portal.folder.rglob("*.db*"))


async def test_streams_are_counted(chat: Chat) -> None:
    """One conversation may have many tabs, but not any number of them; a closed tab makes room."""
    streams = [await chat.http.get("/api/chat/events") for _ in range(MOST_STREAMS)]

    refused = await chat.http.get("/api/chat/events")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "15")

    streams.pop().close()
    async with asyncio.timeout(5):
        while (again := await chat.http.get("/api/chat/events")).status == 429:
            again.release()
    for stream in (*streams, again):
        stream.close()


async def test_nobody_listens_after_the_browser_left(portal: PortalHouse) -> None:
    """A closed stream leaves no listener behind."""
    chat = await portal.chat()
    async with chat.events() as events:
        await events.reply()
        assert len(portal.news) == 1
    await until(lambda: len(portal.news) == 0)
