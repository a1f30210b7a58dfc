"""Operators, their second factors and their sessions."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from recovery_core.adapters.sql.engine import count_statements
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import ConflictError
from recovery_core.people.operators import Console, Operator
from recovery_core.people.rights import DeskRole
from tests.contract.samples import HOUR, NOW, SECOND
from tests.contract.samples_people import a_session, an_agent, with_operators

RACERS = 8
STEP = 59_000_000


async def test_an_operator_comes_back_whole(work: SqlWork) -> None:
    """Agents and administrators are read as they were stored, by name and by id."""
    agent = an_agent(role=DeskRole.REVIEWER, totp_last_step=STEP, totp_changed_at=NOW, disabled=True)
    admin = Operator("id-postmaster", Console.ADMIN, "postmaster@example.com", "Post Master", "en")
    await with_operators(work, agent, admin)
    async with work.reading() as unit:
        for operator in (agent, admin):
            assert await unit.operators.by_id(operator.id) == operator
            assert await unit.operators.by_name(operator.console, operator.name) == operator
        assert await unit.operators.agents() == [agent]


async def test_a_name_belongs_to_one_console(work: SqlWork) -> None:
    """The same name at the other console is somebody else, or nobody."""
    await with_operators(work)
    async with work.reading() as unit:
        assert await unit.operators.by_name(Console.ADMIN, "agent1") is None
        assert await unit.operators.by_id("agent1") is None
    with pytest.raises(ConflictError):
        await with_operators(work, an_agent(id="another"))


async def test_known_and_unknown_names_cost_the_same(work: SqlWork) -> None:
    """R15: looking for a name takes one statement whether anybody has it or not."""
    await with_operators(work, an_agent(), an_agent("agent2", disabled=True))
    counts = []
    for name in ("agent1", "agent2", "nobody"):
        async with work.reading() as unit:
            with count_statements(work.engine) as count:
                await unit.operators.by_name(Console.DESK, name)
            counts.append(count.statements)
    assert counts == [1, 1, 1]


async def test_a_changed_operator_is_stored_over_the_old_one(work: SqlWork) -> None:
    """Putting an operator again changes every field but the id."""
    await with_operators(work)
    changed = an_agent(display_name="New", language="en", role=DeskRole.AUDITOR, password_hash="other")
    await with_operators(work, changed)
    async with work.reading() as unit:
        assert await unit.operators.by_id("id-agent1") == changed


async def test_a_step_is_accepted_once(work: SqlWork) -> None:
    """R15: the same step and every earlier one is refused afterwards, the next one is not."""
    await with_operators(work)
    async with work() as unit:
        steps = (STEP, STEP, STEP - 1, STEP + 1)
        accepted = [await unit.operators.accept_step("id-agent1", step) for step in steps]
        assert accepted == [True, False, False, True]
        assert not await unit.operators.accept_step("nobody", STEP)


async def test_a_step_in_parallel_is_accepted_once(work: SqlWork) -> None:
    """R15: of many sign-ins with one code at the same moment exactly one succeeds."""
    await with_operators(work)

    async def sign_in(_: int) -> bool:
        async with work() as unit:
            accepted = await unit.operators.accept_step("id-agent1", STEP)
            await unit.commit()
            return accepted

    accepted = await asyncio.gather(*map(sign_in, range(RACERS)))
    assert sorted(accepted) == [False] * (RACERS - 1) + [True]


async def test_storing_an_operator_never_makes_a_used_code_good_again(work: SqlWork) -> None:
    """An operator read before a sign-in keeps the later step; a new second factor begins anew."""
    await with_operators(work)
    async with work() as unit:
        await unit.operators.accept_step("id-agent1", STEP)
        await unit.operators.put(an_agent(display_name="Renamed"))
        assert not await unit.operators.accept_step("id-agent1", STEP)
        await unit.operators.put(an_agent(totp_sealed=b"\x01new", totp_last_step=STEP - 1))
        assert await unit.operators.accept_step("id-agent1", STEP)


async def test_a_session_comes_back_whole(work: SqlWork) -> None:
    """A session is read by the hash of its token, with or without a second factor, until it is ended."""
    half = a_session("half", second_factor_at=None, console=Console.ADMIN, operator_id="not-stored-yet")
    async with work() as unit:
        for session in (a_session(), half):
            await unit.operators.add_session(session)
            assert await unit.operators.session(session.token_hash) == session
        await unit.operators.end_session("token-session")
        assert await unit.operators.session("token-session") is None
        assert await unit.operators.session("token-half") == half


async def test_touching_a_session_keeps_its_start(work: SqlWork) -> None:
    """R15: last use and second factor change, what the 8 hours count from does not."""
    async with work() as unit:
        await unit.operators.add_session(a_session(second_factor_at=None))
        await unit.operators.touch("token-session", NOW + HOUR, NOW + SECOND)
        touched = await unit.operators.session("token-session")
    assert touched == a_session(last_seen_at=NOW + HOUR, second_factor_at=NOW + SECOND)


async def test_all_sessions_of_an_operator_end_together(work: SqlWork) -> None:
    """The number of ended sessions is told; other operators stay signed in."""
    async with work() as unit:
        for name, operator in (("a", "id-agent1"), ("b", "id-agent1"), ("c", "id-agent2")):
            await unit.operators.add_session(a_session(name, operator_id=operator))
        assert await unit.operators.end_sessions_of("id-agent1") == 2
        assert await unit.operators.end_sessions_of("id-agent1") == 0
        assert await unit.operators.session("token-a") is None
        assert await unit.operators.session("token-c") is not None


async def test_sessions_long_over_are_forgotten(work: SqlWork) -> None:
    """A new session sweeps away those that began more than a day before it, and only those."""
    async with work() as unit:
        await unit.operators.add_session(a_session("day"))
        await unit.operators.add_session(a_session("next", issued_at=NOW + 24 * HOUR))
        assert await unit.operators.session("token-day") is not None
        await unit.operators.add_session(a_session("later", issued_at=NOW + 24 * HOUR + SECOND))
        assert await unit.operators.session("token-day") is None
        assert await unit.operators.session("token-next") is not None


async def test_present_are_agents_who_could_answer(work: SqlWork) -> None:
    """Counted is who may chat, is enabled, has proven both factors and was seen since; each person once."""
    people: dict[str, dict[str, Any]] = {
        "agent1": {},
        "half": {},
        "gone": {},
        "disabled": {"disabled": True},
        "auditor": {"role": DeskRole.AUDITOR},
        "admin": {"console": Console.ADMIN, "role": None},
    }
    await with_operators(work, *(an_agent(name, **fields) for name, fields in people.items()))
    async with work() as unit:
        for name, fields in people.items():
            session = a_session(name, operator_id=f"id-{name}", console=fields.get("console", Console.DESK))
            if name == "half":
                session = replace(session, second_factor_at=None)
            if name == "gone":
                session = replace(session, last_seen_at=NOW - SECOND)
            await unit.operators.add_session(session)
        await unit.operators.add_session(a_session("second browser"))
        assert await unit.operators.present(NOW) == 1
        assert await unit.operators.present(NOW - SECOND) == 2
        assert await unit.operators.present(NOW + SECOND) == 0
