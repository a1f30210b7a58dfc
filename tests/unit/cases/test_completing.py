"""The new password is judged, set once, and everything follows from it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from recovery_core.accounts.ports import Credentials
from recovery_core.cases import completing, linking
from recovery_core.cases.completing import PasswordRefusedError
from recovery_core.cases.flow import State
from recovery_core.errors import ConflictError, GoneError, UnavailableError, UnknownError
from recovery_core.messages import FormPurpose
from recovery_core.notices.delivery import Template
from recovery_core.passwords.rules import RuleCode
from recovery_core.proofs.methods import Method
from tests.fakes_passwords import FakeHasher
from tests.unit.cases.busy import Busy
from tests.unit.cases.company import NEW, OLD, OLDER, OLDEST
from tests.unit.cases.house import HERE, MINUTE, House


async def test_a_good_password_completes_the_case(house: House) -> None:
    """R11: password, version, case, audit event, notices and the chat's event are stored together."""
    await house.proven()
    house.hasher.calls.clear()
    commits = house.work.commits
    case = await house.set()

    assert (case.state, case.grant, case.completed_at) == (State.COMPLETED, None, house.clock.now())
    assert house.data.credentials["id-alice"].version == 4
    assert house.data.credentials["id-alice"].hashes[0] == FakeHasher.encode(NEW)
    assert house.audit()[-1] == "person:password:set"
    assert house.events() == ["gateway_password_set"]
    assert len(house.posted(Template.END_SESSIONS)) == 1
    assert house.hasher.calls == ["verify", "verify", "verify", "hash"]
    assert house.work.commits - commits == 3  # form, sending, everything


async def test_a_password_is_never_in_the_clear(house: House) -> None:
    """R11: the new password is neither in the outbox, the audit trail nor a line of the chat."""
    await house.completed()
    everything = repr(house.data.snapshot()) + "".join(
        row.delivery.packed().decode() for row in house.data.outbox.values()
    )

    assert NEW not in everything


BROKEN = {
    "short": ("Ab1!xyz", {RuleCode.TOO_SHORT}),
    "long": ("Ab1!" * 16 + "x", {RuleCode.TOO_LONG}),
    "classes": ("riverstone", {RuleCode.TOO_FEW_CLASSES}),
    "account": ("alice-River7", {RuleCode.CONTAINS_ACCOUNT}),
    "phone": ("River+138000x", {RuleCode.CONTAINS_ACCOUNT}),
    "current": (OLD, {RuleCode.RECENTLY_USED}),
    "last but two": (OLDEST, {RuleCode.RECENTLY_USED}),
    "common": ("password-123", {RuleCode.TOO_COMMON}),
    "unstable": ("Ｒiver&Maple7", {RuleCode.NOT_STABLE}),
    "several": ("alice", {RuleCode.TOO_SHORT, RuleCode.TOO_FEW_CLASSES, RuleCode.CONTAINS_ACCOUNT}),
}


@pytest.mark.parametrize("name", list(BROKEN))
async def test_every_broken_rule_is_reported_at_once(house: House, name: str) -> None:
    """R10, R11: a refusal names every broken rule, keeps the form and costs one sending."""
    password, codes = BROKEN[name]
    await house.proven()
    form = await house.form()
    with pytest.raises(PasswordRefusedError) as refused:
        await house.set(password, form=form)

    assert {violation.code for violation in refused.value.violations} == codes
    case = house.case()
    assert case.grant is not None
    assert (case.state, case.grant.sendings_left) == (State.PROVEN, 19)
    assert house.audit()[-1] == "core:password:refused"
    assert password not in repr(house.data.chains[case.id])
    assert (await house.set(form=form)).state is State.COMPLETED


async def test_two_different_fields_are_a_mismatch(house: House) -> None:
    """Both fields must say the same."""
    await house.proven()
    form = await house.form()
    with pytest.raises(PasswordRefusedError) as refused:
        await completing.set_password(house.parts, form, HERE, NEW, NEW + "x")

    assert [violation.code for violation in refused.value.violations] == [RuleCode.MISMATCH]


