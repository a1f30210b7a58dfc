"""Reads what a member did: a message, a pressed button of a card, or following the app."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from portal.channels.port import Event, Kind, NotReadableError
from portal.channels.reading import moment, said, word

_NOT_TEXT = frozenset({"image", "voice", "video", "location", "link", "file", "emotion"})
_SECOND_DIGITS = 12


def events(fields: Mapping[str, str]) -> Sequence[Event]:
    """Return what the member did; raises NotReadableError for what WeCom does not document."""
    kind = fields.get("MsgType", "")
    if kind == "event":
        return _happened(fields)
    if kind != "text" and kind not in _NOT_TEXT:
        return ()
    text = said(fields, "Content").strip() if kind == "text" else ""
    return [_event(fields, word(fields, "MsgId"), Kind.TEXT if text else Kind.OTHER, text=text or None)]


def _happened(fields: Mapping[str, str]) -> Sequence[Event]:
    event = fields.get("Event", "")
    if event == "subscribe":
        return [_event(fields, _id(fields), Kind.HELLO)]
    if event == "template_card_event":
        return [_event(fields, _id(fields), Kind.BUTTON, button=word(fields, "EventKey"))]
    return ()


def _id(fields: Mapping[str, str]) -> str:
    """Return an id of an event, which has none: who, when, what, and on which card."""
    names = ("FromUserName", "CreateTime", "Event", "EventKey", "TaskId", "ResponseCode")
    parts = "\n".join(fields.get(name, "") for name in names)
    return "event-" + hashlib.sha256(parts.encode(errors="surrogatepass")).hexdigest()[:40]


def _event(
    fields: Mapping[str, str], event_id: str, kind: Kind, text: str | None = None, button: str | None = None
) -> Event:
    seconds = fields.get("CreateTime", "")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= _SECOND_DIGITS):
        raise NotReadableError("CreateTime")
    account = word(fields, "FromUserName")
    return Event(
        id=event_id,
        tenant=word(fields, "ToUserName"),
        account=account,
        room=account,
        kind=kind,
        text=text,
        button=button,
        at=moment(int(seconds) * 1000),
    )
