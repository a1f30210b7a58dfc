"""A conversation: who (which browser or messenger account) is talking, and the lines of the talk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from recovery_core.conversations.language import Language


class Mode(StrEnum):
    """Who answers: the assistant, nobody yet, or a person."""

    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation; the browser holds a random token of which only the keyed hash is stored."""

    id: str
    token_hash: str = field(repr=False)
    channel: str
    language: Language
    created_at: datetime
    last_seen_at: datetime
    mode: Mode = Mode.BOT
    client_key: str | None = field(default=None, repr=False)
    """Keyed hash of the client's network address at the last message (R4)."""


class LineKind(StrEnum):
    """What a line is; ``said`` comes from the person, ``event`` from the portal, the rest goes to them."""

    SAID = "said"
    EVENT = "event"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class Line:
    """One line, already masked. ``seq`` rises strictly within the database."""

    seq: int
    conversation_id: str
    kind: LineKind
    message_id: str
    """For ``said``/``event``: unique in the conversation, given to Rasa as the message's id. For replies: the
    id of the line they answer."""
    payload: Mapping[str, Any]
    at: datetime
    answered_at: datetime | None = None
    """For ``said`` and ``event``: when the assistant's replies to it were stored."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the person that was stored just now, and what whoever answers it need not ask the store."""

    line: Line
    conversation: Conversation
    """As it was left by storing the line."""
    next: bool = True
    """Whether the line awaits an answer and no older one of the conversation does."""
