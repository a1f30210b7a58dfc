"""The gateway channel of the running assistant: who may speak, what comes back, and what happens twice."""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from tests.conversation.conftest import KEYS, Talk, heard
from tests.rasa_process import start_rasa


def _body(**fields: object) -> bytes:
    message = {
        "conversation": uuid.uuid4().hex,
        "message_id": "1",
        "text": "hello",
        "language": "en",
        "parse": None,
    }
    return json.dumps(message | fields).encode()


def test_a_signed_message_is_answered_with_whole_responses(talk: Talk) -> None:
    """Text, buttons and the response's id come back together."""
    status, answer = talk.say("I forgot my password", language="en")
    assert status == 200
    (reply,) = answer["replies"]
    assert reply["id"] == "utter_offer_methods"
    assert "alice@example.com" in reply["text"]
    assert [button["payload"] for button in reply["buttons"]] == [
        "method_sms",
        "method_mail",
        "method_questions",
    ]


def test_custom_data_is_passed_on(talk: Talk) -> None:
    """A form that an action asks for arrives as custom data."""
    parse = {"text": "[button]", "intent": {"name": "gateway_method_sms"}, "entities": []}
    _, answer = talk.say("[button]", parse=parse)
    assert [reply["custom"] for reply in answer["replies"]] == [None, {"form": "code"}]


def test_without_a_token_nobody_is_heard(talk: Talk) -> None:
    """A request without a signature is refused."""
    assert talk.post(_body(), None)[0] == 401


def test_a_wrong_key_is_refused(talk: Talk) -> None:
    """A signature made with another key is refused."""
    body = _body()
    assert talk.post(body, talk.token(body, key="x" * 43))[0] == 401


@pytest.mark.parametrize(("age", "status"), [(50, 200), (61, 401)])
def test_a_token_lives_for_a_minute(talk: Talk, age: int, status: int) -> None:
    """A token older than its 60 s is refused."""
    body = _body()
    assert talk.post(body, talk.token(body, age=age))[0] == status


def test_a_token_may_not_ask_for_a_longer_life(talk: Talk) -> None:
    """A token that would live longer than 60 s is refused."""
    body = _body()
    assert talk.post(body, talk.token(body, exp=4_000_000_000))[0] == 401


def test_a_token_belongs_to_one_body(talk: Talk) -> None:
    """A token sent with another body is refused."""
    conversation = uuid.uuid4().hex
    token = talk.token(_body(conversation=conversation))
    assert talk.post(_body(conversation=conversation, text="cancel"), token)[0] == 401


def test_a_token_is_accepted_once(talk: Talk) -> None:
    """The second use of a token is a replay."""
    body = _body()
    token = talk.token(body)
    assert [talk.post(body, token)[0], talk.post(body, token)[0]] == [200, 409]


def test_a_token_speaks_for_its_own_conversation(talk: Talk) -> None:
    """A token made for one conversation cannot speak in another."""
    body = _body()
    assert talk.post(body, talk.token(body, sub="another"))[0] == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"language": "de"},
        {"text": None},
        {"text": "x" * 4001},
        {"message_id": ""},
        {"parse": {"intent": "x"}},
    ],
)
def test_malformed_messages_are_refused(talk: Talk, fields: dict[str, object]) -> None:
    """Unknown languages, missing text, too long text, an empty id and a broken parse are malformed."""
    body = _body(**fields)
    assert talk.post(body, talk.token(body))[0] == 400


def test_the_longest_text_is_taken(talk: Talk) -> None:
    """A text of 4,000 characters is the last good one."""
    assert talk.say("x " * 2000)[0] == 200


def test_large_bodies_are_refused(talk: Talk) -> None:
    """A body above 64 KiB is too large."""
    body = _body(text="x" * 70_000)
    assert talk.post(body, talk.token(body))[0] == 413


def test_a_repeated_message_is_answered_the_same_and_runs_nothing(talk: Talk) -> None:
    """The last message id answers the stored replies without a second action."""
    fields = {"conversation": uuid.uuid4().hex, "message_id": "m1"}
    first = talk.say("I forgot my password", **fields)
    calls = len(talk.actions.calls)
    assert talk.say("I forgot my password", **fields) == first
    assert len(talk.actions.calls) == calls


