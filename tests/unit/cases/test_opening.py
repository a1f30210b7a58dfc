"""A case begins, its address is named, corrected or given up."""

from __future__ import annotations

import pytest

from recovery_core.cases import opening
from recovery_core.cases.flow import State
from recovery_core.messages import MessageId
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import CHALLENGES, Method
from tests.unit.cases.company import ALICE, BOB, CAROL, NOBODY
from tests.unit.cases.house import HERE, House


def ids(said: tuple[object, ...]) -> list[MessageId]:
    """Return the ids of what is said."""
    return [message.id for message in said]


async def test_without_an_address_the_case_waits_for_one(house: House) -> None:
    """R1: the first word opens a case and asks for the address; saying it again opens no second one."""
    assert ids(await opening.start(house.parts, HERE, ())) == [MessageId.ASK_ADDRESS]
    first = house.case()

    assert ids(await opening.start(house.parts, HERE, ())) == [MessageId.ASK_ADDRESS]
    assert house.case() == first
    assert first.state is State.OPENED
    assert house.audit() == ["person:case:opened"]


async def test_an_address_in_the_first_line_is_taken(house: House) -> None:
    """R1: an address in the first sentence leads straight to the methods."""
    (said,) = await opening.start(house.parts, HERE, (ALICE.address,))

    assert said.id is MessageId.OFFER_METHODS
    assert said.variables == {"address": ALICE.address}
    assert (house.state(), house.case().account_id) == (State.IDENTIFIED, "id-alice")


async def test_a_named_address_is_reminded_of(house: House) -> None:
    """Saying "I forgot my password" again reminds of what comes next."""
    await house.identify()

    assert ids(await opening.start(house.parts, HERE, ())) == [MessageId.REMIND_METHOD]
    assert ids(await house.identify()) == [MessageId.REMIND_METHOD]
    assert len(house.data.cases) == 1


async def test_a_corrected_address_stays_in_the_case(house: House) -> None:
    """R1: before a proof is asked for, another address corrects the same case."""
    await house.identify()
    case = house.case()

    assert ids(await house.identify(BOB.address)) == [MessageId.OFFER_METHODS]
    corrected = house.case()
    assert (corrected.id, corrected.address, corrected.account_id) == (case.id, BOB.address, "id-bob")


async def test_a_correction_to_an_unknown_address_forgets_the_account(house: House) -> None:
    """R2: no account of the first address stays on a case that names another one."""
    await house.identify()
    await house.identify(NOBODY)

    assert house.case().account_id is None


async def test_no_or_two_addresses_are_asked_back(house: House) -> None:
    """Of two addresses none is guessed, and without one nothing happens."""
    two = (ALICE.address, BOB.address)

    assert ids(await opening.identify(house.parts, HERE, two)) == [MessageId.ASK_ONE_ADDRESS]
    assert ids(await opening.identify(house.parts, HERE, ())) == [MessageId.ADDRESS_UNCLEAR]
    assert house.data.cases == {}


async def test_another_mailbox_ends_the_pending_case(house: House) -> None:
    """R1: once a proof was asked for, another address opens a new case and the old code dies."""
    challenge = await house.challenged(Method.SMS)
    old = house.case()
    assert ids(await house.identify(BOB.address)) == [MessageId.OFFER_METHODS]

    assert house.data.cases[old.id].state is State.CANCELLED
    assert house.data.challenges[challenge.id].state is ChallengeState.DEAD
    assert house.data.outbox[challenge.id].state == "dropped"
    assert house.case().id != old.id


async def test_a_waiting_case_survives_a_question_about_another_mailbox(house: House) -> None:
    """R10: a case that waits for an administrator goes on while the person asks about a second mailbox."""
    await house.proven(CAROL.address)
    waiting = house.case()
    assert waiting.state is State.ESCALATED
    await house.identify(BOB.address)

    assert house.data.cases[waiting.id] == waiting
    assert house.case().address == BOB.address


async def test_after_an_end_the_same_address_opens_a_new_case(house: House) -> None:
    """R12: an ended case never blocks a new one."""
    await house.identify()
    await opening.cancel(house.parts, HERE)
    await house.identify()

    assert [case.state for case in house.data.cases.values()] == [State.CANCELLED, State.IDENTIFIED]
    await opening.cancel(house.parts, HERE)
    await opening.start(house.parts, HERE, ())
    assert house.state() is State.OPENED


@pytest.mark.parametrize("method", CHALLENGES)
async def test_cancelling_kills_what_is_pending(house: House, method: Method) -> None:
    """R1: giving up ends the case, its challenge and what was not sent yet."""
    challenge = await house.challenged(method)

    assert ids(await opening.cancel(house.parts, HERE)) == [MessageId.CANCELLED]
    assert house.state() is State.CANCELLED
    assert house.data.challenges[challenge.id].state is ChallengeState.DEAD
    assert [row.state for row in house.data.outbox.values()] == ["dropped"] * len(house.data.outbox)
    assert house.audit()[-1] == "person:case:cancelled"


async def test_cancelling_a_proven_case_takes_its_grant(house: House) -> None:
    """R10: after giving up nothing of the grant, its form or the resume secret is left."""
    await house.proven()
    form = await house.form()
    await opening.cancel(house.parts, HERE)

    assert (house.case().grant, house.case().resume_hash) == (None, None)
    assert house.data.forms[form].finished_at == house.clock.now()


async def test_there_is_nothing_to_cancel(house: House) -> None:
    """Without an open case, or with one whose outcome only the directory knows, nothing is cancelled."""
    assert ids(await opening.cancel(house.parts, HERE)) == [MessageId.NOTHING_TO_CANCEL]
    await house.completed()
    assert ids(await opening.cancel(house.parts, HERE)) == [MessageId.NOTHING_TO_CANCEL]
    assert house.state() is State.COMPLETED
