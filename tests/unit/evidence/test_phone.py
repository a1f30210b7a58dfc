"""A new phone after an approved review: who may have one, how often a code is sent, what a proof changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from recovery_core.accounts.account import Contact, ContactKind
from recovery_core.audit import AuditName
from recovery_core.cases import linking
from recovery_core.cases.flow import State
from recovery_core.cases.form import Form
from recovery_core.errors import GoneError
from recovery_core.evidence import phone
from recovery_core.evidence.phone import Refusal
from recovery_core.evidence.retention import sweep
from recovery_core.notices.delivery import Channel, Template
from recovery_core.numbers import Numbers
from recovery_core.proofs import guess_budget
from recovery_core.proofs.methods import Method
from tests.unit.cases.house import DAY, HERE, TICK
from tests.unit.evidence.test_submitting import MemoryFiles
from tests.unit.people.house import NEW_MAILBOX, SUPER, PeopleHouse

NUMBER, OTHER = "+8613912345678", "+8613912345679"
ACCOUNT = f"id-{SUPER}"
MINUTE = timedelta(minutes=1)


class Reviewed(PeopleHouse):
    """A house whose person has just proven the new mailbox of an approved review."""

    form_: Form
    files: MemoryFiles

    async def arrive(self, address: str = SUPER) -> Reviewed:
        """Let the review take effect and the new mailbox be proven."""
        await self.accepted(await self.reviewed(address))
        await self.sweep(DAY)
        await self.ask(Method.MAIL)
        await linking.press(self.parts, self.link(), HERE, None)
        self.files = MemoryFiles()
        await self.open()
        return self

    async def open(self) -> None:
        """Open a password form."""
        self.form_ = self.data.forms[await self.form()]

    async def ask_for(self, typed: str) -> Refusal | None:
        """Ask for a code to a number."""
        async with self.work() as work:
            refusal = await phone.ask(work, self.parts, self.files, self.form_, typed)
            await work.commit()
        return refusal

    async def confirm(self, typed: str) -> Refusal | None:
        """Try a code."""
        async with self.work() as work:
            refusal = await phone.confirm(work, self.parts, self.files, self.form_, typed)
            await work.commit()
        return refusal

    async def offered(self) -> bool:
        """Tell whether a new phone is offered."""
        async with self.work() as work:
            return await phone.offered(work, self.parts, self.case())

    def sms(self) -> list[str]:
        """Return the codes that went to phones, oldest first."""
        return [delivery.variables["code"] for delivery in self.posted(Template.NEW_PHONE)]

    def wrong(self) -> str:
        """Return six digits that are not the newest code."""
        return f"{(int(self.sms()[-1]) + 1) % 10**6:06d}"

    def contacts(self) -> list[str]:
        """Return the account's contacts."""
        return [contact.value for contact in self.data.accounts[ACCOUNT].contacts]


@pytest.fixture
async def reviewed() -> Reviewed:
    """Return a house in which the new mailbox is proven."""
    return await Reviewed().arrive()


async def test_a_proven_phone_is_a_contact_beside_the_mailbox(reviewed: Reviewed) -> None:
    """R17, R10: the number is read in any form; the password may be set still, and no later than before."""
    assert await reviewed.offered()
    before = reviewed.case().grant
    assert await reviewed.ask_for(" 139 1234-5678 ") is None
    (sent,) = reviewed.posted(Template.NEW_PHONE)
    assert (sent.channel, sent.to, sent.decoy) == (Channel.SMS, NUMBER, False)
    assert reviewed.contacts() == [NEW_MAILBOX]

    assert await reviewed.confirm(reviewed.sms()[-1]) is None

    assert reviewed.contacts() == [NEW_MAILBOX, NUMBER]
    assert not await reviewed.offered()
    grant = reviewed.case().grant
    assert before is not None
    assert grant is not None
    assert (grant.issued_at, grant.expires_at) == (before.issued_at, before.expires_at)
    assert (await reviewed.set()).state is State.COMPLETED