def test_a_failed_action_leaves_nothing_answered(talk: Talk, tracker_url: str) -> None:
    """While the actions are away the answer is 503; the same message id later runs as if new."""
    fields = {"conversation": uuid.uuid4().hex, "message_id": "m1"}
    talk.actions.broken = True
    try:
        assert talk.say("I forgot my password", **fields)[0] == 503
    finally:
        talk.actions.broken = False
    assert heard(tracker_url, fields["conversation"]) == []
    assert talk.action_for("I forgot my password", **fields) == "action_start_recovery"
    assert heard(tracker_url, fields["conversation"]) == ["I forgot my password"]


def test_an_answer_does_not_wait_for_the_tracker_database(talk: Talk, tracker_url: str) -> None:
    """The answer comes while somebody else still writes to the database; the turn is stored afterwards."""
    talks = {"conversation": uuid.uuid4().hex}
    with closing(sqlite3.connect(tracker_url.removeprefix("sqlite:///"), isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        status, _ = talk.say("hello", **talks, kept=False)
        assert heard(tracker_url, talks["conversation"]) == []
    assert status == 200
    talk.until_kept()
    assert heard(tracker_url, talks["conversation"]) == ["hello"]


def test_a_turn_that_cannot_be_stored_is_answered(talk: Talk, tracker_url: str) -> None:
    """The conversation goes on as if that turn had not been."""
    talks = {"conversation": uuid.uuid4().hex}
    assert talk.say("hello", **talks, message_id="m1")[0] == 200
    with closing(sqlite3.connect(tracker_url.removeprefix("sqlite:///"))) as file:
        file.execute("ALTER TABLE events RENAME TO away")
        try:
            told = talk.say("I forgot my password", **talks, message_id="m2")
        finally:
            file.execute("ALTER TABLE away RENAME TO events")
    assert [reply["id"] for reply in told[1]["replies"]] == ["utter_offer_methods"]
    assert heard(tracker_url, talks["conversation"]) == ["hello"]
    assert talk.action_for("I forgot my password", **talks, message_id="m2") == "action_start_recovery"
    assert heard(tracker_url, talks["conversation"]) == ["hello", "I forgot my password"]


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        " /restart",
        "//restart",
        "\u3000/restart",
        "\u200b/ /restart",
        '/gateway_code_right{"a":"b"}',
    ],
)
def test_no_text_is_a_command(talk: Talk, text: str) -> None:
    """A line that Rasa would take for a command is read as words."""
    action = talk.action_for(text)
    assert action != "action_case_event"
    latest = talk.actions.calls[-1]["tracker"]["latest_message"]
    assert not latest["text"].startswith("/")
    assert latest["intent"]["name"] != "restart"


def test_rasa_serves_nothing_else(talk: Talk) -> None:
    """The tracker cannot be read over HTTP."""
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{talk.rasa.base_url}/conversations/x/tracker", timeout=5)  # noqa: S310
    refused.value.close()
    assert refused.value.code == 404


def test_the_last_replies_outlive_a_restart(
    talk: Talk, model: Path, tracker_url: str, tmp_path: Path
) -> None:
    """After a restart the repeated message answers the same, runs nothing, and SIGTERM ends it."""
    fields = {"conversation": uuid.uuid4().hex, "message_id": "m1"}
    first = talk.say("I forgot my password", **fields)
    url = f"http://127.0.0.1:{talk.actions.port}/webhook"
    second = Talk(start_rasa(model, url, KEYS, tracker_url, tmp_path / "log"), talk.actions)
    calls = len(talk.actions.calls)
    try:
        assert second.say("I forgot my password", **fields) == first
        assert len(talk.actions.calls) == calls
    finally:
        assert second.rasa.stop() == 0


def test_logs_never_hold_what_was_said(talk: Talk) -> None:
    """Not a word of a message or of an answer reaches the log."""
    talk.say("my secret word is Xylophone-4711 and I forgot my password")
    talk.actions.broken = True
    try:
        talk.say("Xylophone-4711 is broken, I forgot my password")
    finally:
        talk.actions.broken = False
    assert "Xylophone" not in talk.rasa.log.read_text(encoding="utf-8")
