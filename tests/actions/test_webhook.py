"""The actions' own door: who may call, what a forged call can do, and what a repeated one does."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from actions.webhook import KEY_HEADER, actions_app
from portal.chat.rasa_client import Turn
from tests.fake_assistant import call_of
from tests.portal_house import Chat, Client, PortalHouse

KEY = b"k" * 32
ALLOWED = {KEY_HEADER: KEY.hex()}


@pytest.fixture
async def door(portal: PortalHouse) -> AsyncIterator[Client]:
    """Return a client of the actions' port."""
    async with TestClient(TestServer(actions_app(portal.house.parts, KEY))) as client:
        yield client


@pytest.fixture
async def chat(portal: PortalHouse) -> Chat:
    """Return a chat that is offered the methods."""
    chat = await portal.chat()
    await chat.say("I forgot the password of alice@example.com")
    return chat


def call(portal: PortalHouse, intent: str, message_id: str = "m-1", text: str = "") -> dict[str, Any]:
    """Return a well-made call for the conversation that spoke last."""
    conversation = portal.assistant.turns[-1].conversation_id
    return call_of(Turn(conversation, message_id, text or f"[{intent}]", "en"), intent)


async def cases(portal: PortalHouse) -> list[tuple[str, str | None]]:
    """Return state and address of the current case of every conversation that spoke."""
    async with portal.house.parts.work.reading() as work:
        found = [
            await work.cases.current(each)
            for each in sorted({turn.conversation_id for turn in portal.assistant.turns})
        ]
    return [(case.state.value, case.address) for case in found if case]


@pytest.mark.parametrize(
    "headers",
    [{}, {KEY_HEADER: ""}, {KEY_HEADER: "0" * 64}, {KEY_HEADER: KEY.hex()[:-1]}, {KEY_HEADER: "caf\u00e9"}],
)
async def test_nobody_calls_without_the_key(
    portal: PortalHouse, door: Client, chat: Chat, headers: dict[str, str]
) -> None:
    """A call without the key, or with another one, runs nothing."""
    response = await door.post("/webhook", json=call(portal, "cancel"), headers=headers)

    assert (response.status, await response.json()) == (401, {"code": "bad_key"})
    assert await cases(portal) == [("identified", "alice@example.com")]
    assert chat.last


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b'{"next_action": "action_cancel"}',
        b'{"next_action": ["action_cancel"], "tracker": {"sender_id": "x", "latest_message": {}}}',
        b'{"next_action": "action_cancel", "tracker": []}',
        b'{"next_action": "action_cancel", "tracker": {"sender_id": 7, "latest_message": {}}}',
        b'{"next_action": "action_cancel", "tracker": {"sender_id": "x", "latest_message": "words"}}',
        b'{"next_action": "action_cancel", "tracker": {"sender_id": "x"}}',
    ],
)
async def test_malformed_calls(door: Client, body: bytes) -> None:
    """What is not rasa-sdk's protocol is refused."""
    response = await door.post("/webhook", data=body, headers=ALLOWED)

    assert (response.status, await response.json()) == (400, {"code": "malformed"})


@pytest.mark.parametrize("name", ["action_elsewhere", "action_session_start", "", "__class__"])
async def test_unknown_actions(portal: PortalHouse, door: Client, chat: Chat, name: str) -> None:
    """An action that does not exist is refused."""
    given = call(portal, "cancel") | {"next_action": name}
    response = await door.post("/webhook", json=given, headers=ALLOWED)

    assert (response.status, await response.json()) == (404, {"code": "unknown_action"})
    assert chat.last


