"""Parallel tries on both databases: a limit counts every one of them before the next is judged."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases import challenging, completing, forms, opening, resuming, vetoing
from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.cases.proving import give_grant
from recovery_core.errors import GoneError, MustWaitError, WrongError
from recovery_core.messages import FormPurpose, Message, MessageId
from recovery_core.notices.delivery import Channel
from recovery_core.people import enrolling, live, requesting
from recovery_core.people.operators import Console, ConsoleSession
from recovery_core.people.standing import session_hash
from recovery_core.people.tickets import Kind
from recovery_core.proofs.methods import Method
from tests.contract.test_equal_work import move_in, sizes
from tests.unit.cases.company import BOB, POSTMASTER
from tests.unit.cases.house import House

MANY = 24


class Crowd:
    """A company on a database, and conversations of one client."""

    def __init__(self, work: SqlWork) -> None:
        """Use *work* for every store."""
        self.work, self.house = work, House()
        self.parts: Parts = replace(self.house.parts, work=work)

    async def proven(self, *names: str) -> list[tuple[str, str, str]]:
        """Prove one account in each conversation; return conversation, password form and a new password."""
        return [(name, await self._form(name), f"Maple&{name.title().replace(' ', '-')}7") for name in names]

    async def _form(self, where: str) -> str:
        talk = self.house.data.conversations[self.house.talk(where)]
        async with self.work() as unit:
            await unit.conversations.add(talk)
            await unit.commit()
        await opening.identify(self.parts, where, (BOB.address,))
        async with self.work() as unit:
            case, account = await unit.cases.current(where), await unit.accounts.by_address(BOB.address)
            assert case is not None
            assert account is not None
            proven = case.move(State.CHALLENGED, case.updated_at).move(State.PROVEN, case.updated_at)
            await unit.cases.save(await give_grant(unit, self.parts, proven, account))
            await unit.commit()
        async with self.work() as unit:
            token = await forms.mint(unit, self.parts, where, FormPurpose.PASSWORD)
            await unit.commit()
        assert token is not None
        return forms.form_id_of(self.parts, token)

    async def talks(self, count: int, client: str | None = None) -> list[str]:
        """Begin conversations, each of its own client if none is given."""
        names = [f"talk {n}" for n in range(count)]
        async with self.work() as unit:
            for name in names:
                talk = self.house.data.conversations[self.house.talk(name, client)]
                await unit.conversations.add(talk)
            await unit.commit()
        return names


@pytest.fixture
async def crowd(work: SqlWork) -> Crowd:
    """Return the company moved in."""
    made = Crowd(work)
    await move_in(work, made.house)
    return made


async def outcomes(calls: Sequence[Awaitable[object]]) -> list[object]:
    """Run the calls at once; return what came of each."""
    return list(await asyncio.gather(*calls, return_exceptions=True))


def said(found: Sequence[object]) -> list[MessageId]:
    """Return what was said first in each conversation; anything raised is raised here."""
    first: list[MessageId] = []
    for outcome in found:
        if isinstance(outcome, BaseException):
            raise outcome
        assert isinstance(outcome, tuple)
        assert isinstance(outcome[0], Message)
        first.append(outcome[0].id)
    return first


async def test_parallel_veto_codes_are_judged_five_times(crowd: Crowd) -> None:
    """R12: of many codes typed at once by one client five are looked at."""
    found = await outcomes([vetoing.veto_by_code(crowd.parts, "one", f"CODE{n:04d}") for n in range(MANY)])

    assert sum(isinstance(outcome, WrongError) for outcome in found) == 5
    assert sum(isinstance(outcome, MustWaitError) for outcome in found) == MANY - 5


async def test_parallel_returns_are_judged_ten_times(crowd: Crowd) -> None:
    """R13: of many return codes typed at once by one client ten are looked at."""
    found = await outcomes(
        [resuming.resume(crowd.parts, "here", "one", "RC-AAAA-AAAA", f"{n:026d}") for n in range(MANY)]
    )

    assert sum(isinstance(outcome, WrongError) for outcome in found) == 10
    assert sum(isinstance(outcome, MustWaitError) for outcome in found) == MANY - 10


async def test_parallel_codes_from_a_phone_are_judged_five_times(crowd: Crowd) -> None:
    """R15: of many codes typed at once at a console's first sign-in five are looked at."""
    parts, now, token = crowd.parts, crowd.parts.clock.now(), "token"
    async with crowd.work() as work:
        account = await work.accounts.by_address(POSTMASTER.address)
        assert account is not None
        await work.directory.set_password(account.id, "hash", "op", now)
        held = await work.directory.credentials(account.id)
        name = session_hash(parts.keyed, token)
        session = ConsoleSession(name, account.id, Console.ADMIN, now, now, None, held.version)
        await work.operators.add_session(session)
        await work.commit()
    await enrolling.send_code(parts, Console.ADMIN, token)
    found = await outcomes(
        [enrolling.prove_phone(parts, Console.ADMIN, token, f"x{n:05d}") for n in range(MANY)]
    )

    assert sum(isinstance(outcome, WrongError) for outcome in found) == 5


