"""What Matrix events mean, whatever somebody's client puts into them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.channels.config import Config, ConfigError
from portal.channels.matrix.api import content
from portal.channels.matrix.events import (
    is_invitation,
    membership,
    room_events,
    server_of,
    since_invitation,
    spoken,
    transaction,
)
from portal.channels.matrix.people import People, people_of
from portal.channels.port import Choice, Kind, Link, Message, NotReadableError, Person
from tests.peers.homeserver import BOT, event, member, text
from tests.unit.channels.test_reading import ANYTHING, FUZZ

TYPES = ["m.room.message", "m.room.member", "m.room.encrypted", "m.sticker"]
EDIT = {"msgtype": "m.text", "body": "* x", "m.relates_to": {"rel_type": "m.replace"}}


def meaning(row: dict[str, Any]) -> tuple[Kind, str | None] | None:
    """Return what *row* says."""
    found = spoken(room_events([row])[0], BOT)
    return None if found is None else (found.kind, found.text)


@FUZZ
@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_any_body_is_a_transaction_or_not_readable(body: bytes) -> None:
    """Nothing but NotReadableError is raised."""
    try:
        transaction(body)
    except NotReadableError:
        return


@FUZZ
@given(ANYTHING, ANYTHING, st.sampled_from(TYPES))
def test_one_bad_event_does_not_stop_the_others(value: object, other: object, kind: str) -> None:
    """Whatever stands in an event, the next one is read: a refused transaction would come again for ever."""
    bad = event(kind, value, sender=other, state_key=other, origin_server_ts=other)
    worse = event(kind, {"msgtype": "m.text", "body": value, "m.relates_to": other, "m.mentions": other})
    found = transaction(json.dumps({"events": [value, bad, worse, text("hello")]}).encode())
    for each in found:
        spoken(each, BOT)
        membership(each)
        is_invitation(each, BOT)
    assert spoken(found[-1], BOT).text == "hello"  # type: ignore[union-attr]


def test_only_new_words_of_people_count() -> None:
    """Edits, notices, reactions, state and our own words are nothing; a picture is not text."""
    assert meaning(text("hello")) == (Kind.TEXT, "hello")
    assert meaning(event("m.room.message", {"msgtype": "m.emote", "body": "waves"})) == (Kind.TEXT, "waves")
    assert meaning(event("m.room.message", {"msgtype": "m.audio", "body": "a.ogg"})) == (Kind.OTHER, None)
    assert meaning(event("m.sticker", {"body": "x"})) == (Kind.OTHER, None)
    assert meaning(event("m.room.encrypted", {"ciphertext": "x"})) == (Kind.SEALED, None)
    for nothing in (
        text("mine", sender=BOT),
        text("state", state_key=""),
        event("m.room.message", {"msgtype": "m.notice", "body": "bot"}),
        event("m.room.message", EDIT),
        event("m.room.message", {"msgtype": "m.text"}),
        event("m.room.message", {}),
        event("m.reaction", {}),
        event("m.room.redaction", {}),
    ):
        assert meaning(nothing) is None


def test_a_quotation_before_an_answer_is_not_said_again() -> None:
    """Older clients repeat what is answered; what was only written like a quotation stays."""
    relation = {"m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}}
    answer = {"msgtype": "m.text", "body": "> <@rekey:example.com> Your code?\n> please\n\n123456"}
    assert meaning(event("m.room.message", answer | relation)) == (Kind.TEXT, "123456")
    assert meaning(text("> quoted\n\n123456")) == (Kind.TEXT, "> quoted\n\n123456")
    only = {"msgtype": "m.text", "body": "> only"}
    assert meaning(event("m.room.message", only | relation)) == (Kind.TEXT, "")


def test_invitations_are_told_from_other_changes() -> None:
    """Only an invitation of the bot itself counts, and what stands after the newest one."""
    rows = [text("new"), member(BOT, "join"), member(BOT, "invite"), text("old"), member(BOT, "invite")]
    newest_first = room_events(rows)
    assert [is_invitation(each, BOT) for each in newest_first] == [False, False, True, False, True]
    assert not is_invitation(room_events([member("@other:example.com", "invite")])[0], BOT)
    kinds = [each.type for each in since_invitation(newest_first, BOT)]
    assert kinds == ["m.room.member", "m.room.member", "m.room.message"]


@pytest.mark.parametrize(
    ("user", "server"),
    [
        ("@a:example.com", "example.com"),
        ("@a:[::1]:8448", "[::1]:8448"),
        ("a:example.com", ""),
        ("@a", ""),
        ("", ""),
    ],
)
def test_a_user_belongs_to_a_server(user: str, server: str) -> None:
    """The server is everything after the first colon, ports included."""
    assert server_of(user) == server


def test_a_message_is_plain_and_rich() -> None:
    """Both show the same, and only the link is markup."""
    link = Link('https://x.example/a?b="c"&d', "<Open>")
    said = content(Message("1", "<b>1</b>\n2", [Choice("o", "n", "A & B")], link))
    assert said["body"] == '<b>1</b>\n2\n1. A & B\n<Open>: https://x.example/a?b="c"&d'
    assert said["formatted_body"] == (
        "&lt;b&gt;1&lt;/b&gt;<br>2<br>1. A &amp; B<br>"
        '<a href="https://x.example/a?b=&quot;c&quot;&amp;d">&lt;Open&gt;</a>'
    )


def test_the_rule_says_who_an_account_is() -> None:
    """Mail, staff number or nobody; an unknown rule and a missing domain stop the start."""
    assert People("mail", "example.com").person("alice") == Person(mail="alice@example.com")
    assert People("staff_number").person("e1001") == Person(staff_number="e1001")
    assert People().person("alice") is None
    assert People("mail", "example.com").person("") is None
    assert people_of(Config("matrix", {})) == People()
    for wrong in ({"people": "nick"}, {"people": "mail"}):
        with pytest.raises(ConfigError):
            people_of(Config("matrix", wrong))
