"""Turns a message into one of the robot's message templates, the plainest that can show it."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from portal.channels.port import Message

_MARKUP = re.compile(r"[*_`#\[\]<>~|\\!]")
"""What Markdown might swallow. Whether DingTalk's Markdown knows the backslash is documented nowhere."""
_TITLE_CHARS = 40
_PRESS = "dtmd://dingtalkclient/sendMessage?content="
"""An address of DingTalk's client: who taps it sends the text behind it to the robot (Markdown only)."""


def template(message: Message) -> tuple[str, str]:
    """Return ``msgKey`` and ``msgParam``.

    Choices are tappable lines that send their number, and a link is a card's button, unless the text holds
    what Markdown might swallow, such as the stars of a masked address: then everything is plain text.
    """
    shown = message.text + "".join(choice.title for choice in message.buttons)
    if _MARKUP.search(shown) or not (message.buttons or message.link):
        return "sampleText", _json(content=_plain(message))
    if message.link is not None and not message.buttons:
        return "sampleActionCard", _json(
            title=_title(message.text),
            text=_lines(message.text),
            singleTitle=message.link.title,
            singleURL=message.link.url,
        )
    return "sampleMarkdown", _json(title=_title(message.text), text=_tappable(message))


def _plain(message: Message) -> str:
    lines = [message.text]
    lines += [f"{number}. {choice.title}" for number, choice in enumerate(message.buttons, 1)]
    if message.link is not None:
        lines.append(f"{message.link.title}: {message.link.url}")
    return "\n".join(lines)


def _tappable(message: Message) -> str:
    lines = [_lines(message.text)]
    for number, choice in enumerate(message.buttons, 1):
        lines.append(f"[{number}. {choice.title}]({_PRESS}{quote(str(number))})")
    if message.link is not None:
        lines.append(f"[{message.link.title}]({message.link.url})")
    return "\n\n".join(lines)


def _lines(text: str) -> str:
    """Keep the line breaks: Markdown takes two for one."""
    return re.sub(r"\n+", "\n\n", text)


def _title(text: str) -> str:
    """Return what notifications and the list of chats show."""
    return text.strip().partition("\n")[0][:_TITLE_CHARS] or "…"


def _json(**values: str) -> str:
    return json.dumps(values, ensure_ascii=False)
