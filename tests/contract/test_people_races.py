"""Bad input and bad luck around people's decisions, on both databases (R14, R15, R17)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.accounts.account import Domain, Edition, Role, Status
from recovery_core.accounts.new_account import NewAccount
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases import forms, hearing, opening
from recovery_core.cases.flow import State
from recovery_core.cases.sweeping import Keeping, Sweep
from recovery_core.conversations.conversation import LineKind
from recovery_core.errors import GoneError, RecoveryError, UnknownError, WrongError
from recovery_core.evidence.evidence import Claim
from recovery_core.messages import FormPurpose
from recovery_core.people import deciding, desk, listing, live, requesting, reviewing, voting
from recovery_core.people.operators import Console, ConsoleSession
from recovery_core.people.rights import NoRightError
from recovery_core.people.tickets import Kind, Lane, Reason, Ticket, TicketState
from recovery_core.proofs.methods import Method
from tests.integration.test_people_flow import SUPER, SqlHouse

OTHER, DISABLED = "admin@other.example", "carol@example.com"
TICK = timedelta(microseconds=1)


@pytest.fixture
async def sql(work: SqlWork) -> SqlHouse:
    """Return a house on each database, with another company and a disabled account."""
    house = SqlHouse(work)
    await house.settle_in()
    async with work() as unit:
        await unit.accounts_writer.add_domain(Domain("other.example", Edition.PREMIUM, "o", ""))
        people = [
            NewAccount("stranger", OTHER, "Stranger", Role.ADMINISTRATOR),
            NewAccount("carol", DISABLED, "Carol", status=Status.DISABLED, phone="+8613800138002"),
        ]
        await unit.accounts_writer.add_accounts(people, house.clock.now())
        await unit.commit()
    return house


async def at_once(*calls: Awaitable[object]) -> list[object]:
    """Run the calls at the same time; return what they returned or raised."""
    return list(await asyncio.gather(*calls, return_exceptions=True))


def codes(outcomes: Sequence[object]) -> set[str]:
    """Return the codes of what was refused; anything that is no refusal of ours is raised."""
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, RecoveryError):
            raise outcome
    return {outcome.code for outcome in outcomes if isinstance(outcome, RecoveryError)}


async def audited(sql: SqlHouse, chain: str) -> list[str]:
    """Return the names of the chain's audit events."""
    async with sql.parts.work.reading() as work:
        return [str(event.name) for event in await work.audit.events(chain)]


async def talking(sql: SqlHouse) -> Ticket:
    """Wait for an agent who is there; return the ticket."""
    now = sql.clock.now()
    async with sql.parts.work() as work:
        await work.operators.add_session(ConsoleSession("s", "agent1", Console.DESK, now, now, now, 1))
        await work.commit()
    await live.talk_to_human(sql.parts, "here")
    return await sql.stored()


async def reviewed(sql: SqlHouse) -> Ticket:
    """Send documents for the super administrator."""
    await opening.identify(sql.parts, "here", (SUPER,))
    await requesting.request_review(sql.parts, "here")
    ticket = await sql.stored()
    async with sql.parts.work() as work:
        await work.evidence.add(ticket.id, Claim("g", "u", "new@x.example"), (), sql.clock.now())
        await reviewing.submitted(work, sql.parts, ticket.id)
        await work.commit()
    return ticket


async def test_two_agents_take_one_ticket(sql: SqlHouse) -> None:
    """Six clicks of two agents at once: one agent has it, the other is told that it is taken."""
    ticket = await talking(sql)
    takes = await at_once(*(desk.take(sql.parts, f"agent{1 + n % 2}", ticket.id) for n in range(6)))

    holders = {taken.assignee for taken in takes if isinstance(taken, Ticket)}
    assert len(holders) == 1
    assert codes(takes) == {"taken"}
    assert (await sql.stored()).assignee in holders
    assert (await audited(sql, ticket.case_id)).count("operator:talk:taken") == 1


async def test_approve_and_refuse_in_parallel(sql: SqlHouse) -> None:
    """One decision, the case as decided, one audit event of a decision."""
    ticket = await sql.asked()
    number = sql.number(ticket)
    decided = await at_once(
        *(deciding.approve(sql.parts, "boss", ticket.id, number) for _ in range(3)),
        *(deciding.refuse(sql.parts, "boss", ticket.id, Reason.OTHER) for _ in range(3)),
    )

    assert sum(isinstance(outcome, Ticket) for outcome in decided) == 1
    assert codes(decided) == {"already_decided"}
    state = {TicketState.APPROVED: State.PROVEN, TicketState.REFUSED: State.REFUSED}
    assert (await sql.now()).state is state[(await sql.stored()).state]
    names = await audited(sql, ticket.case_id)
    assert names.count("operator:ticket:approved") + names.count("operator:ticket:refused") == 1


