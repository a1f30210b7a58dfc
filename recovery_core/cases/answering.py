"""Answers to sentences that change nothing or little: digressions, questions, wishes for another way."""

from __future__ import annotations

from math import ceil

from recovery_core.accounts.account import Edition
from recovery_core.accounts.editions import PATHS
from recovery_core.cases import proving
from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.cases.reporting import of_try
from recovery_core.conversations.losing import lost_both
from recovery_core.messages import Message, MessageId
from recovery_core.passwords.rules import RuleCode

_WAITING = frozenset({State.ESCALATED, State.APPROVED, State.COMPLETING})


async def say_and_remind(parts: Parts, conversation_id: str, *ids: MessageId) -> tuple[Message, ...]:
    """Say *ids*, then where the person stands, if something is open."""
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
        return (*map(Message, ids), *await reminder(work, parts, case))


async def remind(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Say where the person stands, or offer help when nothing is open."""
    return await say_and_remind(parts, conversation_id) or (Message(MessageId.HELP),)


async def password_rules(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Tell the rules of a new password with the numbers of the profile, then where the person stands."""
    said = {rule.code: rule.variables for rule in parts.policy.advance()}
    classes = said.get(RuleCode.TOO_FEW_CLASSES, {})
    numbers = {
        "minimum": said[RuleCode.TOO_SHORT]["minimum"],
        "maximum": said[RuleCode.TOO_LONG]["maximum"],
        "classes": classes.get("minimum", 0),
        "history": parts.numbers.history,
    }
    rest = await say_and_remind(parts, conversation_id)
    return (Message(MessageId.PASSWORD_RULES, numbers), *rest)


async def another_method(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Offer the three methods again, or what must come before them."""
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
        if case is None or case.ended or case.address is None:
            return (Message(MessageId.ASK_ADDRESS),)
        if case.state not in {State.IDENTIFIED, State.CHALLENGED, State.APPROVED}:
            return await reminder(work, parts, case)
        if case.proofs:
            return (Message(MessageId.OFFER_SECOND_METHOD),)
        return (Message(MessageId.OFFER_METHODS, {"address": case.address}),)


async def code_missing(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Nothing arrived: wait a little, then everyone is offered the same ways on (R2)."""
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
        if case is None or case.ended or case.address is None:
            return (Message(MessageId.ASK_ADDRESS),)
        last = await work.challenges.latest(case.id)
        if last is None or case.state is not State.CHALLENGED:
            return await reminder(work, parts, case)
        left = last.issued_at + parts.numbers.ways_on_after - parts.clock.now()
        seconds = ceil(left.total_seconds())
        if seconds > 0 and len(case.failed_methods) < parts.numbers.ways_on_after_failures:
            return (Message(MessageId.WAIT_BEFORE_SENDING, {"seconds": seconds}),)
    return (Message(MessageId.CODE_MISSING),)


async def status(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Tell how the conversation's case stands; never anything about another one."""
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
        if case is None:
            return (Message(MessageId.CASE_STATUS_NONE),)
        return (_status(case), *(() if case.state in _WAITING else await reminder(work, parts, case)))


async def lost_phone(parts: Parts, conversation_id: str, text: str = "") -> tuple[Message, ...]:
    """Say what still works without the phone; a code that went to it is not waited for any longer.

    Where *text* says that the backup mailbox is lost too, people who review documents are named (case 7).
    """
    if lost_both(text):
        return (Message(MessageId.LOST_EVERYTHING),)
    said = await say_and_remind(parts, conversation_id, MessageId.LOST_PHONE)
    waiting = [message.id for message in said[1:]] == [MessageId.REMIND_CODE]
    return (said[0], Message(MessageId.REMIND_METHOD)) if waiting else said


def edition(named: Edition | None) -> tuple[Message, ...]:
    """Tell the console path of the edition that the person named, or every path when unsure (R3)."""
    return (Message(PATHS[named]), Message(MessageId.OFFER_SELF_PROOF))


async def affirm(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Take a yes: try the six digits that were asked about, if there are any."""
    async with parts.work() as work:
        tried = await proving.try_candidate(work, parts, conversation_id)
        await work.commit()
    return of_try(parts, tried) if tried else await remind(parts, conversation_id)


async def deny(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Take a no: forget the six digits that were asked about, if there are any."""
    async with parts.work() as work:
        dropped = await proving.drop_candidate(work, parts, conversation_id)
        await work.commit()
    return (Message(MessageId.CODE_NOT_TRIED),) if dropped else await remind(parts, conversation_id)


def _status(case: Case) -> Message:
    reference = {"reference": case.reference}
    if case.state is State.FROZEN:
        return Message(MessageId.CASE_FROZEN, reference)
    if case.state is State.COMPLETED:
        return Message(MessageId.CASE_STATUS_DONE, reference)
    if case.ended:
        return Message(MessageId.CASE_STATUS_ENDED, reference)
    waiting = case.state in _WAITING
    return Message(MessageId.CASE_STATUS_WAITING if waiting else MessageId.CASE_STATUS_OPEN, reference)
