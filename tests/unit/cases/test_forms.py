"""Secure forms: who may have which, and what their tokens are worth."""

from __future__ import annotations

import pytest

from recovery_core.cases import forms, linking
from recovery_core.errors import GoneError, UnknownError
from recovery_core.messages import FormPurpose
from recovery_core.proofs.methods import Method
from tests.unit.cases.house import HERE, MINUTE, TICK, House

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS


async def test_a_form_needs_the_right_state(house: House) -> None:
    """R10: no form opens for a case that is not so far, whatever was asked for."""

    async def minted(purpose: FormPurpose) -> bool:
        async with house.work() as work:
            return await forms.mint(work, house.parts, HERE, purpose) is not None

    async def open_now() -> set[str]:
        return {purpose.value for purpose in FormPurpose if await minted(purpose)}

    assert await open_now() == set()
    await house.identify()
    assert await open_now() == {"resume"}
    await house.ask(S)
    assert await open_now() == {"resume", "code"}
    await house.ask(Q)
    assert await open_now() == {"resume", "answers"}
    await house.ask(M)
    assert await open_now() == {"resume"}
    await linking.press(house.parts, house.link(), HERE, None)
    assert await open_now() == {"resume", "password"}
    await house.set()
    assert await open_now() == set()


async def test_a_forgotten_code_has_no_form(house: House) -> None:
    """R4: after the challenge's end its form is not opened any more."""
    challenge = await house.challenged(S)
    house.clock.moment = challenge.expires_at
    async with house.work() as work:
        assert await forms.mint(work, house.parts, HERE, FormPurpose.CODE) is None


async def test_a_token_cannot_be_made_up(house: House) -> None:
    """A token is the form's id and a keyed hash of it; anything else is unknown, and none is stored."""
    await house.identify()
    form_id = await house.form(FormPurpose.RESUME)
    token = forms.token_of(house.parts, form_id)

    assert forms.form_id_of(house.parts, token) == form_id
    assert token not in repr(house.data.snapshot())
    for wrong in ("", ".", form_id, f"{form_id}.", f"{form_id}x.{token.partition('.')[2]}", token + "x"):
        with pytest.raises(UnknownError):
            forms.form_id_of(house.parts, wrong)


async def test_a_form_lives_ten_minutes(house: House) -> None:
    """R20: one moment before ten minutes a form is good, then it is gone; so is one from the future."""
    await house.identify()
    form_id = await house.form(FormPurpose.RESUME)
    issued = house.clock.now()

    async def use(browser: str = HERE) -> None:
        async with house.work() as work:
            await forms.require_form(work, house.parts, form_id, browser)

    for good in (issued, issued + 10 * MINUTE - TICK, issued - MINUTE):
        house.clock.moment = good
        await use()
    for bad in (issued + 10 * MINUTE, issued - MINUTE - TICK):
        house.clock.moment = bad
        with pytest.raises(GoneError, match="form_expired"):
            await use()
    house.clock.moment = issued
    with pytest.raises(GoneError, match="form_elsewhere"):
        await use("there")
