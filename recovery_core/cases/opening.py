"""A case begins: somebody says what they need and names an address. Nothing is known of them yet."""

from __future__ import annotations

from dataclasses import replace

from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.messages import Message, MessageId
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.work import UnitOfWork

_BEFORE_PROOF = frozenset({State.OPENED, State.IDENTIFIED})


async def start(parts: Parts, conversation_id: str, addresses: tuple[str, ...]) -> tuple[Message, ...]:
    """Begin or go on, with the normalised *addresses* that the sentence named; return what to say."""
    if addresses:
        return await identify(parts, conversation_id, addresses)
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is not None and not case.ended and case.state is not State.OPENED:
            return await reminder(work, parts, case)
        if case is None or case.ended:
            await open_case(work, parts, conversation_id)
            await work.commit()
    return (Message(MessageId.ASK_ADDRESS),)


async def identify(parts: Parts, conversation_id: str, addresses: tuple[str, ...]) -> tuple[Message, ...]:
    """Take the address of the case, or correct it; the case of an address never becomes another's."""
    if not addresses:
        return (Message(MessageId.ADDRESS_UNCLEAR),)
    if len(addresses) > 1:
        return (Message(MessageId.ASK_ONE_ADDRESS),)
    address = addresses[0]
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is not None and not case.ended and case.address == address:
            return await reminder(work, parts, case)
        if case is None or case.ended or case.state not in _BEFORE_PROOF:
            await _leave(work, parts, case)
            case = await open_case(work, parts, conversation_id)
        account = await work.accounts.by_address(address)
        moved = case.move(State.IDENTIFIED, parts.clock.now())
        await work.cases.save(replace(moved, address=address, account_id=account.id if account else None))
        await work.audit.append(case.id, AuditName.CASE_IDENTIFIED, parts.clock.now())
        await work.commit()
    return (Message(MessageId.OFFER_METHODS, {"address": address}),)


async def cancel(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """End the case because the person gives up: everything pending dies, nothing is changed."""
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is None or case.ended or case.state is State.COMPLETING:
            return (Message(MessageId.NOTHING_TO_CANCEL),)
        await end(work, parts, case, State.CANCELLED, AuditName.CASE_CANCELLED)
        await work.commit()
    return (Message(MessageId.CANCELLED),)


async def end(work: UnitOfWork, parts: Parts, case: Case, state: State, name: AuditName) -> Case:
    """Move *case* to an end: challenges, forms, grant, typed secrets, unsent deliveries die too."""
    now = parts.clock.now()
    ended = replace(case.move(state, now), grant=None, resume_hash=None)
    await work.cases.save(ended)
    await end_pending(work, parts, case)
    await work.forms.end_of_case(case.id, now)
    await work.typed_secrets.forget(case.conversation_id)
    await work.audit.append(case.id, name, now)
    return ended


async def end_pending(work: UnitOfWork, parts: Parts, case: Case) -> None:
    """Kill the pending challenges of the case and drop what of them has not been sent."""
    await work.challenges.end_pending(case.id, ChallengeState.DEAD)
    await work.outbox.drop(f"challenges:{case.id}", parts.clock.now())


async def _leave(work: UnitOfWork, parts: Parts, case: Case | None) -> None:
    # A case that waits for an administrator stays: the person may ask about a second mailbox meanwhile.
    if case is None or case.ended or case.state in {State.ESCALATED, State.APPROVED, State.COMPLETING}:
        return
    await end(work, parts, case, State.CANCELLED, AuditName.CASE_CANCELLED)


async def open_case(work: UnitOfWork, parts: Parts, conversation_id: str) -> Case:
    """Store a new case of the conversation, with a reference of its own."""
    now = parts.clock.now()
    letters = parts.entropy.readable(8)
    case = Case(
        id=parts.entropy.token(128),
        reference=f"RC-{letters[:4]}-{letters[4:]}",
        conversation_id=conversation_id,
        state=State.OPENED,
        created_at=now,
        updated_at=now,
    )
    await work.cases.add(case)
    await work.audit.append(case.id, AuditName.CASE_OPENED, now)
    return case
