"""Once a minute time is written down: expiries, digests, anchors, and what is forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.cases.flow import State
from recovery_core.cases.sweeping import Keeping, Sweep
from recovery_core.errors import UnavailableError
from recovery_core.notices.delivery import Template
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, CAROL, ERIN, POSTMASTER
from tests.unit.cases.house import DAY, HERE, HOUR, MINUTE, TICK, House

S, Q = Method.SMS, Method.QUESTIONS


def sweep(house: House) -> Sweep:
    """Return a sweep with the default times."""
    return Sweep(house.parts, Keeping())


@pytest.mark.parametrize(
    ("idle", "state"), [(24 * HOUR, State.CHALLENGED), (24 * HOUR + TICK, State.EXPIRED)]
)
async def test_an_unproven_case_expires_after_a_day(house: House, idle: timedelta, state: State) -> None:
    """R13: at 24 h without a step the case is open, beyond them it has expired and the chat learns it."""
    await house.challenged(S)
    house.clock.move(idle)
    await sweep(house).run_once()

    assert house.state() is state
    assert house.events() == (["gateway_case_expired"] if state is State.EXPIRED else [])


@pytest.mark.parametrize(("idle", "state"), [(30 * DAY, State.ESCALATED), (30 * DAY + TICK, State.EXPIRED)])
async def test_a_waiting_case_expires_after_thirty_days(house: House, idle: timedelta, state: State) -> None:
    """R13: who waits for an administrator has 30 days."""
    await house.proven(CAROL.address)
    house.clock.move(idle)
    house.talk(HERE)
    await sweep(house).run_once()

    assert house.state() is state


async def test_a_case_expires_though_its_conversation_is_forgotten(house: House) -> None:
    """R13, R21: nobody is left to be told, and the sweep goes on."""
    await house.proven(CAROL.address)
    house.clock.move(DAY)
    house.data.cases[house.case().id] = replace(house.case(), updated_at=house.clock.now())
    house.clock.move(30 * DAY)
    await sweep(house).run_once()
    assert (house.data.conversations, house.state()) == ({}, State.ESCALATED)
    house.clock.move(TICK)
    await sweep(house).run_once()

    assert house.state() is State.EXPIRED


async def test_expiring_takes_everything_with_it(house: House) -> None:
    """R13: challenges, forms, grant and typed secrets of an expired case are gone."""
    await house.proven()
    form = await house.form()
    await house.hear("password: Tulip#4417q")
    house.clock.move(DAY + TICK)
    await sweep(house).run_once()

    assert (house.state(), house.case().grant, house.data.typed) == (State.EXPIRED, None, {})
    assert house.data.forms[form].finished_at is not None
    assert house.audit()[-1] == "core:case:expired"


async def test_ended_and_completing_cases_do_not_expire(house: House) -> None:
    """R1, R13: an end stays, and what only the directory knows is not ended by time."""
    await house.completed()
    house.talk("there")
    await house.proven(ERIN.address, "there")
    await house.ask(Q, "there")
    await house.answer(("Rex", "Paris"), "there")
    case = house.case("there")
    house.data.cases[case.id] = case.move(State.COMPLETING, house.clock.now())
    house.clock.move(40 * DAY)
    await sweep(house).run_once()

    assert (house.state(), house.state("there")) == (State.COMPLETED, State.COMPLETING)


async def test_a_case_is_judged_again_under_its_lock(house: House) -> None:
    """R13: somebody who comes back between reading and expiring keeps the case; a vanished one is skipped."""
    await house.identify()
    await sweep(house)._expire(house.case().id)
    assert house.state() is State.IDENTIFIED
    await house.completed()
    house.clock.move(2 * DAY)
    await sweep(house)._expire(house.case().id)
    assert house.state() is State.COMPLETED
    await sweep(house)._expire("gone")


async def test_expired_challenges_are_written(house: House) -> None:
    """R20: at its end a challenge is written as expired."""
    challenge = await house.challenged(S)
    house.clock.move(5 * MINUTE - TICK)
    await sweep(house).run_once()
    assert house.data.challenges[challenge.id].state is ChallengeState.PENDING
    house.clock.move(TICK)
    await sweep(house).run_once()
    assert house.data.challenges[challenge.id].state is ChallengeState.EXPIRED


@pytest.mark.parametrize(("back", "alerts"), [(MINUTE, []), (MINUTE + TICK, ["clock_back"])])
async def test_a_clock_that_went_back_alerts(house: House, back: timedelta, alerts: list[str]) -> None:
    """R20: a step back of 60 s is tolerated, a longer one alerts and is audited."""
    sweeping = sweep(house)
    await sweeping.run_once()
    house.clock.move(-back)
    await sweeping.run_once()
    await sweeping.run_once()

    assert house.alerts.codes == alerts
    assert [e.name for e in house.data.chains["operator"]] == ["core:clock:back"] * len(alerts)


async def test_the_administrators_get_one_digest_a_day(house: House) -> None:
    """R12: what happened goes to each administrator in one mail, a day after the first line."""
    await house.completed()
    house.clock.move(HOUR)
    await house.proven()
    await house.set("Birch&Stream42")
    house.clock.move(23 * HOUR)
    sweeping = sweep(house)
    await sweeping.run_once()
    assert house.posted(Template.ADMIN_DIGEST) == []
    house.clock.move(TICK)
    await sweeping.run_once()
    await sweeping.run_once()

    digests = house.posted(Template.ADMIN_DIGEST)
    assert {digest.to for digest in digests} == {POSTMASTER.address, "helper@example.com"}
    assert [digest.variables["count"] for digest in digests] == ["2", "2"]
    assert digests[0].variables["lines"].count(ALICE.address) == 2


async def test_the_trail_is_anchored(house: House) -> None:
    """R21: each sweep anchors what grew, so that a cut tail shows."""
    await house.challenged(S)
    await sweep(house).run_once()
    async with house.work() as work:
        assert await work.audit.problems() == []
        chain = house.case().id
        house.data.chains[chain] = house.data.chains[chain][:-1]
        assert await work.audit.problems() == [f"cut {chain}"]


async def test_what_was_kept_long_enough_is_dropped(house: House) -> None:
    """R21: transcripts go after 30 days, counts after 30, the audit trail after 400."""
    await house.completed()
    case = house.case()
    await house.hear("thanks")
    for id_, row in list(house.data.outbox.items()):
        async with house.work() as work:
            await work.outbox.sent(id_, row.at)
            await work.commit()
    house.clock.move(30 * DAY)
    await sweep(house).run_once()
    assert house.data.conversations
    assert house.data.sendings
    house.clock.move(TICK)
    await sweep(house).run_once()
    assert (house.data.conversations, house.data.lines, house.data.sendings) == ({}, {}, [])
    assert {row.state for row in house.data.outbox.values()} <= {"waiting"}
    house.clock.move(370 * DAY - TICK)
    await sweep(house).run_once()
    assert case.id in house.data.chains
    house.clock.move(TICK)
    await sweep(house).run_once()
    assert case.id not in house.data.chains


@pytest.mark.parametrize(("after", "there"), [(90 * DAY, True), (90 * DAY + TICK, False)])
async def test_an_ended_case_is_kept_ninety_days(house: House, after: timedelta, *, there: bool) -> None:
    """R21: case, challenges, forms and vetoes are forgotten together; the audit trail stays."""
    case = await house.completed()
    house.clock.move(after)
    await sweep(house).run_once()

    data = house.data
    assert [bool(table) for table in (data.cases, data.challenges, data.forms, data.vetoes)] == [there] * 4
    assert case.id in data.chains


async def test_a_broken_store_is_not_hidden(house: House) -> None:
    """A sweep that cannot store raises, so that whoever runs it knows."""
    house.work.failing_commits.append(UnavailableError())
    with pytest.raises(UnavailableError):
        await sweep(house).run_once()
