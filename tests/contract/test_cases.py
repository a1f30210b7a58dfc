"""Cases, forms and typed secrets."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.cases.case import Case, Escalation
from recovery_core.cases.flow import ENDED, State
from recovery_core.errors import ConflictError
from recovery_core.proofs.methods import Method
from tests.contract.samples import HOUR, NOW, SECOND, a_case, a_form, a_grant


async def store(work: SqlWork, *cases: Case) -> None:
    """Store *cases* one after the other."""
    async with work() as unit:
        for case in cases:
            await unit.cases.add(case)
        await unit.commit()


async def test_a_case_comes_back_whole(work: SqlWork) -> None:
    """Every field of a case survives, the grant and the tuples too."""
    case = a_case(
        state=State.PROVEN,
        address="alice@example.com",
        account_id="id-alice",
        proofs=(Method.SMS, Method.MAIL),
        proof_contacts=("phone", "mail"),
        failed_methods=(Method.QUESTIONS,),
        escalation=Escalation.ENABLE,
        grant=a_grant(),
        resume_hash="resume",
        completed_at=NOW,
        first_challenge_at=NOW + SECOND,
        version=3,
    )
    await store(work, case)
    async with work() as unit:
        assert await unit.cases.lock("case") == case
        assert await unit.cases.current("talk") == case
        assert await unit.cases.lock_current("talk") == case
        assert await unit.cases.by_reference("RC-case") == case


async def test_unknown_cases_are_none(work: SqlWork) -> None:
    """A case that is not there is None, by whatever it is asked for."""
    async with work() as unit:
        assert await unit.cases.lock("case") is None
        assert await unit.cases.current("talk") is None
        assert await unit.cases.lock_current("talk") is None
        assert await unit.cases.by_reference("RC-case") is None


@pytest.mark.parametrize("other", [a_case("other", reference="RC-case"), a_case(reference="RC-other")])
async def test_id_and_reference_are_unique(work: SqlWork, other: Case) -> None:
    """A second case with the id or the reference of another is a conflict."""
    await store(work, a_case())
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.cases.add(other)


async def test_a_case_is_saved_as_its_next_version(work: SqlWork) -> None:
    """Saving stores the new value and raises the version; the old version cannot be saved again."""
    await store(work, a_case(grant=a_grant()))
    changed = replace(a_case(), state=State.IDENTIFIED, address="a@example.com", updated_at=NOW + SECOND)
    async with work() as unit:
        await unit.cases.save(changed)
        assert await unit.cases.lock("case") == replace(changed, version=1)
        with pytest.raises(ConflictError):
            await unit.cases.save(changed)


async def test_a_case_that_is_not_there_cannot_be_saved(work: SqlWork) -> None:
    """Saving an unknown case is a conflict."""
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.cases.save(a_case())


async def test_of_parallel_savings_one_wins(work: SqlWork) -> None:
    """Of ten writers that read the same version without a lock exactly one is stored."""
    await store(work, a_case())

    async def save(number: int) -> bool:
        async with work() as unit:
            try:
                await unit.cases.save(a_case(address=f"{number}@example.com"))
            except ConflictError:
                return False
            await unit.commit()
        return True

    won = await asyncio.gather(*(save(number) for number in range(10)))
    assert sum(won) == 1
    async with work.reading() as unit:
        assert await unit.cases.current("talk") == a_case(address=f"{won.index(True)}@example.com", version=1)


async def test_a_lock_makes_others_wait(work: SqlWork) -> None:
    """Ten writers that lock the case first all have their turn: none conflicts, nothing is lost."""
    await store(work, a_case())

    async def fail(number: int) -> None:
        async with work() as unit:
            case = await (unit.cases.lock("case") if number % 2 else unit.cases.lock_current("talk"))
            assert case is not None
            await unit.cases.save(replace(case, failed_methods=(*case.failed_methods, Method.SMS)))
            await unit.commit()

    await asyncio.gather(*(fail(number) for number in range(10)))
    async with work.reading() as unit:
        case = await unit.cases.current("talk")
    assert case is not None
    assert (len(case.failed_methods), case.version) == (10, 10)


async def test_the_newest_case_is_the_last_that_came(work: SqlWork) -> None:
    """R13: the newest case is the one opened last, or a resumed one once it moved into the conversation."""
    await store(work, a_case("old", conversation_id="before"), a_case("a"), a_case("b"))
    async with work() as unit:
        current = await unit.cases.current("talk")
        assert current is not None
        assert current.id == "b"
        await unit.cases.save(a_case("a", updated_at=NOW + SECOND))
        current = await unit.cases.current("talk")
        assert current is not None
        assert current.id == "b"
        await unit.cases.save(a_case("old", conversation_id="talk"))
        current = await unit.cases.lock_current("talk")
        assert current is not None
        assert current.id == "old"
        assert await unit.cases.current("before") is None


async def test_idle_cases_are_found_by_their_state(work: SqlWork) -> None:
    """R13: open cases count from one moment, escalated ones from another; ended and completing never."""
    states = [a_case(state, state=state, updated_at=NOW) for state in State]
    await store(work, *states)
    open_ = {state for state in State if state not in ENDED | {State.ESCALATED, State.COMPLETING}}
    async with work.reading() as unit:
        assert await unit.cases.idle_since(NOW, NOW, 100) == []
        assert set(await unit.cases.idle_since(NOW + SECOND, NOW, 100)) == open_
        assert await unit.cases.idle_since(NOW, NOW + SECOND, 100) == [State.ESCALATED]
        assert len(await unit.cases.idle_since(NOW + SECOND, NOW + SECOND, 2)) == 2


async def test_completing_cases_are_found_by_age(work: SqlWork) -> None:
    """A case that asked a remote directory is found when it waits since before the moment."""
    await store(
        work,
        a_case("a", state=State.COMPLETING, updated_at=NOW + SECOND),
        a_case("b", state=State.COMPLETING),
        a_case("c", state=State.PROVEN),
    )
    async with work.reading() as unit:
        assert await unit.cases.completing(NOW, 10) == []
        assert await unit.cases.completing(NOW + SECOND, 10) == ["b"]
        assert await unit.cases.completing(NOW + HOUR, 1) == ["b"]


async def test_a_form_comes_back_whole(work: SqlWork) -> None:
    """Every field of a form survives; an unknown one is None."""
    form = a_form(finished_at=NOW + SECOND, claim_hash="browser")
    async with work() as unit:
        await unit.forms.add(form)
        assert await unit.forms.get("form") == form
        assert await unit.forms.get("other") is None


async def test_a_form_is_finished_once(work: SqlWork) -> None:
    """Of twenty submissions at once exactly one finishes the form; an unknown form cannot be finished."""
    async with work() as unit:
        await unit.forms.add(a_form())
        assert not await unit.forms.finish("other", NOW)
        await unit.commit()

    async def finish() -> bool:
        async with work() as unit:
            done = await unit.forms.finish("form", NOW + SECOND)
            await unit.commit()
        return done

    assert sum(await asyncio.gather(*(finish() for _ in range(20)))) == 1
    async with work.reading() as unit:
        form = await unit.forms.get("form")
    assert form == a_form(finished_at=NOW + SECOND)


async def test_a_form_belongs_to_the_first_browser(work: SqlWork) -> None:
    """The first claim binds the form; the same browser may come again, another may not."""
    async with work() as unit:
        await unit.forms.add(a_form())
        assert await unit.forms.claim("form", "browser-1")
        assert await unit.forms.claim("form", "browser-1")
        assert not await unit.forms.claim("form", "browser-2")
        assert not await unit.forms.claim("other", "browser-1")


async def test_the_open_forms_of_a_case_end_with_it(work: SqlWork) -> None:
    """Ending a case finishes its open forms and leaves finished and foreign ones alone."""
    async with work() as unit:
        await unit.forms.add(a_form())
        await unit.forms.add(a_form("done", finished_at=NOW))
        await unit.forms.add(a_form("foreign", case_id="other"))
        assert await unit.forms.end_of_case("case", NOW + SECOND) == 1
        assert await unit.forms.get("form") == a_form(finished_at=NOW + SECOND)
        assert await unit.forms.get("done") == a_form("done", finished_at=NOW)
        assert await unit.forms.get("foreign") == a_form("foreign", case_id="other")


async def test_the_open_forms_of_a_conversation_end_together(work: SqlWork) -> None:
    """All cases of the conversation lose their open forms; finished and foreign ones are left alone."""
    async with work() as unit:
        for case_id, reference, talk in (
            ("case", "R1", "talk"),
            ("older", "R2", "talk"),
            ("far", "R3", "t2"),
        ):
            await unit.cases.add(a_case(case_id, reference=reference, conversation_id=talk))
        await unit.forms.add(a_form())
        await unit.forms.add(a_form("of older", case_id="older"))
        await unit.forms.add(a_form("done", finished_at=NOW))
        await unit.forms.add(a_form("foreign", case_id="far"))
        assert await unit.forms.end_of_conversation("talk", NOW + SECOND) == 2
        assert await unit.forms.get("of older") == a_form(
            "of older", case_id="older", finished_at=NOW + SECOND
        )
        assert await unit.forms.get("done") == a_form("done", finished_at=NOW)
        assert await unit.forms.get("foreign") == a_form("foreign", case_id="far")


async def test_typed_secrets_are_remembered_by_conversation(work: SqlWork) -> None:
    """A hash is known in its conversation only, may come twice, and is dropped with the others."""
    async with work() as unit:
        await unit.typed_secrets.add("talk", "hash", NOW)
        await unit.typed_secrets.add("talk", "hash", NOW)
        assert await unit.typed_secrets.has("talk", "hash")
        assert not await unit.typed_secrets.has("talk", "other")
        assert not await unit.typed_secrets.has("other", "hash")
        await unit.typed_secrets.forget("talk")
        assert not await unit.typed_secrets.has("talk", "hash")


async def test_typed_secrets_go_with_a_case_that_moves(work: SqlWork) -> None:
    """R13: the hashes of the old conversation are known in the new one too, beside its own, once each."""
    async with work() as unit:
        for conversation, secret in (("old", "a"), ("old", "b"), ("new", "b"), ("new", "c")):
            await unit.typed_secrets.add(conversation, secret, NOW)
        await unit.typed_secrets.carry("old", "new")
        for secret in ("a", "b", "c"):
            assert await unit.typed_secrets.has("new", secret)
        assert await unit.typed_secrets.has("old", "a")
        assert not await unit.typed_secrets.has("old", "c")
