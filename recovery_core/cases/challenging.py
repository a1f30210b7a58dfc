"""A proof is asked for: by code, link or questions. A decoy does the same work and looks the same (R2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from recovery_core.accounts.account import Account
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.flow import State
from recovery_core.cases.opening import end_pending
from recovery_core.cases.parts import Parts
from recovery_core.cases.reminding import reminder
from recovery_core.errors import MustWaitError, RecoveryError
from recovery_core.messages import Message, MessageId
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.proofs import decoy, guess_budget, questions, secrets, send_limits
from recovery_core.proofs.challenge import Challenge
from recovery_core.proofs.methods import Method, ProofRule, proof_rule
from recovery_core.proofs.ports import Budget
from recovery_core.work import UnitOfWork

_DAY = timedelta(days=1)
_NEW_MAILBOX = ProofRule(1, frozenset({Method.MAIL}))
OPEN_TO_PROOF = frozenset({State.IDENTIFIED, State.CHALLENGED, State.APPROVED})
"""States in which a proof may be asked for and given."""


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that decides on a challenge, read by the same statements for every address."""

    account: Account | None
    budget: Budget
    keys: send_limits.SendKeys
    counters: send_limits.Counters
    domain_size: int
    wrong_in_domain: int
    mails: int
    pairs: tuple[tuple[tuple[str, str], int], ...]


async def challenge(parts: Parts, conversation_id: str, method: Method) -> tuple[Message, ...]:
    """Start a challenge by *method* for the conversation's case; return what to say."""
    async with parts.work() as work:
        case = await work.cases.lock_current(conversation_id)
        if case is None or case.ended or case.address is None:
            return (Message(MessageId.ASK_ADDRESS),)
        if case.state not in OPEN_TO_PROOF:
            return await reminder(work, parts, case)
        if method in case.proofs:
            return (Message(MessageId.OFFER_SECOND_METHOD),)
        found = await _find(work, parts, case, case.address, method)
        try:
            _check(parts, found, method, parts.clock.now())
        except RecoveryError as refusal:
            return await _refused(work, parts, case, refusal)
        said = await _start(work, parts, case, found, method)
        await work.commit()
    return (said,)


async def resend(parts: Parts, conversation_id: str) -> tuple[Message, ...]:
    """Start the last challenge's method once more; the older code dies (R4)."""
    async with parts.work() as work:
        case = await work.cases.current(conversation_id)
        last = await work.challenges.latest(case.id) if case else None
    if last is None:
        return (Message(MessageId.REMIND_METHOD if case and case.address else MessageId.ASK_ADDRESS),)
    return await challenge(parts, conversation_id, last.method)


def rule_for(parts: Parts, account: Account | None) -> ProofRule:
    """Return R9's rule for the account; an unknown address is treated as an employee's."""
    stricter = account is not None and (account.is_administrator or account.two_methods_required)
    return proof_rule(parts.numbers.profile, stricter=stricter)


def rule_of(parts: Parts, case: Case, account: Account | None) -> ProofRule:
    """Return the rule of the case: after an approved review the new mailbox alone counts (R17)."""
    return _NEW_MAILBOX if case.escalation is Escalation.REVIEW else rule_for(parts, account)


async def _find(work: UnitOfWork, parts: Parts, case: Case, address: str, method: Method) -> Found:
    now = parts.clock.now()
    conversation = await work.conversations.get(case.conversation_id)
    client = (conversation.client_key if conversation else None) or f"conversation:{case.conversation_id}"
    keys = send_limits.SendKeys.of(parts.keyed, address, method, client)
    domain = address.rpartition("@")[2]
    return Found(
        await work.accounts.by_address(address),
        await work.budgets.get(guess_budget.budget_key(parts.keyed, address, method)),
        keys,
        await send_limits.read_counters(work.sends, keys, now, paid=method is Method.SMS),
        await work.accounts.domain_size(domain),
        await work.sends.wrong_codes_since(keys.domain, now - _DAY),
        await work.challenges.mails_of_case(case.id),
        tuple(await work.accounts.question_pairs(domain)),
    )


def _check(parts: Parts, found: Found, method: Method, now: datetime) -> None:
    trusted = found.keys.client in parts.trusted_clients
    send_limits.check_client(found.counters, found.keys, parts.numbers, trusted=trusted)
    guess_budget.check_wait(found.budget, now)
    if method is Method.QUESTIONS:
        return
    send_limits.check_pace(found.counters, parts.numbers, now)
    if method is Method.MAIL and found.mails >= parts.numbers.mails_per_case:
        raise send_limits.SendingLimitError
    if method is Method.SMS:
        send_limits.check_money(found.counters, found.domain_size, parts.numbers)