async def test_approve_after_expiry(sql: SqlHouse) -> None:
    """R13: at 30 days the request can still be approved, a moment later the case has expired."""
    ticket = await sql.asked()
    sweep = Sweep(sql.parts, Keeping())
    sql.clock.move(sql.parts.numbers.escalated_expiry)
    await sweep.run_once()
    assert (await sql.now()).state is State.ESCALATED
    sql.clock.move(TICK)
    await sweep.run_once()
    with pytest.raises(GoneError):
        await deciding.approve(sql.parts, "boss", ticket.id, sql.number(ticket))

    assert (await sql.now()).state is State.EXPIRED


async def test_approve_and_cancel_in_parallel(sql: SqlHouse) -> None:
    """Cancelled first: nothing is approved; approved first: the person has ended it and no grant is left."""
    ticket = await sql.asked()
    number = sql.number(ticket)
    approved, cancelled = await at_once(
        deciding.approve(sql.parts, "boss", ticket.id, number), requesting.cancel(sql.parts, "here")
    )
    codes([approved, cancelled])
    case = await sql.now()

    assert case.state is State.CANCELLED
    assert case.grant is None
    with pytest.raises(GoneError):
        await deciding.approve(sql.parts, "boss", ticket.id, number)


async def test_wrong_numbers_in_parallel(sql: SqlHouse) -> None:
    """R14: of ten wrong entries at once three count, the third refuses, the right one comes too late."""
    ticket = await sql.asked()
    wrong = sql.wrong_number(ticket)
    tried = await at_once(*(deciding.approve(sql.parts, "boss", ticket.id, wrong) for _ in range(10)))

    lefts = sorted(outcome.tries_left or 0 for outcome in tried if isinstance(outcome, WrongError))
    assert lefts == [0, 1, 2]
    stored = await sql.stored()
    assert (stored.state, stored.reason) == (TicketState.REFUSED, Reason.NUMBER_WRONG)
    with pytest.raises(GoneError):
        await deciding.approve(sql.parts, "boss", ticket.id, sql.number(ticket))


async def test_three_requests_for_one_account_at_once(sql: SqlHouse) -> None:
    """R14: one per conversation, side by side, never merged; each has a number of its own."""
    talks = [f"talk{n}" for n in range(3)]
    for where in talks:
        await sql.open_talk(where)
        await opening.identify(sql.parts, where, ("dave@example.com",))
    asked = await at_once(*(requesting.request_administrator(sql.parts, where) for where in talks * 3))
    assert codes(asked) <= {"conflict"}

    async with sql.parts.work.reading() as work:
        tickets = await work.tickets.of_account("dave", 50)
        queue = await work.tickets.queue(Lane.ADMINISTRATOR, ["example.com"], 50)
    assert len({ticket.conversation_id for ticket in tickets}) == len(tickets) == 3
    assert len(queue) == 3
    assert len({sql.number(ticket) for ticket in tickets}) == 3
    views = (await listing.requests(sql.parts, "boss")).items
    assert len(views) == 3


@pytest.mark.parametrize("act", ["approve", "refuse", "enable"])
async def test_another_domains_administrator_guesses_the_address(sql: SqlHouse, act: str) -> None:
    """R15: unknown to them, audited, and nothing changes; also with the right number."""
    ticket = await sql.asked()
    calls = {
        "approve": deciding.approve(sql.parts, "stranger", ticket.id, sql.number(ticket)),
        "refuse": deciding.refuse(sql.parts, "stranger", ticket.id, Reason.OTHER),
        "enable": deciding.enable(sql.parts, "stranger", ticket.id, "because"),
    }
    wanted = calls.pop(act)
    for unused in calls.values():
        unused.close()
    with pytest.raises(UnknownError):
        await wanted

    assert (await sql.stored()) == ticket
    assert (await audited(sql, "operator"))[-1] == "operator:ticket:out_of_scope"


async def test_a_role_lost_between_opening_and_clicking(sql: SqlHouse) -> None:
    """R15: role and status count at the click, not at the opening of the page."""
    ticket = await sql.asked()
    assert len((await listing.requests(sql.parts, "boss")).items) == 1
    async with sql.parts.work() as work:
        await work.accounts.set_status("boss", Status.DISABLED, sql.clock.now())
        await work.commit()
    with pytest.raises(NoRightError):
        await deciding.approve(sql.parts, "boss", ticket.id, sql.number(ticket))

    assert (await sql.stored()).is_open


