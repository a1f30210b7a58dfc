"""The right to set one password ends with each of the facts it was given on (R10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.accounts.account import Status
from recovery_core.cases import completing
from recovery_core.cases.completing import PasswordRefusedError
from recovery_core.cases.flow import State
from recovery_core.errors import GoneError
from tests.fakes_passwords import FakeHasher
from tests.unit.cases.busy import Busy
from tests.unit.cases.company import NEW
from tests.unit.cases.house import HERE, MINUTE, TICK, House


async def test_twenty_sendings(house: House) -> None:
    """R10: the twentieth sending may still set the password, the twenty-first finds no grant."""
    await house.proven()
    form = await house.form()
    for _ in range(19):
        with pytest.raises(PasswordRefusedError):
            await house.set("short", form=form)
    saved = house.data.snapshot()
    assert (await house.set(form=form)).state is State.COMPLETED

    house.data.restore(saved)
    with pytest.raises(PasswordRefusedError):
        await house.set("short", form=form)
    with pytest.raises(GoneError, match="grant_expired"):
        await house.set(form=form)
    assert await completing.expire_grant(house.parts, HERE)
    assert house.state() is State.CHALLENGED


def _password(house: House) -> None:
    held = house.data.credentials["id-alice"]
    house.data.credentials["id-alice"] = replace(held, version=held.version + 1)


def _status(house: House) -> None:
    house.change("id-alice", status=Status.DISABLED)


def _contacts(house: House) -> None:
    house.change("id-alice", contacts_version=2)


def _gone(house: House) -> None:
    del house.data.accounts["id-alice"]


def _late(house: House) -> None:
    grant = house.case().grant
    assert grant is not None
    house.data.cases[house.case().id] = replace(
        house.case(), grant=replace(grant, expires_at=house.clock.now())
    )


def _back(house: House) -> None:
    house.clock.move(-MINUTE - TICK)
    form = next(iter(house.data.forms.values()))
    house.data.forms[form.id] = replace(form, issued_at=house.clock.now())


def _taken(house: House) -> None:
    house.data.cases[house.case().id] = replace(house.case(), grant=None)


@pytest.mark.parametrize("fact", [_password, _status, _contacts, _gone, _late, _back, _taken])
async def test_each_fact_that_changed_kills_the_grant(house: House, fact) -> None:  # noqa: ANN001
    """R10, R20: password version, status, contacts, account, time either way: one change is enough."""
    await house.proven()
    form = await house.form()
    fact(house)
    held = house.data.credentials["id-alice"]

    with pytest.raises(GoneError):
        await house.set(form=form)
    assert house.data.credentials["id-alice"] == held
    assert await completing.expire_grant(house.parts, HERE)
    assert (house.state(), house.case().proofs, house.case().grant) == (State.CHALLENGED, (), None)
    assert house.data.forms[form].finished_at is not None
    assert house.events() == ["gateway_grant_expired"]
    assert house.audit()[-1] == "core:grant:ended"


@pytest.mark.parametrize("fact", [_password, _status, _contacts, _gone, _late])
async def test_a_fact_that_changes_during_the_hashing_counts(house: House, fact) -> None:  # noqa: ANN001
    """R10: the facts are checked again in the unit of work that would set the password."""
    await house.proven()
    form = await house.form()
    parts = replace(house.parts, hasher=Busy(lambda: fact(house)))

    with pytest.raises(GoneError):
        await completing.set_password(parts, form, HERE, NEW, NEW)
    assert FakeHasher.encode(NEW) not in house.data.credentials["id-alice"].hashes


@pytest.mark.parametrize(("late", "good"), [(15 * MINUTE - TICK, True), (15 * MINUTE, False)])
async def test_a_grant_lives_fifteen_minutes(house: House, late: timedelta, *, good: bool) -> None:
    """R10: one moment before 15 minutes the password can be set, at 15 minutes not."""
    await house.proven()
    house.clock.move(late - MINUTE)
    form = await house.form()
    house.clock.move(MINUTE)

    if good:
        assert not await completing.expire_grant(house.parts, HERE)
        assert (await house.set(form=form)).state is State.COMPLETED
        return
    with pytest.raises(GoneError, match="grant_expired"):
        await house.set(form=form)
    assert await completing.expire_grant(house.parts, HERE)
    assert not await completing.expire_grant(house.parts, HERE)


async def test_a_case_that_is_gone_has_no_grant(house: House) -> None:
    """R10: a form whose case was left behind sets nothing, and there is no grant to end."""
    assert not await completing.expire_grant(house.parts, HERE)
    await house.proven()
    form = await house.form()
    house.data.cases.clear()

    with pytest.raises(GoneError):
        await house.set(form=form)
