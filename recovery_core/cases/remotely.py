"""A directory outside the unit of work: asked after the case is stored, and read again when in doubt.

The case is *completing* while nobody knows whether the password was set: it can neither be cancelled nor
frozen, nor does it expire. Only the directory's own word ends that state.
"""

from __future__ import annotations

from datetime import timedelta

from recovery_core.accounts.ports import RemoteDirectory, SetOutcome
from recovery_core.cases.case import Case
from recovery_core.cases.finishing import finish
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, UnavailableError
from recovery_core.work import UnitOfWork

READ_AGAIN_AFTER = timedelta(minutes=1)
"""An answer may still be under way before that."""


async def begin(work: UnitOfWork, parts: Parts, case: Case) -> Case:
    """Store that the directory is about to be asked; the caller commits before it asks."""
    moved = case.move(State.COMPLETING, parts.clock.now())
    await work.cases.save(moved)
    return moved


async def carry_out(parts: Parts, case: Case, encoded: str) -> Case:
    """Have the directory set *encoded*, outside of any transaction, and act on its answer.

    Raises UnavailableError when it refused, or when its answer is not known yet, and GoneError when the
    account is gone.
    """
    async with parts.work.reading() as work:
        try:
            outcome = await work.directory.set_password(
                case.account_id or "", encoded, operation_of(case), parts.clock.now()
            )
        except UnavailableError:
            outcome = SetOutcome.UNKNOWN
    settled = await _settle(parts, case.id, outcome)
    if settled.state is not State.COMPLETED:
        raise UnavailableError("directory")
    return settled


async def read_again(parts: Parts, case_id: str) -> None:
    """Ask the directory what became of the case's operation; nothing changes while it does not know."""
    async with parts.work.reading() as work:
        case = await work.cases.get(case_id)
        if case is None or case.state is not State.COMPLETING:
            return
        if not isinstance(work.directory, RemoteDirectory):
            return
        try:
            outcome = await work.directory.outcome(case.account_id or "", operation_of(case))
        except UnavailableError:
            return
    await _settle(parts, case_id, outcome)


def operation_of(case: Case) -> str:
    """Return the id of the operation: the same while it is in doubt, another one for the next sending."""
    return f"case:{case.id}:{case.grant.sendings_left if case.grant else 0}"


async def _settle(parts: Parts, case_id: str, outcome: SetOutcome) -> Case:
    """Complete the case, or give it back to the person; of two who know the answer one acts on it."""
    async with parts.work() as work:
        case = await work.cases.lock(case_id)
        account = await work.accounts.by_id(case.account_id or "") if case else None
        if case is None or account is None:
            raise GoneError("account_gone")
        if case.state is not State.COMPLETING or outcome is SetOutcome.UNKNOWN:
            return case
        if outcome is SetOutcome.DONE:
            case = await finish(work, parts, case, account)
        else:
            case = case.move(State.PROVEN, parts.clock.now())
            await work.cases.save(case)
        await work.commit()
    return case
