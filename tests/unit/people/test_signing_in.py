"""Operators sign in: password, phone, second factor, and how long it lasts (R15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.accounts.account import Role, Status
from recovery_core.accounts.ports import Credentials
from recovery_core.audit import AuditName
from recovery_core.errors import GoneError, MustWaitError, RecoveryError, WrongError
from recovery_core.notices.delivery import Channel, Template
from recovery_core.people import enrolling, signing_in, totp
from recovery_core.people.guessing import Browser
from recovery_core.people.operators import Console, Operator
from recovery_core.people.rights import DeskRole
from recovery_core.people.signing_in import NotFreshError, NotSignedInError, ReadOnlyError
from recovery_core.people.standing import Step, standing
from tests.fakes_passwords import FakeHasher
from tests.unit.cases.company import HELPER, OLD, POSTMASTER
from tests.unit.people.house import PeopleHouse

ADMIN = Console.ADMIN
BOSS = "id-postmaster"
SECOND = timedelta(seconds=1)
STEP = timedelta(seconds=30)
AGENT_PASSWORD = "long enough for an agent"


HOME = Browser("home")


async def password(
    house: PeopleHouse, name: str = POSTMASTER.address, given: str = OLD, browser: Browser = HOME
) -> str:
    """Give name and password; return the token."""
    return await signing_in.sign_in(house.parts, ADMIN, name, given, browser)


async def step(house: PeopleHouse, token: str) -> Step | None:
    """Return how far the browser is."""
    signed = await standing(house.parts, ADMIN, token)
    return signed.step if signed else None


def app(house: PeopleHouse, secret: bytes) -> str:
    """Return what an authenticator app shows now."""
    return totp.code_at(secret, totp.step_of(house.clock.now()))


async def phone_code(house: PeopleHouse, token: str) -> str:
    """Let a code be sent; return it."""
    await enrolling.send_code(house.parts, ADMIN, token)
    return house.posted(Template.CODE)[-1].variables["code"]


async def enrolled(house: PeopleHouse) -> tuple[str, bytes]:
    """Sign in for the first time; return the token and the secret."""
    token = await password(house)
    await enrolling.prove_phone(house.parts, ADMIN, token, await phone_code(house, token))
    secret = await enrolling.new_secret(house.parts, ADMIN, token)
    return await enrolling.enrol(house.parts, ADMIN, token, app(house, secret)), secret


async def test_the_first_sign_in_asks_password_phone_and_a_new_second_factor(house: PeopleHouse) -> None:
    """R15: each step leads to the next, the code goes to the phone only, and the end is inside."""
    token = await password(house)
    assert await step(house, token) is Step.PHONE
    code = await phone_code(house, token)
    sent = house.posted(Template.CODE)
    assert [(d.channel, d.to) for d in sent] == [(Channel.SMS, POSTMASTER.phone)]
    await enrolling.prove_phone(house.parts, ADMIN, token, f"{code[:3]} {code[3:]}")
    assert await step(house, token) is Step.ENROL
    secret = await enrolling.new_secret(house.parts, ADMIN, token)
    renewed = await enrolling.enrol(house.parts, ADMIN, token, app(house, secret))
    assert (await step(house, renewed), await step(house, token)) == (Step.INSIDE, None)


async def test_no_step_can_be_left_out(house: PeopleHouse) -> None:
    """R15: without the phone no secret is shown and nothing is enrolled; enrolled ones never see it again."""
    token = await password(house)
    for act in (
        enrolling.new_secret(house.parts, ADMIN, token),
        enrolling.enrol(house.parts, ADMIN, token, "000000"),
        signing_in.prove_second(house.parts, ADMIN, token, "000000"),
        signing_in.require_decision(house.parts, ADMIN, token),
    ):
        with pytest.raises(NotSignedInError):
            await act
    inside, _ = await enrolled(house)
    again = await password(house)
    assert await step(house, again) is Step.CODE
    for token in (inside, again):
        with pytest.raises(NotSignedInError):
            await enrolling.new_secret(house.parts, ADMIN, token)


async def test_nobody_can_tell_a_wrong_name_from_a_wrong_password(house: PeopleHouse) -> None:
    """R15: unknown, employee, disabled, blocked or wrong: the same refusal after one Argon2 operation."""
    house.change("id-helper", status=Status.DISABLED)
    house.data.credentials["id-admin@other.example"] = Credentials(2, (FakeHasher.encode(OLD),), blocked=True)
    names = ("nobody@example.com", "alice@example.com", HELPER.address, "admin@other.example", "x", "")
    for name, given in [*((name, OLD) for name in names), (POSTMASTER.address, "wrong")]:
        before = house.hasher.operations
        with pytest.raises(WrongError) as refused:
            await password(house, name, given)
        assert (refused.value.code, house.hasher.operations - before) == ("sign_in", 1)


@pytest.mark.parametrize("name", [POSTMASTER.address, "nobody@example.com"])
async def test_guesses_cost_waiting(house: PeopleHouse, name: str) -> None:
    """R8, R15: ten wrong passwords make the next one wait, right or wrong, known or not."""
    for _ in range(10):
        with pytest.raises(WrongError):
            await password(house, name, "wrong")
    operations = house.hasher.operations
    with pytest.raises(MustWaitError):
        await password(house, name)
    assert house.hasher.operations == operations
    house.clock.move(timedelta(seconds=31))
    with pytest.raises(WrongError):
        await password(house, name, "still wrong")


async def test_a_code_of_the_app_is_good_once(house: PeopleHouse) -> None:
    """R15: the code that enrolled, or that signed in, opens nothing a second time."""
    _, secret = await enrolled(house)
    token = await password(house)
    with pytest.raises(WrongError):
        await signing_in.prove_second(house.parts, ADMIN, token, app(house, secret))
    house.clock.move(STEP)
    used = app(house, secret)
    assert await signing_in.prove_second(house.parts, ADMIN, token, used)
    other = await password(house)
    with pytest.raises(WrongError):
        await signing_in.prove_second(house.parts, ADMIN, other, used)


async def test_ten_wrong_codes_make_the_next_one_wait(house: PeopleHouse) -> None:
    """R8, R15: the second factor has a budget of its own that a right password does not forgive."""
    _, secret = await enrolled(house)
    house.clock.move(STEP)
    for _ in range(10):
        token = await password(house)
        with pytest.raises(WrongError):
            await signing_in.prove_second(house.parts, ADMIN, token, "x")
    with pytest.raises(MustWaitError):
        await signing_in.prove_second(house.parts, ADMIN, token, app(house, secret))


async def test_a_phone_code_has_five_tries_and_five_minutes(house: PeopleHouse) -> None:
    """R4, R15: the fifth wrong one kills it, and so does time; the next one comes after a minute."""
    token = await password(house)
    code = await phone_code(house, token)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(WrongError) as refused:
            await enrolling.prove_phone(house.parts, ADMIN, token, wrong)
        assert refused.value.tries_left == left
    with pytest.raises(GoneError):
        await enrolling.prove_phone(house.parts, ADMIN, token, code)
    with pytest.raises(MustWaitError):
        await enrolling.send_code(house.parts, ADMIN, token)
    house.clock.move(timedelta(seconds=60))
    fresh = await phone_code(house, token)
    house.clock.move(timedelta(minutes=5))
    with pytest.raises(GoneError):
        await enrolling.prove_phone(house.parts, ADMIN, token, fresh)


async def test_a_phone_code_belongs_to_one_browser(house: PeopleHouse) -> None:
    """R15: another browser that knows the password cannot use it."""
    first, second = await password(house), await password(house)
    code = await phone_code(house, first)
    with pytest.raises(GoneError):
        await enrolling.prove_phone(house.parts, ADMIN, second, code)


async def test_without_a_phone_nobody_enrols(house: PeopleHouse) -> None:
    """R15: the backup mailbox is never used instead."""
    house.data.credentials["id-helper"] = Credentials(1, (FakeHasher.encode(OLD),))
    token = await password(house, HELPER.address)
    with pytest.raises(RecoveryError) as refused:
        await enrolling.send_code(house.parts, ADMIN, token)
    assert refused.value.code == "no_phone"


async def test_a_session_ends_after_fifteen_minutes_of_silence(house: PeopleHouse) -> None:
    """R15: a second less keeps it."""
    token, _ = await enrolled(house)
    house.clock.move(timedelta(minutes=15) - SECOND)
    assert await step(house, token) is Step.INSIDE
    house.clock.move(timedelta(minutes=15))
    assert await step(house, token) is None


async def test_a_session_ends_after_eight_hours(house: PeopleHouse) -> None:
    """R15: however busy; the last second still counts."""
    token, _ = await enrolled(house)
    for _ in range(48):
        house.clock.move(timedelta(minutes=10) - (SECOND / 48))
        assert await step(house, token) is Step.INSIDE
    house.clock.move(SECOND)
    assert await step(house, token) is None


@pytest.mark.parametrize("change", ["password", "role", "disabled", "blocked"])
async def test_a_session_dies_with_its_reason(house: PeopleHouse, change: str) -> None:
    """R15: password, role and status are looked at again each time."""
    token, _ = await enrolled(house)
    held = house.data.credentials[BOSS]
    if change == "password":
        house.data.credentials[BOSS] = replace(held, version=held.version + 1)
    elif change == "blocked":
        house.data.credentials[BOSS] = replace(held, blocked=True)
    elif change == "role":
        house.change(BOSS, role=Role.EMPLOYEE)
    else:
        house.change(BOSS, status=Status.DISABLED)
    assert await step(house, token) is None


async def test_a_decision_needs_a_second_proof_of_ten_minutes(house: PeopleHouse) -> None:
    """R15: a second less is good; a new code makes it young again."""
    token, secret = await enrolled(house)
    house.clock.move(timedelta(minutes=10) - SECOND)
    assert await signing_in.require_decision(house.parts, ADMIN, token)
    house.clock.move(SECOND)
    with pytest.raises(NotFreshError):
        await signing_in.require_decision(house.parts, ADMIN, token)
    renewed = await signing_in.prove_second(house.parts, ADMIN, token, app(house, secret))
    assert await signing_in.require_decision(house.parts, ADMIN, renewed)


async def test_the_console_is_read_only_after_a_change_of_ones_own(house: PeopleHouse) -> None:
    """R15: for 24 hours after a recovery, a new second factor or new contacts, and not a second longer."""
    token, _ = await enrolled(house)
    now = house.clock.now()
    held, operator = house.data.credentials[BOSS], house.data.operators[BOSS]
    assert await signing_in.require_decision(house.parts, ADMIN, token)
    for age, frozen in ((timedelta(hours=24) - SECOND, True), (timedelta(hours=24), False)):
        house.data.credentials[BOSS] = replace(held, changed_at=now - age)
        assert await read_only(house, token) is frozen
        house.data.credentials[BOSS] = held
        house.data.operators[BOSS] = replace(operator, totp_changed_at=now - age)
        assert await read_only(house, token) is frozen
        house.data.operators[BOSS] = operator
    async with house.parts.work() as work:
        await work.audit.append("operator", AuditName.CONTACTS_CHANGED, now, {"account": "id-other"})
        await work.commit()
    assert not await read_only(house, token)
    async with house.parts.work() as work:
        await work.audit.append("operator", AuditName.CONTACTS_CHANGED, now, {"account": BOSS})
        await work.commit()
    assert await read_only(house, token)


async def read_only(house: PeopleHouse, token: str) -> bool:
    """Tell whether the browser may only look."""
    try:
        await signing_in.require_decision(house.parts, ADMIN, token)
    except ReadOnlyError:
        return True
    return False


async def test_a_lost_second_factor_is_replaced_with_the_phone(house: PeopleHouse) -> None:
    """R15: taken away by an operator, the sessions end; enrolled anew, the console is read-only."""
    token, _ = await enrolled(house)
    old = house.data.operators[BOSS]
    house.data.operators[BOSS] = replace(old, totp_sealed=None, totp_changed_at=house.clock.now())
    assert await step(house, token) is Step.PHONE
    house.clock.move(timedelta(minutes=2))
    renewed, _ = await enrolled(house)
    assert await read_only(house, renewed)


async def test_an_agent_signs_in_with_an_own_password(house: PeopleHouse) -> None:
    """R15: not at the other console, and a new password ends the session."""
    encoded = FakeHasher.encode(AGENT_PASSWORD)
    agent = Operator("a", Console.DESK, "ann", "Ann", "en", DeskRole.AGENT, encoded, totp_sealed=b"seed")
    house.data.operators["a"] = agent
    token = await signing_in.sign_in(house.parts, Console.DESK, " Ann ", AGENT_PASSWORD, HOME)
    secret = signing_in.secret_of(house.keyed, agent)
    renewed = await signing_in.prove_second(house.parts, Console.DESK, token, app(house, secret))
    signed = await standing(house.parts, Console.DESK, renewed)
    assert signed is not None
    assert signed.step is Step.INSIDE
    assert await standing(house.parts, ADMIN, renewed) is None
    with pytest.raises(WrongError):
        await signing_in.sign_in(house.parts, ADMIN, "ann", AGENT_PASSWORD, HOME)
    house.data.operators["a"] = replace(agent, password_hash=FakeHasher.encode("another one"))
    assert await standing(house.parts, Console.DESK, renewed) is None
