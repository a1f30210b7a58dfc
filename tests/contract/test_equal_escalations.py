"""Who asks for help above costs the same and reads the same, whatever the mailbox is (R2, R18)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recovery_core.accounts.account import Domain, Edition, Role
from recovery_core.accounts.new_account import NewAccount
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases import challenging, opening
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.evidence.evidence import Claim
from recovery_core.messages import Message
from recovery_core.people import deciding, live, requesting, reviewing, statusing, takeover
from recovery_core.people.sweeping import sweep
from recovery_core.people.tickets import DUE, Kind, Lane, Reason, Ticket, TicketState
from recovery_core.proofs.methods import Method
from tests.contract.test_equal_work import ADDRESSES, Seen, move_in, sizes, talk, watched
from tests.unit.cases.company import ALICE, NOBODY
from tests.unit.cases.house import House

Said = list[tuple[str, tuple[tuple[str, object], ...]]]
OVERDUE, TICK = timedelta(days=5), timedelta(microseconds=1)
OWNER, SUPER = "owner@cloud.example", "gm0001@group.example"
CLAIM = Claim("示例科技有限公司", "91330100MA2DEMA01A", "new@private.example")


def plain(messages: Sequence[Message]) -> Said:
    """Return what is said, with every variable but those that name the ticket or the case."""
    named = {"number", "reference", "address"}
    return [
        (
            m.id.value,
            tuple((key, m.variables[key] if key not in named else "") for key in sorted(m.variables)),
        )
        for m in messages
    ]


async def submit(parts: Parts, where: str) -> None:
    """Send documents, as the secure form does at its end."""
    async with parts.work() as work:
        case = await work.cases.current(where)
        assert case is not None
        ticket = await reviewing.ticket_of_case(work, case.id)
        await work.evidence.add(ticket.id, CLAIM, (), parts.clock.now())
        await reviewing.submitted(work, parts, ticket.id)
        await work.commit()


async def escalate(parts: Parts, house: House, address: str) -> Seen:
    """Ask for everything that a stranger may ask for, then give up, so that the queue is empty again."""
    work, where, said = parts.work, f"talk about {address}", []
    assert isinstance(work, SqlWork)
    await talk(parts, where)
    operations, before = house.hasher.operations, len(await sizes(work))
    with watched(work) as statements:
        await opening.identify(parts, where, (address,))
        await challenging.challenge(parts, where, Method.SMS)
        said += [plain(await takeover.report_takeover(parts, where))]
        said += [plain(await requesting.request_review(parts, where))]
        said += [plain(await live.talk_to_human(parts, where))]
        said += [plain(await requesting.request_administrator(parts, where))]
        said += [plain(await statusing.ticket_status(parts, where))]
        said += [plain(await requesting.request_administrator(parts, where))]
        house.clock.move(OVERDUE)
        said += [plain(await requesting.request_review(parts, where))]
        said += [plain(await statusing.ticket_status(parts, where))]
        await submit(parts, where)
        said += [plain(await statusing.ticket_status(parts, where))]
        said += [plain(await requesting.cancel(parts, where))]
    await live.leave(parts, where)
    return Seen(statements, (await sizes(work))[before:], house.hasher.operations - operations, said)


async def expect_equal(work: SqlWork, house: House, addresses: Sequence[str]) -> Seen:
    """Let each address ask for everything in turn; return what the first one's looked like."""
    parts = replace(house.parts, work=work)
    expected = await escalate(parts, house, addresses[0])
    for address in addresses[1:]:
        house.clock.move(timedelta(hours=2))
        assert await escalate(parts, house, address) == expected, address
    return expected


async def test_every_address_asks_above_alike(work: SqlWork) -> None:
    """R2: administrator, review, a person, "not me" and status: same SQL, sizes, Argon2 work and words."""
    house = House()
    house.data.domains["example.com"] = replace(house.data.domains["example.com"], owner_contact=OWNER)
    await move_in(work, house)
    seen = await expect_equal(work, house, ADDRESSES)

    assert len(seen.statements) > 100
    assert sorted(channel for channel, _ in seen.sizes) == ["mail"] * 7 + ["sms"]
    assert seen.operations == 0
    first = [said[0][0] for said in seen.outcomes if isinstance(said, list)]
    assert first == [
        *("report_takeover", "review_later", "talk_ticket", "request_filed", "request_waits"),
        *("request_waits", "review_opened", "review_opened", "review_waits", "cancelled"),
    ]


