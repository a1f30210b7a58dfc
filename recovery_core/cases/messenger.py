"""The account of a messenger as a proof, where the settings say so (docs/decisions/0041).

The company's directory maps the account to a mailbox, the binding holds what it said and when. Nothing of it
comes from the conversation. It is one proof under R9: for administrators, and after a takeover, never enough.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.challenging import OPEN_TO_PROOF, rule_of
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.opening import end_pending
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import prove
from recovery_core.cases.resuming import end_idle
from recovery_core.conversations.messengers import Binding
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork

FRESH = timedelta(seconds=60)
"""How old the directory's answer may be."""


async def may_prove(work: UnitOfWork, parts: Parts, conversation_id: str) -> bool:
    """Tell whether the conversation's account may be offered as a proof of its case.

    Whoever asks about another mailbox than their own is offered what anybody is offered (R2).
    """
    binding = await work.bindings.of_conversation(conversation_id)
    case = await work.cases.current(conversation_id)
    return binding is not None and case is not None and await _leads_to(work, parts, case, binding)


async def take(work: UnitOfWork, parts: Parts, conversation_id: str) -> bool:
    """Take the account as one proof of the case, if the directory mapped it to that mailbox just now.

    The chat is told of the proof in the same unit of work; the caller commits, whatever is returned.
    """
    binding = await work.bindings.of_conversation(conversation_id)
    await end_idle(work, parts, conversation_id)
    case = await work.cases.lock_current(conversation_id)
    if binding is None or case is None:
        return False
    now, method = parts.clock.now(), {"method": Method.MESSENGER.value}
    if not _fresh(parts, binding) or not await _leads_to(work, parts, case, binding):
        await work.audit.append(case.id, AuditName.PROOF_REFUSED, now, method)
        return False
    asked = replace(case.move(State.CHALLENGED, now), first_challenge_at=case.first_challenge_at or now)
    await work.audit.append(case.id, AuditName.CHALLENGE_STARTED, now, method)
    if (await prove(work, parts, asked, Method.MESSENGER)).state is not State.CHALLENGED:
        await end_pending(work, parts, case)
    await announce(work, parts, conversation_id, Event.ACCOUNT_RIGHT)
    return True


async def _leads_to(work: UnitOfWork, parts: Parts, case: Case, binding: Binding) -> bool:
    """Tell whether the account counts, is mapped to the case's mailbox and has not been used as its proof."""
    account = await work.accounts.by_address(case.address or "")
    return (
        account is not None
        and account.domain in parts.messenger_proofs.get(binding.platform, ())
        and account.id == binding.owner_id
        and case.state in OPEN_TO_PROOF
        and Method.MESSENGER not in case.proofs
        and Method.MESSENGER in rule_of(parts, case, account).allowed
    )


def _fresh(parts: Parts, binding: Binding) -> bool:
    if binding.asked_at is None:
        return False
    return timedelta() <= parts.clock.now() - binding.asked_at <= FRESH
