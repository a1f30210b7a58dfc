"""A mail link: opening changes nothing, pressing proves, in the browser that presses (R6)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.cases import linking
from recovery_core.cases.completing import PasswordRefusedError
from recovery_core.cases.flow import State
from recovery_core.errors import GoneError, UnknownError, WrongError
from recovery_core.messages import FormPurpose
from recovery_core.notices.delivery import Template
from recovery_core.numbers import Numbers
from recovery_core.passwords.rules import RuleCode
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, CAROL, NOBODY, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE, TICK, House

S, M = Method.SMS, Method.MAIL


async def test_opening_a_link_changes_nothing(house: House) -> None:
    """R6: a scanner may open the link as often as it likes."""
    await house.challenged(M)
    before = house.data.snapshot()
    for _ in range(10):
        link = await linking.look(house.parts, house.link(), None)

    assert (link.asked_here, link.tries_left) == (False, 5)
    assert (await linking.look(house.parts, house.link(), HERE)).asked_here
    assert house.data.snapshot() == before


async def test_pressing_where_it_was_asked_proves(house: House) -> None:
    """R6: with the asking conversation's cookie the button needs no reference."""
    await house.challenged(M)
    case = await linking.press(house.parts, house.link(), HERE, None)

    assert (case.state, case.proofs, case.proof_contacts) == (State.PROVEN, (M,), ("alice.mail",))
    assert house.events() == ["gateway_link_pressed"]
    with pytest.raises(GoneError):
        await linking.press(house.parts, house.link(), HERE, None)


async def test_another_browser_needs_the_reference(house: House) -> None:
    """R6: with the last four characters the case moves to the browser that presses; the old one loses it."""
    await house.challenged(M)
    house.talk("phone")
    link, tail = house.link(), house.case().reference[-4:]
    case = await linking.press(house.parts, link, "phone", f" {tail.lower()} ")

    assert (case.state, case.conversation_id) == (State.PROVEN, "phone")
    assert house.events() == ["gateway_case_moved"]
    assert house.events("phone") == ["gateway_link_pressed"]
    assert await house.form(where="phone")
    assert [c for c in house.data.cases.values() if c.conversation_id == HERE] == []
    assert "person:case:moved" in house.audit("phone")


@pytest.mark.parametrize("tail", [None, "", "ZZZZ", "ZZ", "\ud800"])
async def test_a_wrong_tail_costs_a_try(house: House, tail: str | None) -> None:
    """R6: the fifth tail may be right; after five wrong ones the link is over."""
    await house.challenged(M)
    house.talk("phone")
    link, right = house.link(), house.case().reference[-4:]
    for left in (4, 3, 2, 1):
        with pytest.raises(WrongError, match="reference_tail") as wrong:
            await linking.press(house.parts, link, "phone", tail)
        assert wrong.value.tries_left == left
    saved = house.data.snapshot()
    assert (await linking.press(house.parts, link, "phone", right)).state is State.PROVEN

    house.data.restore(saved)
    with pytest.raises(WrongError) as wrong:
        await linking.press(house.parts, link, "phone", tail)
    assert wrong.value.tries_left == 0
    with pytest.raises(GoneError):
        await linking.press(house.parts, link, "phone", right)
    assert house.challenge().state is ChallengeState.DEAD


async def test_wrong_tails_are_not_counted_as_guesses(house: House) -> None:
    """R8: a mail link is neither counted nor stopped."""
    await house.challenged(M)
    house.talk("phone")
    for _ in range(5):
        with pytest.raises(WrongError):
            await linking.press(house.parts, house.link(), "phone", "ZZZZ")

    assert (house.data.budgets, house.data.wrong) == ({}, [])


async def test_the_tries_of_a_tail_are_a_setting() -> None:
    """R6, R8: a link has its own number of tries, and keeps it while a domain is guessed."""
    house = House(Numbers(link_reference_tries=2, domain_wrong_floor=-1, domain_wrong_share=-1))

    assert (await house.challenged(M)).tries_left == 2
    assert (await house.challenged(S)).tries_left == 1


