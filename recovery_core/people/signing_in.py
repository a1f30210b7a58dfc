"""Operators sign in: a password, then a second factor, each with a guess budget of its own (R15).

An unknown name costs the same Argon2 operation, statements and budget as a known one.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import replace

from recovery_core.audit import AuditName
from recovery_core.cases.parts import Parts
from recovery_core.errors import GoneError, RecoveryError, WrongError
from recovery_core.keyed import KeyedHash
from recovery_core.passwords.ports import PasswordMismatchError, UnreadableHashError
from recovery_core.people import standing, totp
from recovery_core.people.guessing import Browser, factor_count, forgive, password_counts, spend
from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.people.standing import Known, Signed, Step
from recovery_core.work import UnitOfWork

TOKEN_BITS = 256


class NotSignedInError(GoneError):
    """Raised when the browser is not (any more) as far signed in as the act needs."""

    code = "not_signed_in"


class ReadOnlyError(RecoveryError):
    """Raised for a decision within 24 hours of an administrator's own recovery or change."""

    code = "read_only"


class NotFreshError(RecoveryError):
    """Raised for a decision whose second proof is too old."""

    code = "not_fresh"


async def sign_in(parts: Parts, console: Console, name: str, password: str, browser: Browser) -> str:
    """Take name and password; return the token of a session that still lacks its second factor.

    Raises WrongError for a wrong pair whatever was wrong, MustWaitError or ClosedError after too many.
    """
    name = name.strip().lower()
    async with parts.work() as work:
        held = await _by_name(work, parts, console, name)
        version = held.password_version if held else 0
        counts = password_counts(parts, console, name, version, browser)
        # Counted before it is judged: parallel guesses cannot slip through together.
        await spend(work, parts, *counts)
        await work.commit()
    if not await _fits(parts, held, password) or held is None:
        raise WrongError("sign_in")
    async with parts.work() as work:
        strangers = password_counts(parts, console, name, version, Browser(browser.client))
        await forgive(work, *{count.key: count for count in (*counts, *strangers)}.values())
        token = await open_session(work, parts, held.operator, held.password_version)
        await work.commit()
    return token


async def prove_second(parts: Parts, console: Console, token: str, code: str) -> str:
    """Take the code of the second factor; return the new token of the session.

    Raises WrongError for a wrong or used code, MustWaitError, ClosedError, NotSignedInError.
    """
    async with parts.work() as work:
        signed = await require(work, parts, console, token, Step.CODE, Step.INSIDE)
        operator, now = signed.operator, parts.clock.now()
        count = factor_count(parts, operator.id, operator.totp_sealed or b"")
        await spend(work, parts, count)
        step = totp.matching_step(secret_of(parts.keyed, operator), digits(code), now)
        if step is None or not await work.operators.accept_step(operator.id, step):
            await work.commit()
            raise WrongError("second_factor")
        await forgive(work, count)
        renewed = await renew(work, parts, signed)
        if signed.step is Step.CODE:
            said = {"by": operator.id, "console": console.value}
            await work.audit.append("operator", AuditName.CONSOLE_SIGNED_IN, now, said)
        await work.commit()
    return renewed


async def sign_out(parts: Parts, token: str) -> None:
    """End the session."""
    async with parts.work() as work:
        await work.operators.end_session(standing.session_hash(parts.keyed, token))
        await work.commit()


async def require_decision(parts: Parts, console: Console, token: str) -> Signed:
    """Return if this browser may decide now; raises NotSignedInError, NotFreshError, ReadOnlyError."""
    async with parts.work.reading() as work:
        signed = await require(work, parts, console, token, Step.INSIDE)
    if signed.read_only_until is not None:
        raise ReadOnlyError
    if not signed.fresh:
        raise NotFreshError
    return signed


async def require(work: UnitOfWork, parts: Parts, console: Console, token: str, *steps: Step) -> Signed:
    """Return how the browser stands if that is one of *steps*; raises NotSignedInError."""
    signed = await standing.find(work, parts, console, token)
    if signed is None or signed.step not in steps:
        raise NotSignedInError
    return signed


async def open_session(work: UnitOfWork, parts: Parts, operator: Operator, password_version: int) -> str:
    """Store a session that knows the password only; return its token."""
    token, now = parts.entropy.token(TOKEN_BITS), parts.clock.now()
    hashed = standing.session_hash(parts.keyed, token)
    session = ConsoleSession(hashed, operator.id, operator.console, now, now, None, password_version)
    await work.operators.add_session(session)
    return token


async def renew(work: UnitOfWork, parts: Parts, signed: Signed) -> str:
    """Replace the session's token after a proof: who knew the old one knows nothing now (ASVS 5.0 7.2.4)."""
    token, now = parts.entropy.token(TOKEN_BITS), parts.clock.now()
    await work.operators.end_session(signed.session.token_hash)
    hashed = standing.session_hash(parts.keyed, token)
    fresh = replace(signed.session, token_hash=hashed, last_seen_at=now, second_factor_at=now)
    await work.operators.add_session(fresh)
    return token


def secret_of(keyed: KeyedHash, operator: Operator) -> bytes:
    """Return the operator's TOTP secret; raises NotSignedInError if none is enrolled."""
    if operator.totp_sealed is None:
        raise NotSignedInError
    return derive_secret(keyed, operator.id, operator.totp_sealed)


def derive_secret(keyed: KeyedHash, operator_id: str, seed: bytes) -> bytes:
    """Return the TOTP secret of the operator for *seed*: the database alone never tells it."""
    derived = base64.urlsafe_b64decode(keyed.of("totp", operator_id, seed.hex()) + "=")
    return derived[: totp.SECRET_BYTES]


def digits(code: str) -> str:
    """Return a code as typed, without the spaces that programs show in it."""
    return "".join(code.split())


def same_code(expected: str, typed: str) -> bool:
    """Tell in constant time whether *typed* is the code."""
    return hmac.compare_digest(expected.encode(), digits(typed).encode("utf-8", "replace"))


async def _by_name(work: UnitOfWork, parts: Parts, console: Console, name: str) -> Known | None:
    if console is Console.ADMIN:
        return await standing.known_administrator(work, await work.accounts.by_address(name))
    return standing.known_agent(parts, await work.operators.by_name(console, name))


async def _fits(parts: Parts, held: Known | None, password: str) -> bool:
    if held is None or held.encoded is None:
        await parts.hasher.waste(password)
        return False
    try:
        await parts.hasher.verify(held.encoded, password)
    except (PasswordMismatchError, UnreadableHashError):
        return False
    return True
