"""The account of a messenger as a proof: only where the settings say so, and never more than one proof."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.cases import messenger
from recovery_core.cases.case import Escalation
from recovery_core.cases.flow import State
from recovery_core.conversations.messengers import Binding
from recovery_core.numbers import Numbers, Profile
from recovery_core.proofs.guess_budget import budget_key
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, BOB, CAROL, DAVE, NOBODY, POSTMASTER, Person
from tests.unit.cases.house import HERE, MINUTE, TICK, House

S, E = Method.SMS, Method.MESSENGER
DOMAINS = frozenset({"example.com"})


def lives_in(house: House, person: Person | None = ALICE, platform: str = "slack") -> None:
    """Let the conversation be held in a messenger, whose directory maps its account to *person* just now."""
    now = house.clock.now()
    owner = person.account().id if person else None
    house.data.bindings[HERE] = Binding(HERE, platform, "corp", "key", {}, now, owner_id=owner, asked_at=now)


def asked(house: House, ago: timedelta) -> None:
    """Let the directory's answer be so old."""
    binding = house.data.bindings[HERE]
    house.data.bindings[HERE] = replace(binding, asked_at=house.clock.now() - ago)


def counting(numbers: Numbers | None = None, *platforms: str) -> House:
    """Return a house in which the accounts of Slack, or of *platforms*, count."""
    house = House(numbers)
    house.parts = replace(house.parts, messenger_proofs=dict.fromkeys(platforms or ("slack",), DOMAINS))
    return house


async def offered(house: House) -> bool:
    """Tell whether the account may be offered as a proof."""
    async with house.work.reading() as work:
        return await messenger.may_prove(work, house.parts, HERE)


async def taken(house: House) -> bool:
    """Use the account as a proof."""
    async with house.work() as work:
        took = await messenger.take(work, house.parts, HERE)
        await work.commit()
    return took


async def test_it_counts_as_the_one_proof_of_an_employee() -> None:
    """R9: where the settings say so, an employee may set a password after it, and is told so."""
    house = counting()
    lives_in(house)
    await house.identify()

    assert await offered(house)
    assert await taken(house)
    assert (house.state(), house.case().proofs, house.case().proof_contacts) == (State.PROVEN, (E,), ())
    assert house.events() == ["gateway_account_right"]
    assert house.audit()[-3:] == ["person:challenge:started", "person:proof:given", "core:grant:given"]
    assert not await offered(house)
    assert (await house.set()).state is State.COMPLETED


async def refusing(change: str) -> House:
    """Return a house in which everything but one thing is as it must be."""
    house = counting(None, "feishu" if change == "it is off" else "slack")
    if change != "not in a messenger":
        lives_in(house, None if change == "mapped to nobody" else ALICE)
    asks = {"another mailbox": BOB.address, "an unknown mailbox": NOBODY}
    await house.identify(asks.get(change, ALICE.address))
    if change == "mapped to somebody else":
        lives_in(house, BOB)
    if change == "the account was removed":
        del house.data.accounts["id-alice"]
    if change == "after a review":
        moved = replace(house.case(), state=State.APPROVED, escalation=Escalation.REVIEW)
        house.data.cases[moved.id] = moved
    return house


REFUSED = [
    "it is off",
    "another mailbox",
    "an unknown mailbox",
    "not in a messenger",
    "mapped to nobody",
    "mapped to somebody else",
    "the account was removed",
    "after a review",
]


@pytest.mark.parametrize("change", REFUSED)
async def test_one_thing_that_is_different_and_it_is_neither_offered_nor_taken(change: str) -> None:
    """R2, R17: off, another or no mailbox, no mapping or somebody else's, a review: nothing is proven."""
    house = await refusing(change)
    before = house.state()

    assert not await offered(house)
    assert not await taken(house)
    assert (house.state(), house.case().proofs, house.events()) == (before, (), [])


