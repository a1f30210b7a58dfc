"""What rekey says as activities: a plain text, or an Adaptive Card where there is something to press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.channels.port import Message, Target

MAX_TEXT = 4000
"""Characters; a message may have 28 kB with its card, in UTF-16."""
MAX_BUTTONS = 5
"""Teams shows six actions of a card; one is kept for the link."""
_ODD = frozenset("{}<>&")
"""Teams drops what stands in braces or looks like a tag in a bare text; a card shows it."""


def activity(to: Target, message: Message) -> Mapping[str, Any]:
    """Return the activity that says *message*."""
    said = {"type": "message", **_ends(to)}
    if message.buttons or message.link or _ODD & set(message.text):
        card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": _card(message)}
        return said | {"attachments": [card]}
    return said | {"text": message.text, "textFormat": "plain"}


def typing(to: Target) -> Mapping[str, Any]:
    """Return the activity that shows that the bot writes."""
    return {"type": "typing", **_ends(to)}


def _ends(to: Target) -> Mapping[str, Any]:
    return {
        "from": {"id": to.address.get("bot", "")},
        "recipient": {"id": to.address.get("user", to.account)},
    }


def _card(message: Message) -> Mapping[str, Any]:
    """Return a card without any field to fill in; its texts are runs, which know no markup."""
    actions: list[Mapping[str, Any]] = [
        {"type": "Action.Submit", "title": choice.title, "data": {"choice": choice.id}}
        for choice in message.buttons
    ]
    if message.link is not None:
        actions.append({"type": "Action.OpenUrl", "title": message.link.title, "url": message.link.url})
    lines = (message.text or "…").split("\n")
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": [_line(line) for line in lines],
        "actions": actions,
    }


def _line(text: str) -> Mapping[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text or " "}]}
