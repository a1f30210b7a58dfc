"""The first sign-in of an operator: a code to the registered phone, then a second factor (R15).

An agent has no registered contact: theirs is enrolled by whoever adds them.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime, timedelta

from recovery_core.accounts.account import Contact, ContactKind
from recovery_core.audit import AuditName
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, RecoveryError, WrongError
from recovery_core.notices.delivery import Channel, Delivery, Template
from recovery_core.people import standing, totp
from recovery_core.people.guessing import factor_count, forgive, spend
from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.people.signing_in import derive_secret, digits, renew, require, same_code
from recovery_core.people.standing import Signed, Step
from recovery_core.proofs import send_limits
from recovery_core.work import UnitOfWork

_CODE_DIGITS = 6


async def send_code(parts: Parts, console: Console, token: str) -> None:
    """Send a code to the operator's registered phone; never to a mailbox.

    Raises RecoveryError ``no_phone``, MustWaitError or SendingLimitError (R4, R5), NotSignedInError.
    """
    async with parts.work() as work:
        signed = await require(work, parts, console, token, Step.PHONE)
        phone, now = await _phone(work, parts, signed.operator), parts.clock.now()
        domain = signed.operator.name.rpartition("@")[2]
        keys = send_limits.SendKeys(
            parts.keyed.of("send", "console", signed.operator.id), "", parts.keyed.of("domain", domain), ""
        )
        counters = await send_limits.read_counters(work.sends, keys, now)
        send_limits.check_pace(counters, parts.numbers, now)
        send_limits.check_money(counters, await work.accounts.domain_size(domain), parts.numbers)
        await work.sends.add(keys.address_method, keys.domain, now, paid=True)
        await work.sends.add(_sent_key(parts, signed.session), keys.domain, now, paid=False)
        await work.outbox.put(_delivery(parts, signed.session, phone, now), now)
        await work.commit()


async def prove_phone(parts: Parts, console: Console, token: str, code: str) -> None:
    """Take the code from the phone.

    Raises WrongError with the tries left, GoneError ``code_over`` when a new code is needed, MustWaitError.
    """
    async with parts.work() as work:
        signed = await require(work, parts, console, token, Step.PHONE)
        now, session = parts.clock.now(), signed.session
        sent_at = await work.sends.last_at(_sent_key(parts, session))
        if sent_at is None or now >= sent_at + parts.numbers.code_life:
            raise GoneError("code_over")
        tries_key = parts.keyed.of("console-tries", session.token_hash, _moment(sent_at))
        tried = await work.sends.attempts_since(tries_key, sent_at - timedelta(minutes=1))
        if tried >= parts.numbers.code_tries:
            raise GoneError("code_over")
        await work.sends.add_attempt(tries_key, now)
        if not same_code(_code(parts, session, sent_at), code):
            await work.commit()
            raise WrongError("phone_code", parts.numbers.code_tries - tried - 1)
        await work.sends.add_attempt(standing.phone_key(parts.keyed, session), now)
        await work.commit()


async def new_secret(parts: Parts, console: Console, token: str) -> bytes:
    """Return the secret to enrol, the same for the whole session; raises NotSignedInError."""
    async with parts.work.reading() as work:
        signed = await require(work, parts, console, token, Step.ENROL)
    return derive_secret(parts.keyed, signed.operator.id, _seed(parts, signed.session))


async def enrol(parts: Parts, console: Console, token: str, code: str) -> str:
    """Take the first code of the new second factor; return the session's new token.

    Raises WrongError, MustWaitError, NotSignedInError.
    """
    async with parts.work() as work:
        signed = await require(work, parts, console, token, Step.ENROL)
        seed = _seed(parts, signed.session)
        count = factor_count(parts, signed.operator.id, seed)
        await spend(work, parts, count)
        secret = derive_secret(parts.keyed, signed.operator.id, seed)
        step = totp.matching_step(secret, digits(code), parts.clock.now())
        if step is None:
            await work.commit()
            raise WrongError("second_factor")
        await forgive(work, count)
        renewed = await _keep(work, parts, signed, seed, step)
        await work.commit()
    return renewed


async def _keep(work: UnitOfWork, parts: Parts, signed: Signed, seed: bytes, step: int) -> str:
    operator, now = signed.operator, parts.clock.now()
    # The first second factor is no change; one that follows another is (read-only for 24 hours).
    changed_at = now if operator.totp_changed_at is not None else None
    await work.operators.put(
        replace(operator, totp_sealed=seed, totp_last_step=0, totp_changed_at=changed_at)
    )
    await work.operators.accept_step(operator.id, step)
    await work.operators.end_sessions_of(operator.id)
    said = {"by": operator.id, "console": operator.console.value}
    await work.audit.append("operator", AuditName.CONSOLE_ENROLLED, now, said)
    return await renew(work, parts, signed)


async def _phone(work: UnitOfWork, parts: Parts, operator: Operator) -> Contact:
    account = await work.accounts.by_id(operator.id)
    phone = account.contact(ContactKind.PHONE) if account else None
    if phone is None or not phone.value.startswith(parts.numbers.sms_countries):
        raise RecoveryError("no_phone")
    return phone


def _delivery(parts: Parts, session: ConsoleSession, phone: Contact, now: datetime) -> Delivery:
    life = parts.numbers.code_life
    return Delivery(
        id=parts.entropy.token(128),
        channel=Channel.SMS,
        to=phone.value,
        template=Template.CODE,
        variables={"code": _code(parts, session, now), "minutes": str(int(life.total_seconds() // 60))},
        language=phone.language,
        topic=f"console:{session.token_hash}",
        expires_at=now + life,
    )


def _code(parts: Parts, session: ConsoleSession, sent_at: datetime) -> str:
    """Return the code of that sending: derived, so that it is stored nowhere."""
    derived = parts.keyed.of("console-code", session.token_hash, _moment(sent_at))
    number = int.from_bytes(base64.urlsafe_b64decode(derived + "="), "big")
    return f"{number % 10**_CODE_DIGITS:0{_CODE_DIGITS}d}"


def _moment(at: datetime) -> str:
    return str(int(at.timestamp()))


def _seed(parts: Parts, session: ConsoleSession) -> bytes:
    return parts.keyed.of("totp-seed", session.token_hash).encode()


def _sent_key(parts: Parts, session: ConsoleSession) -> str:
    return parts.keyed.of("console-sent", session.token_hash)
