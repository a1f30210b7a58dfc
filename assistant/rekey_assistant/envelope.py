"""Read the portal's request and make Rasa's message of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from rasa.core.channels.channel import OutputChannel, UserMessage

_LANGUAGES = ("en", "zh")
_TEXT_LIMIT = 4000
_ID_LIMIT = 255


class Malformed(ValueError):  # noqa: N818  the outcome of a check
    """The body is not the JSON object that the channel expects."""


@dataclass(frozen=True)
class Envelope:
    """One message of a conversation, as the portal sends it."""

    conversation: str
    message_id: str
    text: str
    language: str
    parse: dict[str, Any] | None

    def user_message(self, channel: OutputChannel) -> UserMessage:
        """Return the message for Rasa; a ready parse passes by the NLU."""
        return UserMessage(
            text=self.text,
            output_channel=channel,
            sender_id=self.conversation,
            parse_data=self._ready_parse(),
            input_channel="gateway",
            message_id=self.message_id,
            metadata={"language": self.language},
        )

    def _ready_parse(self) -> dict[str, Any] | None:
        if self.parse is None:
            return None
        entities = list(self.parse.get("entities") or [])
        if not any(entity.get("entity") == "language" for entity in entities):
            entities.append({"entity": "language", "value": self.language})
        intent = {"name": self.parse["intent"]["name"], "confidence": 1.0}
        return {"text": self.text, "intent": intent, "entities": entities, "intent_ranking": [intent]}


def without_command(text: str) -> str:
    """Return *text* without leading white space and slashes, so that it never is a command of Rasa."""
    while text and (text[0].isspace() or text[0] == "/" or not text[0].isprintable()):
        text = text[1:]
    return text


def read_envelope(body: bytes, subject: str) -> Envelope:
    """Return the message in *body*, which must belong to the conversation *subject*.

    Raises:
        Malformed: not JSON, a field is missing, of another type or too long, or another conversation is
        named.

    """
    try:
        data = orjson.loads(body)
        conversation, message_id = data["conversation"], data["message_id"]
        text, language, parse = data["text"], data["language"], data.get("parse")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed from error
    strings = all(isinstance(value, str) for value in (conversation, message_id, text, language))
    if not strings or conversation != subject or language not in _LANGUAGES:
        raise Malformed
    if (
        not 0 < len(conversation) <= _ID_LIMIT
        or not 0 < len(message_id) <= _ID_LIMIT
        or len(text) > _TEXT_LIMIT
    ):
        raise Malformed
    if parse is not None and not _is_parse(parse):
        raise Malformed
    return Envelope(conversation, message_id, without_command(text), language, parse)


def _is_parse(parse: object) -> bool:
    if not isinstance(parse, dict) or not isinstance(parse.get("intent"), dict):
        return False
    entities = parse.get("entities") or []
    known = isinstance(entities, list) and all(
        isinstance(entity, dict) and isinstance(entity.get("entity"), str) and "value" in entity
        for entity in entities
    )
    name = parse["intent"].get("name")
    # Rasa's own commands (restart, back, session_start) are intents too; nobody sends them through this door.
    return known and isinstance(name, str) and name not in {"restart", "back", "session_start", ""}
