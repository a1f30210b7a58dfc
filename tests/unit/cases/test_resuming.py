"""Coming back with a reference and a secret, and rights that end in silence (R13)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.cases import linking, opening, resuming
from recovery_core.cases.flow import State
from recovery_core.cases.resuming import ReturnTicket
from recovery_core.errors import GoneError, MustWaitError, WrongError
from recovery_core.messages import FormPurpose
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import CAROL, POSTMASTER
from tests.unit.cases.house import HERE, HOUR, MINUTE, TICK, House

S, M = Method.SMS, Method.MAIL


async def ticket(house: House) -> ReturnTicket:
    """Open the secure page that shows the secret once."""
    return await resuming.issue(house.parts, await house.form(FormPurpose.RESUME), HERE)


async def resume(house: House, given: ReturnTicket, where: str = "there", client: str = "c") -> State:
    """Come back in another conversation."""
    if where not in house.data.conversations:
        house.talk(where)
    return (await resuming.resume(house.parts, where, client, given.reference, given.secret)).state


async def test_the_secret_is_shown_once(house: House) -> None:
    """R13: 26 base32 characters are shown, only their hash is stored, and the form is finished."""
    await house.identify()
    form = await house.form(FormPurpose.RESUME)
    given = await resuming.issue(house.parts, form, HERE)

    assert len(given.secret) == 26
    assert set(given.secret) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert given.secret not in repr(house.data.snapshot()) + repr(given)
    assert given.reference == house.case().reference
    with pytest.raises(GoneError):
        await resuming.issue(house.parts, form, HERE)


async def test_an_ended_case_gets_no_secret(house: House) -> None:
    """R13: there is no coming back to an end."""
    await house.identify()
    form = await house.form(FormPurpose.RESUME)
    case = house.case()
    house.data.cases[case.id] = case.move(State.CANCELLED, house.clock.now())

    with pytest.raises(GoneError, match="case_ended"):
        await resuming.issue(house.parts, form, HERE)


@pytest.mark.parametrize("spelled", [str.lower, lambda s: f" {s[:13]}-{s[13:]} "])
async def test_the_case_moves(house: House, spelled) -> None:  # noqa: ANN001
    """R13: reference and secret, however spelled, move the case; the old conversation loses it."""
    await house.identify()
    given = await ticket(house)
    house.talk("there")
    case = await resuming.resume(
        house.parts, "there", "c", f" {given.reference.lower()} ", spelled(given.secret)
    )

    assert (case.state, case.conversation_id) == (State.IDENTIFIED, "there")
    assert house.events() == ["gateway_case_moved"]
    assert house.events("there") == ["gateway_case_resumed"]
    assert house.audit("there")[-2:] == ["person:case:moved", "person:case:resumed"]


async def test_a_secret_works_once(house: House) -> None:
    """R13: used up, and replaced by a newer one."""
    await house.identify()
    first = await ticket(house)
    second = await ticket(house)
    with pytest.raises(WrongError):
        await resume(house, first)
    await resume(house, second)
    with pytest.raises(WrongError):
        await resume(house, second, HERE)


async def test_a_proof_is_never_resumed(house: House) -> None:
    """R13: a proven case comes back as challenged, without grant, proofs, challenges or forms."""
    await house.proven()
    given = await ticket(house)
    form = await house.form()

    assert await resume(house, given) is State.CHALLENGED
    case = house.case("there")
    assert (case.proofs, case.proof_contacts, case.grant, case.resume_hash) == ((), (), None, None)
    assert house.data.forms[form].finished_at is not None


async def test_one_proof_of_two_is_not_resumed(house: House) -> None:
    """R13: an administrator's first proof and pending second challenge die as well."""
    await house.proven(POSTMASTER.address)
    await house.ask(M)
    link = house.challenge()
    given = await ticket(house)
    await resume(house, given)

    assert house.case("there").proofs == ()
    assert house.data.challenges[link.id].state is ChallengeState.DEAD
    assert house.data.outbox[link.id].state == "dropped"


async def test_a_waiting_case_stays_waiting(house: House) -> None:
    """R10, R13: a case that waits for an administrator is resumed where it stands."""
    await house.proven(CAROL.address)

    assert await resume(house, await ticket(house)) is State.ESCALATED


