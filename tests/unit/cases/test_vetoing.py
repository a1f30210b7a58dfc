"""The veto, "this was not me": what a contact may stop or take back, when, and how often (R12)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.accounts.account import ContactKind
from recovery_core.cases import linking, vetoing
from recovery_core.cases.flow import State
from recovery_core.cases.vetoing import VetoOutcome
from recovery_core.errors import GoneError, UnknownError
from recovery_core.notices import telling
from recovery_core.notices.delivery import Template
from recovery_core.notices.veto import Veto
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, POSTMASTER
from tests.unit.cases.house import DAY, HOUR, MINUTE, TICK, House
from tests.unit.cases.vetoes import mail_token, sms_code

S, M = Method.SMS, Method.MAIL


async def test_another_contact_takes_a_recovery_back(house: House) -> None:
    """R12: revoked means: no password opens the mailbox, sessions end, all learn of it, two methods next."""
    await house.completed()
    token = mail_token(house)
    await vetoing.look(house.parts, token)
    assert house.state() is State.COMPLETED
    assert await vetoing.veto(house.parts, token) is VetoOutcome.REVOKED

    account = house.data.accounts["id-alice"]
    assert house.state() is State.REVOKED
    assert house.data.credentials["id-alice"].blocked
    assert (account.two_methods_required, account.hold_used_at) == (True, house.clock.now())
    assert len(house.posted(Template.END_SESSIONS)) == 1  # the same moment: the order stands already
    assert {d.to for d in house.posted(Template.RECOVERY_REVOKED)} == {
        ALICE.phone,
        ALICE.backup,
        POSTMASTER.address,
        "helper@example.com",
    }
    assert house.alerts.codes == ["recovery_revoked"]
    assert house.audit()[-1] == "contact:case:revoked"
    with pytest.raises(GoneError):
        await vetoing.veto(house.parts, token)


async def test_after_a_revocation_one_proof_is_not_enough(house: House) -> None:
    """R12: the next recovery needs two different methods, no questions, and clears the mark."""
    await house.completed()
    await vetoing.veto(house.parts, mail_token(house))
    house.clock.move(MINUTE)
    house.talk("owner")
    assert (await house.challenged(Method.QUESTIONS, ALICE.address, "owner")).decoy
    assert (await house.proven(where="owner")).state is State.CHALLENGED
    await house.ask(M, "owner")
    await linking.press(house.parts, house.link("owner"), "owner", None)
    assert (await house.set("Birch&Stream42", "owner")).state is State.COMPLETED

    assert not house.data.credentials["id-alice"].blocked


async def test_a_revocation_kills_other_grants(house: House) -> None:
    """R10, R12: a grant of a second case of the account does not outlive the revocation."""
    await house.completed()
    house.talk("thief")
    house.clock.move(MINUTE)
    await house.proven(where="thief")
    form = await house.form(where="thief")
    await vetoing.veto(house.parts, mail_token(house))

    with pytest.raises(GoneError):
        await house.set("Birch&Stream42", "thief", form)


@pytest.mark.parametrize(("late", "good"), [(72 * HOUR - TICK, True), (72 * HOUR, False)])
async def test_a_veto_lives_seventy_two_hours(house: House, late: timedelta, *, good: bool) -> None:
    """R12: one moment before 72 h the veto revokes, at 72 h it is over."""
    await house.completed()
    token = mail_token(house)
    house.clock.move(late)

    if good:
        assert await vetoing.veto(house.parts, token) is VetoOutcome.REVOKED
        return
    for use in (vetoing.look, vetoing.veto):
        with pytest.raises(GoneError):
            await use(house.parts, token)


async def test_a_clock_set_back_makes_no_veto_live_longer(house: House) -> None:
    """R20: a veto from the future is not valid beyond the tolerance of 60 s."""
    await house.completed()
    house.clock.move(-MINUTE)
    await vetoing.look(house.parts, mail_token(house))
    house.clock.move(-TICK)
    with pytest.raises(GoneError):
        await vetoing.look(house.parts, mail_token(house))


async def test_the_giver_of_the_proof_cannot_take_it_back(house: House) -> None:
    """R12: the phone that proved may only say so; the administrators learn of it."""
    await house.completed()

    assert await vetoing.veto_by_code(house.parts, "c", sms_code(house)) is VetoOutcome.NOTED
    assert house.state() is State.COMPLETED
    assert house.audit()[-1] == "contact:veto:noted"
    assert len(house.posted(Template.CASE_FROZEN)) == 2


async def test_a_removed_contact_has_no_veto(house: House) -> None:
    """R12: the veto dies when its contact is removed."""
    await house.completed()
    token = mail_token(house)
    contacts = house.data.accounts["id-alice"].contacts
    house.change("id-alice", contacts=tuple(c for c in contacts if c.kind is ContactKind.PHONE))

    with pytest.raises(GoneError, match="veto_over"):
        await vetoing.veto(house.parts, token)


@pytest.mark.parametrize(
    ("later", "outcome"), [(30 * DAY - TICK, VetoOutcome.NOTED), (30 * DAY, VetoOutcome.REVOKED)]
)
async def test_one_hold_in_thirty_days(house: House, later: timedelta, outcome: VetoOutcome) -> None:
    """R12: within 30 days of a hold another veto only opens a ticket, at 30 days it holds again."""
    house.change("id-alice", hold_used_at=house.clock.now() - later)
    await house.completed()

    assert await vetoing.veto(house.parts, mail_token(house)) is outcome


async def used(house: House, count: int, before: timedelta) -> None:
    """Store so many vetoes that alice's backup mailbox used."""
    now = house.clock.now() - before
    for place in range(count):
        id_ = f"used-{before}-{place}"
        house.data.vetoes[id_] = Veto(
            id_, "id-alice", "old", "alice.mail", gave_proof=False, token_hash=id_, issued_at=now,
            expires_at=now, used_at=now,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("count", "before", "outcome"),
    [
        (1, DAY, VetoOutcome.REVOKED),
        (2, DAY, VetoOutcome.NOTED),
        (2, 30 * DAY, VetoOutcome.NOTED),
        (2, 30 * DAY + TICK, VetoOutcome.REVOKED),
    ],
)
async def test_a_contact_is_heard_twice(
    house: House, count: int, before: timedelta, outcome: VetoOutcome
) -> None:
    """R12: a contact that vetoed twice in 30 days can only open a ticket."""
    await house.completed()
    await used(house, count, before)

    assert await vetoing.veto(house.parts, mail_token(house)) is outcome


