"""A proof is given: a code, two answers or a pressed link. Exactly one of many parallel tries can win."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from hmac import compare_digest

from recovery_core.accounts.account import Account, ContactKind, SecurityAnswer, Status
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.challenging import rule_of
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.errors import RecoveryError
from recovery_core.passwords.grant import Grant
from recovery_core.proofs import guess_budget, questions, secrets
from recovery_core.proofs.challenge import Challenge, ChallengeState
from recovery_core.proofs.methods import Method, enough
from recovery_core.proofs.ports import Budget
from recovery_core.work import UnitOfWork

_DAY = timedelta(days=1)


class Try(StrEnum):
    """What became of one try."""

    RIGHT = "right"
    WRONG = "wrong"
    DEAD = "dead"
    """Wrong, and it was the last try of this code."""
    EXPIRED = "expired"
    NOT_PENDING = "not_pending"


_TOLD = {Try.RIGHT: Event.ANSWERS_RIGHT, Try.DEAD: Event.ANSWERS_WRONG}


@dataclass(frozen=True, slots=True)
class Tried:
    """The outcome, the tries left (after a wrong one) and the case as it stands now."""

    outcome: Try
    case: Case | None = None
    tries_left: int = 0


async def try_code(work: UnitOfWork, parts: Parts, conversation_id: str, code: str) -> Tried:
    """Try six digits typed in the chat or the form; the caller commits, whatever the outcome is."""
    case, challenge, ended = await _pending(work, parts, conversation_id, Method.SMS)
    if case is None or challenge is None:
        return Tried(ended, case)
    hashed = secrets.code_hash(parts.keyed, challenge.id, code)
    return await _judge_code(work, parts, case, challenge, hashed)


async def keep_candidate(work: UnitOfWork, parts: Parts, conversation_id: str, code: str) -> bool:
    """Remember six digits of a longer sentence until the person says whether they are the code (R16)."""
    _, challenge, _ = await _pending(work, parts, conversation_id, Method.SMS)
    if challenge is None:
        return False
    await work.challenges.set_candidate(challenge.id, secrets.code_hash(parts.keyed, challenge.id, code))
    return True


async def try_candidate(work: UnitOfWork, parts: Parts, conversation_id: str) -> Tried | None:
    """Try the remembered digits because the person said that they are the code; None if there are none."""
    case, challenge, _ = await _pending(work, parts, conversation_id, Method.SMS)
    if case is None or challenge is None or challenge.candidate_hash is None:
        return None
    await work.challenges.set_candidate(challenge.id, None)
    return await _judge_code(work, parts, case, challenge, challenge.candidate_hash)


async def drop_candidate(work: UnitOfWork, parts: Parts, conversation_id: str) -> bool:
    """Forget the remembered digits; tell whether there were any."""
    _, challenge, _ = await _pending(work, parts, conversation_id, Method.SMS)
    if challenge is None or challenge.candidate_hash is None:
        return False
    await work.challenges.set_candidate(challenge.id, None)
    return True


async def try_answers(parts: Parts, conversation_id: str, given: tuple[str, str]) -> Tried:
    """Try both answers together, always by two Argon2 operations and outside any transaction.

    The chat is told of the proof, or of the last wrong try, in the transaction that decides.
    """
    async with parts.work() as work:
        case, challenge, ended = await _pending(work, parts, conversation_id, Method.QUESTIONS)
        account = await work.accounts.by_address(case.address) if case and case.address else None
    if case is None or challenge is None:
        return Tried(ended, case)
    right = await questions.compare(parts.hasher, _registered(challenge, account), given)
    async with parts.work() as work:
        case, again, ended = await _pending(work, parts, conversation_id, Method.QUESTIONS)
        if case is None or again is None:
            return Tried(ended, case)
        if again.id != challenge.id:
            return Tried(Try.NOT_PENDING, case)
        tried = await judge(work, parts, case, again, right=right)
        if tried.outcome in _TOLD:
            await announce(work, parts, conversation_id, _TOLD[tried.outcome])
        await work.commit()
    return tried


async def judge(work: UnitOfWork, parts: Parts, case: Case, challenge: Challenge, *, right: bool) -> Tried:
    """Spend the challenge on a right try, or one of its tries on a wrong one, by single atomic updates."""
    budget = await work.budgets.get(
        guess_budget.budget_key(parts.keyed, case.address or "", challenge.method)
    )
    # A challenge started before the budget was spent is worth no more than one started after it (R7, R8).
    spent = guess_budget.spent(budget, challenge.method, parts.numbers, parts.clock.now())
    if right and not challenge.decoy and not spent:
        if not await work.challenges.consume(challenge.id):
            return Tried(Try.NOT_PENDING, case)
        return Tried(Try.RIGHT, await prove(work, parts, case, challenge.method))
    left = await work.challenges.spend_try(challenge.id)
    if left is None:
        return Tried(Try.NOT_PENDING, case)
    if await domain_guessed(work, parts, case):
        await work.challenges.end_pending(case.id, ChallengeState.DEAD)
        left = 0
    case = await _count_wrong(work, parts, case, challenge, budget, killed=left == 0)
    return Tried(Try.DEAD if left == 0 else Try.WRONG, case, left)


async def _judge_code(work: UnitOfWork, parts: Parts, case: Case, challenge: Challenge, hashed: str) -> Tried:
    """Judge the hash of a typed code: a phone that was removed meanwhile proves nothing any more."""
    account = await work.accounts.by_address(case.address or "")
    phone = account.contact(ContactKind.PHONE) if account else None
    sent = secrets.sent_hash(parts.keyed, hashed, phone.value if phone else "")
    right = compare_digest(sent, challenge.secret_hash)
    return await judge(work, parts, case, challenge, right=right)


async def _pending(
    work: UnitOfWork, parts: Parts, conversation_id: str, method: Method
) -> tuple[Case | None, Challenge | None, Try]:
    case = await work.cases.lock_current(conversation_id)
    if case is None or case.state is not State.CHALLENGED:
        return None, None, Try.NOT_PENDING
    challenge = await work.challenges.latest(case.id)
    if challenge is None or challenge.method is not method:
        return case, None, Try.NOT_PENDING
    now = parts.clock.now()
    if secrets.timed_out(challenge, now):
        return case, None, Try.EXPIRED
    if not secrets.open_at(challenge, now, parts.numbers):
        return case, None, Try.NOT_PENDING
    return case, challenge, Try.WRONG


def _registered(challenge: Challenge, account: Account | None) -> tuple[SecurityAnswer, ...] | None:
    # A decoy's answers are never compared with anything, even when the account has some (R7, R9).
    if challenge.decoy or account is None or len(account.answers) != 2:  # noqa: PLR2004  always a pair
        return None
    return account.answers


async def domain_guessed(work: UnitOfWork, parts: Parts, case: Case) -> bool:
    """Count a wrong try in its domain; tell whether there are so many that each code has one (R8)."""
    now, domain = parts.clock.now(), (case.address or "").rpartition("@")[2]
    key = parts.keyed.of("domain", domain)
    await work.sends.add_wrong_code(key, now)
    size, wrong = await work.accounts.domain_size(domain), await work.sends.wrong_codes_since(key, now - _DAY)
    guessed = guess_budget.domain_guessed(wrong, size, parts.numbers)
    if guessed:
        parts.alerts.raise_alert("domain_guessing")
    return guessed


async def _count_wrong(
    work: UnitOfWork, parts: Parts, case: Case, challenge: Challenge, budget: Budget, *, killed: bool
) -> Case:
    now = parts.clock.now()
    budget = guess_budget.after_wrong(budget, challenge.method, parts.numbers, now)
    failed = case.failed_methods
    if killed:
        budget = guess_budget.after_killed(budget, parts.numbers, now)
        failed = (*failed, challenge.method)
    await work.budgets.put(budget)
    name = AuditName.CHALLENGE_KILLED if killed else AuditName.TRY_WRONG
    await work.audit.append(case.id, name, now, {"method": challenge.method.value})
    changed = replace(case, failed_methods=failed, updated_at=now)
    await work.cases.save(changed)
    return changed


async def prove(work: UnitOfWork, parts: Parts, case: Case, method: Method) -> Case:
    """Return the challenged *case* with one more proof, and with its grant if that is enough (R9, R10)."""
    now = parts.clock.now()
    account = await work.accounts.by_address(case.address or "")
    if account is None:
        raise RecoveryError("account_gone")
    if method is not Method.MESSENGER:  # it costs nothing to give again, so nobody guesses on behind it
        await forgive(work, parts, account)
    proofs = (*case.proofs, method)
    contacts = (*case.proof_contacts, *_contact_of(account, method))
    case = replace(case, proofs=proofs, proof_contacts=contacts, account_id=account.id, updated_at=now)
    await work.audit.append(case.id, AuditName.PROOF_GIVEN, now, {"method": method.value})
    if enough(rule_of(parts, case, account), proofs):
        case = await give_grant(work, parts, case.move(State.PROVEN, now), account)
    await work.cases.save(case)
    return case


async def forgive(work: UnitOfWork, parts: Parts, account: Account) -> None:
    """Open the guess budgets of the account again: a proof was given or somebody vouched (R8)."""
    for method in (Method.SMS, Method.QUESTIONS):
        budget = await work.budgets.get(guess_budget.budget_key(parts.keyed, account.address, method))
        await work.budgets.put(guess_budget.after_proof(budget))


def _contact_of(account: Account, method: Method) -> tuple[str, ...]:
    if method in {Method.QUESTIONS, Method.MESSENGER}:
        return ()
    contact = account.contact(ContactKind.PHONE if method is Method.SMS else ContactKind.MAIL)
    return (contact.id,) if contact else ()


async def give_grant(work: UnitOfWork, parts: Parts, case: Case, account: Account) -> Case:
    """Return the proven case with its one grant, or escalated if the account is disabled (R10)."""
    now = parts.clock.now()
    if account.status is Status.DISABLED:
        await work.audit.append(case.id, AuditName.CASE_ESCALATED, now, {"why": Escalation.ENABLE.value})
        return replace(case.move(State.ESCALATED, now), escalation=Escalation.ENABLE)
    held = await work.directory.credentials(account.id)
    await work.audit.append(case.id, AuditName.GRANT_GIVEN, now)
    return replace(
        case,
        grant=Grant(
            issued_at=now,
            expires_at=now + parts.numbers.grant_life,
            password_version=held.version,
            contacts_version=account.contacts_version,
            status=account.status.value,
            sendings_left=parts.numbers.sendings_per_grant,
        ),
    )
