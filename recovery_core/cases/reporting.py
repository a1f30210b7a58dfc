"""What to say when something happened outside a sentence: told from the state, never from the event alone."""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from recovery_core.cases.case import Case
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import Tried, Try
from recovery_core.cases.reminding import reminder
from recovery_core.messages import Message, MessageId
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork

_PLAIN = {
    Event.CODE_EXPIRED: MessageId.CODE_EXPIRED,
    Event.CODE_QUESTION: MessageId.IS_THIS_YOUR_CODE,
    Event.CODE_NOT_TRIED: MessageId.CODE_NOT_TRIED,
    Event.NO_CODE_PENDING: MessageId.NO_CODE_PENDING,
    Event.CASE_EXPIRED: MessageId.CASE_EXPIRED,
    Event.CASE_MOVED: MessageId.CASE_MOVED,
    Event.GRANT_EXPIRED: MessageId.GRANT_EXPIRED,
}
_AFTER_WRONG = frozenset({Event.CODE_WRONG, Event.CODE_DEAD, Event.ANSWERS_WRONG})


async def report(parts: Parts, conversation_id: str, event: Event) -> tuple[Message, ...]:
    """Return what to say about *event*, as the conversation's case stands now."""
    if event in _PLAIN:
        return (Message(_PLAIN[event]),)
    async with parts.work.reading() as work:
        case = await work.cases.current(conversation_id)
        if event is Event.SECRET_MASKED:
            return (Message(MessageId.SECRET_MASKED), *await reminder(work, parts, case))
        if case is None:
            return (Message(MessageId.CASE_STATUS_NONE),)
        return await _of_case(work, parts, case, event)


async def _of_case(work: UnitOfWork, parts: Parts, case: Case, event: Event) -> tuple[Message, ...]:
    if event is Event.CASE_FROZEN:
        return (Message(MessageId.CASE_FROZEN, {"reference": case.reference}),)
    if event is Event.PASSWORD_SET:
        return _completed(parts)
    if event is Event.CASE_RESUMED:
        resumed = Message(MessageId.CASE_RESUMED, {"reference": case.reference})
        return (resumed, *await reminder(work, parts, case))
    return await _after_wrong(work, case) if event in _AFTER_WRONG else proven(parts, case)


def of_try(parts: Parts, tried: Tried) -> tuple[Message, ...]:
    """Return what to say about a try that an action made itself (the person said "yes, that is the code")."""
    if tried.outcome is Try.RIGHT and tried.case is not None:
        return proven(parts, tried.case)
    if tried.outcome is Try.WRONG:
        return (Message(MessageId.CODE_WRONG, {"tries_left": tried.tries_left}),)
    return (
        Message(
            {Try.DEAD: MessageId.CODE_DEAD, Try.EXPIRED: MessageId.CODE_EXPIRED}.get(
                tried.outcome, MessageId.NO_CODE_PENDING
            )
        ),
    )


def proven(parts: Parts, case: Case) -> tuple[Message, ...]:
    """Return what follows from a proof: the password form, a second proof, or what stands in the way."""
    if case.state is State.PROVEN and case.grant is not None:
        left = case.grant.expires_at - parts.clock.now()
        if left <= timedelta():
            return (Message(MessageId.GRANT_EXPIRED),)
        return (Message(MessageId.SET_PASSWORD, {"minutes": ceil(left.total_seconds() / 60)}),)
    if case.state is State.ESCALATED:
        return (Message(MessageId.DISABLED_AFTER_PROOF),)
    if case.state is State.COMPLETED:
        return _completed(parts)
    return (Message(MessageId.OFFER_SECOND_METHOD if case.proofs else MessageId.REMIND_METHOD),)


def _completed(parts: Parts) -> tuple[Message, ...]:
    changed = MessageId.PASSWORD_CHANGED if parts.sessions_end else MessageId.SESSIONS_MAY_BE_OPEN
    return (Message(changed), Message(MessageId.ADVISE_FACTORS))


async def _after_wrong(work: UnitOfWork, case: Case) -> tuple[Message, ...]:
    last = await work.challenges.latest(case.id)
    left = last.tries_left if last and last.state is ChallengeState.PENDING else 0
    questions = last is not None and last.method is Method.QUESTIONS
    if left == 0:
        return (Message(MessageId.ANSWERS_STOPPED if questions else MessageId.CODE_DEAD),)
    if questions:
        return (Message(MessageId.ANSWERS_WRONG),)
    return (Message(MessageId.CODE_WRONG, {"tries_left": left}),)
