"""Where the person stands, said again: after a digression, on return, or when asked."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.messages import Message, MessageId
from recovery_core.proofs import secrets
from recovery_core.proofs.challenge import Challenge
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork


async def reminder(work: UnitOfWork, parts: Parts, case: Case | None) -> tuple[Message, ...]:
    """Return what the person should do next; empty when nothing is open. Changes nothing."""
    if case is None or case.ended:
        return ()
    if case.state is State.CHALLENGED:
        return _of_challenge(case, await work.challenges.latest(case.id), parts)
    if case.state is State.PROVEN:
        return (_of_grant(case, parts),)
    return (_BY_STATE[case.state](case),)


def _of_challenge(case: Case, challenge: Challenge | None, parts: Parts) -> tuple[Message, ...]:
    if challenge is None or not secrets.open_at(challenge, parts.clock.now(), parts.numbers):
        again = MessageId.OFFER_SECOND_METHOD if case.proofs else MessageId.REMIND_METHOD
        return (Message(again),)
    if challenge.method is Method.SMS:
        return (Message(MessageId.REMIND_CODE),)
    if challenge.method is Method.MAIL:
        return (Message(MessageId.REMIND_LINK, {"reference": case.reference}),)
    return (Message(MessageId.REMIND_ANSWERS),)


def _of_grant(case: Case, parts: Parts) -> Message:
    now = parts.clock.now()
    if case.grant is None or now >= case.grant.expires_at:
        return Message(MessageId.REMIND_METHOD)
    minutes = ceil((case.grant.expires_at - now).total_seconds() / 60)
    return Message(MessageId.REMIND_PASSWORD, {"minutes": minutes})


def _plain(id_: MessageId) -> Callable[[Case], Message]:
    return lambda _: Message(id_)


_BY_STATE: dict[State, Callable[[Case], Message]] = {
    State.OPENED: _plain(MessageId.REMIND_ADDRESS),
    State.IDENTIFIED: _plain(MessageId.REMIND_METHOD),
    State.ESCALATED: lambda case: Message(MessageId.CASE_STATUS_WAITING, {"reference": case.reference}),
    State.APPROVED: _plain(MessageId.REMIND_METHOD),
    State.COMPLETING: _plain(MessageId.COMPLETING),
}
