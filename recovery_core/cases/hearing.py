"""One line of the person, before anything else sees it: cleaned, masked, and a code in it tried (R16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recovery_core.cases import beside, proving
from recovery_core.cases.events import Event
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import Try
from recovery_core.cases.resuming import end_idle
from recovery_core.conversations.code_in_line import code_candidate, code_try, mask_codes
from recovery_core.conversations.conversation import Conversation, LineKind, Mode
from recovery_core.conversations.language import Language, detect
from recovery_core.conversations.masking import looks_like_password, mask_secrets
from recovery_core.conversations.text import clean, is_blank
from recovery_core.errors import RecoveryError
from recovery_core.work import UnitOfWork

HIDDEN = "●●●●●●"
"""What stands where a code or a password was."""

_EVENT_OF = {
    Try.RIGHT: Event.CODE_RIGHT,
    Try.WRONG: Event.CODE_WRONG,
    Try.DEAD: Event.CODE_DEAD,
    Try.EXPIRED: Event.CODE_EXPIRED,
    Try.NOT_PENDING: Event.NO_CODE_PENDING,
}


class EmptyTextError(RecoveryError):
    """Raised when nothing is left of a line after cleaning."""

    code = "empty"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a line became: text that may be stored, an event instead of words, notices to show at once."""

    text: str
    event: Event | None = None
    notices: tuple[str, ...] = ()

    def payload(self, client: str) -> Mapping[str, Any]:
        """Return what is stored of the line; *client* is the browser's own id of it."""
        return {"text": self.text, "event": self.event.value if self.event else None, "client": client}


async def hear(
    parts: Parts, conversation: Conversation, message_id: str, text: str, client_key: str
) -> Language | None:
    """Store one line of the person, once; return its language, None if the message id was stored before.

    Raises EmptyTextError. A code in the line is tried in the same unit of work that stores the line: after a
    crash either both happened or neither, and the raw digits are kept nowhere.
    """
    cleaned = clean(text)
    if is_blank(cleaned):
        raise EmptyTextError
    language = detect(cleaned, conversation.language)
    now = parts.clock.now()
    async with parts.work() as work:
        if await work.conversations.line(conversation.id, message_id):
            return None
        await end_idle(work, parts, conversation.id)
        # The case before the conversation: the secure forms lock them in this order too.
        heard = await _understand(work, parts, conversation.id, cleaned)
        await work.conversations.seen(conversation.id, now, language, client_key)
        payload = heard.payload(message_id)
        line = await work.conversations.append(conversation.id, LineKind.SAID, message_id, payload, now)
        if line is None:
            return None
        current = await work.conversations.get(conversation.id)
        if current is not None and current.mode is not Mode.BOT:
            # It is said to a person: the assistant sees neither the words nor what a code in them did.
            await beside.answer(work, parts, line, heard.event)
        for key in heard.notices:
            notice = {"kind": "notice", "key": key}
            await work.conversations.append(conversation.id, LineKind.REPLY, message_id, notice, now)
        await work.commit()
    return language


async def press_button(
    parts: Parts, conversation: Conversation, message_id: str, button_id: str, client_key: str
) -> str | None:
    """Store a pressed button as a line; return its name, None if it was never offered here."""
    now = parts.clock.now()
    async with parts.work() as work:
        name = await work.conversations.button(conversation.id, button_id)
        if name is None:
            return None
        await end_idle(work, parts, conversation.id)
        await work.conversations.seen(conversation.id, now, conversation.language, client_key)
        payload = {"text": None, "button": name, "client": message_id}
        await work.conversations.append(conversation.id, LineKind.SAID, message_id, payload, now)
        await work.commit()
    return name


async def _understand(work: UnitOfWork, parts: Parts, conversation_id: str, text: str) -> Heard:
    code = code_try(text)
    if code is not None:
        tried = await proving.try_code(work, parts, conversation_id, code)
        return Heard(HIDDEN, _EVENT_OF[tried.outcome])
    if looks_like_password(text):
        await _remember(work, parts, conversation_id, text.strip())
        return Heard(HIDDEN, Event.SECRET_MASKED)
    masked = mask_secrets(text)
    for secret in masked.secrets:
        await _remember(work, parts, conversation_id, secret)
    notices = ("gateway.masked",) if masked.secrets else ()
    candidate = code_candidate(masked.text)
    if candidate is None:
        return Heard(masked.text, None, notices)
    if await proving.keep_candidate(work, parts, conversation_id, candidate):
        return Heard(mask_codes(masked.text), Event.CODE_QUESTION, notices)
    return Heard(mask_codes(masked.text), None, (*notices, "gateway.code_masked"))


async def _remember(work: UnitOfWork, parts: Parts, conversation_id: str, secret: str) -> None:
    hashed = parts.keyed.of("typed", secret)
    await work.typed_secrets.add(conversation_id, hashed, parts.clock.now())
