"""The short code of an SMS stands in for the link of a veto (R12)."""

from __future__ import annotations

import pytest

from recovery_core.cases import vetoing
from recovery_core.cases.vetoing import VetoOutcome
from recovery_core.errors import MustWaitError, UnknownError, WrongError
from tests.unit.cases.company import BOB
from tests.unit.cases.house import HERE, HOUR, TICK, House
from tests.unit.cases.vetoes import mail_token, sms_code


async def test_the_code_of_an_sms_is_no_link(house: House) -> None:
    """R12: the short code works only where its tries are counted, and the link's token only there."""
    await house.completed()
    for use in (vetoing.look, vetoing.veto):
        with pytest.raises(UnknownError):
            await use(house.parts, sms_code(house))
    with pytest.raises(WrongError):
        await vetoing.veto_by_code(house.parts, "c", mail_token(house))


async def test_codes_may_be_typed_loosely(house: House) -> None:
    """R12: spaces, hyphens and small letters do not matter in the code of an SMS."""
    await house.proven(BOB.address)
    await house.set()
    code = sms_code(house)
    assert len(code) == 8

    typed = f" {code[:4].lower()}-{code[4:]} "
    assert await vetoing.veto_by_code(house.parts, "c", typed) is VetoOutcome.NOTED
    with pytest.raises(WrongError):
        await vetoing.veto_by_code(house.parts, "c", code)


async def test_five_codes_an_hour(house: House) -> None:
    """R12: the fifth try of a client may be right; after five none is heard for an hour."""
    await house.completed()
    start, code = house.clock.now(), sms_code(house)
    for _ in range(4):
        with pytest.raises(WrongError, match="veto_code"):
            await vetoing.veto_by_code(house.parts, "c", "AAAAAAAA")
    saved = house.data.snapshot()
    assert await vetoing.veto_by_code(house.parts, "c", code) is VetoOutcome.NOTED

    house.data.restore(saved)
    with pytest.raises(WrongError):
        await vetoing.veto_by_code(house.parts, "c", "AAAAAAAA")
    for moment in (start, start + HOUR):
        house.clock.moment = moment
        with pytest.raises(MustWaitError, match="veto_tries"):
            await vetoing.veto_by_code(house.parts, "c", code)
    house.clock.move(TICK)
    assert await vetoing.veto_by_code(house.parts, "c", code) is VetoOutcome.NOTED
    assert HERE in house.data.conversations
