"""Requests, votes and talks on a real database, and two decisions at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from recovery_core.accounts.account import Domain, Edition, Role
from recovery_core.accounts.new_account import NewAccount
from recovery_core.cases import opening
from recovery_core.cases.case import Case
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.conversations.conversation import Conversation, Mode
from recovery_core.conversations.language import Language
from recovery_core.evidence.evidence import Claim
from recovery_core.people import deciding, desk, listing, live, reviewing, voting
from recovery_core.people.figures import figures
from recovery_core.people.matching import match_number
from recovery_core.people.operators import Console, ConsoleSession, Operator
from recovery_core.people.requesting import request_administrator, request_review
from recovery_core.people.statusing import ticket_status
from recovery_core.people.sweeping import sweep
from recovery_core.people.tickets import Kind, Reason, Ticket, TicketState
from tests.stores import sql_work, sqlite_url
from tests.unit.people.house import AGENTS, PeopleHouse

SUPER = "gm0001@group.example"


class SqlHouse(PeopleHouse):
    """The same house on a database."""

    def __init__(self, parts_work: object) -> None:
        """Use the stores behind *parts_work*."""
        super().__init__()
        self.parts: Parts = replace(self.parts, work=parts_work)

    async def settle_in(self) -> None:
        """Store two domains, three accounts, the desk and a conversation."""
        now = self.clock.now()
        async with self.parts.work() as work:
            await work.accounts_writer.add_domain(Domain("example.com", Edition.STANDARD, "c", ""))
            await work.accounts_writer.add_domain(Domain("group.example", Edition.GROUP, "g", ""))
            people = [
                NewAccount("dave", "dave@example.com", "Dave"),
                NewAccount("boss", "boss@example.com", "Boss", Role.ADMINISTRATOR),
                NewAccount("super", SUPER, "Super", Role.SUPER_ADMINISTRATOR),
            ]
            await work.accounts_writer.add_accounts(people, now)
            for name, role in AGENTS.items():
                await work.operators.put(Operator(name, Console.DESK, name, name, "en", role))
            await work.commit()
        await self.open_talk("here")

    async def open_talk(self, name: str) -> None:
        """Begin a conversation."""
        now = self.clock.now()
        async with self.parts.work() as work:
            talk = Conversation(name, f"hash of {name}", "web", Language.EN, now, now)
            await work.conversations.add(talk)
            await work.commit()

    async def asked(self, address: str = "dave@example.com") -> Ticket:
        """Ask for somebody above."""
        await opening.identify(self.parts, "here", (address,))
        await request_administrator(self.parts, "here")
        return await self.stored()

    async def stored(self) -> Ticket:
        """Return the newest ticket."""
        async with self.parts.work.reading() as work:
            case = await self.now()
            return (await work.tickets.of_case(case.id))[0]

    async def now(self) -> Case:
        """Return the case as it is stored."""
        async with self.parts.work.reading() as work:
            case = await work.cases.current("here")
        assert case is not None
        return case


@pytest.fixture
async def sql(tmp_path: Path) -> AsyncIterator[SqlHouse]:
    """Return a house on a new SQLite database."""
    async with sql_work(sqlite_url(tmp_path / "people.db")) as work:
        house = SqlHouse(work)
        await house.settle_in()
        yield house


async def test_a_request_is_approved_on_a_database(sql: SqlHouse) -> None:
    """R14: the whole way on SQLite: asked, listed, approved, swept."""
    ticket = await sql.asked()
    (view,) = (await listing.requests(sql.parts, "boss")).items
    assert view.ticket.id == ticket.id
    assert len(await ticket_status(sql.parts, "here")) == 2
    await deciding.approve(sql.parts, "boss", ticket.id, match_number(sql.keyed, ticket.id))
    await sweep(sql.parts)

    assert (await sql.now()).state is State.PROVEN


async def test_of_parallel_decisions_exactly_one_wins(sql: SqlHouse) -> None:
    """R14: approve and refuse at the same moment, ten of them: one decision, one state."""
    ticket = await sql.asked()
    number = match_number(sql.keyed, ticket.id)
    outcomes = await asyncio.gather(
        *(deciding.approve(sql.parts, "boss", ticket.id, number) for _ in range(5)),
        *(deciding.refuse(sql.parts, "boss", ticket.id, Reason.OTHER) for _ in range(5)),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, Ticket) for outcome in outcomes) == 1
    decided = (await sql.stored()).state
    wanted = {TicketState.APPROVED: State.PROVEN, TicketState.REFUSED: State.REFUSED}
    assert (await sql.now()).state is wanted[decided]


async def test_a_review_takes_effect_on_a_database(sql: SqlHouse) -> None:
    """R17: documents, two votes, 24 hours, the new mailbox."""
    await opening.identify(sql.parts, "here", (SUPER,))
    await request_review(sql.parts, "here")
    ticket = await sql.stored()
    async with sql.parts.work() as work:
        await work.evidence.add(ticket.id, Claim("g", "u", "new@x.example"), (), sql.clock.now())
        await reviewing.submitted(work, sql.parts, ticket.id)
        await work.commit()
    for reviewer in ("reviewer1", "reviewer2"):
        await voting.vote(sql.parts, reviewer, ticket.id, True, None)  # noqa: FBT003
    sql.clock.move(timedelta(days=1))
    await sweep(sql.parts)

    assert (await sql.now()).state is State.APPROVED
    found = await figures(sql.parts, "agent1", ticket.created_at, sql.clock.now() + timedelta(days=1))
    assert found.waiting[Kind.REVIEW].count == 1


async def test_a_talk_on_a_database(sql: SqlHouse) -> None:
    """Waited for, taken by exactly one of two agents, talked in, given back."""
    now = sql.clock.now()
    async with sql.parts.work() as work:
        await work.operators.add_session(ConsoleSession("s", "agent1", Console.DESK, now, now, now, 1))
        await work.commit()
    await live.talk_to_human(sql.parts, "here")
    assert await live.mode_of(sql.parts, "here") is Mode.WAITING
    ticket = await sql.stored()
    takes = await asyncio.gather(
        *(desk.take(sql.parts, agent, ticket.id) for agent in ("agent1", "agent2")), return_exceptions=True
    )
    (mine,) = (taken for taken in takes if isinstance(taken, Ticket))
    assert mine.assignee is not None
    words = [live.say(sql.parts, mine.assignee, ticket.id, "m1", "Hello") for _ in range(3)]
    lines = await asyncio.gather(*words)
    assert sum(line is not None for line in lines) == 1
    await live.give_back(sql.parts, mine.assignee, ticket.id)
    assert await live.mode_of(sql.parts, "here") is Mode.BOT
