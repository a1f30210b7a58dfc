"""Answers to lines that were not understood: name what was heard, twice at most, then offer a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, takewhile
from types import MappingProxyType

from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.conversations.conversation import Line
from recovery_core.messages import Message, MessageId
from recovery_core.work import UnitOfWork

HEARD: Mapping[str, MessageId] = MappingProxyType(
    {
        "forgot_password": MessageId.HEARD_PASSWORD,
        "lost_phone": MessageId.HEARD_PHONE,
        "account_disabled": MessageId.HEARD_DISABLED,
        "admin_recovery": MessageId.HEARD_ADMINISTRATOR,
        "code_not_received": MessageId.HEARD_CODE,
        "password_rules": MessageId.HEARD_RULES,
        "ticket_status": MessageId.HEARD_STATUS,
        "human_agent": MessageId.HEARD_PERSON,
        "report_takeover": MessageId.HEARD_TAKEOVER,
    }
)
"""What is asked back when a task was heard, but not surely enough to act on it."""
NOT_UNDERSTOOD = frozenset(
    {
        MessageId.FALLBACK,
        MessageId.FALLBACK_AGAIN,
        MessageId.FALLBACK_PERSON,
        MessageId.OUT_OF_SCOPE,
        *HEARD.values(),
    }
)
"""Every message that admits a line was not understood."""
ROUNDS = 2
"""Lines in a row after which rekey stops asking back and offers a person."""
_LOOKED_AT = 12
"""Replies that are read back: more than :data:`ROUNDS` turns ever hold."""
_PREFIX = "utter_"


async def not_understood(
    parts: Parts, conversation_id: str, heard: str | None, *, out_of_scope: bool
) -> tuple[Message, ...]:
    """Ask back, then say where the person stands, if something is open.

    *heard* is the intent that was likeliest without being likely enough. Asked back is once by name and once
    in general; whoever is not understood a third time in a row is offered a person.
    """
    async with parts.work.reading() as work:
        rounds = await _rounds(work, conversation_id)
        case = await work.cases.current(conversation_id)
        said = _said(rounds, heard, out_of_scope=out_of_scope)
        return (Message(said), *await reminder(work, parts, case))


def _said(rounds: int, heard: str | None, *, out_of_scope: bool) -> MessageId:
    if rounds >= ROUNDS:
        return MessageId.FALLBACK_PERSON
    if out_of_scope:
        return MessageId.OUT_OF_SCOPE
    if rounds:
        return MessageId.FALLBACK_AGAIN
    return HEARD.get(heard or "", MessageId.FALLBACK)


async def _rounds(work: UnitOfWork, conversation_id: str) -> int:
    """Count the turns at the end of the conversation in which nothing was understood."""
    latest = await work.conversations.latest_replies(conversation_id, _LOOKED_AT)
    answers = [line for line in latest if line.payload.get("id")]  # a notice that it takes long is no answer
    turns = [list(lines) for _, lines in groupby(answers, key=lambda line: line.message_id)]
    return len(list(takewhile(_admits, turns)))


def _admits(turn: Sequence[Line]) -> bool:
    ids = {str(line.payload["id"]).removeprefix(_PREFIX) for line in turn}
    return not NOT_UNDERSTOOD.isdisjoint(ids)
