"""How much one client may ask of the people above, and how much may be asked for one mailbox.

Without these limits a stranger's requests would bury everybody else's. What was proven is not limited, and
an address without an account is counted like any other (R2, R18).
"""

from __future__ import annotations

from datetime import timedelta

from recovery_core.cases.case import Case
from recovery_core.cases.parts import Parts
from recovery_core.messages import Message, MessageId
from recovery_core.people.filing import client_of
from recovery_core.people.tickets import Kind
from recovery_core.work import UnitOfWork

REQUESTS = frozenset({Kind.RESET, Kind.ENABLE, Kind.OWNER_APPROVAL, Kind.SUPER_APPROVAL, Kind.REVIEW})
_TALKS = frozenset({Kind.TALK})
_DAY = timedelta(days=1)


async def no_more_requests(work: UnitOfWork, parts: Parts, case: Case) -> Message | None:
    """Return what is said instead of opening another request for the case; None if it may be opened."""
    if case.proofs:
        return None
    client, numbers = await client_of(work, case), parts.numbers
    crowd = await work.tickets.crowd(REQUESTS, case.address, client)
    trusted = client in parts.trusted_clients
    mine = not trusted and crowd.both >= numbers.requests_per_client_and_account
    if mine or crowd.address >= numbers.requests_per_account:
        return Message(MessageId.REQUESTS_STAND)
    if not trusted and crowd.client >= numbers.requests_per_client:
        return Message(MessageId.REQUESTS_FROM_HERE)
    return None


async def no_more_reviews(work: UnitOfWork, parts: Parts, case: Case) -> Message | None:
    """Count one more review of the mailbox; return what is said if it is one too many in a day."""
    key, now = parts.keyed.of("reviews", case.address or ""), parts.clock.now()
    if await work.sends.attempts_since(key, now - _DAY) >= parts.numbers.reviews_per_day:
        return Message(MessageId.REQUESTS_STAND)
    await work.sends.add_attempt(key, now)
    return None


async def no_more_talks(work: UnitOfWork, parts: Parts, case: Case) -> Message | None:
    """Return what is said instead of a further ticket for a talk; None if the case may have one."""
    client = await client_of(work, case)
    standing = [t for t in await work.tickets.of_case(case.id) if t.kind is Kind.TALK and t.is_open]
    if standing or case.proofs or client in parts.trusted_clients:
        return None
    crowd = await work.tickets.crowd(_TALKS, None, client)
    return Message(MessageId.TALKS_FROM_HERE) if crowd.client >= parts.numbers.talks_per_client else None