@pytest.mark.parametrize("use", [linking.deny, lambda parts, token: linking.look(parts, token, None)])
async def test_unknown_decoy_and_late_links(house: House, use) -> None:  # noqa: ANN001
    """R2, R6: a token never issued and a decoy's are unknown; at 30 minutes a link is over."""
    with pytest.raises(UnknownError):
        await use(house.parts, "never issued")
    await house.challenged(M, NOBODY)
    with pytest.raises(UnknownError):
        await use(house.parts, house.link())
    house.talk("there")
    await house.challenged(M, ALICE.address, "there")
    house.clock.move(30 * MINUTE)
    with pytest.raises(GoneError):
        await use(house.parts, house.link("there"))
    house.clock.move(-TICK)
    await use(house.parts, house.link("there"))


async def test_a_newer_link_ends_the_older(house: House) -> None:
    """R4: of two links only the newer one works."""
    await house.challenged(M)
    old = house.link()
    house.clock.move(MINUTE)
    await house.ask(M)

    with pytest.raises(GoneError):
        await linking.look(house.parts, old, HERE)
    assert (await linking.press(house.parts, house.link(), HERE, None)).state is State.PROVEN


async def test_denying_freezes(house: House) -> None:
    """R12: "this was not me" freezes the unfinished case, tells the administrators, and blocks no new one."""
    await house.challenged(M)
    link = house.link()
    await linking.deny(house.parts, link)

    assert house.state() is State.FROZEN
    assert house.events() == ["gateway_case_frozen"]
    assert {d.to for d in house.posted(Template.CASE_FROZEN)} == {POSTMASTER.address, "helper@example.com"}
    with pytest.raises(GoneError):
        await linking.press(house.parts, link, HERE, None)
    house.clock.move(MINUTE)
    await house.challenged(S)
    assert (await house.try_code(house.code())).outcome == "right"


async def test_denying_for_a_vanished_account_freezes_as_well(house: House) -> None:
    """R12: a case whose account was removed meanwhile is frozen, and there is nobody to tell."""
    await house.challenged(M)
    link = house.link()
    house.data.accounts.pop("id-alice")
    await linking.deny(house.parts, link)

    assert house.state() is State.FROZEN
    assert house.posted(Template.CASE_FROZEN) == []


async def test_a_link_of_a_disabled_account_waits(house: House) -> None:
    """R10: a pressed link of a disabled account gives no grant."""
    await house.challenged(M, CAROL.address)

    assert (await linking.press(house.parts, house.link(), HERE, None)).state is State.ESCALATED


async def test_an_administrators_second_proof_is_a_link(house: House) -> None:
    """R9: code and link together prove an administrator."""
    await house.proven(POSTMASTER.address)
    await house.ask(M)
    case = await linking.press(house.parts, house.link(), HERE, None)

    assert (case.state, case.proofs) == (State.PROVEN, (S, M))
    assert case.proof_contacts == ("postmaster.phone", "postmaster.mail")


async def test_what_was_typed_in_the_old_chat_is_refused_in_the_new_browser(house: House) -> None:
    """R16: a password typed in the chat stays refused when the case moves to another browser."""
    await house.challenged(M)
    await house.hear("password: Tulip#4417q")
    house.talk("phone")
    await linking.press(house.parts, house.link(), "phone", house.case().reference[-4:])
    with pytest.raises(PasswordRefusedError) as refused:
        await house.set("Tulip#4417q", "phone")

    assert [v.code for v in refused.value.violations] == [RuleCode.TYPED_IN_CHAT]


async def test_moving_ends_the_old_browsers_forms(house: House) -> None:
    """R6: a form of the conversation that loses the case is finished."""
    await house.challenged(M)
    form = await house.form(FormPurpose.RESUME)
    house.talk("phone")
    await linking.press(house.parts, house.link(), "phone", house.case().reference[-4:])

    assert house.data.forms[form].finished_at is not None


async def test_a_link_pressed_twice_at_once_proves_once(house: House) -> None:
    """R4: a link that nothing is left of between looking and judging is gone."""
    challenge = await house.challenged(M)
    house.data.challenges[challenge.id] = replace(challenge, tries_left=0)

    with pytest.raises(GoneError, match="link_used"):
        await linking.press(house.parts, house.link(), HERE, None)


async def test_a_link_to_a_removed_mailbox_is_over(house: House) -> None:
    """R12: it can neither prove nor freeze any more."""
    await house.challenged(M)
    token = house.link()
    house.change("id-alice", contacts=(), contacts_version=2)

    for act in (linking.look(house.parts, token, HERE), linking.press(house.parts, token, HERE, None)):
        with pytest.raises(GoneError):
            await act
    with pytest.raises(GoneError):
        await linking.deny(house.parts, token)
    assert house.state() is State.CHALLENGED
