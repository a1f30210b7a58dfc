"""The new password: judged by every rule, then set together with everything that follows from it (R11)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from recovery_core.accounts.account import Account, ContactKind
from recovery_core.accounts.ports import Credentials, RemoteDirectory, SetOutcome
from recovery_core.audit import AuditName
from recovery_core.cases import remotely
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.finishing import finish
from recovery_core.cases.flow import State
from recovery_core.cases.forms import require_form
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, RecoveryError, UnavailableError
from recovery_core.messages import FormPurpose
from recovery_core.passwords.account_words import account_words
from recovery_core.passwords.grant import Grant
from recovery_core.passwords.history import recently_used
from recovery_core.passwords.rules import PasswordContext, Violation
from recovery_core.proofs import secrets
from recovery_core.work import UnitOfWork


class PasswordRefusedError(RecoveryError):
    """Raised with every broken rule at once; the form shows each and stays."""

    code = "password_refused"

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        self.violations = violations
        super().__init__()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was read before the costly work: the facts must still hold when the password is set."""

    case: Case
    account: Account
    held: Credentials = field(repr=False)
    typed: bool


async def set_password(parts: Parts, form_id: str, browser: str, new: str, confirm: str) -> Case:
    """Judge *new* and set it, once.

    Raises PasswordRefusedError with every broken rule, GoneError or UnavailableError.

    The three comparisons with the history and the new hash, four Argon2 operations in all, run outside any
    transaction; the facts that the grant was given on are checked again inside the one that sets it.
    """
    asked = await _spend_sending(parts, form_id, browser, new)
    await _judge(parts, asked, new, confirm)
    encoded = await parts.hasher.hash(new)
    async with parts.work() as work:
        form = await require_form(work, parts, form_id, browser, FormPurpose.PASSWORD)
        case = await work.cases.lock(form.case_id)
        account = await work.accounts.by_id(asked.account.id)
        held = await work.directory.credentials(asked.account.id)
        if case is None or account is None or not alive(parts, case, account, held):
            raise GoneError("grant_expired")
        case = await _complete(work, parts, case, account, encoded)
        await work.commit()
    return await remotely.carry_out(parts, case, encoded) if case.state is State.COMPLETING else case


async def expire_grant(parts: Parts, conversation_id: str) -> bool:
    """Take a dead grant back: ``proven -> challenged``, not to the start (R10); tell whether it was dead."""
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is None or case.state is not State.PROVEN or case.account_id is None:
            return False
        account = await work.accounts.by_id(case.account_id)
        held = await work.directory.credentials(case.account_id)
        spent = case.grant is not None and case.grant.sendings_left <= 0
        if account is not None and not spent and alive(parts, case, account, held):
            return False
        now = parts.clock.now()
        fresh = replace(case.move(State.CHALLENGED, now), grant=None, proofs=(), proof_contacts=())
        await work.cases.save(fresh)
        await work.forms.end_of_case(case.id, now)
        await work.audit.append(case.id, AuditName.GRANT_ENDED, now)
        await announce(work, parts, conversation_id, Event.GRANT_EXPIRED)
        await work.commit()
    return True


def alive(parts: Parts, case: Case, account: Account, held: Credentials) -> bool:
    """Tell whether the case still has a grant, given on the facts as they are (R10)."""
    grant, now = case.grant, parts.clock.now()
    return (
        case.state is State.PROVEN
        and grant is not None
        and secrets.in_time(grant.issued_at, grant.expires_at, now, parts.numbers)
        and grant.alive(
            now,
            password_version=held.version,
            contacts_version=account.contacts_version,
            status=account.status.value,
        )
    )


async def _spend_sending(parts: Parts, form_id: str, browser: str, new: str) -> _Asked:
    async with parts.work() as work:
        form = await require_form(work, parts, form_id, browser, FormPurpose.PASSWORD)
        case = await work.cases.lock(form.case_id)
        if case is None or case.account_id is None or case.grant is None:
            raise GoneError("grant_expired")
        account = await work.accounts.by_id(case.account_id)
        held = await work.directory.credentials(case.account_id)
        if account is None or not alive(parts, case, account, held):
            raise GoneError("grant_expired")
        typed = await work.typed_secrets.has(case.conversation_id, parts.keyed.of("typed", new))
        case = replace(case, grant=_one_less(case.grant), updated_at=parts.clock.now())
        await work.cases.save(case)
        await work.commit()
    return _Asked(case, account, held, typed)


def _one_less(grant: Grant) -> Grant:
    if grant.sendings_left <= 0:
        raise GoneError("grant_expired")
    return replace(grant, sendings_left=grant.sendings_left - 1)


async def _judge(parts: Parts, asked: _Asked, new: str, confirm: str) -> None:
    account = asked.account
    context = PasswordContext(
        account_words=account_words(
            local_part=account.address.partition("@")[0],
            domain=account.domain,
            display_name=account.display_name,
            employee_number=account.employee_number,
            phones=[c.value for c in account.contacts if c.kind is ContactKind.PHONE],
        ),
        blocklist=parts.blocklist,
        typed_in_chat=lambda _: asked.typed,
        recently_used=await recently_used(parts.hasher, new, asked.held.hashes),
    )
    broken = parts.policy.violations(new, confirm, context)
    if broken:
        async with parts.work() as work:
            codes = ",".join(violation.code.value for violation in broken)
            now = parts.clock.now()
            await work.audit.append(asked.case.id, AuditName.PASSWORD_REFUSED, now, {"codes": codes})
            await work.commit()
        raise PasswordRefusedError(broken)


async def _complete(work: UnitOfWork, parts: Parts, case: Case, account: Account, encoded: str) -> Case:
    if isinstance(work.directory, RemoteDirectory):
        return await remotely.begin(work, parts, case)
    now, version = parts.clock.now(), case.grant.password_version if case.grant else None
    outcome = await work.directory.set_password(account.id, encoded, f"case:{case.id}", now, expected=version)
    if outcome is SetOutcome.OVERTAKEN:
        raise GoneError("grant_expired")
    if outcome is not SetOutcome.DONE:
        raise UnavailableError("directory")
    return await finish(work, parts, case, account)