async def test_parallel_starts_are_for_five_addresses(crowd: Crowd) -> None:
    """R4: one client that names many mailboxes at once gets challenges for five."""
    talks = await crowd.talks(MANY, "one")
    for n, where in enumerate(talks):
        await opening.identify(crowd.parts, where, (f"p{n}@example.com",))
    found = await outcomes([challenging.challenge(crowd.parts, where, Method.MAIL) for where in talks])

    assert said(found).count(MessageId.LINK_SENT) == 5
    assert said(found).count(MessageId.ADDRESS_LIMIT) == MANY - 5


async def test_parallel_sms_stop_at_the_cap(crowd: Crowd) -> None:
    """R5: challenges of many people at once cost no more than the whole house may spend in a day."""
    crowd.parts = replace(crowd.parts, numbers=replace(crowd.parts.numbers, sms_daily_max=2))
    people = ["alice", "bob", "carol", "postmaster"]
    for where, name in zip(await crowd.talks(len(people)), people, strict=True):
        await opening.identify(crowd.parts, where, (f"{name}@example.com",))
    await outcomes([challenging.challenge(crowd.parts, f"talk {n}", Method.SMS) for n in range(len(people))])

    async with crowd.work.reading() as work:
        assert await work.sends.money_since(crowd.parts.clock.now()) == 2
    assert [channel for channel, _ in await sizes(crowd.work)] == [Channel.SMS] * 2


async def test_of_two_proven_cases_of_one_account_one_sets_the_password(crowd: Crowd) -> None:
    """R10: both have a grant for the same version; the first to use it is the only one."""
    for n in range(4):
        talks = await crowd.proven(f"round {n} a", f"round {n} b")
        found = await outcomes(
            [completing.set_password(crowd.parts, form, where, word, word) for where, form, word in talks]
        )
        assert sum(isinstance(outcome, Case) for outcome in found) == 1
        assert sum(isinstance(outcome, GoneError) for outcome in found) == 1
        crowd.house.clock.move(timedelta(hours=25))


async def test_parallel_requests_for_one_mailbox_are_three(crowd: Crowd) -> None:
    """R14: many clients ask for one mailbox at once; three requests are opened."""
    talks = await crowd.talks(MANY)
    for where in talks:
        await opening.identify(crowd.parts, where, ("dave@example.com",))
    found = await outcomes([requesting.request_administrator(crowd.parts, where) for where in talks])

    assert said(found).count(MessageId.REQUEST_FILED) == 3
    assert said(found).count(MessageId.REQUESTS_STAND) == MANY - 3


async def test_parallel_talks_of_one_client_are_five(crowd: Crowd) -> None:
    """A client that asks for a person in many chats at once has five tickets."""
    talks = await crowd.talks(MANY, "one")
    found = await outcomes([live.talk_to_human(crowd.parts, where) for where in talks])

    assert said(found).count(MessageId.TALKS_FROM_HERE) == MANY - 5
    async with crowd.work.reading() as work:
        there = await work.tickets.crowd([Kind.TALK], None, "one")
    assert (there.client, there.address, there.both) == (5, 0, 0)
