"""What DingTalk's frames mean, and how messages become its templates."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.channels.dingtalk.frames import event, frame
from portal.channels.dingtalk.saying import template
from portal.channels.port import Choice, Event, Kind, Link, Message, NotReadableError
from tests.peers.dingtalk import CORP, message
from tests.peers.dingtalk import frame as framed
from tests.unit.channels.test_reading import ANYTHING, FUZZ

CHOICES = [Choice("o1", "n1", "By SMS"), Choice("o2", "n2", "By mail")]


def told(corp: str = CORP, **more: object) -> Event | None:
    """Return what a robot's message with *more* means."""
    return event(frame(framed(message(**more), "f1")), corp)  # type: ignore[arg-type]


@FUZZ
@given(st.text() | ANYTHING.map(json.dumps))
def test_any_text_is_a_frame_or_not_readable(raw: str) -> None:
    """Nothing but NotReadableError is raised."""
    try:
        frame(raw).acknowledgement()
    except NotReadableError:
        return


@FUZZ
@given(st.sampled_from([*message(), "content"]), ANYTHING)
def test_any_field_may_be_anything(key: str, value: object) -> None:
    """A message with one field of any kind is an event, nothing, or not readable."""
    try:
        found = told(**{key: value})
    except NotReadableError:
        return
    assert found is None or (found.account and found.tenant and found.id)


def test_who_it_is_comes_from_the_staff_id_alone() -> None:
    """The name is what people call themselves, the webhook is an address that the message brings along."""
    found = told(senderNick="postmaster", isAdmin=True)
    assert found is not None
    assert (found.account, found.address) == ("E1001", {})
    assert "postmaster" not in repr(found)
    assert "evil.example" not in repr(found)


@pytest.mark.parametrize(
    "more",
    [{"senderStaffId": None}, {"senderStaffId": ""}, {"senderCorpId": "other"}, {"senderStaffId": 7}],
)
def test_who_is_not_of_the_organisation_is_not_heard(more: dict[str, Any]) -> None:
    """Without a staff id, or of another organisation, nobody can be answered or known."""
    assert told(**more) is None


def test_only_texts_of_private_chats_are_told() -> None:
    """In groups nothing is told but that the robot was spoken to; voice and pictures are not text."""
    private = told()
    assert private is not None
    assert private.kind is Kind.TEXT
    group = told(conversationType="2", text={"content": "secret"})
    assert group is not None
    assert (group.kind, group.text) == (Kind.GROUP, None)
    for kind in ("audio", "picture", "richText", "file", None):
        found = told(msgtype=kind, content={"recognition": "123456"})
        assert found is not None
        assert (found.kind, found.text) == (Kind.OTHER, None)


def test_acknowledgements_are_what_the_client_of_the_vendor_sends() -> None:
    """Code 200 with the frame's id; a ping gives back what it brought; an unknown topic is 404."""
    said = json.loads(frame(framed(message(), "f1")).acknowledgement())
    assert said == {
        "code": 200,
        "headers": {"contentType": "application/json", "messageId": "f1"},
        "message": "OK",
        "data": '{"response": null}',
    }
    ping = json.loads(frame(framed({"opaque": "0-7"}, "f2", "SYSTEM", "ping")).acknowledgement())
    assert (ping["code"], json.loads(ping["data"])) == (200, {"opaque": "0-7"})
    assert json.loads(frame(framed({}, "f3", topic="/x")).acknowledgement())["code"] == 404
    event_frame = json.loads(frame(framed({}, "f4", "EVENT", "*")).acknowledgement())
    assert json.loads(event_frame["data"])["status"] == "SUCCESS"


@pytest.mark.parametrize("mark", list("*_`#[]<>~|\\!"))
def test_what_markdown_might_swallow_is_said_plainly(mark: str) -> None:
    """A masked address keeps its stars: choices and link are then lines of text."""
    link = Link("https://rekey.example.com/secure/a_b", "Open")
    key, raw = template(Message("1", f"a{mark}b", CHOICES, link))
    lines = json.loads(raw)["content"].splitlines()
    assert (key, lines) == ("sampleText", [f"a{mark}b", "1. By SMS", "2. By mail", f"Open: {link.url}"])


def test_choices_send_their_numbers_and_links_are_cards() -> None:
    """The plainest template that can show it."""
    link = Link("https://rekey.example.com/secure/a_b", "Open")
    assert template(Message("1", "Hello"))[0] == "sampleText"
    key, raw = template(Message("1", "How?", CHOICES, link))
    assert key == "sampleMarkdown"
    assert json.loads(raw)["text"].split("\n\n") == [
        "How?",
        "[1. By SMS](dtmd://dingtalkclient/sendMessage?content=1)",
        "[2. By mail](dtmd://dingtalkclient/sendMessage?content=2)",
        f"[Open]({link.url})",
    ]
    key, raw = template(Message("1", "Set it.\nHere.", (), link))
    shown = {"title": "Set it.", "text": "Set it.\n\nHere.", "singleTitle": "Open", "singleURL": link.url}
    assert (key, json.loads(raw)) == ("sampleActionCard", shown)
    assert json.loads(template(Message("1", " \n", CHOICES))[1])["title"] == "…"