@pytest.mark.parametrize(
    ("ago", "took"),
    [
        (timedelta(seconds=60), True),
        (timedelta(seconds=60) + TICK, False),
        (timedelta(), True),
        (-TICK, False),
    ],
)
async def test_the_directory_must_have_answered_just_now(ago: timedelta, *, took: bool) -> None:
    """An answer of the directory is worth a minute; an old one, or one of the future, proves nothing."""
    house = counting()
    lives_in(house)
    await house.identify()
    asked(house, ago)

    assert await taken(house) is took
    assert house.audit()[-1] == ("core:grant:given" if took else "core:proof:refused")


async def test_an_answer_that_was_never_asked_for_proves_nothing() -> None:
    """A binding whose directory was never asked is no mapping."""
    house = counting()
    lives_in(house)
    house.data.bindings[HERE] = replace(house.data.bindings[HERE], asked_at=None)
    await house.identify()

    assert not await taken(house)


async def test_alone_it_is_never_enough_for_an_administrator() -> None:
    """R9: one of two; the other comes by another method, before it or after it."""
    house = counting()
    lives_in(house, POSTMASTER)
    await house.identify(POSTMASTER.address)
    assert await taken(house)
    assert (house.state(), house.case().grant) == (State.CHALLENGED, None)
    assert not await offered(house)
    assert not await taken(house)
    assert house.state() is State.CHALLENGED
    await house.ask(S)
    await house.try_code(house.code())
    assert (house.state(), house.case().proofs) == (State.PROVEN, (E, S))


async def test_a_code_that_is_on_its_way_stays_good() -> None:
    """Between an administrator's two proofs the code that was sent first still counts."""
    house = counting()
    lives_in(house, POSTMASTER)
    await house.challenged(S, POSTMASTER.address)
    assert await taken(house)
    await house.try_code(house.code())
    assert (house.state(), house.case().proofs) == (State.PROVEN, (E, S))


async def test_after_a_takeover_another_proof_is_needed() -> None:
    """R12: an account marked by a takeover needs two methods."""
    house = counting()
    house.change("id-alice", two_methods_required=True)
    lives_in(house)
    await house.identify()
    assert await taken(house)
    assert house.state() is State.CHALLENGED


async def test_a_strict_house_wants_two() -> None:
    """R9: in profile strict an employee needs another proof as well."""
    house = counting(Numbers(profile=Profile.STRICT))
    lives_in(house)
    await house.identify()
    assert await taken(house)
    assert house.state() is State.CHALLENGED


async def test_a_disabled_account_waits_for_its_administrator() -> None:
    """R10: the proof of a disabled account gives no right."""
    house = counting()
    lives_in(house, CAROL)
    await house.identify(CAROL.address)
    assert await taken(house)
    assert (house.state(), house.case().escalation) == (State.ESCALATED, Escalation.ENABLE)


async def test_it_opens_no_guess_budget() -> None:
    """R8: it costs nothing to give again, so codes guessed in vain stay counted."""
    house = counting()
    lives_in(house, POSTMASTER)
    await house.challenged(S, POSTMASTER.address)
    await house.kill()
    assert await taken(house)
    key = budget_key(house.keyed, POSTMASTER.address, S)
    assert house.data.budgets[key].killed_codes == 1


async def test_a_silent_conversation_loses_it() -> None:
    """R13: after 15 idle minutes the proof is gone like any other, and may be given anew."""
    house = counting()
    lives_in(house, POSTMASTER)
    await house.identify(POSTMASTER.address)
    await taken(house)
    house.clock.move(15 * MINUTE)
    await house.hear("hello")
    assert house.case().proofs == ()
    lives_in(house, POSTMASTER)
    assert await taken(house)


async def test_somebody_without_contacts_is_told_by_the_administrators() -> None:
    """R12: it is no contact's proof; where nobody else would learn of it, administrators do at once."""
    house = counting()
    lives_in(house, DAVE)
    await house.identify(DAVE.address)
    await taken(house)
    await house.set()
    told = [row.delivery for row in house.data.outbox.values() if row.delivery.to == POSTMASTER.address]
    assert [delivery.variables["method"] for delivery in told] == ["messenger"]
