"""A code is tried: right, wrong, late, elsewhere, too often."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.accounts.account import Contact, ContactKind
from recovery_core.cases import answering, proving, sweeping
from recovery_core.cases.flow import State
from recovery_core.cases.proving import Try
from recovery_core.numbers import Numbers, Profile
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, CAROL, NOBODY, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE, TICK, House

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
SECOND = timedelta(seconds=1)


async def test_the_right_code_proves_and_grants(house: House) -> None:
    """R4, R10: the right code moves the case to proven, with a grant of 15 minutes and 20 sendings."""
    await house.challenged(S)
    tried = await house.try_code(house.code())
    case = house.case()

    assert tried.outcome is Try.RIGHT
    assert (case.state, case.proofs, case.proof_contacts) == (State.PROVEN, (S,), ("alice.phone",))
    assert case.grant is not None
    assert (case.grant.expires_at, case.grant.sendings_left) == (house.clock.now() + 15 * MINUTE, 20)
    assert house.audit()[-2:] == ["person:proof:given", "core:grant:given"]


async def test_a_code_has_five_tries(house: House) -> None:
    """R4: the fifth try may still be right; after five wrong ones the right code is worth nothing."""
    await house.challenged(S)
    left = [(await house.try_code(house.wrong_code())).tries_left for _ in range(4)]
    assert left == [4, 3, 2, 1]
    assert (await house.try_code(house.code())).outcome is Try.RIGHT

    house.talk("there")
    house.clock.move(MINUTE)
    await house.challenged(S, ALICE.address, "there")
    outcomes = [(await house.try_code(house.wrong_code("there"), "there")).outcome for _ in range(5)]
    assert outcomes == [Try.WRONG] * 4 + [Try.DEAD]
    assert (await house.try_code(house.code("there"), "there")).outcome is Try.NOT_PENDING
    assert house.case("there").failed_methods == (S,)
    assert house.audit("there")[-2:] == ["person:challenge:wrong", "core:challenge:killed"]


async def test_a_code_is_used_once(house: House) -> None:
    """R4: the same right code a second time finds nothing pending."""
    await house.proven()

    assert (await house.try_code(house.code())).outcome is Try.NOT_PENDING


async def test_exactly_one_parallel_try_wins(house: House) -> None:
    """R4: of two tries that read the same challenge, one consumes it and the other finds it used."""
    challenge, case = await house.challenged(S), house.case()
    async with house.work() as work:
        first = await proving.judge(work, house.parts, case, challenge, right=True)
        second = await proving.judge(work, house.parts, case, challenge, right=True)
        third = await proving.judge(work, house.parts, case, challenge, right=False)
        await work.commit()

    assert [t.outcome for t in (first, second, third)] == [Try.RIGHT, Try.NOT_PENDING, Try.NOT_PENDING]


async def test_another_cases_code_is_wrong(house: House) -> None:
    """R4: a code is bound to its case and conversation, even for the same address."""
    await house.challenged(S)
    house.talk("there")
    house.clock.move(MINUTE)
    await house.challenged(S, ALICE.address, "there")

    assert (await house.try_code(house.code(), "there")).outcome is Try.WRONG
    assert (await house.try_code(house.code("there"), "there")).outcome is Try.RIGHT


@pytest.mark.parametrize(
    ("moved", "outcome"),
    [
        (-MINUTE, Try.RIGHT),
        (-MINUTE - TICK, Try.NOT_PENDING),
        (5 * MINUTE - TICK, Try.RIGHT),
        (5 * MINUTE, Try.EXPIRED),
    ],
)
async def test_a_code_lives_five_minutes(house: House, moved: timedelta, outcome: Try) -> None:
    """R4, R20: valid means issued_at - 60 s <= now < issued_at + 5 min."""
    await house.challenged(S)
    house.clock.move(moved)

    assert (await house.try_code(house.code())).outcome is outcome


async def test_an_expiry_is_never_undone(house: House) -> None:
    """R20: what the sweep wrote as expired stays so when the clock goes back."""
    await house.challenged(S)
    house.clock.move(5 * MINUTE)
    await sweeping.Sweep(house.parts, sweeping.Keeping()).run_once()
    house.clock.move(-MINUTE)

    assert (await house.try_code(house.code())).outcome is Try.EXPIRED


async def test_a_code_needs_a_pending_challenge_by_sms(house: House) -> None:
    """R16: without a case, before a challenge and for another method no try is spent."""
    assert (await house.try_code("123456")).outcome is Try.NOT_PENDING
    await house.identify()
    assert (await house.try_code("123456")).outcome is Try.NOT_PENDING
    await house.ask(M)
    assert (await house.try_code("123456")).outcome is Try.NOT_PENDING
    assert house.challenge().tries_left == 5


async def test_a_decoys_code_is_never_right(house: House) -> None:
    """R2: even the digits that a decoy was made with are wrong."""
    await house.challenged(S, NOBODY)

    assert (await house.try_code(house.code())).outcome is Try.WRONG


async def test_a_vanished_account_proves_nothing(house: House) -> None:
    """A code whose account was removed meanwhile is like any wrong one."""
    await house.challenged(S)
    del house.data.accounts["id-alice"]

    assert (await house.try_code(house.code())).outcome is Try.WRONG
    assert house.state() is State.CHALLENGED


async def test_an_administrator_needs_two_methods(house: House) -> None:
    """R9: one proof leaves an administrator challenged, the second one, by another method, grants."""
    await house.proven(POSTMASTER.address)
    assert (house.state(), house.case().grant, house.case().proofs) == (State.CHALLENGED, None, (S,))


WANTED = [(Profile.GUIDE, State.PROVEN), (Profile.STRICT, State.CHALLENGED)]


@pytest.mark.parametrize(("profile", "state"), WANTED)
async def test_an_employee_needs_what_the_profile_says(profile: Profile, state: State) -> None:
    """R9: an employee needs one proof in profile guide and two in strict."""
    house = House(Numbers(profile=profile))

    assert (await house.proven()).state is state


async def test_after_a_takeover_two_methods_are_needed(house: House) -> None:
    """R12: an account marked by a takeover needs two methods, whoever it belongs to."""
    house.change("id-alice", two_methods_required=True)

    assert (await house.proven()).state is State.CHALLENGED


async def test_a_disabled_account_gets_no_grant(house: House) -> None:
    """R10: a proof on a disabled account waits for its enabling and gives no right."""
    case = await house.proven(CAROL.address)

    assert (case.state, case.escalation, case.grant) == (State.ESCALATED, "enable", None)
    assert house.audit()[-1] == "core:case:escalated"


async def test_candidates_wait_for_a_yes(house: House) -> None:
    """R16: digits of a longer sentence are kept, cost no try, and are tried or dropped by one word."""
    await house.challenged(S)
    async with house.work() as work:
        assert await proving.keep_candidate(work, house.parts, HERE, house.wrong_code())
        assert house.challenge().tries_left == 5
        assert house.wrong_code() not in repr(house.challenge())
        tried = await proving.try_candidate(work, house.parts, HERE)
        assert tried is not None
        assert (tried.outcome, tried.tries_left) == (Try.WRONG, 4)
        assert await proving.try_candidate(work, house.parts, HERE) is None
        await proving.keep_candidate(work, house.parts, HERE, house.code())
        assert await proving.drop_candidate(work, house.parts, HERE)
        assert not await proving.drop_candidate(work, house.parts, HERE)
        await proving.keep_candidate(work, house.parts, HERE, house.code())
        tried = await proving.try_candidate(work, house.parts, HERE)
        assert tried is not None
        assert tried.outcome is Try.RIGHT
        await work.commit()
    assert house.state() is State.PROVEN


async def test_a_candidate_needs_a_pending_code(house: House) -> None:
    """R16: without a pending code nothing is kept, and a yes tries nothing."""
    await house.identify()
    async with house.work() as work:
        assert not await proving.keep_candidate(work, house.parts, HERE, "123456")
        assert await proving.try_candidate(work, house.parts, HERE) is None
        assert not await proving.drop_candidate(work, house.parts, HERE)


@pytest.mark.parametrize("left", [(), ("+8613800138099",)])
async def test_a_code_sent_to_a_removed_phone_proves_nothing(house: House, left: tuple[str, ...]) -> None:
    """R12: within its five minutes the code is like any wrong one, typed alone or confirmed by a yes."""
    await house.challenged(S)
    await house.hear(f"I got {house.code()} just now, is that it")
    kept = tuple(Contact("new", ContactKind.PHONE, phone, "zh") for phone in left)
    house.change("id-alice", contacts=kept, contacts_version=2)

    assert (await house.try_code(house.code())).outcome is Try.WRONG
    assert await answering.affirm(house.parts, HERE)
    assert house.state() is State.CHALLENGED
    assert house.challenge().tries_left == 3


async def test_a_phone_that_stays_proves_whatever_else_changed(house: House) -> None:
    """R12: another contact's removal does not cost the code."""
    await house.challenged(S)
    alice = house.data.accounts["id-alice"]
    phones = tuple(contact for contact in alice.contacts if contact.kind is ContactKind.PHONE)
    house.change("id-alice", contacts=phones, contacts_version=2)

    assert (await house.try_code(house.code())).outcome is Try.RIGHT
