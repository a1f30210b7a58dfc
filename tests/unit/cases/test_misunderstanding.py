"""What is said to a line that was not understood: named once, asked in general once, then a person."""

from __future__ import annotations

from typing import Any

import pytest

from recovery_core.cases.misunderstanding import HEARD, NOT_UNDERSTOOD, not_understood
from recovery_core.conversations.conversation import LineKind
from recovery_core.messages import SPECS, Button, MessageId
from tests.unit.cases.house import HERE, House
from tests.unit.cases.words import ids

I = MessageId  # noqa: E741
_EXPECTED = {
    "forgot_password": Button.START,
    "lost_phone": Button.LOST_PHONE,
    "account_disabled": Button.ACCOUNT_DISABLED,
    "admin_recovery": Button.ADMIN_RECOVERY,
    "code_not_received": Button.CODE_MISSING,
    "password_rules": Button.RULES,
    "ticket_status": Button.STATUS,
    "human_agent": Button.HUMAN,
    "report_takeover": Button.REPORT_TAKEOVER,
}


async def turn(house: House, number: int, *replies: dict[str, Any]) -> None:
    """Store a line and the replies to it."""
    async with house.parts.work() as work:
        now = house.parts.clock.now()
        line = await work.conversations.append(HERE, LineKind.SAID, f"m{number}", {"text": "?"}, now)
        assert line is not None
        await work.conversations.answer(line, replies, now)
        await work.commit()


async def said(house: House, heard: str | None = None, *, odd: bool = False) -> list[MessageId]:
    """Return what is said to one more line that was not understood."""
    return ids(await not_understood(house.parts, HERE, heard, out_of_scope=odd))


@pytest.mark.parametrize(("heard", "button"), _EXPECTED.items())
async def test_what_was_heard_is_the_first_button(house: House, heard: str, button: Button) -> None:
    """The first time, the likeliest task is named as the first button, with a person as the way out."""
    assert await said(house, heard) == [HEARD[heard]]
    buttons = SPECS[HEARD[heard]].buttons
    assert buttons[0] is button
    assert Button.HUMAN in buttons


@pytest.mark.parametrize("heard", [None, "", "greet", "out_of_scope", "nlu_fallback", "no such intent"])
async def test_nothing_heard_is_asked_in_general(house: House, heard: str | None) -> None:
    """Where no task was heard, rekey offers what it can do."""
    assert await said(house, heard) == [I.FALLBACK]


@pytest.mark.parametrize("first", sorted(NOT_UNDERSTOOD))
async def test_two_rounds_then_a_person(house: House, first: MessageId) -> None:
    """The second time the question is a general one; from the third in a row on a person is offered first."""
    await turn(house, 1, {"id": f"utter_{first.value}"})
    assert await said(house, "lost_phone") == [I.FALLBACK_AGAIN]

    for number in (2, 3, 4):
        await turn(house, number, {"id": "utter_fallback_again"}, {"id": "utter_remind_code"})
        assert await said(house, "lost_phone") == [I.FALLBACK_PERSON]
        assert await said(house, odd=True) == [I.FALLBACK_PERSON]
    assert SPECS[I.FALLBACK_PERSON].buttons[0] is Button.HUMAN


async def test_what_is_out_of_scope_counts_too(house: House) -> None:
    """Questions about other things are told so twice, then a person is offered."""
    assert await said(house, odd=True) == [I.OUT_OF_SCOPE]
    await turn(house, 1, {"id": "utter_out_of_scope"})
    assert await said(house, odd=True) == [I.OUT_OF_SCOPE]
    await turn(house, 2, {"id": "utter_out_of_scope"})
    assert await said(house, odd=True) == [I.FALLBACK_PERSON]


async def test_understood_in_between_begins_anew(house: House) -> None:
    """Rounds are counted in a row: one line that was understood forgives those before it."""
    await turn(house, 1, {"id": "utter_fallback"})
    await turn(house, 2, {"id": "utter_fallback_again"})
    await turn(house, 3, {"id": "utter_password_rules"})
    assert await said(house, "lost_phone") == [I.HEARD_PHONE]


async def test_a_notice_of_slowness_is_no_answer(house: House) -> None:
    """A line of the portal's own between two rounds does not begin them anew."""
    await turn(house, 1, {"key": "chat.slow"}, {"id": "utter_fallback"})
    await turn(house, 2, {"key": "chat.slow"})
    assert await said(house) == [I.FALLBACK_AGAIN]


async def test_the_way_back_is_said_too(house: House) -> None:
    """In the middle of a recovery the question is followed by where the person stands."""
    await house.identify()
    assert await said(house, "password_rules") == [I.HEARD_RULES, I.REMIND_METHOD]
