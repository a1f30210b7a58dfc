"""Buttons and repeated messages: opaque ids of one conversation, and nothing that happens twice."""

from __future__ import annotations

import asyncio

import pytest

from tests.portal_house import Chat, PortalHouse


async def offered(portal: PortalHouse) -> Chat:
    """Return a chat that is offered the three methods."""
    chat = await portal.chat()
    await chat.say("I forgot the password of alice@example.com")
    return chat


async def test_button_ids_tell_nothing(portal: PortalHouse) -> None:
    """Two conversations get different ids for the same buttons, and no id holds the button's name."""
    one, other = await offered(portal), await offered(portal)

    ids = [{b["id"] for b in chat.last[0]["buttons"]} for chat in (one, other)]
    assert not ids[0] & ids[1]
    assert not any("method" in each for each in ids[0] | ids[1])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "button", ["", "method_sms", "gateway_code_right", "x" * 5_000, "\u0000", "\ud800", "密码", "/restart"]
)
async def test_unknown_buttons(portal: PortalHouse, button: str, language: str) -> None:
    """An id that was never given is refused in the person's language and reaches nobody."""
    chat = await portal.chat(language)

    response = await chat.post({"button": button})

    body = await response.json()
    assert (response.status, body["code"]) == (422, "unknown_button")
    assert body["detail"].isascii() == (language == "en")
    assert portal.assistant.turns == []


async def test_a_button_of_another_conversation(portal: PortalHouse) -> None:
    """Another conversation's button is as unknown as one that never was."""
    one, other = await offered(portal), await portal.chat()

    response = await other.post({"button": one.button("method_sms")})

    assert (response.status, (await response.json())["code"]) == (422, "unknown_button")


async def test_an_old_button_does_what_fits_now(portal: PortalHouse) -> None:
    """A button from earlier in the conversation still works, as the case allows now."""
    chat = await offered(portal)
    sms = chat.button("method_sms")
    await chat.press("method_questions")

    response = await chat.post({"button": sms})

    assert [r["form"]["purpose"] for r in (await response.json())["replies"]] == ["code"]


async def test_a_pressed_button_is_seen_by_its_name(portal: PortalHouse) -> None:
    """The stream tells other tabs which button was pressed."""
    chat = await offered(portal)
    await chat.press("method_sms")

    async with chat.events() as events:
        await events.next("said")
        assert (await events.next("said"))[2]["button"] == "method_sms"


async def test_a_repeated_message_is_answered_once(portal: PortalHouse) -> None:
    """The same key in sequence gets the same replies, and the action runs once."""
    chat = await offered(portal)
    body = {"button": chat.button("method_sms")}

    answers = [await (await chat.post(body, key="k-1")).json() for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert len([m for m in await portal.outbox() if m["code"]]) == 1
    assert [turn.message_id for turn in portal.assistant.turns].count("k-1") == 1


async def test_a_message_repeated_in_parallel_is_answered_once(portal: PortalHouse) -> None:
    """The same key sent eight times at once gets the same replies, and the action runs once."""
    chat = await offered(portal)
    body = {"button": chat.button("method_sms")}

    responses = await asyncio.gather(*(chat.post(body, key="k-1") for _ in range(8)))

    answers = [await response.json() for response in responses]
    assert all(answer == answers[0] for answer in answers)
    assert len([m for m in await portal.outbox() if m["code"]]) == 1


async def test_a_key_belongs_to_one_conversation(portal: PortalHouse) -> None:
    """Two browsers may use the same key and both are answered."""
    one, other = await portal.chat(), await portal.chat()

    assert await one.say("hello", key="same")
    assert await other.say("hello", key="same")


async def test_a_key_repeated_with_other_words_is_the_first_message(chat: Chat) -> None:
    """A key stands for the first message sent with it."""
    first = await chat.say("hello", key="same")

    assert await chat.say("I forgot my password", key="same") == first
    assert len(chat.portal.assistant.turns) == 1


@pytest.mark.parametrize(("length", "status"), [(100, 200), (101, 400)])
async def test_the_longest_key(chat: Chat, length: int, status: int) -> None:
    """A key has at most 100 characters."""
    assert (await chat.post({"text": "hello"}, key="k" * length)).status == status


async def test_a_key_is_readable(chat: Chat) -> None:
    """A key of other than printable ASCII characters is refused."""
    assert (await chat.post({"text": "hello"}, key="ключ")).status == 400


async def test_the_key_comes_back_with_the_line(chat: Chat) -> None:
    """The stream names the key, so that a browser recognises its own line."""
    response = await chat.post({"text": "hello"}, wait=False, key="mine")

    assert (response.status, await response.json()) == (202, {"id": "mine"})
    async with chat.events() as events:
        assert (await events.next("said"))[2]["client"] == "mine"


async def test_a_parallel_crowd_of_first_words_keeps_its_order(chat: Chat) -> None:
    """Messages sent at once are answered one after the other, each once."""
    responses = await asyncio.gather(*(chat.post({"text": f"hello {n}"}, key=f"k{n}") for n in range(10)))

    assert {response.status for response in responses} == {200}
    turns = [turn.message_id for turn in chat.portal.assistant.turns]
    assert sorted(turns) == sorted(f"k{n}" for n in range(10))
    async with chat.events() as events:
        order = [(await events.next("said"))[2]["client"] for _ in range(10)]
    assert order == turns
