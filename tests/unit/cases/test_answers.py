"""Both security answers are judged together, out of a budget of their own (R7)."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from recovery_core.cases import proving
from recovery_core.cases.flow import State
from recovery_core.cases.proving import Try
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, ERIN, NOBODY, POSTMASTER
from tests.unit.cases.house import DAY, HERE, MINUTE, TICK, House

S, Q = Method.SMS, Method.QUESTIONS


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (("Rex", "Paris"), Try.RIGHT),
        (("  rEX ", "PARIS"), Try.RIGHT),
        (("Ｒｅｘ", "paris\u3000"), Try.RIGHT),
        (("Re x", "Paris"), Try.WRONG),
        (("Rex", "London"), Try.WRONG),
        (("Lassie", "Paris"), Try.WRONG),
        (("Paris", "Rex"), Try.WRONG),
        (("", ""), Try.WRONG),
    ],
)
async def test_answers_are_compared_folded(house: House, given: tuple[str, str], outcome: Try) -> None:
    """R7: width, case and space do not matter, order and both answers do."""
    await house.challenged(Q, ERIN.address)

    assert (await house.answer(given)).outcome is outcome


@pytest.mark.parametrize("address", [ALICE.address, NOBODY])
async def test_five_wrong_answers_a_day(house: House, address: str) -> None:
    """R7: after five wrong pairs in a day the method is silently a decoy, a day after the first it is not."""
    await house.challenged(Q, address)
    for _ in range(4):
        await house.answer(("wrong", "wrong"))
    real = address == ALICE.address
    await house.ask(Q)
    assert house.challenge().decoy is not real
    assert (await house.answer(("wrong", "wrong"))).outcome is Try.WRONG
    assert (await house.answer()).outcome is Try.WRONG

    await house.ask(Q)
    assert house.challenge().decoy
    house.clock.move(DAY - TICK)
    await house.ask(Q)
    assert house.challenge().decoy
    house.clock.move(TICK)
    await house.ask(Q)
    assert house.challenge().decoy is not real


async def test_the_fifth_answer_may_be_right(house: House) -> None:
    """R7: four wrong pairs leave a fifth try that counts."""
    await house.challenged(Q)
    for _ in range(4):
        assert (await house.answer(("wrong", "wrong"))).outcome is Try.WRONG

    assert (await house.answer()).outcome is Try.RIGHT
    assert (house.state(), house.case().proof_contacts) == (State.PROVEN, ())


async def test_ten_wrong_answers_in_all(house: House) -> None:
    """R7: nine wrong pairs over days are forgiven by time, the tenth only by another proof."""
    await house.identify()
    for _ in range(9):
        await house.ask(Q)
        await house.answer(("wrong", "wrong"))
        house.clock.move(DAY)
    await house.ask(Q)
    assert not house.challenge().decoy
    await house.answer(("wrong", "wrong"))
    house.clock.move(30 * DAY)
    await house.ask(Q)
    assert house.challenge().decoy

    await house.ask(S)
    await house.try_code(house.code())
    house.talk("later")
    assert not (await house.challenged(Q, ALICE.address, "later")).decoy


async def test_an_administrators_right_answers_fail(house: House) -> None:
    """R2, R9: for an administrator the registered answers fail like a decoy's."""
    await house.challenged(Q, POSTMASTER.address)

    assert (await house.answer()).outcome is Try.WRONG
    assert house.hasher.calls == ["waste", "waste"]


async def test_answers_need_a_pending_challenge(house: House) -> None:
    """R7: without a challenge nothing is compared, after ten minutes it has expired."""
    assert (await house.answer()).outcome is Try.NOT_PENDING
    await house.challenged(Q)
    house.clock.move(10 * MINUTE)
    assert (await house.answer()).outcome is Try.EXPIRED
    assert house.hasher.operations == 0


async def test_answers_that_were_removed_meanwhile_prove_nothing(house: House) -> None:
    """R7: a challenge on answers that are gone is wrong and costs the same."""
    await house.challenged(Q)
    house.change("id-alice", answers=())

    assert (await house.answer()).outcome is Try.WRONG
    assert house.hasher.operations == 2


class _Meanwhile:
    """A hasher during whose work something happens."""

    def __init__(self, house: House, method: Method | None) -> None:
        """Ask for another challenge by *method*, or cancel."""
        self._house, self._method, self._done = house, method, False

    async def verify(self, encoded: str, secret: str) -> None:
        """Let it happen once, then judge."""
        if not self._done:
            self._done = True
            await self._house.ask(self._method or S)
        await self._house.hasher.verify(encoded, secret)


@pytest.mark.parametrize("method", [Q, S])
async def test_a_newer_challenge_makes_an_older_answer_void(house: House, method: Method) -> None:
    """R4: right answers to a challenge that was replaced while they were compared count for nothing."""
    await house.challenged(Q)
    parts = replace(house.parts, hasher=_Meanwhile(house, method))
    tried = await proving.try_answers(parts, HERE, ("旺财", "杭州"))

    assert tried.outcome is Try.NOT_PENDING
    assert (house.state(), house.challenge().tries_left) == (State.CHALLENGED, 5)


async def test_exactly_one_of_two_right_answers_wins(house: House) -> None:
    """R4: two right answers at the same moment give one proof."""
    await house.challenged(Q)
    outcomes = await asyncio.gather(house.answer(), house.answer())

    assert sorted(t.outcome for t in outcomes) == [Try.NOT_PENDING, Try.RIGHT]
    assert house.audit().count("person:proof:given") == 1
