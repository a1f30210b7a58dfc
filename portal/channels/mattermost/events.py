"""Reads what the WebSocket says, and the posts in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from portal.channels.port import Event, Kind
from portal.channels.reading import Json, moment, optional, parsed, part, said, word

_DIRECT = "D"
_BY_PROGRAMS = ("from_bot", "from_webhook", "from_plugin")


@dataclass(frozen=True, slots=True)
class Told:
    """One message of the server."""

    event: str
    """The name of an event, or nothing for an answer to us."""
    data: Json = field(repr=False)
    broadcast: Json = field(repr=False)
    number: int | None
    """Rises by one with each event; a gap means that something was lost."""
    status: str = ""
    """For an answer to us: ``OK`` or ``FAIL``."""


def told(raw: str) -> Told:
    """Return the message in *raw*; raises NotReadableError."""
    found = parsed(raw)
    data, broadcast, number = found.get("data"), found.get("broadcast"), found.get("seq")
    return Told(
        event=optional(found, "event") or "",
        data=data if isinstance(data, dict) else {},
        broadcast=broadcast if isinstance(broadcast, dict) else {},
        number=number if isinstance(number, int) and not isinstance(number, bool) else None,
        status=optional(found, "status") or "",
    )


def posted(of: Told, tenant: str, bot: str) -> Event | None:
    """Return what somebody wrote: in a direct channel with its words, elsewhere only that the bot was named.

    Raises:
        NotReadableError: it is not as documented.
    """
    post = parsed(said(of.data, "post"))
    if of.data.get("channel_type") == _DIRECT:
        return direct(post, tenant, bot)
    if not _names(of.data.get("mentions"), bot) or _is_by_program(post, bot):
        return None
    return _event(post, tenant, Kind.GROUP)


def direct(post: Json, tenant: str, bot: str) -> Event | None:
    """Return what a person wrote with *post* in a direct channel; None for programs, notices and deletions.

    Raises:
        NotReadableError: it is not as documented.
    """
    if _is_by_program(post, bot) or post.get("type") or post.get("delete_at"):
        return None
    text = said(post, "message")
    if not text.strip() and post.get("file_ids"):
        return _event(post, tenant, Kind.OTHER)
    return _event(post, tenant, Kind.TEXT, text)


def opened(of: Told, tenant: str, bot: str) -> Event | None:
    """Return that somebody opened a direct channel with the bot; raises NotReadableError."""
    account, room = word(of.data, "creator_id"), word(of.broadcast, "channel_id")
    if account == bot:
        return None
    return Event(id=f"opened-{room}", tenant=tenant, account=account, room=room, kind=Kind.HELLO)


def _event(post: Json, tenant: str, kind: Kind, text: str | None = None) -> Event:
    return Event(
        id=word(post, "id"),
        tenant=tenant,
        account=word(post, "user_id"),
        room=word(post, "channel_id"),
        kind=kind,
        text=text,
        at=moment(post.get("create_at")),
    )


def _is_by_program(post: Json, bot: str) -> bool:
    """Tell whether a bot, a webhook or a plugin wrote it: programs that answer each other never stop."""
    props = post.get("props")
    marks = part(post, "props") if isinstance(props, dict) else {}
    return post.get("user_id") == bot or any(str(marks.get(mark)).lower() == "true" for mark in _BY_PROGRAMS)


def _names(mentions: object, bot: str) -> bool:
    """Tell whether *mentions*, a JSON list in a string, holds the bot's id."""
    if not isinstance(mentions, str):
        return False
    try:
        found = json.loads(mentions)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and bot in found