@pytest.mark.parametrize("password", ["Ab1!xyzw", "Ab1!" * 16, "River stone 7"])
async def test_the_last_good_passwords_are_taken(house: House, password: str) -> None:
    """Eight characters, sixty-four characters and three classes are enough."""
    await house.proven()

    assert (await house.set(password)).state is State.COMPLETED


async def test_the_fourth_last_password_may_come_back(house: House) -> None:
    """The history has three: what was used before them may be used again."""
    await house.completed()
    house.clock.move(MINUTE)
    await house.proven()

    assert (await house.set(OLDEST)).state is State.COMPLETED
    house.clock.move(MINUTE)
    await house.proven()
    with pytest.raises(PasswordRefusedError):
        await house.set(NEW)


async def test_a_short_history_costs_the_same(house: House) -> None:
    """R2: an account without a history costs four Argon2 operations as well."""
    house.data.credentials["id-alice"] = Credentials(0)
    await house.proven()
    house.hasher.calls.clear()
    await house.set()

    assert house.hasher.calls == ["waste", "waste", "waste", "hash"]


async def test_a_password_typed_in_the_chat_is_refused(house: House) -> None:
    """R16: what was hidden in the chat is refused as the password of that case, and free after it."""
    await house.challenged(Method.SMS)
    await house.hear(f"my new password will be {OLDER}x")
    await house.try_code(house.code())
    with pytest.raises(PasswordRefusedError) as refused:
        await house.set(f"{OLDER}x")

    assert [violation.code for violation in refused.value.violations] == [RuleCode.TYPED_IN_CHAT]
    await house.set()
    assert house.data.typed == {}


async def test_a_double_click_sets_one_password(house: House) -> None:
    """R11: of two sendings at the same moment exactly one sets the password."""
    await house.proven()
    form = await house.form()
    outcomes = await asyncio.gather(
        house.set(form=form), house.set(NEW + "2", form=form), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Case", "GoneError"]
    assert house.data.credentials["id-alice"].version == 4
    assert house.audit().count("person:password:set") == 1


async def test_a_failed_commit_stores_nothing(house: House) -> None:
    """R11: if everything cannot be stored, nothing is, and the grant lives on."""
    await house.proven()
    form = await house.form()
    parts = replace(house.parts, hasher=Busy(lambda: house.work.failing_commits.append(ConflictError())))
    with pytest.raises(ConflictError):
        await completing.set_password(parts, form, HERE, NEW, NEW)

    assert house.data.credentials["id-alice"].version == 3
    assert house.posted(Template.PASSWORD_CHANGED) == []
    assert (await house.set(form=form)).state is State.COMPLETED


async def test_a_directory_that_refuses_changes_nothing(house: House) -> None:
    """R11: without a mailbox in the directory the person may try again later."""
    await house.proven()
    case = house.case()
    assert case.grant is not None
    del house.data.credentials["id-alice"]
    house.data.cases[case.id] = replace(case, grant=replace(case.grant, password_version=0))

    with pytest.raises(UnavailableError, match="directory"):
        await house.set()
    assert house.state() is State.PROVEN


async def test_only_the_right_form_sets_a_password(house: House) -> None:
    """R11: an unknown form, one for another purpose and another browser's set nothing."""
    await house.proven()
    form, resume = await house.form(), await house.form(FormPurpose.RESUME)

    for wrong, browser, error in (
        ("none", HERE, UnknownError),
        (resume, HERE, UnknownError),
        (form, "elsewhere", GoneError),
    ):
        with pytest.raises(error):
            await completing.set_password(house.parts, wrong, browser, NEW, NEW)
    house.clock.move(10 * MINUTE)
    with pytest.raises(GoneError, match="form_expired"):
        await house.set(form=form)


async def test_completing_clears_the_mark_of_a_takeover(house: House) -> None:
    """R12: after a recovery by two methods the ordinary rules apply again."""
    house.change("id-alice", two_methods_required=True)
    await house.proven()
    house.clock.move(MINUTE)
    await house.ask(Method.MAIL)
    await linking.press(house.parts, house.link(), HERE, None)
    await house.set()

    assert not house.data.accounts["id-alice"].two_methods_required
