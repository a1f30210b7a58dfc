"""What is said in every state: reminders, reports of events, and answers that change nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.accounts.account import Edition
from recovery_core.cases import answering, opening, reporting
from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.messages import SPECS, Button, MessageId
from recovery_core.numbers import Numbers, Profile
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import CAROL, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE, TICK, House
from tests.unit.cases.words import ids

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
I = MessageId  # noqa: E741


async def put(house: House, state: State) -> None:
    """Bring the case into *state*, by the real way where there is one."""
    if state is State.OPENED:
        await opening.start(house.parts, HERE, ())
    elif state is State.ESCALATED:
        await house.proven(CAROL.address)
    elif state is State.COMPLETED:
        await house.completed()
    else:
        await (house.proven() if state in {State.PROVEN, State.COMPLETING} else house.identify())
        if state not in {State.IDENTIFIED, State.PROVEN}:
            house.data.cases[house.case().id] = replace(house.case(), state=state)


# state: reminder, status, another method, code missing
SAID: dict[State, tuple[list[MessageId], list[MessageId], list[MessageId], list[MessageId]]] = {
    State.OPENED: (
        [I.REMIND_ADDRESS], [I.CASE_STATUS_OPEN, I.REMIND_ADDRESS], [I.ASK_ADDRESS], [I.ASK_ADDRESS],
    ),
    State.IDENTIFIED: (
        [I.REMIND_METHOD], [I.CASE_STATUS_OPEN, I.REMIND_METHOD], [I.OFFER_METHODS], [I.REMIND_METHOD],
    ),
    State.CHALLENGED: (
        [I.REMIND_METHOD], [I.CASE_STATUS_OPEN, I.REMIND_METHOD], [I.OFFER_METHODS], [I.REMIND_METHOD],
    ),
    State.PROVEN: (
        [I.REMIND_PASSWORD], [I.CASE_STATUS_OPEN, I.REMIND_PASSWORD], [I.REMIND_PASSWORD],
        [I.REMIND_PASSWORD],
    ),
    State.COMPLETING: ([I.COMPLETING], [I.CASE_STATUS_WAITING], [I.COMPLETING], [I.COMPLETING]),
    State.ESCALATED: (
        [I.CASE_STATUS_WAITING], [I.CASE_STATUS_WAITING], [I.CASE_STATUS_WAITING], [I.CASE_STATUS_WAITING],
    ),
    State.APPROVED: ([I.REMIND_METHOD], [I.CASE_STATUS_WAITING], [I.OFFER_METHODS], [I.REMIND_METHOD]),
    State.COMPLETED: ([I.HELP], [I.CASE_STATUS_DONE], [I.ASK_ADDRESS], [I.ASK_ADDRESS]),
    State.REFUSED: ([I.HELP], [I.CASE_STATUS_ENDED], [I.ASK_ADDRESS], [I.ASK_ADDRESS]),
    State.CANCELLED: ([I.HELP], [I.CASE_STATUS_ENDED], [I.ASK_ADDRESS], [I.ASK_ADDRESS]),
    State.EXPIRED: ([I.HELP], [I.CASE_STATUS_ENDED], [I.ASK_ADDRESS], [I.ASK_ADDRESS]),
    State.FROZEN: ([I.HELP], [I.CASE_FROZEN], [I.ASK_ADDRESS], [I.ASK_ADDRESS]),
    State.REVOKED: ([I.HELP], [I.CASE_STATUS_ENDED], [I.ASK_ADDRESS], [I.ASK_ADDRESS]),
}  # fmt: skip


@pytest.mark.parametrize("state", list(State))
async def test_every_state_has_its_words(house: House, state: State) -> None:
    """R1: in every state reminder, status and the wishes for another way say what the table says."""
    await put(house, state)
    reminder, status, another, missing = SAID[state]
    before = house.data.snapshot()

    assert ids(await answering.remind(house.parts, HERE)) == reminder
    assert ids(await answering.status(house.parts, HERE)) == status
    assert ids(await answering.another_method(house.parts, HERE)) == another
    assert ids(await answering.code_missing(house.parts, HERE)) == missing
    rest = [] if reminder == [I.HELP] else reminder
    assert ids(await answering.lost_phone(house.parts, HERE)) == [I.LOST_PHONE, *rest]
    assert ids(await answering.password_rules(house.parts, HERE)) == [I.PASSWORD_RULES, *rest]
    assert house.data.snapshot() == before


async def test_without_a_case_help_is_offered(house: House) -> None:
    """A conversation without a case learns nothing about any other one."""
    assert ids(await answering.remind(house.parts, HERE)) == [I.HELP]
    assert ids(await answering.status(house.parts, HERE)) == [I.CASE_STATUS_NONE]
    assert ids(await answering.another_method(house.parts, HERE)) == [I.ASK_ADDRESS]
    assert ids(await answering.code_missing(house.parts, HERE)) == [I.ASK_ADDRESS]


@pytest.mark.parametrize(
    ("method", "next_"), [(S, I.REMIND_METHOD), (M, I.REMIND_LINK), (Q, I.REMIND_ANSWERS)]
)
async def test_nobody_waits_for_a_code_on_a_lost_phone(
    house: House, method: Method, next_: MessageId
) -> None:
    """Whoever lost the phone while a code is on its way there is offered the methods instead."""
    await house.challenged(method)
    assert ids(await answering.lost_phone(house.parts, HERE)) == [I.LOST_PHONE, next_]


@pytest.mark.parametrize(("method", "id_"), [(S, I.REMIND_CODE), (M, I.REMIND_LINK), (Q, I.REMIND_ANSWERS)])
async def test_a_pending_challenge_is_reminded_of(house: House, method: Method, id_: MessageId) -> None:
    """R2: the reminder of a pending challenge depends on its method only, and ends with it."""
    challenge = await house.challenged(method)
    assert ids(await answering.remind(house.parts, HERE)) == [id_]
    house.clock.moment = challenge.expires_at
    assert ids(await answering.remind(house.parts, HERE)) == [I.REMIND_METHOD]


async def test_a_second_proof_is_reminded_of(house: House) -> None:
    """R9: between two proofs the methods are offered as the second one."""
    await house.proven(POSTMASTER.address)

    assert ids(await answering.remind(house.parts, HERE)) == [I.OFFER_SECOND_METHOD]
    assert ids(await answering.another_method(house.parts, HERE)) == [I.OFFER_SECOND_METHOD]
    assert ids(await reporting.report(house.parts, HERE, Event.CODE_RIGHT)) == [I.OFFER_SECOND_METHOD]


async def test_the_minutes_of_a_grant_are_told(house: House) -> None:
    """R10: the minutes left are rounded up; at the end the methods are offered again."""
    await house.proven()
    house.clock.move(14 * MINUTE)
    (said,) = await answering.remind(house.parts, HERE)
    assert said.variables == {"minutes": 1}
    house.clock.move(MINUTE - TICK)
    assert (await reporting.report(house.parts, HERE, Event.CODE_RIGHT))[0].variables == {"minutes": 1}
    house.clock.move(TICK)
    assert ids(await answering.remind(house.parts, HERE)) == [I.REMIND_METHOD]
    assert ids(await reporting.report(house.parts, HERE, Event.CODE_RIGHT)) == [I.GRANT_EXPIRED]


async def test_the_ways_on_come_after_a_minute(house: House) -> None:
    """R2: before 60 s the person waits, at 60 s everyone is offered the ways on."""
    await house.challenged(S)
    house.clock.move(MINUTE - TICK)
    (said,) = await answering.code_missing(house.parts, HERE)
    assert (said.id, said.variables) == (I.WAIT_BEFORE_SENDING, {"seconds": 1})
    house.clock.move(TICK)
    assert ids(await answering.code_missing(house.parts, HERE)) == [I.CODE_MISSING]
    assert SPECS[I.CODE_MISSING].buttons[1:] == (Button.ANOTHER_METHOD, Button.ADMINISTRATOR, Button.HUMAN)


async def test_the_ways_on_come_after_two_failures(house: House) -> None:
    """R2: after two failed methods nobody waits a minute."""
    await house.challenged(S)
    await house.kill()
    await house.ask(Q)
    assert ids(await answering.code_missing(house.parts, HERE)) == [I.WAIT_BEFORE_SENDING]
    for _ in range(5):
        await house.answer(("wrong", "wrong"))
    await house.ask(M)
    assert ids(await answering.code_missing(house.parts, HERE)) == [I.CODE_MISSING]


NUMBERS = [(Profile.GUIDE, (8, 64, 3, 3)), (Profile.STRICT, (15, 64, 0, 3))]


@pytest.mark.parametrize(("profile", "numbers"), NUMBERS)
async def test_the_rules_are_told_with_their_numbers(profile: Profile, numbers: tuple[int, ...]) -> None:
    """The numbers of the profile are told, zero classes where none are asked for."""
    (said,) = await answering.password_rules(House(Numbers(profile=profile)).parts, HERE)

    assert tuple(said.variables[name] for name in ("minimum", "maximum", "classes", "history")) == numbers


@pytest.mark.parametrize(
    ("named", "path"),
    [
        (Edition.STANDARD, I.PATH_STANDARD),
        (Edition.PREMIUM, I.PATH_PREMIUM),
        (Edition.GROUP, I.PATH_GROUP),
        (None, I.PATH_UNKNOWN),
    ],
)
def test_an_edition_has_its_path(named: Edition | None, path: MessageId) -> None:
    """R3: who names the edition is told its path, who does not know it every path."""
    assert ids(answering.edition(named)) == [path, I.OFFER_SELF_PROOF]


async def test_yes_tries_the_candidate(house: House) -> None:
    """R16: yes tries the digits that were asked about, once; without any it reminds."""
    await house.challenged(S)
    await house.hear(f"I got {house.wrong_code()} is that it")
    said = await answering.affirm(house.parts, HERE)
    assert (ids(said), said[0].variables) == ([I.CODE_WRONG], {"tries_left": 4})
    assert ids(await answering.affirm(house.parts, HERE)) == [I.REMIND_CODE]
    await house.hear(f"sorry I mean {house.code()} here")
    assert ids(await answering.affirm(house.parts, HERE)) == [I.SET_PASSWORD]


async def test_no_forgets_the_candidate(house: House) -> None:
    """R16: no drops the digits that were asked about without a try; without any it reminds."""
    await house.challenged(S)
    await house.hear(f"I got {house.code()} is that it")
    assert ids(await answering.deny(house.parts, HERE)) == [I.CODE_NOT_TRIED]
    assert ids(await answering.deny(house.parts, HERE)) == [I.REMIND_CODE]
    assert house.challenge().tries_left == 5