def open_veto(house: House) -> str:
    """Store a veto of alice's backup mailbox on the current case, as a review sends one; return its token."""
    now = house.clock.now()
    house.data.vetoes["v"] = Veto(
        id="v",
        account_id="id-alice",
        case_id=house.case().id,
        contact_id="alice.mail",
        gave_proof=False,
        token_hash=telling.veto_hash(house.keyed, "t", by_sms=False),
        issued_at=now,
        expires_at=now + 72 * HOUR,
    )
    return "t"


async def test_an_unfinished_case_freezes(house: House) -> None:
    """R12: on an unfinished case the veto freezes it with its grant, and blocks no new case."""
    await house.proven()
    assert await vetoing.veto(house.parts, open_veto(house)) is VetoOutcome.FROZEN

    assert (house.state(), house.case().grant) == (State.FROZEN, None)
    assert house.events() == ["gateway_case_frozen"]
    assert len(house.posted(Template.CASE_FROZEN)) == 2
    await house.identify()
    assert house.state() is State.IDENTIFIED


async def test_the_third_veto_freezes_nothing(house: House) -> None:
    """R12: who vetoed twice in 30 days cannot freeze either: the owner must be able to go on."""
    await house.proven()
    await used(house, 2, DAY)

    assert await vetoing.veto(house.parts, open_veto(house)) is VetoOutcome.NOTED
    assert house.state() is State.PROVEN


@pytest.mark.parametrize("state", [State.COMPLETING, State.CANCELLED, State.FROZEN])
async def test_what_cannot_freeze_is_noted(house: House, state: State) -> None:
    """R1, R12: a case that waits for its directory, or has ended otherwise, keeps its state."""
    await house.proven()
    house.data.cases[house.case().id] = replace(house.case(), state=state)

    assert await vetoing.veto(house.parts, open_veto(house)) is VetoOutcome.NOTED
    assert house.state() is state


async def test_a_completion_long_ago_is_not_revoked(house: House) -> None:
    """R12: only a case completed less than 72 h ago is revoked, whenever the veto was sent."""
    await house.completed()
    house.clock.move(72 * HOUR)

    assert await vetoing.veto(house.parts, open_veto(house)) is VetoOutcome.NOTED


async def test_vetoes_of_vanished_accounts_are_over(house: House) -> None:
    """R12: a token never issued is unknown; without its account or case a veto is over."""
    with pytest.raises(UnknownError):
        await vetoing.look(house.parts, "never issued")
    await house.completed()
    account = house.data.accounts.pop("id-alice")
    with pytest.raises(GoneError):
        await vetoing.look(house.parts, mail_token(house))
    house.data.accounts["id-alice"] = account
    house.data.cases.clear()
    with pytest.raises(GoneError):
        await vetoing.look(house.parts, mail_token(house))


async def test_a_veto_that_ran_out_meanwhile_is_over(house: House) -> None:
    """R12: the store has the last word on whether a veto is used in time."""
    await house.completed()
    token, (used_veto,) = (
        mail_token(house),
        [v for v in house.data.vetoes.values() if v.contact_id == "alice.mail"],
    )

    class Late:
        """A clock that runs out between reading and using."""

        times = [house.clock.now(), used_veto.expires_at]  # noqa: RUF012

        def now(self):  # noqa: ANN202
            """Return the next moment."""
            return self.times.pop(0)

    with pytest.raises(GoneError, match="veto_used"):
        await vetoing.veto(replace(house.parts, clock=Late()), token)
