"""What Mattermost's messages mean, and which presses are believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.channels.config import Secret
from portal.channels.mattermost.buttons import Buttons
from portal.channels.mattermost.channel import escaped
from portal.channels.mattermost.events import direct, opened, posted, told
from portal.channels.port import Choice, Incoming, Kind, NotGenuineError, NotReadableError, Target
from tests.fakes import FakeClock
from tests.unit.channels.test_reading import ANYTHING, FUZZ

BOT = "botid"
TOKEN = "bot-token"
POST = {"id": "p1", "user_id": "annid", "channel_id": "room", "message": "hello", "create_at": 1772442000000}
TO = Target("host", "annid", "room")


def framed(data: object, **more: object) -> str:
    """Return a message of the server."""
    known = {"event": "posted", "data": data, "broadcast": {"channel_id": "room"}, "seq": 1}
    return json.dumps(known | more)


@FUZZ
@given(st.text() | ANYTHING.map(json.dumps) | ANYTHING.map(framed))
def test_any_text_is_something_or_not_readable(raw: str) -> None:
    """Nothing but NotReadableError is raised."""
    try:
        found = told(raw)
        for read in (posted, opened):
            read(found, "host", BOT)
    except NotReadableError:
        return


@FUZZ
@given(st.sampled_from([*POST, "props", "type", "delete_at", "file_ids"]), ANYTHING)
def test_any_field_of_a_post_may_be_anything(key: str, value: object) -> None:
    """A post with one field of any kind is an event, nothing, or not readable."""
    data = {"channel_type": "D", "post": json.dumps(POST | {key: value})}
    try:
        found = posted(told(framed(data)), "host", BOT)
    except NotReadableError:
        return
    assert found is None or (found.account and found.id and found.room)


@pytest.mark.parametrize(
    "more",
    [
        {"user_id": BOT},
        {"props": {"from_bot": "true"}},
        {"props": {"from_webhook": "true"}},
        {"props": {"from_plugin": True}},
        {"type": "system_header_change"},
        {"delete_at": 1},
    ],
)
def test_programs_and_notices_are_nothing(more: dict[str, Any]) -> None:
    """Programs that answer each other never stop."""
    assert direct(POST | more, "host", BOT) is None


def test_a_direct_post_is_text_or_a_file() -> None:
    """Words count before the file; a file alone is not text."""
    words = direct(POST, "host", BOT)
    assert words is not None
    assert words.kind is Kind.TEXT
    both = direct(POST | {"file_ids": ["f"]}, "host", BOT)
    assert both is not None
    assert both.text == "hello"
    alone = direct(POST | {"file_ids": ["f"], "message": " "}, "host", BOT)
    assert alone is not None
    assert (alone.kind, alone.text) == (Kind.OTHER, None)


def buttons(token: str = TOKEN) -> Buttons:
    """Return the buttons of a bot with *token*."""
    return Buttons("https://rekey.example.com/channels/mattermost", Secret(token))


def press(**more: object) -> Incoming:
    """Return the report of a genuine press, changed by *more*."""
    context = buttons().actions((Choice("opaque", "name", "Title"),), TO)[0]["integration"]["context"]
    body = {"user_id": "annid", "channel_id": "room", "post_id": "p1", "trigger_id": "t1", "context": context}
    return Incoming("POST", {}, {}, json.dumps(body | more).encode(), FakeClock().now())


@FUZZ
@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_refused(body: bytes) -> None:
    """Nothing but the two refusals is raised."""
    with pytest.raises((NotGenuineError, NotReadableError)):
        buttons().pressed(Incoming("POST", {}, {}, body, FakeClock().now()), "host")


@FUZZ
@given(st.sampled_from(["user_id", "channel_id", "context"]), st.text("abc", min_size=1) | ANYTHING)
def test_what_is_changed_is_refused(key: str, value: object) -> None:
    """Person, channel and button are covered by the value that rekey made."""
    assume(value not in ("annid", "room"))
    with pytest.raises((NotGenuineError, NotReadableError)):
        buttons().pressed(press(**{key: value}), "host")


def test_a_press_is_believed_with_the_key_of_today() -> None:
    """The genuine press counts; with another token it does not, and another press is another event."""
    first = buttons().pressed(press(), "host")
    assert (first.kind, first.button, first.account, first.room) == (Kind.BUTTON, "opaque", "annid", "room")
    assert buttons().pressed(press(), "host").id == first.id
    assert buttons().pressed(press(trigger_id="t2"), "host").id != first.id
    with pytest.raises(NotGenuineError):
        buttons("rotated").pressed(press(), "host")


@FUZZ
@given(st.text())
def test_escaping_loses_nothing(text: str) -> None:
    """Without the added backslashes it is the same text."""
    shown = escaped(text)
    position = 0
    for letter in shown:
        if position < len(text) and letter == text[position]:
            position += 1
        else:
            assert letter == "\\"
    assert position == len(text)


def test_addresses_stay_addresses() -> None:
    """Underscores in an address are part of it."""
    assert escaped("see https://x.example/a_b_c and a_b") == "see https://x.example/a_b_c and a\\_b"
