"""Challenges, guess budgets and counts."""

from __future__ import annotations

import asyncio

import pytest

from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.errors import ConflictError
from recovery_core.proofs.challenge import Challenge, ChallengeState
from recovery_core.proofs.methods import Method
from recovery_core.proofs.ports import Budget
from tests.contract.samples import HOUR, NOW, SECOND, a_challenge


async def store(work: SqlWork, *challenges: Challenge) -> None:
    """Store *challenges* one after the other."""
    async with work() as unit:
        for challenge in challenges:
            await unit.challenges.add(challenge)
        await unit.commit()


async def latest(work: SqlWork) -> Challenge:
    """Return the newest challenge of the case."""
    async with work.reading() as unit:
        found = await unit.challenges.latest("case")
    assert found is not None
    return found


async def test_a_challenge_comes_back_whole(work: SqlWork) -> None:
    """Every field of a challenge survives, the pair of questions and the candidate too."""
    challenge = a_challenge(
        method=Method.QUESTIONS,
        secret_hash="",
        decoy=True,
        questions=("first_pet", "birth_city"),
        state=ChallengeState.DEAD,
        candidate_hash="candidate",
    )
    await store(work, challenge)
    assert await latest(work) == challenge


async def test_the_newest_challenge_counts(work: SqlWork) -> None:
    """The newest challenge is the one added last, also within the same moment; a new case has none."""
    await store(work, a_challenge("z"), a_challenge("a"))
    assert (await latest(work)).id == "a"
    async with work.reading() as unit:
        assert await unit.challenges.latest("other") is None


async def test_a_challenge_is_added_once(work: SqlWork) -> None:
    """A second challenge with the same id is a conflict."""
    await store(work, a_challenge())
    async with work() as unit:
        with pytest.raises(ConflictError):
            await unit.challenges.add(a_challenge())


async def test_a_mail_link_is_found_by_its_secret(work: SqlWork) -> None:
    """A challenge is found by method and secret; questions, which have no secret, are not."""
    await store(work, a_challenge(method=Method.MAIL), a_challenge("q", secret_hash="", method=Method.MAIL))
    async with work.reading() as unit:
        found = await unit.challenges.by_secret_hash(Method.MAIL, "secret-challenge")
        assert found == a_challenge(method=Method.MAIL)
        assert await unit.challenges.by_secret_hash(Method.SMS, "secret-challenge") is None
        assert await unit.challenges.by_secret_hash(Method.MAIL, "other") is None
        assert await unit.challenges.by_secret_hash(Method.MAIL, "") is None


async def test_twenty_parallel_uses_have_one_winner(work: SqlWork) -> None:
    """R4: twenty right codes at the same moment are one use."""
    await store(work, a_challenge(candidate_hash="candidate"))

    async def consume() -> bool:
        async with work() as unit:
            won = await unit.challenges.consume("challenge")
            await unit.commit()
        return won

    assert sum(await asyncio.gather(*(consume() for _ in range(20)))) == 1
    assert await latest(work) == a_challenge(state=ChallengeState.USED)


@pytest.mark.parametrize("state", [s for s in ChallengeState if s is not ChallengeState.PENDING])
async def test_only_a_pending_challenge_can_be_used(work: SqlWork, state: ChallengeState) -> None:
    """R4: a used, dead or expired challenge is neither consumed nor tried."""
    await store(work, a_challenge(state=state))
    async with work() as unit:
        assert not await unit.challenges.consume("challenge")
        assert await unit.challenges.spend_try("challenge") is None
        await unit.challenges.set_candidate("challenge", "candidate")
        assert await unit.challenges.latest("case") == a_challenge(state=state)


async def test_a_challenge_without_tries_cannot_be_used(work: SqlWork) -> None:
    """R4: one try left is enough to consume, none is not."""
    await store(work, a_challenge("none", tries_left=0), a_challenge("one", tries_left=1))
    async with work() as unit:
        assert not await unit.challenges.consume("none")
        assert await unit.challenges.consume("one")
        assert not await unit.challenges.consume("unknown")


async def test_the_fifth_try_kills(work: SqlWork) -> None:
    """R4: tries count down to zero, where the challenge dies; a sixth is not taken."""
    await store(work, a_challenge())
    async with work() as unit:
        left = [await unit.challenges.spend_try("challenge") for _ in range(6)]
        await unit.commit()
    assert left == [4, 3, 2, 1, 0, None]
    assert await latest(work) == a_challenge(tries_left=0, state=ChallengeState.DEAD)


async def test_parallel_tries_are_all_counted(work: SqlWork) -> None:
    """R4: twenty wrong codes at the same moment spend five tries, no more."""
    await store(work, a_challenge())

    async def spend() -> int | None:
        async with work() as unit:
            left = await unit.challenges.spend_try("challenge")
            await unit.commit()
        return left

    left = await asyncio.gather(*(spend() for _ in range(20)))
    assert sorted(tries for tries in left if tries is not None) == [0, 1, 2, 3, 4]


async def test_pending_challenges_of_a_case_end(work: SqlWork) -> None:
    """R4: a newer code or a moved case ends the pending ones and leaves used and foreign ones alone."""
    await store(
        work,
        a_challenge("used", state=ChallengeState.USED),
        a_challenge("foreign", case_id="other"),
        a_challenge(candidate_hash="candidate"),
    )
    async with work() as unit:
        assert await unit.challenges.end_pending("case", ChallengeState.DEAD) == 1
        assert await unit.challenges.latest("case") == a_challenge(state=ChallengeState.DEAD)
        assert await unit.challenges.latest("other") == a_challenge("foreign", case_id="other")


