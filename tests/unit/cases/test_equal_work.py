"""Nobody learns anything before a proof: every address costs the same and reads the same (R2)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from recovery_core.cases import answering, challenging, hearing, opening, reminding
from recovery_core.cases.flow import State
from recovery_core.messages import Message
from recovery_core.proofs.methods import CHALLENGES, Method
from tests.unit.cases.company import ALICE, CAROL, DAVE, FRED, GINA, NOBODY, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE, House

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
ADDRESSES = [
    ALICE.address,
    CAROL.address,
    DAVE.address,
    FRED.address,
    GINA.address,
    POSTMASTER.address,
    NOBODY,
    "somebody@unknown.example",
]
Path = Callable[[House], Awaitable[object]]


@dataclass
class Seen:
    """Everything that could tell: words, states, costly work, statements, rows and their sizes."""

    said: list[object]
    state: State
    operations: list[str]
    calls: list[str]
    outbox: list[tuple[str, int, str]]
    lines: list[object]
    audit: list[str]
    tries_left: int
    commits: int


async def identify(_: House) -> None:
    """Name the address and nothing more."""


def challenge(method: Method) -> Path:
    """Ask for a proof."""
    return lambda house: challenging.challenge(house.parts, HERE, method)


async def wrong_code(house: House) -> object:
    """Ask for a code and send a wrong one."""
    await challenging.challenge(house.parts, HERE, S)
    house.work.calls.clear()
    tried = await house.try_code("000000")
    return tried.outcome, tried.tries_left


async def dead_code(house: House) -> object:
    """Spend every try of a code, and ask for the next."""
    await challenging.challenge(house.parts, HERE, S)
    tried = [await house.try_code("000000") for _ in range(6)]
    house.clock.move(MINUTE)
    return [t.outcome for t in tried], await challenging.resend(house.parts, HERE)


async def wrong_answers(house: House) -> object:
    """Ask for questions and answer wrong, also when the budget is spent."""
    await challenging.challenge(house.parts, HERE, Q)
    tried = [await house.answer(("wrong", "too")) for _ in range(6)]
    return [(t.outcome, t.tries_left) for t in tried], await challenging.challenge(house.parts, HERE, Q)


async def code_missing(house: House) -> object:
    """Say that nothing came, before and after the minute."""
    await challenging.challenge(house.parts, HERE, S)
    early = await answering.code_missing(house.parts, HERE)
    house.clock.move(MINUTE)
    return early, await answering.code_missing(house.parts, HERE), await challenging.resend(house.parts, HERE)


async def talk(house: House) -> object:
    """Type a code, a sentence with a code, yes, and ask around."""
    await challenging.challenge(house.parts, HERE, S)
    for number, text in enumerate(("000000", "is it 000 000 or what", "hello?")):
        talk_ = house.data.conversations[HERE]
        await hearing.hear(house.parts, talk_, f"m{number}", text, talk_.client_key or "")
    async with house.work() as work:
        reminded = await reminding.reminder(work, house.parts, house.case())
    return (
        await answering.affirm(house.parts, HERE),
        await answering.status(house.parts, HERE),
        await answering.another_method(house.parts, HERE),
        reminded,
    )


async def limits(house: House) -> object:
    """Ask for codes until no more are sent."""
    said: list[tuple[Message, ...]] = []
    for _ in range(12):
        said.append(await challenging.challenge(house.parts, HERE, S))
        said.append(await challenging.challenge(house.parts, HERE, M))
        house.clock.move(2 * MINUTE)
    return said


PATHS: dict[str, Path] = {
    "identify": identify,
    "sms": challenge(S),
    "mail": challenge(M),
    "questions": challenge(Q),
    "wrong code": wrong_code,
    "dead code": dead_code,
    "wrong answers": wrong_answers,
    "code missing": code_missing,
    "talk": talk,
    "limits": limits,
}


async def walk(path: Path, address: str) -> Seen:
    """Walk *path* in a new house and return everything that an observer could compare."""
    house = House()
    said: list[object] = [[m.id for m in await opening.identify(house.parts, HERE, (address,))]]
    said.append(await path(house))
    case, challenges = house.case(), list(house.data.challenges.values())
    return Seen(
        said,
        case.state,
        ["argon2" for _ in house.hasher.calls],
        list(house.work.calls),
        [(r.delivery.channel, r.size, r.state) for r in house.data.outbox.values()],
        [line.payload for line in house.data.lines.values()],
        house.audit(),
        challenges[-1].tries_left if challenges else 0,
        house.work.commits,
    )


def plain(said: object, address: str) -> str:
    """Spell what was said without the address that the person typed."""
    return repr(said).replace(address, "ADDRESS")


@pytest.mark.parametrize("name", list(PATHS))
async def test_every_address_costs_and_reads_the_same(name: str) -> None:
    """R2: same sentences, states, Argon2 operations, store calls, outbox rows and sizes for every address."""
    expected = await walk(PATHS[name], ALICE.address)
    assert expected.calls != []

    for address in ADDRESSES[1:]:
        seen = await walk(PATHS[name], address)
        assert plain(seen.said, address) == plain(expected.said, ALICE.address), address
        seen.said = expected.said
        assert seen == expected, address


async def test_answers_cost_two_operations_right_or_wrong(house: House) -> None:
    """R2, R7: a try of answers is two Argon2 operations, whether right, wrong or against a decoy."""
    await house.challenged(Q)
    await house.answer(("wrong", "wrong"))
    assert house.hasher.operations == 2
    await house.answer()
    assert house.hasher.operations == 4
    assert house.state() is State.PROVEN


async def test_no_challenge_costs_an_operation(house: House) -> None:
    """R2: asking for a proof costs no Argon2 operation, so none can be missing."""
    for method in CHALLENGES:
        await house.challenged(method, NOBODY)

    assert house.hasher.operations == 0
