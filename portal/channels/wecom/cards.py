"""What rekey says as WeCom's messages: texts, and template cards where there is something to press.

A card holds a short text only, so that a long one goes before it as a message of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from portal.channels.port import Link, Message

MAX_TEXT = 512
"""Characters: a text may have 2,048 bytes and is cut after them, and a character may have four."""
MAX_BUTTONS = 6
_CARD_TEXT = 112
"""Characters of ``sub_title_text`` that clients show."""
_TITLE = 64
"""Characters of a button's or link's title; WeCom advises ten wide ones and shortens what does not fit."""
_ENDS = ("\n", "。", "！", "？", ". ", "! ", "? ", "，", " ")
_ANCHOR = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)
Part = Mapping[str, Any]


def parts(message: Message) -> Sequence[Part]:
    """Return the bodies of ``message/send`` without receiver and agent, in the order of sending."""
    if message.link is None and not message.buttons:
        return [_text(message.text)]
    head, tail = _cut(message.text.strip() or "…")
    found = [_text(head)] if head else []
    if message.link is not None:
        found.append(_link(message.id, message.link, tail))
        tail = "…"
    if message.buttons:
        found.append(_buttons(message, tail))
    return found


def _text(text: str) -> Part:
    """Return a text; clients read the tag ``a`` alone, which is made unreadable."""
    return {"msgtype": "text", "text": {"content": _ANCHOR.sub("＜", text)}}


def _link(message_id: str, link: Link, text: str) -> Part:
    return _card(
        {
            "card_type": "text_notice",
            "task_id": _task(message_id, "link"),
            "sub_title_text": text,
            "jump_list": [{"type": 1, "url": link.url, "title": _short(link.title)}],
            "card_action": {"type": 1, "url": link.url},
        }
    )


def _buttons(message: Message, text: str) -> Part:
    return _card(
        {
            "card_type": "button_interaction",
            "task_id": _task(message.id, "buttons"),
            "sub_title_text": text,
            "button_list": [
                {"text": _short(choice.title), "style": 1, "key": choice.id} for choice in message.buttons
            ],
        }
    )


def _card(card: Mapping[str, Any]) -> Part:
    """Return a card; its task id makes it unlike any other, so that WeCom drops doubles of it alone."""
    return {"msgtype": "template_card", "template_card": card, "enable_duplicate_check": 1}


def _task(message_id: str, part: str) -> str:
    return f"{part}-{sha256(message_id.encode()).hexdigest()[:40]}"


def _cut(text: str) -> tuple[str, str]:
    """Return what goes before the card, and its end, which fits into the card and begins a sentence."""
    if len(text) <= _CARD_TEXT:
        return "", text
    start = len(text) - _CARD_TEXT
    for end in _ENDS:
        found = text.find(end, start, len(text) - len(end) - 1)
        if found >= 0:
            return text[: found + len(end)].rstrip(), text[found + len(end) :].lstrip()
    return text[:start], text[start:]


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else title[: _TITLE - 1] + "…"
