"""Readers of genuine requests: whatever stands in them, the two errors of the port alone come out."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.channels.feishu import events as feishu
from portal.channels.port import Event, Kind, NotGenuineError, NotReadableError
from portal.channels.slack import events as slack
from portal.channels.teams import events as teams
from portal.channels.wecom import events as wecom
from portal.channels.wecom.xml import fields

Json = Any
MENTION = {"type": "mention", "mentioned": {"id": "28:b"}}
SLACK: list[Json] = [
    {
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "authorizations": [{"user_id": "UBOT", "is_bot": True}],
        "event": {
            "type": kind,
            "channel": "D1",
            "channel_type": room,
            "user": "U1",
            "text": text,
            "ts": "1.000001",
        },
    }
    for kind, room, text in (
        ("message", "im", "<mailto:a@b.c|a@b.c>"),
        ("message", "mpim", "<@UBOT> hi"),
        ("app_mention", "channel", "x"),
    )
] + [
    {
        "type": "block_actions",
        "user": {"id": "U1"},
        "team": {"id": "T1"},
        "channel": {"id": "D1"},
        "actions": [{"value": "b", "action_ts": "1.5"}],
    }
]
FEISHU: list[Json] = [
    {
        "header": {"event_id": "e", "event_type": kind, "tenant_key": "t", "create_time": "1772442000000000"},
        "event": event,
    }
    for kind, event in (
        (
            "im.message.receive_v1",
            {
                "sender": {"sender_id": {"open_id": "ou"}, "sender_type": "user"},
                "message": {
                    "message_type": "post",
                    "chat_id": "oc",
                    "chat_type": "p2p",
                    "create_time": "1772442000000",
                    "content": '{"title": "t", "content": [[{"tag": "text", "text": "x"}]]}',
                    "mentions": [{"key": "@_user_1"}],
                },
            },
        ),
        (
            "card.action.trigger",
            {
                "operator": {"open_id": "ou"},
                "context": {"open_chat_id": "oc"},
                "action": {"value": {"choice": "b", "chat": "oc"}},
            },
        ),
        (
            "im.chat.access_event.bot_p2p_chat_entered_v1",
            {"operator_id": {"open_id": "ou"}, "chat_id": "oc", "last_message_id": ""},
        ),
    )
]
TEAMS: list[Json] = [
    {
        "type": kind,
        "id": "1",
        "action": "add",
        "timestamp": "2026-03-02T09:00:00Z",
        "serviceUrl": "https://x",
        "channelId": "msteams",
        "from": {"id": "29:u", "aadObjectId": "o"},
        "conversation": {"conversationType": room, "id": "a:1", "tenantId": "t"},
        "recipient": {"id": "28:b"},
        "text": "x",
        "value": value,
        "entities": [MENTION],
        "attachments": [{"contentType": "text/html"}],
        "channelData": {"tenant": {"id": "t"}},
    }
    for kind, room, value in (
        ("message", "personal", None),
        ("message", "personal", {"choice": "b"}),
        ("message", "channel", None),
        ("installationUpdate", "personal", None),
    )
]
WECOM: list[Json] = [
    {"ToUserName": "ww", "FromUserName": "u", "CreateTime": "1772442000", **more}
    for more in (
        {"MsgType": "text", "Content": "x", "MsgId": "1"},
        {"MsgType": "voice", "MsgId": "1"},
        {"MsgType": "event", "Event": "subscribe"},
        {"MsgType": "event", "Event": "template_card_event", "EventKey": "b", "ResponseCode": "c"},
    )
]


def read_teams(activity: Json) -> Sequence[Event]:
    """Read an activity as the channel does."""
    return teams.events(activity, teams.tenant_of(activity))


def read_wecom(found: Json) -> Sequence[Event]:
    """Read fields, which are always texts."""
    return wecom.events(
        {name: value if isinstance(value, str) else json.dumps(value) for name, value in found.items()}
    )


READERS: dict[str, tuple[Callable[[Json], Sequence[Event]], list[Json]]] = {
    "slack": (slack.events, SLACK),
    "feishu": (feishu.events, FEISHU),
    "teams": (read_teams, TEAMS),
    "wecom": (read_wecom, WECOM),
}
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "\0",
            "\ud800",
            "9" * 30,
            "x" * 300,
            "<@U",
            "{}",
            "[]",
            "1" * 20 + ".1",
            "0001-01-01T00:00:00+23:00",
        ]
    ),
)
junk = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def paths(value: Json, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside *value*."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [
        found
        for key, inner in rows
        for found in ([(*here, key)], paths(inner, (*here, key)))
        for found in found
    ]


def changed(value: Json, path: tuple[Any, ...], new: Json) -> Json:
    """Return *value* with *new* at *path*."""
    copied = copy.deepcopy(value)
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copied


def check(events: Sequence[Event]) -> None:
    """Every event that is read can be stored and answered."""
    for event in events:
        assert all((event.id, event.tenant, event.account, event.room))
        assert (event.text is not None) == (event.kind is Kind.TEXT)
        assert (event.button is not None) == (event.kind is Kind.BUTTON)
        assert event.at is None or event.at.tzinfo is not None
        (event.text or "").encode()


@pytest.mark.parametrize("name", sorted(READERS))
def test_the_genuine_ones_are_read(name: str) -> None:
    """What the fuzz starts from is one event each."""
    read, samples = READERS[name]
    for sample in samples:
        found = read(sample)
        assert len(found) == 1, sample
        check(found)


@pytest.mark.parametrize("name", sorted(READERS))
@given(data=st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_one_odd_value_anywhere(name: str, data: st.DataObject) -> None:
    """Any value at any place is read, passed over or refused."""
    read, samples = READERS[name]
    sample = data.draw(st.sampled_from(samples))
    path = data.draw(st.sampled_from(paths(sample)))
    with contextlib.suppress(NotReadableError, NotGenuineError):
        check(read(changed(sample, path, data.draw(junk))))


@given(st.binary(max_size=300))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_as_xml(raw: bytes) -> None:
    """Bytes are fields or not readable."""
    with contextlib.suppress(NotReadableError):
        fields(raw)


@given(
    st.binary(max_size=300),
    st.sampled_from(["application/json", "application/x-www-form-urlencoded", "", "x"]),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_as_a_body_of_slack(raw: bytes, kind: str) -> None:
    """Bytes are JSON, a form, or not readable."""
    with contextlib.suppress(NotReadableError):
        slack.posted(raw, kind)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<xml><a></xml>",
        b"<!DOCTYPE xml [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><xml><Content>&b;</Content></xml>",
        b"<!DOCTYPE xml SYSTEM 'file:///etc/passwd'><xml/>",
        b"<xml><Content>\0</Content></xml>",
    ],
)
def test_xml_that_declares_or_breaks_is_refused(raw: bytes) -> None:
    """No entity is ever defined and no file is read."""
    with pytest.raises(NotReadableError):
        fields(raw)


def test_words_about_doctypes_are_only_words() -> None:
    """Somebody may write about XML in a message."""
    raw = (
        b"<xml><Content><![CDATA[what is <!DOCTYPE a [<!ENTITY b>]> & <b/>?]]></Content><A><B>x</B></A></xml>"
    )
    assert fields(raw) == {"Content": "what is <!DOCTYPE a [<!ENTITY b>]> & <b/>?", "A": ""}
