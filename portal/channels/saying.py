"""A line of the conversation as a messenger takes it: split, its choices numbered where it has no buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.channels.port import Capabilities, Choice, Link, Message
from portal.chat.replies import Texts, to_person
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Line
from recovery_core.proofs import secrets
from recovery_core.work import UnitOfWork

_BREAKS = ("\n\n", "\n", "。", ". ", " ")
"""Where a long text is cut, the best place first."""
_MATCH_NUMBER = "gateway.match_number"


@dataclass(frozen=True, slots=True)
class Said:
    """The messages of one line, in order."""

    messages: Sequence[Message]
    numbered: bool = False
    """Whether its choices are numbered lines, to be answered by a number."""


async def said(
    work: UnitOfWork, parts: Parts, texts: Texts, line: Line, language: str, takes: Capabilities
) -> Said:
    """Return what is sent for the reply *line*; a link that is over is said to be over."""
    shown = to_person(parts, texts, line, language)
    text, link = _worded(texts, line.payload, shown, language), None
    form = shown["form"]
    if form is not None and await _open(work, parts, line.payload["form"]["id"]):
        link = Link(parts.public_url + form["url"], texts.text("channel.open_page", language))
    elif form is not None:
        text = _joined(text, texts.text("channel.link_over", language))
    choices = [Choice(b["id"], b["name"], b["title"]) for b in shown["buttons"] or ()]
    listed = len(choices) > takes.max_buttons
    numbered = listed or (bool(choices) and takes.buttons_say_numbers)
    if listed:
        lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
        text, choices = _joined(text, "\n".join(lines), texts.text("channel.answer_number", language)), []
    pieces = split(text or "…", takes.max_text)
    last = len(pieces) - 1
    return Said(
        [
            Message(
                id=parts.keyed.of("channel-message", line.conversation_id, str(line.seq), str(part)),
                text=piece,
                buttons=choices if part == last else (),
                link=link if part == last else None,
            )
            for part, piece in enumerate(pieces)
        ],
        numbered,
    )


def split(text: str, longest: int) -> list[str]:
    """Return *text* in pieces of at most *longest* characters, cut where it hurts least."""
    pieces = []
    while len(text) > longest:
        cut = _cut(text, longest)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in [*pieces, text] if piece]


def _cut(text: str, longest: int) -> int:
    for mark in _BREAKS:
        found = text.rfind(mark, longest // 2, longest)
        if found > 0:
            return found + len(mark)
    return longest


def _worded(texts: Texts, payload: Mapping[str, Any], shown: Mapping[str, Any], language: str) -> str:
    text = str(shown["text"] or "")
    if payload.get("key") == _MATCH_NUMBER:
        # The number proves who asks (R14): a messenger would keep it for whoever reads there later.
        return texts.text("channel.match_number", language)
    if payload.get("kind") == "agent" and payload.get("by"):
        return texts.text("channel.agent", language, name=str(payload["by"]), text=text)
    return text


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


async def _open(work: UnitOfWork, parts: Parts, form_id: str) -> bool:
    """Tell whether a form can still be used; the page for returning, which has no id, always can."""
    if not form_id:
        return True
    form = await work.forms.get(form_id)
    now = parts.clock.now()
    return (
        form is not None
        and form.finished_at is None
        and secrets.in_time(form.issued_at, form.expires_at, now, parts.numbers)
    )