@pytest.mark.parametrize(
    "latest",
    [
        {"intent": "words", "entities": "words"},
        {"intent": {"name": 7}, "entities": [7]},
        {"intent": {"name": "gateway_method_elsewhere"}},
        {"intent": {}, "entities": [{"entity": "edition"}]},
        {"intent": {"name": "gateway_code_right"}, "text": 7},
    ],
)
@pytest.mark.parametrize("action", ["action_challenge", "action_case_event", "action_admin_recovery"])
async def test_odd_messages_change_nothing(
    portal: PortalHouse, door: Client, chat: Chat, latest: dict[str, Any], action: str
) -> None:
    """A message of another shape is answered or refused without a trace, and moves no case."""
    given = call(portal, "cancel")
    given["next_action"] = action
    given["tracker"]["latest_message"] = {"message_id": "odd", **latest}
    response = await door.post("/webhook", json=given, headers=ALLOWED)

    assert response.status in {200, 500}
    assert "Traceback" not in await response.text()
    assert await cases(portal) == [("identified", "alice@example.com")]
    assert chat.last


async def test_another_conversation_in_the_tracker_changes_nothing(
    portal: PortalHouse, door: Client, chat: Chat
) -> None:
    """Slots, metadata, entities and events that name another conversation or case are not read."""
    victim = portal.assistant.turns[-1].conversation_id
    other = await portal.chat()
    await other.say("I forgot the password of bob@example.com")
    forged = call(portal, "cancel")
    names = {
        "conversation_id": victim,
        "sender_id": victim,
        "case_id": victim,
        "address": "alice@example.com",
    }
    forged["tracker"]["slots"] = names
    forged["tracker"]["events"] = [
        {"event": "slot", "name": key, "value": value} for key, value in names.items()
    ]
    forged["tracker"]["latest_message"]["metadata"] = names
    forged["tracker"]["latest_message"]["entities"] = [
        {"entity": key, "value": value} for key, value in names.items()
    ]

    response = await door.post("/webhook", json=forged, headers=ALLOWED)

    assert response.status == 200
    assert sorted(await cases(portal)) == [
        ("cancelled", "bob@example.com"),
        ("identified", "alice@example.com"),
    ]
    assert chat.last


@pytest.mark.parametrize(
    "event", ["gateway_code_right", "gateway_answers_right", "gateway_link_pressed", "gateway_password_set"]
)
async def test_an_event_that_did_not_happen_proves_nothing(
    portal: PortalHouse, door: Client, chat: Chat, event: str
) -> None:
    """An action told of a proof that the core has not seen moves nothing and opens no password form."""
    response = await door.post("/webhook", json=call(portal, event), headers=ALLOWED)

    forms = [each.get("custom") for each in (await response.json())["responses"]]
    assert {"form": "password"} not in forms
    assert await cases(portal) == [("identified", "alice@example.com")]
    assert chat.last


async def test_a_repeated_call_runs_once(portal: PortalHouse, door: Client, chat: Chat) -> None:
    """The same action for the same message answers the same, in sequence and at once, and runs once."""
    given = call(portal, "gateway_method_sms")
    answers = await asyncio.gather(*(door.post("/webhook", json=given, headers=ALLOWED) for _ in range(5)))
    answers.append(await door.post("/webhook", json=given, headers=ALLOWED))

    bodies = [await answer.json() for answer in answers]
    assert all(body == bodies[0] for body in bodies)
    assert [each["response"] for each in bodies[0]["responses"]] == ["utter_code_sent"]
    assert len([m for m in await portal.outbox() if m["code"]]) == 1
    assert chat.last


async def test_the_next_message_runs_again(portal: PortalHouse, door: Client, chat: Chat) -> None:
    """Another message id is another call."""
    for number in range(2):
        given = call(portal, "gateway_method_questions", f"m-{number}")
        assert (await door.post("/webhook", json=given, headers=ALLOWED)).status == 200

    assert len(portal.assistant.turns) == 1
    assert await cases(portal) == [("challenged", "alice@example.com")]
    assert chat.last


async def test_a_call_too_large_is_refused(door: Client) -> None:
    """More than 4 MiB is not read."""
    body = io.BytesIO(b"x" * (4 * 1024 * 1024 + 1))

    assert (await door.post("/webhook", data=body, headers=ALLOWED)).status == 413