async def test_both_contacts_are_told_and_the_trail_holds_no_number(reviewed: Reviewed) -> None:
    """R19, R12: the mailbox and the phone hear of the change; the trail knows the number by its hash only."""
    await reviewed.ask_for(NUMBER)
    await reviewed.confirm(reviewed.sms()[-1])

    assert {told.to for told in reviewed.posted(Template.CONTACT_CHANGED)} >= {NEW_MAILBOX, NUMBER}
    own = reviewed.data.chains[reviewed.case().id]
    asked, proven = (
        next(e for e in own if e.name == name) for name in (AuditName.PHONE_ASKED, AuditName.PHONE_PROVEN)
    )
    assert asked.data["number"] == proven.data["number"]
    everything = [event for chain in reviewed.data.chains.values() for event in chain]
    assert not [event for event in everything if NUMBER[3:] in str(dict(event.data))]
    changed = reviewed.data.chains["operator"][-1]
    assert (changed.name, changed.data["kinds"]) == (AuditName.CONTACTS_CHANGED, "phone")


async def test_the_new_phone_cannot_revoke_what_it_proved(reviewed: Reviewed) -> None:
    """R12: it gave a proof, as the mailbox did; so the administrators learn of the password at once."""
    await reviewed.ask_for(NUMBER)
    await reviewed.confirm(reviewed.sms()[-1])
    await reviewed.set()

    by = {veto.contact_id: veto.gave_proof for veto in reviewed.data.vetoes.values()}
    contacts = reviewed.data.accounts[ACCOUNT].contacts
    assert [by[contact.id] for contact in contacts] == [True, True]


async def test_three_codes_are_sent(reviewed: Reviewed) -> None:
    """R17: the third still goes out, the fourth does not, nor from a later form of the case."""
    for _ in range(3):
        assert await reviewed.ask_for(NUMBER) is None
        reviewed.clock.move(MINUTE)
    assert await reviewed.ask_for(NUMBER) == Refusal("phone_codes")
    await reviewed.open()
    assert await reviewed.ask_for(NUMBER) == Refusal("phone_codes")
    assert not await reviewed.offered()
    assert len(reviewed.sms()) == 3


async def test_one_number_per_case(reviewed: Reviewed) -> None:
    """R17: once a code went out, another number is refused, also in a later form."""
    assert await reviewed.ask_for(NUMBER) is None
    reviewed.clock.move(MINUTE)
    assert await reviewed.ask_for(OTHER) == Refusal("phone_other")
    await reviewed.open()
    assert await reviewed.ask_for(OTHER) == Refusal("phone_other")
    assert await reviewed.ask_for(NUMBER) is None


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone_form"),
        ("12345", "phone_form"),
        ("+86 10 1234 5678", "phone_form"),
        ("x" * 500, "phone_form"),
        ("+1 202 555 0123", "phone_country"),
    ],
)
async def test_what_is_no_allowed_number_costs_nothing(reviewed: Reviewed, typed: str, code: str) -> None:
    """R5, R17: neither a code nor the one number is spent by it."""
    assert await reviewed.ask_for(typed) == Refusal(code)
    assert await reviewed.ask_for(NUMBER) is None
    assert len(reviewed.sms()) == 1


async def test_another_country_may_be_allowed() -> None:
    """R5: the setting decides, as it does for every SMS."""
    house = await Reviewed(Numbers(sms_countries=("+86", "+1"))).arrive()
    assert await house.ask_for("+1 202 555 0123") is None


async def test_a_resend_waits_and_kills_the_older_code(reviewed: Reviewed) -> None:
    """R4: not a microsecond before 60 s; then only the newest code counts."""
    await reviewed.ask_for(NUMBER)
    reviewed.clock.move(MINUTE - TICK)
    assert await reviewed.ask_for(NUMBER) == Refusal("phone_wait", 1)
    reviewed.clock.move(TICK)
    assert await reviewed.ask_for(NUMBER) is None
    first, second = reviewed.sms()
    assert first != second
    assert await reviewed.confirm(first) == Refusal("phone_code_wrong", 4)
    assert await reviewed.confirm(second) is None


