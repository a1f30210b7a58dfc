"""What follows from a password that was set: the case ends and everyone is told, at once (R11, R12)."""

from __future__ import annotations

from dataclasses import replace

from recovery_core.accounts.account import Account
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.notices import telling
from recovery_core.work import UnitOfWork

_APPROVAL = "approval"
"""What stands for a method where somebody with the right to do so vouched for the person (R14)."""


async def finish(work: UnitOfWork, parts: Parts, case: Case, account: Account) -> Case:
    """Complete the case in the unit of work that knows of the new password; the caller commits."""
    now = parts.clock.now()
    done = replace(case.move(State.COMPLETED, now), grant=None, resume_hash=None, completed_at=now)
    await work.cases.save(done)
    await work.forms.end_of_case(case.id, now)
    await work.typed_secrets.forget(case.conversation_id)
    if account.two_methods_required:
        await work.accounts.require_two_methods(account.id, required=False)
    methods = ",".join(method.value for method in case.proofs) or _APPROVAL
    await work.audit.append(case.id, AuditName.PASSWORD_SET, now, {"methods": methods})
    change = telling.Change(case.id, case.reference, now, methods, case.proof_contacts)
    await telling.password_changed(work, parts.keyed, parts.entropy, account, change, parts.telling)
    await announce(work, parts, case.conversation_id, Event.PASSWORD_SET)
    return done
