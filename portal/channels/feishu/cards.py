"""What rekey says as Feishu's messages: a text, or a card of JSON 2.0 where there is something to press."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from portal.channels.port import Message

MAX_TEXT = 4000
"""Characters; a card may have 30 kB, a text 150 kB."""
MAX_BUTTONS = 20
_MARKUP = frozenset("<*~[`&")
"""What may begin markup in a text message; a card's ``plain_text`` knows none."""


def body(room: str, message: Message) -> Mapping[str, Any]:
    """Return the body of ``im/v1/messages``; its ``uuid`` is the same in every try (50 characters fit)."""
    plain = not (message.buttons or message.link or _MARKUP & set(message.text))
    content: Mapping[str, Any] = {"text": message.text} if plain else _card(room, message)
    return {
        "receive_id": room,
        "msg_type": "text" if plain else "interactive",
        "content": json.dumps(content, ensure_ascii=False),
        "uuid": sha256(message.id.encode()).hexdigest()[:40],
    }


def _card(room: str, message: Message) -> Mapping[str, Any]:
    """Return the card; each button names its chat, because a press does not say of what kind that is."""
    elements: list[Mapping[str, Any]] = [{"tag": "div", "text": _plain(message.text or "…")}]
    elements += [
        _button(choice.title, "default", {"type": "callback", "value": {"choice": choice.id, "chat": room}})
        for choice in message.buttons
    ]
    if message.link is not None:
        opens = {"type": "open_url", "default_url": message.link.url}
        elements.append(_button(message.link.title, "primary", opens))
    return {"schema": "2.0", "config": {"enable_forward": False}, "body": {"elements": elements}}


def _button(title: str, kind: str, behavior: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"tag": "button", "text": _plain(title), "type": kind, "behaviors": [behavior]}


def _plain(text: str) -> Mapping[str, Any]:
    return {"tag": "plain_text", "content": text}
