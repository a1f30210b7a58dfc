"""Which choice somebody made: a pressed button, a number out of a list, or a yes to a question.

The ids of choices that the messenger's side adds are keyed hashes; all others are the conversation's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.channels.port import Kind
from recovery_core.cases import messenger
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.conversations.messengers import Binding
from recovery_core.work import UnitOfWork

ASK_ADDRESS, OFFER_METHODS = "utter_ask_address", "utter_offer_methods"
"""The assistant's answers in which it matters whether the directory names the account's owner."""
_METHODS = ("method_sms", "method_mail", "method_questions")
_CHOICES = frozenset("123456789")
_YES = frozenset({"yes", "y", "yep", "yeah", "sure", "是", "是的", "对", "对的", "好", "好的", "嗯"})
_ENDS = ".!。！,， "


def yes_and_no(parts: Parts, conversation_id: str) -> tuple[str, str]:
    """Return the opaque ids of the buttons for "yes, this mailbox" and "no, another one"."""
    return (
        parts.keyed.of("owner-button", conversation_id, "yes")[:24],
        parts.keyed.of("owner-button", conversation_id, "no")[:24],
    )


def use_account(parts: Parts, conversation_id: str) -> str:
    """Return the opaque id of the button that uses the messenger's account as a proof."""
    return parts.keyed.of("owner-button", conversation_id, "proof")[:24]


async def offers_account(
    work: UnitOfWork, parts: Parts, conversation_id: str, payload: Mapping[str, Any]
) -> bool:
    """Tell whether the line *payload* offers the methods and the account may stand beside them."""
    names = tuple(button["name"] for button in payload.get("buttons") or ())
    return names == _METHODS and await messenger.may_prove(work, parts, conversation_id)


async def chosen(parts: Parts, binding: Binding, content: Mapping[str, Any]) -> str | None:
    """Return the id of the button that was pressed or meant, None for words that are no choice."""
    if content["kind"] == Kind.BUTTON.value:
        return content["button"] or ""
    if content["kind"] != Kind.TEXT.value:
        return None
    said = (content["text"] or "").strip()
    if binding.owner_id and said.strip(_ENDS).casefold() in _YES:
        async with parts.work.reading() as work:
            case = await work.cases.current(binding.conversation_id)
        if case is not None and case.state is State.OPENED:
            return yes_and_no(parts, binding.conversation_id)[0]
    if not binding.choices_seq or not is_number(said):
        return None
    async with parts.work.reading() as work:
        ids = await _listed(work, parts, binding)
    return dict(enumerate(ids, 1)).get(int(_digit(said)))


def is_number(text: str) -> bool:
    """Tell whether *text* is a lone number that may choose from a list."""
    return _digit(text) in _CHOICES


def _digit(text: str) -> str:
    return text.strip().strip(".。)）")


async def _listed(work: UnitOfWork, parts: Parts, binding: Binding) -> list[str]:
    """Return the ids of the list that was said last; none if it is old or something was said since."""
    lines = await work.conversations.since(binding.conversation_id, binding.choices_seq - 1, 1)
    last = await work.conversations.latest_replies(binding.conversation_id, 1)
    if not lines or lines[0].seq != binding.choices_seq or not last:
        return []
    listed = lines[0]
    # What else belongs to the same answer does not end its choices.
    if last[0].message_id != listed.message_id or _not_seen(binding):
        return []
    if parts.clock.now() >= listed.at + parts.numbers.idle_expiry:
        return []
    if listed.payload.get("id") == ASK_ADDRESS:
        return list(yes_and_no(parts, binding.conversation_id))
    ids = [str(button["id"]) for button in listed.payload.get("buttons") or ()]
    if await offers_account(work, parts, binding.conversation_id, listed.payload):
        ids.append(use_account(parts, binding.conversation_id))
    return ids


def _not_seen(binding: Binding) -> bool:
    """Tell whether the list could not be sent: a number means another one that the person sees."""
    return binding.attempts > 0 and binding.sent_seq < binding.choices_seq