async def test_every_super_administrator_asks_above_alike(work: SqlWork) -> None:
    """R2, R17: an address of that form opens a review at once, whether it exists or not."""
    house = House()
    await move_in(work, house)
    async with work() as unit:
        await unit.accounts_writer.add_domain(Domain("group.example", Edition.GROUP, "示例集团", ""))
        boss = NewAccount("id-gm", SUPER, "Gm", role=Role.SUPER_ADMINISTRATOR, phone="+8613800138009")
        await unit.accounts_writer.add_accounts([boss], house.clock.now())
        await unit.commit()
    seen = await expect_equal(work, house, [SUPER, "gm0002@group.example", "gm0001@unknown.example"])

    assert seen.outcomes[1] == [("review_opened", (("number", ""),))]


async def crowded(parts: Parts, house: House, address: str) -> Seen:
    """Ask for one mailbox from four clients."""
    work, said = parts.work, []
    assert isinstance(work, SqlWork)
    talks = [f"{n} about {address}" for n in range(4)]
    for where in talks:
        await talk(parts, where)
    operations, before = house.hasher.operations, len(await sizes(work))
    with watched(work) as statements:
        for where in talks:
            await opening.identify(parts, where, (address,))
            said += [plain(await requesting.request_administrator(parts, where))]
    return Seen(statements, (await sizes(work))[before:], house.hasher.operations - operations, said)


async def test_a_full_mailbox_looks_alike(work: SqlWork) -> None:
    """R2, R18: three requests and one that finds no place: same SQL, sizes and words for every address."""
    house = House()
    await move_in(work, house)
    parts = replace(house.parts, work=work)
    expected = await crowded(parts, house, ADDRESSES[0])
    for address in ADDRESSES[1:]:
        house.clock.move(timedelta(hours=2))
        assert await crowded(parts, house, address) == expected, address

    first = [said[0][0] for said in expected.outcomes if isinstance(said, list)]
    assert first == ["request_filed"] * 3 + ["requests_stand"]


async def test_a_decoys_ticket_from_first_word_to_refusal(work: SqlWork) -> None:
    """R18: filed, waited for, refused after its kind's time, with the words of a real refusal."""
    house = House()
    await move_in(work, house)
    parts = replace(house.parts, work=work)
    said = {}
    for address in (NOBODY, ALICE.address):
        where = await asked(parts, address)
        said[address] = [plain(await statusing.ticket_status(parts, where))]
    house.clock.move(DUE[Kind.RESET] / 3 - TICK)
    await sweep(parts)
    assert (await newest(parts, NOBODY)).state is TicketState.OPEN
    house.clock.move(TICK)
    await sweep(parts)
    real = await newest(parts, ALICE.address)
    assert real.state is TicketState.OPEN
    await deciding.refuse(parts, "id-helper", real.id, Reason.NOT_MATCHED)

    for address in (NOBODY, ALICE.address):
        ticket, where = await newest(parts, address), f"talk about {address}"
        assert (ticket.state, ticket.reason) == (TicketState.REFUSED, Reason.NOT_MATCHED)
        assert ticket.lane is (Lane.NOBODY if address == NOBODY else Lane.ADMINISTRATOR)
        async with work.reading() as unit:
            case, lines = await unit.cases.current(where), await unit.conversations.unanswered(9, where)
        assert case is not None
        assert case.state is State.REFUSED
        said[address] += [[line.payload["event"] for line in lines]]
        said[address] += [plain(await statusing.ticket_status(parts, where))]
    one, other = said.values()
    assert one[1:] == other[1:]
    assert one[-1] == [("refused_not_matched", (("number", ""),))]


async def asked(parts: Parts, address: str) -> str:
    """Ask for the administrator; return the conversation."""
    where = f"talk about {address}"
    await talk(parts, where)
    await opening.identify(parts, where, (address,))
    await requesting.request_administrator(parts, where)
    return where


async def newest(parts: Parts, address: str) -> Ticket:
    """Return the ticket of the conversation about *address*."""
    async with parts.work.reading() as work:
        case = await work.cases.current(f"talk about {address}")
        assert case is not None
        return (await work.tickets.of_case(case.id))[0]
