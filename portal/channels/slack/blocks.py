"""What rekey says as Slack's messages: plain text, and blocks where there is something to press."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.channels.port import Message

MAX_TEXT = 3000
"""Characters of a section block (Block Kit reference); a bare text may have 4,000."""
MAX_BUTTONS = 24
"""An actions block has 25 elements; one is kept for the link."""
_TITLE = 75


def body(room: str, message: Message) -> Mapping[str, Any]:
    """Return the body of ``chat.postMessage``.

    Texts are never markup: ``mrkdwn`` is off, sections are ``plain_text``, the three characters that Slack
    reads are escaped. ``unfurl_*`` is off, for Slack would fetch what is behind a link.
    """
    text: dict[str, Any] = {
        "channel": room,
        "text": escaped(message.text),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    pressed = _elements(message)
    if not pressed:
        return text
    section = {"type": "section", "text": {"type": "plain_text", "text": message.text or "…", "emoji": False}}
    return text | {"blocks": [section, {"type": "actions", "elements": pressed}]}


def escaped(text: str) -> str:
    """Return *text* so that Slack shows it as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _elements(message: Message) -> list[dict[str, Any]]:
    buttons: list[dict[str, Any]] = [
        {"type": "button", "action_id": f"choice-{place}", "text": _title(choice.title), "value": choice.id}
        for place, choice in enumerate(message.buttons)
    ]
    if message.link is not None:
        title = _title(message.link.title)
        buttons.append(
            {
                "type": "button",
                "action_id": "link",
                "style": "primary",
                "text": title,
                "url": message.link.url,
            }
        )
    return buttons


def _title(text: str) -> dict[str, Any]:
    short = text if len(text) <= _TITLE else text[: _TITLE - 1] + "…"
    return {"type": "plain_text", "text": short, "emoji": False}
