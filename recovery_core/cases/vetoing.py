"""The veto, "this was not me": a contact stops a recovery or takes a completed one back (R12)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from recovery_core.accounts.account import Account
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import MOVES, State
from recovery_core.cases.opening import end
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, MustWaitError, UnknownError, WrongError
from recovery_core.notices import telling
from recovery_core.notices.delivery import Template
from recovery_core.notices.veto import Veto
from recovery_core.proofs import secrets
from recovery_core.work import UnitOfWork

_HOUR = timedelta(hours=1)
_TOO_MANY_VETOES = 2


class VetoOutcome(StrEnum):
    """What a veto brought about."""

    FROZEN = "frozen"
    REVOKED = "revoked"
    NOTED = "noted"
    """Nothing is stopped; the administrators are told and decide."""


@dataclass(frozen=True, slots=True)
class _Facts:
    veto: Veto
    case: Case
    account: Account
    earlier: int


async def look(parts: Parts, token: str) -> None:
    """Return if the veto of *token* can still be used; changes nothing. Raises UnknownError, GoneError."""
    async with parts.work() as work:
        await _find(work, parts, telling.veto_hash(parts.keyed, token, by_sms=False))


Afterwards = Callable[[UnitOfWork, Case, VetoOutcome], Awaitable[None]]
"""What else a veto brings about, in the same unit of work: people who must act."""


async def nothing(_work: UnitOfWork, _case: Case, _outcome: VetoOutcome) -> None:
    """Let nobody else act."""


async def veto(parts: Parts, token: str, afterwards: Afterwards = nothing) -> VetoOutcome:
    """Use the veto of a link, once, with what follows from it; raises UnknownError or GoneError.

    The code of an SMS is unknown here: it is short, and only :func:`veto_by_code` counts the tries.
    """
    return await _use(parts, telling.veto_hash(parts.keyed, token, by_sms=False), afterwards)


async def _use(parts: Parts, token_hash: str, afterwards: Afterwards) -> VetoOutcome:
    async with parts.work() as work:
        facts = await _find(work, parts, token_hash)
        if not await work.vetoes.use(facts.veto.id, parts.clock.now()):
            raise GoneError("veto_used")
        outcome = await _act(work, parts, facts)
        await afterwards(work, facts.case, outcome)
        await work.commit()
    return outcome


async def veto_by_code(
    parts: Parts, client_key: str, code: str, afterwards: Afterwards = nothing
) -> VetoOutcome:
    """Use the veto of an SMS code, five tries an hour per client; raises WrongError or MustWaitError."""
    key, now = f"veto:{client_key}", parts.clock.now()
    async with parts.work() as work:
        if await work.sends.attempts_since(key, now - _HOUR) >= parts.numbers.veto_code_tries_per_hour:
            raise MustWaitError(_HOUR, "veto_tries")
        await work.sends.add_attempt(key, now)
        await work.commit()
    typed = "".join(code.split()).replace("-", "").upper()
    try:
        return await _use(parts, telling.veto_hash(parts.keyed, typed, by_sms=True), afterwards)
    except (UnknownError, GoneError) as refusal:
        # One answer for both: the codes are short, so nothing tells a used one from a wrong one.
        raise WrongError("veto_code") from refusal


async def _find(work: UnitOfWork, parts: Parts, token_hash: str) -> _Facts:
    found = await work.vetoes.by_token_hash(token_hash)
    if found is None:
        raise UnknownError("veto")
    case = await work.cases.lock(found.case_id)
    account = await work.accounts.by_id(found.account_id)
    now = parts.clock.now()
    live = secrets.in_time(found.issued_at, found.expires_at, now, parts.numbers)
    if found.used_at is not None or not live or case is None or account is None:
        raise GoneError("veto_over")
    if found.contact_id not in {contact.id for contact in account.contacts}:
        raise GoneError("veto_over")
    since = now - parts.numbers.hold_every
    return _Facts(found, case, account, await work.vetoes.used_by_contact_since(found.contact_id, since))


async def _act(work: UnitOfWork, parts: Parts, facts: _Facts) -> VetoOutcome:
    heard = facts.earlier < _TOO_MANY_VETOES
    if heard and State.FROZEN in MOVES[facts.case.state]:
        await end(work, parts, facts.case, State.FROZEN, AuditName.CASE_FROZEN)
        await announce(work, parts, facts.case.conversation_id, Event.CASE_FROZEN)
        await _tell(work, parts, facts, Template.CASE_FROZEN)
        return VetoOutcome.FROZEN
    if heard and _may_revoke(parts, facts):
        await _revoke(work, parts, facts)
        return VetoOutcome.REVOKED
    await work.audit.append(facts.case.id, AuditName.VETO_NOTED, parts.clock.now())
    await _tell(work, parts, facts, Template.CASE_FROZEN)
    return VetoOutcome.NOTED


def _may_revoke(parts: Parts, facts: _Facts) -> bool:
    now, numbers = parts.clock.now(), parts.numbers
    case, account = facts.case, facts.account
    fresh = case.completed_at is not None and now < case.completed_at + numbers.veto_life
    held = account.hold_used_at is not None and now < account.hold_used_at + numbers.hold_every
    return case.state is State.COMPLETED and fresh and not facts.veto.gave_proof and not held


async def _revoke(work: UnitOfWork, parts: Parts, facts: _Facts) -> None:
    now, account = parts.clock.now(), facts.account
    await work.cases.save(facts.case.move(State.REVOKED, now))
    await work.directory.block(account.id, now)
    await work.accounts.require_two_methods(account.id, required=True)
    await work.accounts.use_hold(account.id, now)
    await telling.end_sessions(work, account, facts.case.id, now)
    await work.audit.append(facts.case.id, AuditName.CASE_REVOKED, now)
    await _tell(work, parts, facts, Template.RECOVERY_REVOKED)
    parts.alerts.raise_alert("recovery_revoked")


async def _tell(work: UnitOfWork, parts: Parts, facts: _Facts, template: Template) -> None:
    case = facts.case
    methods = ",".join(method.value for method in case.proofs)
    change = telling.Change(case.id, case.reference, parts.clock.now(), methods, case.proof_contacts)
    await telling.tell_administrators(work, facts.account, template, change)
    if template is Template.RECOVERY_REVOKED:
        await telling.tell_contacts(work, facts.account, template, change)