async def test_coming_back_to_the_same_conversation_moves_nothing(house: House) -> None:
    """R13: in its own conversation the case is resumed, and nobody is told that it moved away."""
    await house.identify()
    await resume(house, await ticket(house), HERE)

    assert house.events() == ["gateway_case_resumed"]


async def test_all_refusals_are_alike(house: House) -> None:
    """R2, R13: unknown reference, wrong secret, no secret and an ended case read and cost the same."""
    seen = []
    await house.identify()
    given = await ticket(house)
    house.talk("ended")
    await house.identify(CAROL.address, "ended")
    ended = house.case("ended").reference
    await opening.cancel(house.parts, "ended")
    house.talk("none")
    await house.identify(CAROL.address, "none")
    for reference in ("RC-ZZZZ-ZZZZ", given.reference, ended, house.case("none").reference):
        house.work.calls.clear()
        with pytest.raises(WrongError) as wrong:
            await resume(house, ReturnTicket(reference, "A" * 26))
        seen.append((wrong.value.code, wrong.value.tries_left, list(house.work.calls)))

    assert seen[1:] == seen[:1] * 3


async def test_ten_tries_an_hour(house: House) -> None:
    """R13: the tenth try of a client may be right; after ten none is heard for an hour, others' are."""
    await house.identify()
    given = await ticket(house)
    wrong = ReturnTicket(given.reference, "A" * 26)
    start = house.clock.now()
    for _ in range(9):
        with pytest.raises(WrongError):
            await resume(house, wrong)
    saved = house.data.snapshot()
    assert await resume(house, given) is State.IDENTIFIED

    house.data.restore(saved)
    house.talk("there")
    with pytest.raises(WrongError):
        await resume(house, wrong)
    with pytest.raises(MustWaitError) as refused:
        await resume(house, given)
    assert refused.value.retry_after == HOUR
    house.clock.moment = start + HOUR
    with pytest.raises(MustWaitError):
        await resume(house, given)
    saved = house.data.snapshot()
    assert await resume(house, given, client="another") is State.IDENTIFIED
    house.data.restore(saved)
    house.clock.move(TICK)
    assert await resume(house, given) is State.IDENTIFIED


@pytest.mark.parametrize(("silent", "kept"), [(15 * MINUTE - TICK, True), (15 * MINUTE, False)])
async def test_rights_end_in_silence(house: House, silent: timedelta, *, kept: bool) -> None:
    """R13: after 15 minutes without a word or a proof the first of two proofs is gone."""
    await house.proven(POSTMASTER.address)
    await house.ask(M)
    house.clock.move(silent)
    await resuming.end_idle_rights(house.parts, HERE)

    assert house.case().proofs == ((S,) if kept else ())
    assert house.challenge().state is (ChallengeState.PENDING if kept else ChallengeState.DEAD)
    assert house.events() == []


async def test_a_proof_by_link_is_a_sign_of_life(house: House) -> None:
    """R13: who pressed a mail link after 20 minutes of silence keeps the proof for the next word."""
    await house.challenged(M)
    house.clock.move(20 * MINUTE)
    await linking.press(house.parts, house.link(), HERE, None)
    await house.hear("done, what now?")

    assert house.state() is State.PROVEN


async def test_a_dead_grant_is_taken_back_before_the_next_word(house: House) -> None:
    """R10: who chats on while the grant ends is told so and may prove again at once."""
    await house.proven()
    form = await house.form()
    house.clock.move(10 * MINUTE)
    await house.hear("still thinking of a good one")
    assert house.state() is State.PROVEN
    house.clock.move(5 * MINUTE)
    await house.hear("what were the rules?")

    assert (house.state(), house.case().grant, house.case().proofs) == (State.CHALLENGED, None, ())
    assert house.events() == ["gateway_grant_expired"]
    assert house.audit()[-1] == "core:grant:ended"
    assert house.data.forms[form].finished_at is not None
    assert (await house.ask(S)) == "code_sent"


async def test_nothing_proven_nothing_ended(house: House) -> None:
    """R13: without a conversation, a case or a proof silence changes nothing."""
    await resuming.end_idle_rights(house.parts, "nowhere")
    await house.challenged(S)
    house.clock.move(HOUR)
    before = house.data.snapshot()
    await resuming.end_idle_rights(house.parts, HERE)

    assert house.data.snapshot() == before
