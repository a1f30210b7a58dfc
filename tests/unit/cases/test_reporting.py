"""What is said when something happened outside a sentence: told from the state."""

from __future__ import annotations

import pytest

from recovery_core.cases import hearing, linking, reporting
from recovery_core.cases.events import Event
from recovery_core.cases.proving import Tried, Try
from recovery_core.messages import MessageId
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import BOB, CAROL
from tests.unit.cases.house import HERE, House
from tests.unit.cases.words import ids

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
I = MessageId  # noqa: E741


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event.CODE_EXPIRED, [I.CODE_EXPIRED]),
        (Event.CODE_QUESTION, [I.IS_THIS_YOUR_CODE]),
        (Event.CODE_NOT_TRIED, [I.CODE_NOT_TRIED]),
        (Event.NO_CODE_PENDING, [I.NO_CODE_PENDING]),
        (Event.CASE_EXPIRED, [I.CASE_EXPIRED]),
        (Event.CASE_MOVED, [I.CASE_MOVED]),
        (Event.GRANT_EXPIRED, [I.GRANT_EXPIRED]),
        (Event.SECRET_MASKED, [I.SECRET_MASKED]),
        (Event.PASSWORD_SET, [I.CASE_STATUS_NONE]),
        (Event.CODE_RIGHT, [I.CASE_STATUS_NONE]),
    ],
)
async def test_events_without_a_case(house: House, event: Event, said: list[MessageId]) -> None:
    """An event whose case has gone elsewhere is still answered, and tells nothing about a case."""
    assert ids(await reporting.report(house.parts, HERE, event)) == said


@pytest.mark.parametrize("sessions_end", [True, False])
async def test_the_end_is_told(*, sessions_end: bool) -> None:
    """R11: the person learns that open sessions may live on where they cannot be ended."""
    house = House(sessions_end=sessions_end)
    await house.completed()
    said = [I.PASSWORD_CHANGED if sessions_end else I.SESSIONS_MAY_BE_OPEN, I.ADVISE_FACTORS]

    assert ids(await reporting.report(house.parts, HERE, Event.PASSWORD_SET)) == said
    assert ids(await reporting.report(house.parts, HERE, Event.CODE_RIGHT)) == said


async def test_wrong_codes_are_told_from_the_state(house: House) -> None:
    """R4: tries left are those of the challenge as it stands; a dead one is dead, however it died."""
    await house.identify()
    assert ids(await reporting.report(house.parts, HERE, Event.CODE_WRONG)) == [I.CODE_DEAD]
    await house.ask(S)
    await house.try_code(house.wrong_code())
    (said,) = await reporting.report(house.parts, HERE, Event.CODE_WRONG)
    assert (said.id, said.variables) == (I.CODE_WRONG, {"tries_left": 4})
    async with house.work() as work:
        for _ in range(50):
            await work.sends.add_wrong_code(house.keyed.of("domain", "example.com"), house.clock.now())
        await work.commit()
    await house.try_code(house.wrong_code())
    assert ids(await reporting.report(house.parts, HERE, Event.CODE_DEAD)) == [I.CODE_DEAD]


async def test_wrong_answers_are_told_from_the_state(house: House) -> None:
    """R7: after wrong answers the form comes again, after the last ones the ways on."""
    await house.challenged(Q)
    for _ in range(4):
        await house.answer(("wrong", "wrong"))
        assert ids(await reporting.report(house.parts, HERE, Event.ANSWERS_WRONG)) == [I.ANSWERS_WRONG]
    await house.answer(("wrong", "wrong"))
    assert ids(await reporting.report(house.parts, HERE, Event.ANSWERS_WRONG)) == [I.ANSWERS_STOPPED]


async def test_proofs_are_told_from_the_state(house: House) -> None:
    """R10: after a proof the password form follows, or what stands in the way."""
    await house.challenged(M)
    assert ids(await reporting.report(house.parts, HERE, Event.LINK_PRESSED)) == [I.REMIND_METHOD]
    await linking.press(house.parts, house.link(), HERE, None)
    said = await reporting.report(house.parts, HERE, Event.LINK_PRESSED)
    assert (ids(said), said[0].variables) == ([I.SET_PASSWORD], {"minutes": 15})
    await house.identify(BOB.address)
    await house.identify(CAROL.address)
    await house.ask(S)
    await house.try_code(house.code())
    assert ids(await reporting.report(house.parts, HERE, Event.CODE_RIGHT)) == [I.DISABLED_AFTER_PROOF]


async def test_frozen_and_resumed_cases_are_named(house: House) -> None:
    """R12, R13: a frozen case and a resumed one are told with their reference."""
    await house.identify()
    resumed = await reporting.report(house.parts, HERE, Event.CASE_RESUMED)
    assert ids(resumed) == [I.CASE_RESUMED, I.REMIND_METHOD]
    assert ids(await reporting.report(house.parts, HERE, Event.CASE_FROZEN)) == [I.CASE_FROZEN]
    assert ids(await reporting.report(house.parts, HERE, Event.SECRET_MASKED)) == [
        I.SECRET_MASKED,
        I.REMIND_METHOD,
    ]


@pytest.mark.parametrize(
    ("outcome", "id_"),
    [(Try.DEAD, I.CODE_DEAD), (Try.EXPIRED, I.CODE_EXPIRED), (Try.NOT_PENDING, I.NO_CODE_PENDING)],
)
def test_other_outcomes_of_a_try(house: House, outcome: Try, id_: MessageId) -> None:
    """R4: each outcome of a try has its sentence."""
    assert ids(reporting.of_try(house.parts, Tried(outcome))) == [id_]


async def test_every_event_that_hearing_makes_is_answered(house: House) -> None:
    """No event of the gateway leaves the person without an answer."""
    assert set(hearing._EVENT_OF.values()) <= set(Event)
    await house.challenged(S)
    for event in Event:
        assert await reporting.report(house.parts, HERE, event) != ()
