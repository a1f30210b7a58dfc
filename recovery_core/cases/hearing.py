"""One line of the person, before anything else sees it: cleaned, masked, and a code in it tried (R16)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from recovery_core.cases import beside, proving
from recovery_core.cases.events import Event
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import Try
from recovery_core.cases.resuming import end_idle
from recovery_core.conversations.code_in_line import code_candidate, code_try, mask_codes
from recovery_core.conversations.conversation import Conversation, LineKind, Mode, Said
from recovery_core.conversations.language import Language, detect
from recovery_core.conversations.masking import looks_like_password, mask_secrets
from recovery_core.conversations.text import clean
from recovery_core.errors import ConflictError, RecoveryError
from recovery_core.work import UnitOfWork

HIDDEN = "●●●●●●"
"""What stands where a code or a password was."""

_NEWEST = 8
"""Replies that are read back for what they offered: more than a turn has."""

_EVENT_OF = {
    Try.RIGHT: Event.CODE_RIGHT,
    Try.WRONG: Event.CODE_WRONG,
    Try.DEAD: Event.CODE_DEAD,
    Try.EXPIRED: Event.CODE_EXPIRED,
    Try.NOT_PENDING: Event.NO_CODE_PENDING,
}


class UnknownButtonError(RecoveryError):
    """Raised for a button that was never offered in the conversation."""

    code = "unknown_button"


class EmptyTextError(RecoveryError):
    """Raised when nothing is left of a line after cleaning."""

    code = "empty"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a line became: text that may be stored, an event instead of words, notices to show at once."""

    text: str
    event: Event | None = None
    notices: tuple[str, ...] = ()
    chosen: str | None = None
    """The button that was typed instead of pressed."""

    def payload(self, client: str) -> Mapping[str, Any]:
        """Return what is stored of the line; *client* is the browser's own id of it."""
        event = self.event.value if self.event else None
        chosen = {"chosen": self.chosen} if self.chosen else {}
        return {"text": self.text, "event": event, "client": client, **chosen}


async def hear(
    parts: Parts,
    conversation: Conversation,
    message_id: str,
    text: str,
    client_key: str,
    *,
    chooses: bool = True,
) -> Said | None:
    """Store one line of the person, once; return it, None if the message id was stored before.

    A line that only names a choice is one where it *chooses*; a messenger knows which lists people have seen.

    Raises EmptyTextError, and ConflictError when the conversation was forgotten meanwhile (R21). A code in
    the line is tried in the same unit of work that stores the line: after a crash either both happened or
    neither, and the raw digits are kept nowhere. It is settled with the answer; who acknowledges the line
    before that settles it (:meth:`recovery_core.work.Work.settle`).
    """
    cleaned = clean(text)
    if not cleaned:
        raise EmptyTextError
    language = detect(cleaned, conversation.language)
    async with parts.work.soon() as work:
        await end_idle(work, parts, conversation.id)
        # The case before the conversation: the secure forms lock them in this order too.
        heard = await _understand(work, parts, conversation.id, cleaned)
        heard = heard if chooses else replace(heard, chosen=None)
        if heard.chosen and language is Language.EN:
            language = conversation.language  # "sms" and "Premium" are typed in the middle of Chinese too
        current = await work.conversations.seen(conversation.id, parts.clock.now(), language, client_key)
        if current is None:
            raise ConflictError
        said = await _append(work, parts, current, message_id, heard)
        if said is None:
            return None  # nothing is committed, so what a repeated line did, a try above all, is undone
        await work.commit()
    return said


async def _append(
    work: UnitOfWork, parts: Parts, talk: Conversation, message_id: str, heard: Heard
) -> Said | None:
    """Store the line and its notices; None if the message id was stored before."""
    said = await _say(work, parts, talk, message_id, heard.payload(message_id))
    if said is None:
        return None
    if talk.mode is not Mode.BOT:
        # It is said to a person: the assistant sees neither the words nor what a code in them did.
        await beside.answer(work, parts, said.line, heard.event)
        said = replace(said, next=False)
    for key in heard.notices:
        notice = {"kind": "notice", "key": key}
        await work.conversations.append(talk.id, LineKind.REPLY, message_id, notice, parts.clock.now())
    return said


async def _say(
    work: UnitOfWork, parts: Parts, talk: Conversation, message_id: str, payload: Mapping[str, Any]
) -> Said | None:
    """Store the line; None if the message id was stored before."""
    older = await work.conversations.unanswered(1, talk.id)
    line = await work.conversations.append(talk.id, LineKind.SAID, message_id, payload, parts.clock.now())
    return None if line is None else Said(line, talk, next=not older)


async def press_button(
    parts: Parts, conversation: Conversation, message_id: str, button_id: str, client_key: str
) -> Said | None:
    """Store a pressed button as a line, once; return it, None if the message id was stored before.

    Raises UnknownButtonError, and ConflictError when the conversation was forgotten meanwhile (R21). The line
    is settled as that of :func:`hear` is.
    """
    async with parts.work.soon() as work:
        name = await work.conversations.button(conversation.id, button_id)
        if name is None:
            raise UnknownButtonError
        await end_idle(work, parts, conversation.id)
        current = await work.conversations.seen(
            conversation.id, parts.clock.now(), conversation.language, client_key
        )
        if current is None:
            raise ConflictError
        payload = {"text": None, "button": name, "client": message_id}
        said = await _say(work, parts, current, message_id, payload)
        await work.commit()
    return said


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
        return Heard(masked.text, None, notices, await _chosen(work, parts, conversation_id, masked.text))
    if await proving.keep_candidate(work, parts, conversation_id, candidate):
        return Heard(mask_codes(masked.text), Event.CODE_QUESTION, notices)
    return Heard(mask_codes(masked.text), None, (*notices, "gateway.code_masked"))


async def _chosen(work: UnitOfWork, parts: Parts, conversation_id: str, text: str) -> str | None:
    """Return the button that *text* names among those of the newest turn; most lines ask no store."""
    meant = parts.choices.meant(text)
    if meant is None:
        return None
    latest = await work.conversations.latest_replies(conversation_id, _NEWEST)
    turn = [line for line in latest if line.message_id == latest[0].message_id]
    offered = next((buttons for line in turn if (buttons := line.payload.get("buttons"))), ())
    return meant.among([button["name"] for button in offered])


async def _remember(work: UnitOfWork, parts: Parts, conversation_id: str, secret: str) -> None:
    hashed = parts.keyed.of("typed", secret)
    await work.typed_secrets.add(conversation_id, hashed, parts.clock.now())
