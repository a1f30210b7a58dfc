"""Whatever a client sends is answered by a reply or a refusal that says what to do, never by a failure."""

from __future__ import annotations

import json

import pytest

from tests.portal_house import Chat, PortalHouse

JSON = {"Content-Type": "application/json"}


async def raw(chat: Chat, body: bytes, **headers: str) -> tuple[int, str | None]:
    """Send *body* as it is; return the status and the code of the refusal."""
    response = await chat.http.post("/api/chat/messages?wait=1", data=body, headers=JSON | headers)
    problem = response.content_type == "application/problem+json"
    return response.status, (await response.json())["code"] if problem else None


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"nonsense",
        b"[]",
        b"7",
        b"null",
        b'"text"',
        b"true",
        b"NaN",
        b"{}",
        b"",
        b"[" * 40_000,
        b'{"text":' + b'{"a":' * 9_000 + b"1" + b"}" * 9_001,
        b'{"text": 7}',
        b'{"text": null}',
        b'{"text": ["hi"]}',
        b'{"text": {"text": "hi"}}',
        b'{"text": true}',
        b'{"button": 7}',
        b'{"button": null}',
        b'{"button": []}',
        b'{"text": "hi", "button": "x"}',
        b'{"message": "hi"}',
        b'{"text": "\xff\xfe"}',
        b"\xff\xfe\x00",
        b"1" * 5_000,
    ],
)
@pytest.mark.parametrize("path", ["/api/chat/messages", "/api/chat/session"])
async def test_a_body_that_is_no_message(chat: Chat, body: bytes, path: str) -> None:
    """A body of another form is refused with a stable code; a session needs nothing of it."""
    response = await chat.http.post(path, data=body, headers=JSON)

    if path.endswith("session") and response.status == 201:
        assert body == b"" or isinstance(json.loads(body.replace(b"\xff\xfe", b"?")), dict)
        return
    assert response.status == 400
    assert (await response.json())["code"] == "bad_request"


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"]
)
async def test_a_body_that_does_not_call_itself_json(chat: Chat, kind: str) -> None:
    """Another content type is refused, because pages of other sites can send it."""
    assert await raw(chat, b'{"text": "hello"}', **{"Content-Type": kind}) == (415, "not_json")


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t ", "\u3000", "\u200b\u200d", "\x00\x01", "/", " / ／ ", "\u202e\u2066", "\ud83d"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_text_of_nothing(portal: PortalHouse, text: str, language: str) -> None:
    """A text without anything to read is refused in the person's language."""
    chat = await portal.chat(language)

    response = await chat.post({"text": text})

    body = await response.json()
    assert (response.status, body["code"]) == (422, "empty")
    assert body["detail"].isascii() == (language == "en")


@pytest.mark.parametrize(
    "text",
    [
        "😀",
        "👨‍👩‍👧‍👦",
        "?",
        "。",
        "\u202ehello",
        "he\x00llo\x1b[31m",
        "\ud800 hello \udfff",
        "hello \ufffe",
        "忘了 password の κωδικός",
        "<script>alert(1)</script>",
        "' OR 1=1; --",
        "{{7*7}} ${x} %s {address}",
        "a" * 4_000,
        "@" * 4_000,
        "1" * 4_000,
        "a@" * 2_000,
        "密码" * 2_000,
        "Passw0rd! " * 400,
        "😀" * 4_000,
    ],
)
async def test_texts_that_are_taken(chat: Chat, text: str) -> None:
    """Any text of at most 4,000 characters gets a reply."""
    assert (await chat.say(text))[-1]["text"]


async def test_the_longest_text(chat: Chat) -> None:
    """4,000 characters are taken, 4,001 are not, however many bytes they need."""
    assert (await raw(chat, json.dumps({"text": "密" * 4_000}).encode()))[0] == 200
    assert await raw(chat, json.dumps({"text": "密" * 4_001}).encode()) == (413, "too_long")
    assert (await raw(chat, json.dumps({"text": "😀" * 4_000}).encode()))[0] == 200


async def test_a_body_of_100_kb(chat: Chat) -> None:
    """A body over the limit is refused as too long."""
    body = b'{"text": "' + b"a" * 100_000 + b'"}'

    assert await raw(chat, body) == (413, "too_long")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/chat/messages", 405, "method_not_allowed"),
        ("DELETE", "/api/chat/session", 405, "method_not_allowed"),
        ("POST", "/api/chat/events", 405, "method_not_allowed"),
        ("GET", "/api/chat/elsewhere", 404, "not_found"),
        ("POST", "/api/chat/session/", 404, "not_found"),
    ],
)
async def test_wrong_paths_and_methods(chat: Chat, method: str, path: str, status: int, code: str) -> None:
    """The API says in its own form that a path or a method is wrong."""
    response = await chat.http.request(method, path)

    assert (response.status, (await response.json())["code"]) == (status, code)


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        " /restart",
        "//restart",
        "\u3000/restart",
        "\u200b/restart",
        "／restart",
        "\u2060 ／/ restart",
        "/gateway_code_right",
        '/give_address{"address": "bob@example.com"}',
        "\ufeff/session_start",
    ],
)
async def test_commands_reach_the_assistant_harmless(chat: Chat, text: str) -> None:
    """No text begins with a slash for Rasa, which trims before it looks; none comes with a ready parse."""
    await chat.say(text)

    turn = chat.portal.assistant.turns[-1]
    assert not turn.text.strip().startswith("/")
    assert turn.text.strip("\ufeff\u200b\u2060") == turn.text
    assert turn.intent is None


async def test_an_event_typed_by_hand_is_a_sentence(chat: Chat) -> None:
    """The words that stand for an event mean nothing when a person types them."""
    await chat.say("I forgot the password of alice@example.com")
    await chat.say("[gateway_code_right]")

    assert chat.portal.assistant.turns[-1].intent is None