async def _refused(work: UnitOfWork, parts: Parts, case: Case, refusal: RecoveryError) -> tuple[Message, ...]:
    await work.audit.append(case.id, AuditName.CHALLENGE_LIMITED, parts.clock.now(), {"code": refusal.code})
    await work.commit()
    if refusal.code == "sms_cap":
        parts.alerts.raise_alert("sms_cap")
    if isinstance(refusal, send_limits.AddressLimitError):
        return (Message(MessageId.ADDRESS_LIMIT, {"minutes": _minutes(refusal.retry_after)}),)
    if isinstance(refusal, MustWaitError):
        seconds = ceil(refusal.retry_after.total_seconds())
        return (Message(MessageId.WAIT_BEFORE_SENDING, {"seconds": seconds}),)
    return (Message(MessageId.SENDING_LIMIT),)


async def _start(work: UnitOfWork, parts: Parts, case: Case, found: Found, method: Method) -> Message:
    now = parts.clock.now()
    rule = rule_of(parts, case, found.account)
    to = decoy.target(found.account, method, rule, parts.numbers)
    if guess_budget.spent(found.budget, method, parts.numbers, now):
        to = None
    await end_pending(work, parts, case)
    item, secret = _draw(parts, case, found, method, to)
    await work.challenges.add(item)
    if method is not Method.QUESTIONS:
        paid = method is Method.SMS and to is not None
        await work.sends.add(found.keys.address_method, found.keys.domain, now, paid=paid)
        await work.outbox.put(_delivery(parts, case, found.account, item, to, secret), now)
    await work.sends.add_client_start(found.keys.client, found.keys.address, now)
    moved = case.move(State.CHALLENGED, now)
    await work.cases.save(replace(moved, first_challenge_at=case.first_challenge_at or now))
    await work.audit.append(case.id, AuditName.CHALLENGE_STARTED, now, {"method": method.value})
    return _said(parts, case, method)


def _draw(parts: Parts, case: Case, found: Found, method: Method, to: str | None) -> tuple[Challenge, str]:
    id_, now = parts.entropy.token(128), parts.clock.now()
    secret, hashed, pair = "", "", None
    if method is Method.SMS:
        secret = secrets.draw_code(parts.entropy)
        hashed = secrets.sent_hash(parts.keyed, secrets.code_hash(parts.keyed, id_, secret), to or "")
    elif method is Method.MAIL:
        secret = secrets.link_token(parts.keyed, id_, to or "")
        hashed = secrets.link_hash(parts.keyed, secret)
    else:
        pair = _pair(parts, case, found)
    return Challenge(
        id=id_,
        case_id=case.id,
        method=method,
        address_key=found.keys.address,
        secret_hash=hashed,
        decoy=to is None,
        questions=pair,
        issued_at=now,
        expires_at=now + _life(parts)[method],
        tries_left=_tries(parts, found, method),
    ), secret


def _pair(parts: Parts, case: Case, found: Found) -> tuple[str, str]:
    # The account's own pair is shown even when its answers no longer count: a changed pair would tell.
    answers = found.account.answers if found.account else ()
    decoy = questions.decoy_pair(parts.keyed, case.address or "", found.pairs)  # for everybody: the same work
    if len(answers) == 2:  # noqa: PLR2004  always a pair
        return answers[0].question, answers[1].question
    return decoy


def _tries(parts: Parts, found: Found, method: Method) -> int:
    if method is Method.MAIL:
        return parts.numbers.link_reference_tries
    guessed = guess_budget.domain_guessed(found.wrong_in_domain, found.domain_size, parts.numbers)
    return 1 if guessed else parts.numbers.code_tries


def _life(parts: Parts) -> Mapping[Method, timedelta]:
    numbers = parts.numbers
    return {
        Method.SMS: numbers.code_life,
        Method.MAIL: numbers.link_life,
        Method.QUESTIONS: numbers.answers_life,
    }


def _delivery(
    parts: Parts, case: Case, account: Account | None, item: Challenge, to: str | None, secret: str
) -> Delivery:
    minutes = str(_minutes(_life(parts)[item.method]))
    if item.method is Method.SMS:
        channel, template, variables = Channel.SMS, Template.CODE, {"code": secret, "minutes": minutes}
    else:
        channel, template = Channel.MAIL, Template.LINK
        variables = {"link": f"{parts.public_url}/link/{secret}", "minutes": minutes}
    return Delivery(
        id=item.id,
        channel=channel,
        to=to or "",
        template=template,
        variables=variables,
        language=account.language if account else "zh",
        topic=f"challenges:{case.id}",
        decoy=to is None,
        expires_at=item.expires_at,
    )


def _said(parts: Parts, case: Case, method: Method) -> Message:
    minutes = _minutes(_life(parts)[method])
    if method is Method.SMS:
        return Message(MessageId.CODE_SENT, {"minutes": minutes})
    if method is Method.MAIL:
        return Message(MessageId.LINK_SENT, {"minutes": minutes, "reference": case.reference})
    return Message(MessageId.ANSWERS_FORM)


def _minutes(span: timedelta) -> int:
    return ceil(span.total_seconds() / 60)
