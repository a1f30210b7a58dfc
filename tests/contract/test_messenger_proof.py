"""A messenger's account as a proof, with cases, bindings and audit trail in a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases import messenger, opening
from recovery_core.cases.flow import State
from recovery_core.cases.parts import Parts
from recovery_core.conversations.messengers import Binding
from recovery_core.proofs.methods import Method
from tests.contract.test_equal_work import move_in, talk
from tests.unit.cases.company import ALICE, BOB, POSTMASTER, Person
from tests.unit.cases.house import House

TALK = "a talk in Slack"


async def settled(work: SqlWork, owner: Person | None) -> Parts:
    """Return the parts of a company whose Slack counts, and where the account of the talk is *owner*'s."""
    house = House()
    await move_in(work, house)
    parts = replace(house.parts, work=work, messenger_proofs={"slack": {ALICE.domain}})
    await talk(parts, TALK)
    now = parts.clock.now()
    async with work() as unit:
        await unit.bindings.add(Binding(TALK, "slack", "corp", "key", {"account": "u"}, now))
        await unit.bindings.owned(TALK, owner.account().id if owner else None, now)
        await unit.commit()
    return parts


async def take(parts: Parts) -> tuple[bool, State, tuple[Method, ...], bool]:
    """Use the account; return whether it was taken, and state, proofs and grant of the case in the store."""
    async with parts.work() as unit:
        took = await messenger.take(unit, parts, TALK)
        await unit.commit()
    async with parts.work.reading() as unit:
        case = await unit.cases.current(TALK)
    assert case is not None
    return took, case.state, case.proofs, case.grant is not None


async def names(parts: Parts) -> list[str]:
    """Return the names of the case's audit events."""
    async with parts.work.reading() as unit:
        case = await unit.cases.current(TALK)
        assert case is not None
        return [event.name for event in await unit.audit.events(case.id)]


async def test_an_employee_is_proven(work: SqlWork) -> None:
    """State, proof, grant and trail are stored together, and the chat has the event to answer."""
    parts = await settled(work, ALICE)
    await opening.identify(parts, TALK, (ALICE.address,))
    async with work.reading() as unit:
        assert await messenger.may_prove(unit, parts, TALK)
    assert await take(parts) == (True, State.PROVEN, (Method.MESSENGER,), True)
    assert (await names(parts))[-2:] == ["person:proof:given", "core:grant:given"]
    async with work.reading() as unit:
        (line,) = await unit.conversations.unanswered(5, TALK)
    assert line.payload["event"] == "gateway_account_right"


async def test_an_administrator_is_not_proven_by_it_alone(work: SqlWork) -> None:
    """One proof is kept, and the second try by the same account adds nothing."""
    parts = await settled(work, POSTMASTER)
    await opening.identify(parts, TALK, (POSTMASTER.address,))
    assert await take(parts) == (True, State.CHALLENGED, (Method.MESSENGER,), False)
    assert await take(parts) == (False, State.CHALLENGED, (Method.MESSENGER,), False)


@pytest.mark.parametrize("owner", [BOB, None])
async def test_an_account_of_somebody_else_proves_nothing(work: SqlWork, owner: Person | None) -> None:
    """What the binding in the store says decides, and the refusal is in the trail."""
    parts = await settled(work, owner)
    await opening.identify(parts, TALK, (ALICE.address,))
    assert await take(parts) == (False, State.IDENTIFIED, (), False)
    assert (await names(parts))[-1] == "core:proof:refused"


async def test_an_old_answer_of_the_directory_proves_nothing(work: SqlWork) -> None:
    """The moment at which the directory was asked comes back from the store as it went in."""
    parts = await settled(work, ALICE)
    await opening.identify(parts, TALK, (ALICE.address,))
    old = parts.clock.now() - messenger.FRESH - timedelta(microseconds=1)
    async with work() as unit:
        await unit.bindings.owned(TALK, ALICE.account().id, old)
        await unit.commit()
    assert (await take(parts))[:2] == (False, State.IDENTIFIED)
    async with work() as unit:
        await unit.bindings.owned(TALK, ALICE.account().id, old + timedelta(microseconds=1))
        await unit.commit()
    assert (await take(parts))[:2] == (True, State.PROVEN)
