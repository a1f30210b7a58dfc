"""Reads activities: messages, submitted choices of cards, and the installation of the app."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from portal.channels.port import Event, Kind, NotGenuineError
from portal.channels.reading import Json, optional, part, said, word

CHANNEL = "msteams"
_BOT = "28:"
"""How Teams begins the ids of bots."""
_RICH_TEXT = "text/html"
"""Teams adds the same text once more as HTML; this is no attachment of the person."""


def tenant_of(activity: Json) -> str:
    """Return the organisation; raises NotGenuineError if the activity names none, or two."""
    conversation, data = activity.get("conversation"), activity.get("channelData")
    inner = data.get("tenant") if isinstance(data, dict) else None
    named = {
        optional(conversation, "tenantId") if isinstance(conversation, dict) else None,
        optional(inner, "id") if isinstance(inner, dict) else None,
    } - {None}
    if len(named) != 1:
        raise NotGenuineError("tenant")
    return str(named.pop())


def events(activity: Json, tenant: str) -> Sequence[Event]:
    """Return what the person did; raises NotReadableError for what the Bot Framework does not document."""
    kind = activity.get("type")
    if kind not in ("message", "installationUpdate") or _is_bot(activity):
        return ()
    if part(activity, "conversation").get("conversationType") != "personal":
        return [_event(activity, tenant, Kind.GROUP)] if kind == "message" and _named(activity) else ()
    if kind == "installationUpdate":
        added = str(activity.get("action", "")).startswith("add")
        return [_event(activity, tenant, Kind.HELLO)] if added else ()
    return [_said(activity, tenant)]


def _said(activity: Json, tenant: str) -> Event:
    value = activity.get("value")
    choice = optional(value, "choice") if isinstance(value, dict) else None
    if choice is not None:
        return _event(activity, tenant, Kind.BUTTON, button=choice)
    text = said(activity, "text").strip() if activity.get("text") is not None else ""
    if not text or _attached(activity):
        return _event(activity, tenant, Kind.OTHER)
    return _event(activity, tenant, Kind.TEXT, text=text)


def _event(
    activity: Json, tenant: str, kind: Kind, text: str | None = None, button: str | None = None
) -> Event:
    sender, conversation = part(activity, "from"), part(activity, "conversation")
    room, user = word(conversation, "id"), word(sender, "id")
    return Event(
        id=hashlib.sha256(f"{room}\n{word(activity, 'id')}".encode(errors="surrogatepass")).hexdigest(),
        tenant=tenant,
        account=optional(sender, "aadObjectId") or user,
        room=room,
        kind=kind,
        text=text,
        button=button,
        locale=optional(activity, "locale"),
        at=_moment(activity.get("timestamp")),
        address={
            "service_url": word(activity, "serviceUrl"),
            "bot": word(part(activity, "recipient"), "id"),
            "user": user,
        },
    )


def _is_bot(activity: Json) -> bool:
    sender = part(activity, "from")
    user = sender.get("id")
    if sender.get("role") == "bot" or not isinstance(user, str):
        return True
    return user.startswith(_BOT) or user == part(activity, "recipient").get("id")


def _named(activity: Json) -> bool:
    """Tell whether a message in a group names the bot."""
    me, entities = part(activity, "recipient").get("id"), activity.get("entities")
    mentioned = [
        row.get("mentioned")
        for row in (entities if isinstance(entities, list) else ())
        if isinstance(row, dict) and row.get("type") == "mention"
    ]
    return any(isinstance(who, dict) and who.get("id") == me for who in mentioned)


def _attached(activity: Json) -> bool:
    rows = activity.get("attachments")
    kinds = [
        row.get("contentType") for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict)
    ]
    return any(kind != _RICH_TEXT for kind in kinds)


def _moment(stamp: object) -> datetime | None:
    """Return the moment of an ISO 8601 time stamp with an offset."""
    if not isinstance(stamp, str):
        return None
    try:
        found = datetime.fromisoformat(stamp)
        return found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
