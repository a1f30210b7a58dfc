"""Reads what Slack sends: messages of the Events API, pressed buttons, and who may be passed over."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qs

from portal.channels.port import Event, Kind, NotReadableError
from portal.channels.reading import ID_CHARS, Json, mapping, moment, optional, parsed, part, said, word

_SPOKEN = frozenset({"", "thread_broadcast", "me_message", "file_share"})
"""Subtypes of a message that are new words of a person; edits, deletions and joins are others."""
_SLACK_ITSELF = "USLACKBOT"
_MARKED = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_MAX_FIELDS = 20


def posted(body: bytes, content_type: str) -> Json:
    """Return the JSON of a request: the body itself, or the form's field ``payload`` for a pressed button.

    Raises:
        NotReadableError: it is neither.
    """
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return parsed(body)
    try:
        fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise NotReadableError("form") from None
    return parsed(fields.get("payload", [""])[0])


def events(data: Json) -> Sequence[Event]:
    """Return what people did; raises NotReadableError for what Slack does not document."""
    kind = data.get("type")
    if kind == "event_callback":
        return _told(data)
    if kind == "block_actions":
        return _pressed(data)
    return ()


def plain(text: str) -> str:
    """Return what the person wrote: Slack wraps addresses in ``<mailto:…|…>`` and escapes ``& < >``."""
    shown = _MARKED.sub(_unwrapped, text)
    return shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _unwrapped(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    if target.startswith(("@", "#", "!")):
        return label or ""
    return label or target.removeprefix("mailto:").removeprefix("tel:")


def _told(data: Json) -> Sequence[Event]:
    inner = part(data, "event")
    told = {"message": _message, "app_mention": _mention}.get(str(inner.get("type")))
    if told is None or "bot_id" in inner or "bot_profile" in inner or inner.get("hidden"):
        return ()
    if inner.get("user") in (None, _SLACK_ITSELF, *_ourselves(data)):
        return ()
    return told(data, inner)


def _message(data: Json, inner: Json) -> Sequence[Event]:
    subtype = str(inner.get("subtype", ""))
    if subtype not in _SPOKEN:
        return ()
    if inner.get("channel_type") != "im":
        return _mention(data, inner) if inner.get("channel_type") == "mpim" and _named(data, inner) else ()
    if inner.get("files") or subtype == "file_share":
        return [_event(data, inner, Kind.OTHER)]
    text = plain(said(inner, "text"))
    return [_event(data, inner, Kind.TEXT, text) if text else _event(data, inner, Kind.OTHER)]


def _mention(data: Json, inner: Json) -> Sequence[Event]:
    return [_event(data, inner, Kind.GROUP)]


def _event(data: Json, inner: Json, kind: Kind, text: str | None = None) -> Event:
    return Event(
        id=word(data, "event_id"),
        tenant=word(data, "team_id"),
        account=word(inner, "user"),
        room=word(inner, "channel"),
        kind=kind,
        text=text,
        at=_moment(inner.get("ts")),
    )


def _pressed(data: Json) -> Sequence[Event]:
    room = _room(data)
    actions = data.get("actions")
    action = mapping(actions[0]) if isinstance(actions, list) and actions else {}
    button = optional(action, "value")
    if button is None or room is None:
        return ()  # a link was followed, or somebody pressed where others read along
    user, team = part(data, "user"), part(data, "team")
    return [
        Event(
            id=_press_id(word(user, "id"), room, word(action, "action_ts"), button),
            tenant=word(team, "id"),
            account=word(user, "id"),
            room=room,
            kind=Kind.BUTTON,
            button=button,
            at=_moment(action.get("action_ts")),
        )
    ]


def _room(data: Json) -> str | None:
    """Return the chat of two in which a button was pressed; Slack's ids of such chats begin with D."""
    found = data.get("channel")
    room = optional(found, "id") if isinstance(found, dict) else None
    return room if room is not None and room.startswith("D") else None


def _press_id(*parts: str) -> str:
    return "press-" + hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()[:40]


def _ourselves(data: Json) -> set[str]:
    """Return the user ids under which the app itself speaks."""
    rows = data.get("authorizations")
    bots = [row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict)]
    return {str(row.get("user_id")) for row in bots if row.get("is_bot") is True}


def _named(data: Json, inner: Json) -> bool:
    text = inner.get("text")
    return isinstance(text, str) and any(f"<@{user}" in text for user in _ourselves(data))


def _moment(stamp: object) -> datetime | None:
    """Return the moment of a time stamp such as ``1355517523.000005``."""
    if not isinstance(stamp, str) or len(stamp) > ID_CHARS:
        return None
    seconds, _, fraction = stamp.partition(".")
    digits = seconds + (fraction + "000")[:3]
    return moment(int(digits)) if digits.isascii() and digits.isdigit() else None
