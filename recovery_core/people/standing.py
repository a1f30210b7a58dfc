"""How a signed-in browser stands: whose it is, how far signed in, and what it may do now (R15)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from recovery_core.accounts.account import Account, Status
from recovery_core.audit import AuditName
from recovery_core.cases.parts import Parts
from recovery_core.keyed import KeyedHash
from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.work import UnitOfWork

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
FRESH = timedelta(minutes=10)
"""How old the second proof may be for approving and enabling."""
READ_ONLY = timedelta(hours=24)
"""After an administrator's own recovery, or a change of contacts or second factor."""


class Step(StrEnum):
    """What a browser has to do next."""

    PHONE = "phone"
    """Prove the registered phone: no second factor is enrolled yet."""
    ENROL = "enrol"
    CODE = "code"
    """Prove the second factor."""
    INSIDE = "inside"


@dataclass(frozen=True, slots=True)
class Known:
    """An operator as they are now, with the password that counts now."""

    operator: Operator
    account: Account | None
    encoded: str | None
    """The password's hash; None where nothing can open it."""
    password_version: int
    password_changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Signed:
    """A browser that gave a password, and perhaps more."""

    operator: Operator
    session: ConsoleSession
    step: Step
    fresh: bool
    """Whether the second proof is young enough for approving and enabling."""
    read_only_until: datetime | None = None


def session_hash(keyed: KeyedHash, token: str) -> str:
    """Return under what the session of *token* is stored."""
    return keyed.of("console", token)


def phone_key(keyed: KeyedHash, session: ConsoleSession) -> str:
    """Return under what is remembered that the session proved the phone."""
    return keyed.of("console-phone", session.token_hash)


async def known(work: UnitOfWork, parts: Parts, console: Console, operator_id: str) -> Known | None:
    """Return the operator; None for one who may not sign in (any more)."""
    if console is Console.ADMIN:
        return await known_administrator(work, await work.accounts.by_id(operator_id))
    return known_agent(parts, await work.operators.by_id(operator_id))


def known_agent(parts: Parts, agent: Operator | None) -> Known | None:
    """Return the agent of the desk; None if there is none or it is disabled."""
    if agent is None or agent.disabled or agent.console is not Console.DESK:
        return None
    encoded = agent.password_hash
    # An agent has no version of the password: a number that changes with the hash does the same.
    version = int.from_bytes(parts.keyed.of("agent-password", encoded or "").encode()[:3], "big")
    return Known(agent, None, encoded, version, None)


async def known_administrator(work: UnitOfWork, account: Account | None) -> Known | None:
    """Return the administrator with that account; None for anybody else, by the same statements."""
    credentials = await work.directory.credentials(account.id if account else "")
    stored = await work.operators.by_id(account.id if account else "")
    if account is None or not account.is_administrator or account.status is not Status.ACTIVE:
        return None
    if stored is not None and stored.disabled:
        return None
    fresh = Operator(
        account.id, Console.ADMIN, account.address, account.display_name, language=account.language
    )
    operator = fresh if stored is None else replace(stored, display_name=account.display_name)
    encoded = None if credentials.blocked else next(iter(credentials.hashes), None)
    return Known(operator, account, encoded, credentials.version, credentials.changed_at)


async def standing(parts: Parts, console: Console, token: str) -> Signed | None:
    """Return how the browser with *token* stands and count this as a use; None: it is not signed in."""
    async with parts.work() as work:
        signed = await find(work, parts, console, token)
        if signed is None:
            return None
        session = signed.session
        await work.operators.touch(session.token_hash, parts.clock.now(), session.second_factor_at)
        await work.commit()
    return signed


async def find(work: UnitOfWork, parts: Parts, console: Console, token: str) -> Signed | None:
    """Return how the browser with *token* stands, without counting it as a use."""
    now = parts.clock.now()
    session = await work.operators.session(session_hash(parts.keyed, token))
    if session is None or session.console is not console:
        return None
    if now >= session.last_seen_at + IDLE or now >= session.issued_at + LONGEST:
        return None
    held = await known(work, parts, console, session.operator_id)
    if held is None or held.encoded is None or held.password_version != session.password_version:
        return None
    proven = session.second_factor_at
    return Signed(
        operator=held.operator,
        session=session,
        step=await _step(work, parts, held.operator, session),
        fresh=proven is not None and now < proven + FRESH,
        read_only_until=await _read_only_until(work, parts, held),
    )


async def _step(work: UnitOfWork, parts: Parts, operator: Operator, session: ConsoleSession) -> Step:
    if session.second_factor_at is not None:
        # Without a second factor (an operator took it away) nobody stays inside.
        return Step.INSIDE if operator.totp_sealed is not None else Step.PHONE
    if operator.totp_sealed is not None:
        return Step.CODE
    proven = await work.sends.attempts_since(phone_key(parts.keyed, session), parts.clock.now() - IDLE)
    return Step.ENROL if proven else Step.PHONE


async def _read_only_until(work: UnitOfWork, parts: Parts, held: Known) -> datetime | None:
    """Return until when an administrator may only look, None if it is not so."""
    if held.account is None:
        return None
    since = parts.clock.now() - READ_ONLY
    moments = [held.password_changed_at, held.operator.totp_changed_at]
    moments += [
        event.at
        for event in await work.audit.events("operator", name=AuditName.CONTACTS_CHANGED, since=since)
        if event.data.get("account") == held.account.id
    ]
    recent = [moment for moment in moments if moment is not None and moment > since]
    return max(recent) + READ_ONLY if recent else None
