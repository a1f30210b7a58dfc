"""A person and somebody of the desk talk, live, and the assistant goes on afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.fake_assistant import FakeAssistant
from tests.fakes import FakeClock
from tests.integration.desk.house import agent, folder_database, staff, talking, texts, ticket_of
from tests.portal_house import Chat, PortalHouse, portal_house

OFFERED = "Please go on on this safe page."
TRY_AGAIN = "That code doesn't match. Please compare the digits and send it once more."


async def test_from_waiting_to_back(portal: PortalHouse, chat: Chat) -> None:
    """R15: the person waits, is taken, talks, is given back, and the case goes on where it was."""
    someone = await agent(portal)
    await chat.say("I forgot the password of alice@example.com")
    await chat.press("method_sms")
    asked = await chat.say("a human please")
    assert "back_to_assistant" in {button["name"] for reply in asked for button in reply["buttons"] or ()}
    ticket = await ticket_of(portal, chat)
    queue = await someone.get("/desk")
    assert ticket.number in queue.text
    turns = len(portal.assistant.turns)

    async with chat.events() as person, someone.watch_ticket(ticket) as watch:
        assert (await person.next("mode"))[2]["mode"] == "waiting"
        taken = await someone.act(ticket, "take")
        assert taken.status == 303, taken
        assert (await person.next("mode"))[2]["mode"] == "human"
        await watch.state(mode="human")
        assert await chat.say("I am in a lift") == []
        assert (await watch.line("I am in a lift"))["who"] == "person"
        await someone.act(ticket, "say", text="I am here", key="k1")
        while (reply := await person.reply())["kind"] != "agent":
            pass
        assert reply["text"] == "I am here"
        assert texts(await chat.say(f"{(int(await portal.code()) + 1) % 10**6:06d}")) == TRY_AGAIN
        assert len(portal.assistant.turns) == turns

        await someone.act(ticket, "give_back")
        assert (await person.next("mode"))[2]["mode"] == "bot"
        back = await person.reply()
        assert back["kind"] in {"text", "buttons", "form"}

    replies = await chat.say(await portal.code())
    assert {reply["form"]["purpose"] for reply in replies if reply["form"]} == {"password"}
    assert "lift" not in "".join(turn.text for turn in portal.assistant.turns)


async def test_the_person_leaves_by_the_button(portal: PortalHouse, chat: Chat) -> None:
    """The notice that a person is here carries the way back to the assistant, and it works."""
    someone = await agent(portal)
    ticket = await talking(portal, chat, someone)
    async with chat.events() as events:
        while not (reply := await events.reply())["buttons"] or reply["kind"] != "notice":
            pass
    chat.last = [reply]
    assert texts(await chat.press("back_to_assistant"))
    assert (await ticket_of(portal, chat)).state == "closed"
    assert (await someone.act(ticket, "say", text="hello?", key="k")).status == 409


async def _twenty(following: Callable[[], Awaitable[tuple[str, str | None, dict[str, Any]]]]) -> list[str]:
    """Return the next twenty lines that the two wrote."""
    lines: list[str] = []
    while len(lines) < 20:
        text = str((await following())[2]["text"])
        lines += [text] if text.startswith(("person ", "agent ")) else []
    return lines


async def test_both_write_at_once(portal: PortalHouse, chat: Chat) -> None:
    """Ten lines of each side at once: nothing is lost or doubled, and both see one order."""
    someone = await agent(portal)
    ticket = await talking(portal, chat, someone)
    async with chat.events() as person, someone.watch_ticket(ticket) as watch:
        await asyncio.gather(
            *(chat.post({"text": f"person {n}"}, wait=False) for n in range(10)),
            *(someone.act(ticket, "say", text=f"agent {n}", key=f"k{n}") for n in range(10)),
        )
        said = await _twenty(lambda: person.next("said", "reply"))
        told = await _twenty(lambda: watch.next("line"))
        assert await person.silent("said", "reply")
        assert await watch.silent("line")
    assert told == said
    assert sorted(said) == sorted(f"{side} {n}" for side in ("person", "agent") for n in range(10))


async def test_nobody_there(portal: PortalHouse, chat: Chat) -> None:
    """R15: without anybody at the desk the person stays with the assistant and has an honest ticket."""
    await staff(portal)
    replies = await chat.say("a human please")
    ticket = await ticket_of(portal, chat)
    assert ticket.number in texts(replies)
    async with chat.events() as events:
        assert (await events.next("mode"))[2]["mode"] == "bot"
    someone = await agent(portal)
    assert ticket.number in (await someone.get("/desk")).text
    assert (await someone.act(ticket, "take")).status == 303
    await someone.act(ticket, "say", text="Now I am here", key="k")
    async with chat.events() as events:
        assert (await events.next("mode"))[2]["mode"] == "human"


async def test_dropped_streams_go_on(portal: PortalHouse, chat: Chat) -> None:
    """Both streams drop during the talk and go on after the last id, with each line once."""
    someone = await agent(portal)
    ticket = await talking(portal, chat, someone)
    await chat.say("before")
    async with someone.watch_ticket(ticket) as watch:
        last = (await watch.line("before"))["id"]
    async with chat.events() as person:
        while (event := await person.next("said", "reply"))[2]["text"] != "before":
            pass
    await someone.act(ticket, "say", text="meanwhile", key="m")
    await chat.say("after")
    async with someone.watch_ticket(ticket, str(last)) as watch:
        assert [(await watch.next("line"))[2]["text"] for _ in range(2)] == ["meanwhile", "after"]
    async with chat.events(event[1]) as person:
        lines = [(await person.next("said", "reply"))[2]["text"] for _ in range(2)]
    assert lines == ["meanwhile", "after"]


async def test_a_restart_with_messages_under_way(folder: Path, clock: FakeClock) -> None:
    """A desk that dies between storing and answering loses nothing, and sending again doubles nothing."""
    assistant = FakeAssistant()
    async with portal_house(folder, clock=clock, assistant=assistant) as first:
        chat, someone = await first.chat(), await agent(first)
        ticket = await talking(first, chat, someone)
        await chat.post({"text": "is anybody there"}, wait=False, key="p1")
        await someone.act(ticket, "say", text="yes", key="a1")
        cookies = [browser.http.session.cookie_jar for browser in (chat, someone)]
    turns = len(assistant.turns)

    async with portal_house(folder, clock=clock, assistant=assistant) as second:
        chat.http, someone.http = await second.client(), await second.client()
        for http, jar in zip((chat.http, someone.http), cookies, strict=True):
            http.session.cookie_jar.update_cookies({c.key: c.value for c in jar})
        await chat.post({"text": "is anybody there"}, wait=False, key="p1")
        assert (await someone.act(ticket, "say", text="yes", key="a1")).status == 303
        await someone.act(ticket, "say", text="go on", key="a2")
        async with someone.watch_ticket(ticket) as watch:
            lines: list[str] = []
            while not lines or lines[-1] != "go on":
                lines.append((await watch.next("line"))[2]["text"])
    assert lines.count("is anybody there") == lines.count("yes") == 1
    assert len(assistant.turns) == turns


async def test_typing_both_ways(portal: PortalHouse, chat: Chat) -> None:
    """Each side learns that the other writes; a sent line ends it, and the assistant learns nothing."""
    someone = await agent(portal)
    assert (await chat.http.post("/api/chat/typing", json={"on": True})).status == 204
    ticket = await talking(portal, chat, someone)
    async with chat.events() as person, someone.watch_ticket(ticket) as watch:
        await watch.state(typing=False)
        assert (await chat.http.post("/api/chat/typing", json={"on": True})).status == 204
        await watch.state(typing=True)
        await chat.say("done")
        await watch.state(typing=False)
        await someone.act(ticket, "typing", on="1")
        assert (await person.next("typing"))[2] == {"on": True}
        await someone.act(ticket, "say", text="I see", key="k")
        assert (await person.next("typing"))[2] == {"on": False}
    assert (await chat.http.post("/api/chat/typing", json={"on": "yes"})).status == 400
    assert (await (await portal.client()).post("/api/chat/typing", json={"on": True})).status == 401


async def test_masked_both_ways(portal: PortalHouse, chat: Chat) -> None:
    """R16: a password or code is hidden whoever writes it, before anybody else or the database sees it."""
    someone = await agent(portal)
    ticket = await talking(portal, chat, someone)
    await chat.say("my password is SecretHorse77!")
    await someone.act(ticket, "say", text="try the password Wild_Goose88 then", key="k1")
    await someone.act(ticket, "say", text="482 913", key="k2")
    await someone.act(ticket, "note", text="they use password Third_Cat99 everywhere")
    page = (await someone.get(f"/desk/tickets/{ticket.id}")).text
    async with chat.events() as events:
        shown = "".join([str(await events.next("said", "reply")) for _ in range(8)])
    stored = (folder_database(portal)).read_bytes()
    for secret in ("SecretHorse77!", "Wild_Goose88", "482 913", "Third_Cat99"):
        assert secret not in page
        assert secret not in shown
        assert secret.encode() not in stored
        assert secret not in "".join(turn.text for turn in portal.assistant.turns)


async def test_an_agent_offers_a_secure_form(portal: PortalHouse, chat: Chat) -> None:
    """The offered form fits the case and opens for the person only; the desk never sees its link."""
    someone = await agent(portal)
    await chat.say("I forgot the password of alice@example.com")
    await chat.press("method_sms")
    ticket = await talking(portal, chat, someone)
    assert (await someone.act(ticket, "offer", purpose="password", key="k1")).status == 422
    assert (await someone.act(ticket, "offer", purpose="code", key="k2")).status == 303
    async with chat.events() as events:
        while not (reply := await events.reply())["form"] or reply["text"] != OFFERED:
            pass
    assert reply["form"]["purpose"] == "code"
    assert (await chat.http.get(reply["form"]["url"])).status == 200
    assert "/secure/" not in (await someone.get(f"/desk/tickets/{ticket.id}")).text