async def test_five_wrong_tries_kill_the_code(reviewed: Reviewed) -> None:
    """R4, R8: the fifth try may be right; a sixth is not heard, and the account's guess budget counts."""
    await reviewed.ask_for(NUMBER)
    for left in (4, 3, 2, 1):
        assert await reviewed.confirm(reviewed.wrong()) == Refusal("phone_code_wrong", left)
    assert await reviewed.confirm("12345") == Refusal("phone_code_form")
    assert await reviewed.confirm(reviewed.wrong()) == Refusal("phone_code_over")
    assert await reviewed.confirm(reviewed.sms()[-1]) == Refusal("phone_code_over")
    assert reviewed.contacts() == [NEW_MAILBOX]
    budget = reviewed.data.budgets[guess_budget.budget_key(reviewed.keyed, SUPER, Method.SMS)]
    assert (budget.consecutive_failures, budget.killed_codes) == (5, 1)


async def test_the_fifth_try_may_be_right(reviewed: Reviewed) -> None:
    """R4: four wrong codes before it change nothing."""
    await reviewed.ask_for(NUMBER)
    for _ in range(4):
        await reviewed.confirm(reviewed.wrong())
    assert await reviewed.confirm(reviewed.sms()[-1]) is None


async def test_two_killed_codes_make_the_next_one_wait(reviewed: Reviewed) -> None:
    """R8: thirty seconds from the second killed code on, as for every other code by SMS."""
    for _ in range(2):
        assert await reviewed.ask_for(NUMBER) is None
        reviewed.clock.move(MINUTE)
        for _ in range(5):
            await reviewed.confirm(reviewed.wrong())
    assert await reviewed.ask_for(NUMBER) == Refusal("phone_wait", 30)


async def test_a_code_lives_five_minutes(reviewed: Reviewed) -> None:
    """R4: right until then, too late at that moment."""
    await reviewed.ask_for(NUMBER)
    reviewed.clock.move(timedelta(minutes=5))
    assert await reviewed.confirm(reviewed.sms()[-1]) == Refusal("phone_code_over")
    await reviewed.ask_for(NUMBER)
    reviewed.clock.move(timedelta(minutes=5) - TICK)
    assert await reviewed.confirm(reviewed.sms()[-1]) is None


async def test_the_money_for_sms_is_limited() -> None:
    """R5: at the cap nothing is sent, and the operators get an alert."""
    house = await Reviewed(Numbers(sms_daily_max=0)).arrive()
    assert await house.ask_for(NUMBER) == Refusal("phone_limit")
    assert house.sms() == []
    assert house.alerts.codes == ["sms_cap"]


async def test_a_proof_without_a_review_binds_nothing(reviewed: Reviewed) -> None:
    """R17: a case that is as proven, but was never reviewed, is offered no phone and refused one."""
    case = reviewed.case()
    reviewed.data.cases[case.id] = replace(case, escalation=None)
    assert not await reviewed.offered()
    with pytest.raises(GoneError):
        await reviewed.ask_for(NUMBER)


@pytest.mark.parametrize("how", ["contacts", "phone", "time"])
async def test_a_dead_grant_binds_nothing(reviewed: Reviewed, how: str) -> None:
    """R10: changed contacts, a phone that somebody else added, or the end of its time."""
    await reviewed.ask_for(NUMBER)
    account = reviewed.data.accounts[ACCOUNT]
    if how == "contacts":
        reviewed.change(ACCOUNT, contacts_version=account.contacts_version + 1)
    elif how == "phone":
        added = Contact("added", ContactKind.PHONE, OTHER, "en")
        reviewed.change(ACCOUNT, contacts=(*account.contacts, added))
    else:
        reviewed.clock.move(timedelta(minutes=15))
    with pytest.raises(GoneError):
        await reviewed.confirm(reviewed.sms()[-1])
    assert NUMBER not in reviewed.contacts()


async def test_a_number_that_was_never_proven_is_deleted(reviewed: Reviewed) -> None:
    """R21: it goes an hour after its form has ended, as documents that were never sent do."""
    await reviewed.ask_for(NUMBER)
    assert await reviewed.files.ids()
    reviewed.clock.move(timedelta(minutes=70))
    await sweep(reviewed.parts, reviewed.files)
    assert await reviewed.files.ids() == []
