"""Reads the events of a transaction (application service API) and of a room (client-server API).

What other people's clients put into an event is not ours to trust: an event that is not as documented is left
out, because a transaction that is refused is sent again for ever and would hold up everybody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from portal.channels.port import Kind, NotReadableError
from portal.channels.reading import Json, moment, optional, parsed, part, said, word

_TEXTS = frozenset({"m.text", "m.emote"})
_THINGS = frozenset({"m.image", "m.file", "m.audio", "m.video", "m.location"})
_QUOTE = "> "


@dataclass(frozen=True, slots=True)
class RoomEvent:
    """One event of a room, with the fields that every event has."""

    id: str
    room: str
    sender: str
    type: str
    content: Json = field(repr=False)
    state_key: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody said, whatever room it was in."""

    kind: Kind
    text: str | None = field(default=None, repr=False)
    names_bot: bool = False
    """Whether the bot was mentioned."""


def transaction(body: bytes) -> list[RoomEvent]:
    """Return the readable events of a transaction in their order; raises NotReadableError if it is none."""
    rows = parsed(body).get("events")
    if not isinstance(rows, list):
        raise NotReadableError("events")
    return room_events(rows)


def room_events(rows: Iterable[object], room: str | None = None) -> list[RoomEvent]:
    """Return the readable ones of *rows*; *room* is given where rows do not name it. Never raises."""
    found = (_room_event(row, room) for row in rows)
    return [event for event in found if event is not None]


def spoken(event: RoomEvent, bot: str) -> Spoken | None:
    """Return what a person said with *event*; None for edits, notices, state and everything else.

    Notices are what bots say to each other (client-server API, m.notice), so they are never answered.
    """
    if event.state_key is not None or event.sender == bot or _replaces(event.content):
        return None
    if event.type == "m.room.encrypted":
        return Spoken(Kind.SEALED)
    if event.type == "m.sticker":
        return Spoken(Kind.OTHER)
    if event.type != "m.room.message":
        return None
    return _message(event.content, bot)


def membership(event: RoomEvent) -> str | None:
    """Return what became of the member :attr:`RoomEvent.state_key`, if the event is about that."""
    if event.type != "m.room.member" or event.state_key is None:
        return None
    return optional(event.content, "membership")


def is_invitation(event: RoomEvent, bot: str) -> bool:
    """Tell whether the event invites the bot."""
    return event.state_key == bot and membership(event) == "invite"


def server_of(user: str) -> str:
    """Return the server's name in a user id (``@localpart:server``), or nothing."""
    return user.partition(":")[2] if user.startswith("@") else ""


def since_invitation(newest_first: Sequence[RoomEvent], bot: str) -> list[RoomEvent]:
    """Return, oldest first, the newest invitation of the bot and what stands in the room after it."""
    found: list[RoomEvent] = []
    for event in newest_first:
        found.append(event)
        if is_invitation(event, bot):
            break
    return found[::-1]


def _room_event(row: object, room: str | None) -> RoomEvent | None:
    if not isinstance(row, dict):
        return None
    try:
        return RoomEvent(
            id=word(row, "event_id"),
            room=room or word(row, "room_id"),
            sender=word(row, "sender"),
            type=word(row, "type"),
            content=part(row, "content"),
            state_key=word(row, "state_key") if row.get("state_key") else row.get("state_key"),
            at=moment(row.get("origin_server_ts")),
        )
    except NotReadableError:
        return None


def _message(content: Json, bot: str) -> Spoken | None:
    kind = content.get("msgtype")
    if kind in _THINGS:
        return Spoken(Kind.OTHER, names_bot=_mentions(content, bot))
    try:
        text = _without_quote(said(content, "body"), content)
    except NotReadableError:
        return None
    if kind not in _TEXTS:
        return None
    return Spoken(Kind.TEXT, text=text, names_bot=_mentions(content, bot) or bot in text)


def _replaces(content: Json) -> bool:
    relation = content.get("m.relates_to")
    return isinstance(relation, dict) and relation.get("rel_type") == "m.replace"


def _mentions(content: Json, bot: str) -> bool:
    mentions = content.get("m.mentions")
    users = mentions.get("user_ids") if isinstance(mentions, dict) else None
    return isinstance(users, list) and bot in users


def _without_quote(text: str, content: Json) -> str:
    """Take away the quotation that older clients put before an answer (rich replies, fallback)."""
    relation = content.get("m.relates_to")
    if not isinstance(relation, dict) or "m.in_reply_to" not in relation or not text.startswith(_QUOTE):
        return text
    lines = text.split("\n")
    while lines and lines[0].startswith(_QUOTE):
        lines.pop(0)
    return "\n".join(lines).lstrip("\n")