async def test_enabling_and_resetting_in_parallel(sql: SqlHouse) -> None:
    """R10: however the two meet, no form for a password opens before a fresh proof after the enabling."""
    await opening.identify(sql.parts, "here", (DISABLED,))
    await requesting.request_administrator(sql.parts, "here")
    ticket = await sql.stored()

    async def form() -> str | None:
        async with sql.parts.work() as work:
            token = await forms.mint(work, sql.parts, "here", FormPurpose.PASSWORD)
            await work.commit()
        return token

    enabled, *minted = await at_once(
        deciding.enable(sql.parts, "boss", ticket.id, "back from leave"), *(form() for _ in range(5))
    )
    assert isinstance(enabled, Ticket)
    assert minted == [None] * 5
    assert await form() is None
    assert Method.SMS not in (await sql.now()).proofs


async def test_both_sides_write_at_once(sql: SqlHouse) -> None:
    """Ten lines of each side, each sent twice: every line once, in one order for both."""
    ticket = await talking(sql)
    await desk.take(sql.parts, "agent1", ticket.id)
    async with sql.parts.work.reading() as work:
        here = await work.conversations.get("here")
    assert here is not None
    keys = [n % 10 for n in range(20)]
    sent = await at_once(
        *(hearing.hear(sql.parts, here, f"p{n}", f"person {n}", "client") for n in keys),
        *(live.say(sql.parts, "agent1", ticket.id, f"a{n}", f"agent {n}") for n in keys),
    )
    assert codes(sent) == set()
    async with sql.parts.work.reading() as work:
        lines = await work.conversations.since("here", 0, 100)
        open_ = await work.conversations.unanswered(100, "here")
    texts = [str(line.payload.get("text")) for line in lines]
    both = [text for text in texts if text.startswith(("person", "agent"))]
    assert sorted(both) == sorted(f"{side} {n}" for side in ("person", "agent") for n in range(10))
    assert [line.seq for line in lines] == sorted({line.seq for line in lines})
    assert [line for line in open_ if line.kind is LineKind.SAID] == []


@pytest.mark.parametrize("own", ["taken", "mailbox"])
async def test_a_reviewer_votes_on_an_own_ticket(sql: SqlHouse, own: str) -> None:
    """R17: neither on one that they work on nor on their own mailbox's; nothing is counted."""
    ticket = await reviewed(sql)
    if own == "taken":
        await desk.take(sql.parts, "reviewer1", ticket.id)
    else:
        async with sql.parts.work() as work:
            me = await work.operators.by_id("reviewer1")
            assert me is not None
            await work.operators.put(replace(me, name=SUPER.upper()))
            await work.commit()
    with pytest.raises(RecoveryError) as refused:
        await voting.vote(sql.parts, "reviewer1", ticket.id, True, None)  # noqa: FBT003

    assert refused.value.code == "own_ticket"
    async with sql.parts.work.reading() as work:
        assert await work.tickets.votes(ticket.id) == []


async def test_votes_in_parallel_decide_once(sql: SqlHouse) -> None:
    """R17: three reviewers, each clicking twice at once: two agree, the decision is made once."""
    ticket = await reviewed(sql)
    voters = ["reviewer1", "reviewer2", "reviewer3"] * 2
    votes = await at_once(*(voting.vote(sql.parts, name, ticket.id, True, None) for name in voters))  # noqa: FBT003

    assert codes(votes) <= {"voted_already", "already_decided"}
    assert (await sql.stored()).state is TicketState.APPROVED
    assert (await audited(sql, ticket.case_id)).count("operator:ticket:approved") == 1


async def test_a_ticket_is_of_the_kind_of_its_cause(sql: SqlHouse) -> None:
    """Asking for a person, documents and the administrator at once leaves one ticket of each kind at most."""
    await opening.identify(sql.parts, "here", ("dave@example.com",))
    asked = await at_once(
        *(requesting.request_administrator(sql.parts, "here") for _ in range(3)),
        *(live.talk_to_human(sql.parts, "here") for _ in range(3)),
    )
    assert codes(asked) <= {"conflict"}
    async with sql.parts.work.reading() as work:
        kinds = [ticket.kind for ticket in await work.tickets.of_case((await sql.now()).id)]
    assert sorted(kinds) == [Kind.RESET, Kind.TALK]
