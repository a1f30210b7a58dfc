"""Reads Feishu's events of schema 2.0: messages, pressed buttons of cards, chats that are opened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from portal.channels.port import Event, Kind
from portal.channels.reading import Json, moment, optional, parsed, part, said, word

_SAID_BY_FEISHU = frozenset({"system"})
"""Message types that no person wrote."""
_MENTION = re.compile(r"@_(?:user_\d+|all)\s?")
_MILLISECOND_DIGITS = 15


def events(data: Json) -> Sequence[Event]:
    """Return what people did; raises NotReadableError for what Feishu does not document."""
    read = {
        "im.message.receive_v1": _message,
        "card.action.trigger": _pressed,
        "im.chat.access_event.bot_p2p_chat_entered_v1": _entered,
    }.get(str(part(data, "header").get("event_type")))
    return read(part(data, "header"), part(data, "event")) if read is not None else ()


def _message(head: Json, inner: Json) -> Sequence[Event]:
    sender, message = part(inner, "sender"), part(inner, "message")
    kind = word(message, "message_type")
    if sender.get("sender_type") != "user" or kind in _SAID_BY_FEISHU:
        return ()
    account, room = word(part(sender, "sender_id"), "open_id"), word(message, "chat_id")
    at = _moment(message.get("create_time"))
    if message.get("chat_type") != "p2p":
        return [_event(head, account, room, Kind.GROUP, at=at)] if message.get("mentions") else ()
    text = _text(kind, parsed(said(message, "content"))) if kind in ("text", "post") else ""
    return [_event(head, account, room, Kind.TEXT if text else Kind.OTHER, text or None, at=at)]


def _pressed(head: Json, inner: Json) -> Sequence[Event]:
    account = word(part(inner, "operator"), "open_id")
    room = word(part(inner, "context"), "open_chat_id")
    value = part(inner, "action").get("value")
    if not isinstance(value, dict) or (button := optional(value, "choice")) is None:
        return ()
    at = _moment(head.get("create_time"))
    if value.get("chat") != room:
        # A press names no kind of chat. Buttons are made in chats of two alone, and each names its own.
        return [_event(head, account, room, Kind.GROUP, at=at)]
    return [_event(head, account, room, Kind.BUTTON, button=button, at=at)]


def _entered(head: Json, inner: Json) -> Sequence[Event]:
    """Tell that the chat was opened, if nothing was ever said in it: Feishu tells it at every opening."""
    if inner.get("last_message_id"):
        return ()
    account, room = word(part(inner, "operator_id"), "open_id"), word(inner, "chat_id")
    return [_event(head, account, room, Kind.HELLO, at=_moment(head.get("create_time")))]


def _event(
    head: Json,
    account: str,
    room: str,
    kind: Kind,
    text: str | None = None,
    button: str | None = None,
    at: datetime | None = None,
) -> Event:
    return Event(
        id=word(head, "event_id"),
        tenant=word(head, "tenant_key"),
        account=account,
        room=room,
        kind=kind,
        text=text,
        button=button,
        at=at,
    )


def _text(kind: str, content: Json) -> str:
    """Return the words of a text, or of a rich text, which is what a client makes of pasted lines."""
    if kind == "text":
        return _MENTION.sub("", said(content, "text")).strip()
    lines = ("".join(_words(line)) for line in _rows(content.get("content")))
    title = said(content, "title") if content.get("title") else ""
    return "\n".join([title, *lines]).strip()


def _words(line: object) -> Iterator[str]:
    for piece in _rows(line):
        if isinstance(piece, dict) and piece.get("tag") in ("text", "a", "md", "code_block"):
            yield said(piece, "text")


def _rows(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _moment(milliseconds: object) -> datetime | None:
    """Return the moment that Feishu writes as a text of digits: milliseconds, or microseconds for cards."""
    if not isinstance(milliseconds, str) or not (milliseconds.isascii() and milliseconds.isdigit()):
        return None
    if len(milliseconds) > _MILLISECOND_DIGITS:
        milliseconds = milliseconds[:-3]
    return moment(int(milliseconds)) if len(milliseconds) <= _MILLISECOND_DIGITS else None
