"""A code typed beside a talk is tried and hidden, and the assistant learns nothing of it (R16)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from recovery_core.cases.events import Event
from recovery_core.cases.flow import State
from recovery_core.messages import FormPurpose
from recovery_core.people.tickets import Ticket
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import CAROL
from tests.unit.people.house import PeopleHouse
from tests.unit.people.test_live import talking, unanswered, waiting


@pytest.mark.parametrize("begin", [waiting, talking])
async def test_a_code_is_still_a_code_beside_a_talk(
    house: PeopleHouse, begin: Callable[[PeopleHouse], Awaitable[Ticket]]
) -> None:
    """R16: the digits are tried and hidden, whoever answers; the gateway says so and opens the form."""
    await house.challenged(Method.SMS)
    await begin(house)
    await house.hear(house.wrong_code())
    await house.hear(f"I think it says {house.code()} here")
    assert house.state() is State.CHALLENGED
    await house.hear(house.code())

    assert house.heard() == ("●●●●●●", Event.CODE_RIGHT)
    assert house.state() is State.PROVEN
    told = ["talk_code_wrong", "talk_code_alone", "talk_code_right", "form_offered"]
    assert house.shown()[-4:] == [f"gateway.{key}" for key in told]
    forms = [ln.payload["form"]["purpose"] for ln in house.data.lines.values() if "form" in ln.payload]
    assert forms == [FormPurpose.PASSWORD]
    assert await unanswered(house) == []


@pytest.mark.parametrize(
    ("text", "key"), [("832117", "gateway.code_masked"), ("Tulip#4417q", "gateway.masked")]
)
async def test_what_is_hidden_beside_a_talk_is_said_so(house: PeopleHouse, text: str, key: str) -> None:
    """R16: digits with no code pending and a password alone on the line; the assistant learns of neither."""
    await talking(house)
    await house.hear(text)

    assert house.shown()[-1] == key
    assert text not in repr(house.data.lines)
    assert await unanswered(house) == []


async def test_a_right_code_of_a_disabled_account_brings_no_form_beside_a_talk(house: PeopleHouse) -> None:
    """R10: the proof counts, and there is nothing to set."""
    await house.challenged(Method.SMS, CAROL.address)
    await talking(house)
    await house.hear(house.code())

    assert house.state() is State.ESCALATED
    assert house.shown()[-1] == "gateway.talk_code_right"
