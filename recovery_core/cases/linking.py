"""The mail link: opening it changes nothing, pressing its button proves, in that browser (R6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hmac import compare_digest

from recovery_core.accounts.account import ContactKind
from recovery_core.audit import AuditName
from recovery_core.cases.case import Case
from recovery_core.cases.events import Event, announce
from recovery_core.cases.flow import State
from recovery_core.cases.opening import end
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import Try, judge
from recovery_core.conversations.conversation import Mode
from recovery_core.errors import GoneError, UnknownError, WrongError
from recovery_core.notices import telling
from recovery_core.notices.delivery import Template
from recovery_core.proofs import secrets
from recovery_core.proofs.challenge import Challenge, ChallengeState
from recovery_core.proofs.methods import Method
from recovery_core.work import UnitOfWork

TAIL = 4
"""Characters of the case reference that another browser must know."""


@dataclass(frozen=True, slots=True)
class Link:
    """What the page of a link needs: whether this browser asked for it."""

    asked_here: bool
    tries_left: int


async def look(parts: Parts, token: str, conversation_id: str | None) -> Link:
    """Return what the link's page shows and change nothing; raises UnknownError or GoneError."""
    async with parts.work() as work:
        challenge, case = await _find(work, parts, token)
    return Link(case.conversation_id == conversation_id, challenge.tries_left)


async def press(parts: Parts, token: str, conversation_id: str, tail: str | None) -> Case:
    """Prove by the link for the browser with *conversation_id*; *tail* is wanted when another one asked.

    Raises WrongError with the tries left when *tail* does not match, GoneError when the link is over.
    """
    async with parts.work() as work:
        challenge, case = await _find(work, parts, token, lock=True)
        moves = case.conversation_id != conversation_id
        if moves and not _is_tail(case, tail):
            left = await work.challenges.spend_try(challenge.id)
            await work.commit()
            raise WrongError("reference_tail", left or 0)
        tried = await judge(work, parts, case, challenge, right=True)
        if tried.outcome is not Try.RIGHT or tried.case is None:
            raise GoneError("link_used")
        case = await work.cases.lock(case.id) or tried.case
        if moves:
            case = await move_to(work, parts, case, conversation_id)
        await announce(work, parts, conversation_id, Event.LINK_PRESSED)
        await work.commit()
    return case


async def deny(parts: Parts, token: str) -> Case:
    """Freeze the unfinished case: the owner of the backup mailbox says that it was not them (R12)."""
    async with parts.work() as work:
        _, case = await _find(work, parts, token, lock=True)
        account = await work.accounts.by_address(case.address or "")
        frozen = await end(work, parts, case, State.FROZEN, AuditName.CASE_FROZEN)
        await announce(work, parts, case.conversation_id, Event.CASE_FROZEN)
        if account is not None:
            change = telling.Change(case.id, case.reference, parts.clock.now(), "", ())
            await telling.tell_administrators(work, account, Template.CASE_FROZEN, change)
        await work.commit()
    return frozen


async def move_to(work: UnitOfWork, parts: Parts, case: Case, conversation_id: str) -> Case:
    """Give the case, as it is stored, to *conversation_id*; another one loses it and is told so."""
    now = parts.clock.now()
    old = case.conversation_id
    case = replace(case, conversation_id=conversation_id, updated_at=now)
    await work.cases.save(case)
    await work.forms.end_of_case(case.id, now)
    if old != conversation_id:
        await work.typed_secrets.carry(old, conversation_id)
        await work.audit.append(case.id, AuditName.CASE_MOVED, now)
        await _carry_mode(work, old, conversation_id)
        await announce(work, parts, old, Event.CASE_MOVED)
    return case


async def _carry_mode(work: UnitOfWork, old: str, new: str) -> None:
    # Whoever talks with a person goes on talking with that person on the other device (R13).
    left = await work.conversations.get(old)
    if left is not None and left.mode is not Mode.BOT:
        await work.conversations.set_mode(old, Mode.BOT)
        await work.conversations.set_mode(new, left.mode)


def _is_tail(case: Case, tail: str | None) -> bool:
    given = (tail or "").strip().upper()
    return compare_digest(given.encode(errors="replace"), case.reference[-TAIL:].encode())


async def _find(work: UnitOfWork, parts: Parts, token: str, *, lock: bool = False) -> tuple[Challenge, Case]:
    challenge = await work.challenges.by_secret_hash(Method.MAIL, secrets.link_hash(parts.keyed, token))
    if challenge is None or challenge.decoy:
        raise UnknownError("link")
    case = await work.cases.lock(challenge.case_id)
    if lock:
        # Read again under the case's lock: another browser may have pressed meanwhile.
        challenge = await work.challenges.by_secret_hash(Method.MAIL, challenge.secret_hash) or challenge
    over = challenge.state is not ChallengeState.PENDING
    if case is None or over or not secrets.open_at(challenge, parts.clock.now(), parts.numbers):
        raise GoneError("link_over")
    if not await _still_theirs(work, parts, challenge, case, token):
        raise GoneError("link_over")
    return challenge, case


async def _still_theirs(work: UnitOfWork, parts: Parts, challenge: Challenge, case: Case, token: str) -> bool:
    """Tell whether the mailbox that the link went to is still the account's: a removed one says nothing.

    Where the whole account is gone the link may still freeze the case; it can prove nothing.
    """
    account = await work.accounts.by_address(case.address or "")
    if account is None:
        return True
    mailbox = account.contact(ContactKind.MAIL)
    expected = secrets.link_token(parts.keyed, challenge.id, mailbox.value if mailbox else "")
    return compare_digest(expected.encode(), token.encode(errors="replace"))