async def test_a_candidate_is_kept_and_dropped(work: SqlWork) -> None:
    """R16: six digits of a longer text wait as a hash until the person decides."""
    await store(work, a_challenge())
    async with work() as unit:
        for candidate in ("candidate", None):
            await unit.challenges.set_candidate("challenge", candidate)
            assert await unit.challenges.latest("case") == a_challenge(candidate_hash=candidate)


async def test_the_mails_of_a_case_are_counted(work: SqlWork) -> None:
    """R6: every mail challenge of the case counts, whatever its state; others do not."""
    await store(
        work,
        a_challenge("m1", method=Method.MAIL, state=ChallengeState.DEAD),
        a_challenge("m2", method=Method.MAIL),
        a_challenge("sms"),
        a_challenge("foreign", method=Method.MAIL, case_id="other"),
    )
    async with work.reading() as unit:
        assert await unit.challenges.mails_of_case("case") == 2
        assert await unit.challenges.mails_of_case("none") == 0


async def test_expiry_is_written_at_its_moment(work: SqlWork) -> None:
    """R20: a challenge is pending a microsecond before its end and expired at it, and stays so."""
    await store(work, a_challenge(), a_challenge("used", case_id="other", state=ChallengeState.USED))
    async with work() as unit:
        assert await unit.challenges.expire(NOW + HOUR - SECOND / 1_000_000) == 0
        assert await unit.challenges.expire(NOW + HOUR) == 1
        assert await unit.challenges.expire(NOW + HOUR) == 0
        assert await unit.challenges.latest("case") == a_challenge(state=ChallengeState.EXPIRED)


async def test_a_budget_is_fresh_until_it_is_stored(work: SqlWork) -> None:
    """R8: an unknown key has a fresh budget; a stored one comes back whole and can be replaced."""
    full = Budget("key", 3, 2, NOW, stopped=True, day_started=NOW + SECOND, day_failures=4)
    async with work() as unit:
        for budget in (Budget("key"), full, Budget("key")):
            await unit.budgets.put(budget)
            assert await unit.budgets.get("key") == budget
        assert await unit.budgets.get("other") == Budget("other")


async def test_parallel_failures_are_all_counted(work: SqlWork) -> None:
    """R8: twenty first failures at the same moment, on a key without a row, are twenty."""

    async def fail() -> None:
        async with work() as unit:
            budget = await unit.budgets.get("key")
            await unit.budgets.put(Budget("key", budget.consecutive_failures + 1))
            await unit.commit()

    await asyncio.gather(*(fail() for _ in range(20)))
    async with work.reading() as unit:
        assert await unit.budgets.get("key") == Budget("key", 20)


async def test_sendings_are_counted_from_a_moment(work: SqlWork) -> None:
    """R4: sendings at and after the moment count on their key; the last one is known."""
    async with work() as unit:
        for second in (0, 1, 2):
            await unit.sends.add("key", "domain", NOW + second * SECOND, paid=True)
        await unit.sends.add("other", "domain", NOW + HOUR, paid=False)
        assert await unit.sends.count_since("key", NOW + SECOND) == 2
        assert await unit.sends.count_since("key", NOW) == 3
        assert await unit.sends.count_since("unknown", NOW) == 0
        assert await unit.sends.last_at("key") == NOW + 2 * SECOND
        assert await unit.sends.last_at("unknown") is None


async def test_only_paid_messages_cost_money(work: SqlWork) -> None:
    """R5: decoys are not paid; money is counted by domain and in all."""
    async with work() as unit:
        for domain, paid in (("a", True), ("a", False), ("b", True)):
            await unit.sends.add("key", domain, NOW, paid=paid)
        assert await unit.sends.money_since(NOW) == 2
        assert await unit.sends.money_since(NOW, "a") == 1
        assert await unit.sends.money_since(NOW + SECOND) == 0
        assert await unit.sends.money_since(NOW, "c") == 0


async def test_the_addresses_of_a_client_are_a_set(work: SqlWork) -> None:
    """R4: an address counts once for a client, however often it was started."""
    async with work() as unit:
        for client, address, second in (("c", "a", 0), ("c", "b", 1), ("c", "b", 2), ("d", "e", 2)):
            await unit.sends.add_client_start(client, address, NOW + second * SECOND)
        assert await unit.sends.addresses_of_client("c", NOW) == {"a", "b"}
        assert await unit.sends.addresses_of_client("c", NOW + SECOND) == {"b"}
        assert await unit.sends.addresses_of_client("x", NOW) == frozenset()


async def test_wrong_codes_and_attempts_are_counted_apart(work: SqlWork) -> None:
    """R8: wrong codes of a domain and tries under the same key do not mix."""
    async with work() as unit:
        await unit.sends.add_wrong_code("key", NOW)
        await unit.sends.add_wrong_code("key", NOW + SECOND)
        await unit.sends.add_attempt("key", NOW)
        assert await unit.sends.wrong_codes_since("key", NOW) == 2
        assert await unit.sends.wrong_codes_since("key", NOW + SECOND) == 1
        assert await unit.sends.attempts_since("key", NOW) == 1
        assert await unit.sends.attempts_since("key", NOW + SECOND) == 0


async def test_old_counts_are_dropped(work: SqlWork) -> None:
    """R21: counts older than the moment go, those at the moment stay."""
    async with work() as unit:
        for at in (NOW - SECOND, NOW):
            await unit.sends.add("key", "domain", at, paid=True)
            await unit.sends.add_client_start("client", "address", at)
            await unit.sends.add_wrong_code("key", at)
            await unit.sends.add_attempt("key", at)
        assert await unit.sends.forget_before(NOW) == 4
        assert await unit.sends.forget_before(NOW) == 0
        assert await unit.sends.count_since("key", NOW - HOUR) == 1
