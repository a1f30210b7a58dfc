"""A new phone after an approved review, on both databases: two browsers at the same moment win once (R17)."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from recovery_core.accounts.account import ContactKind
from recovery_core.adapters.sql.unit_of_work import SqlWork
from recovery_core.audit import AuditName
from recovery_core.cases import challenging, forms, linking, opening
from recovery_core.cases.form import Form
from recovery_core.errors import GoneError
from recovery_core.evidence import phone
from recovery_core.evidence.evidence import Claim
from recovery_core.evidence.phone import Refusal
from recovery_core.messages import FormPurpose
from recovery_core.people import requesting, reviewing, voting
from recovery_core.people.sweeping import sweep
from recovery_core.proofs import secrets
from recovery_core.proofs.methods import Method
from tests.integration.test_people_flow import SUPER, SqlHouse
from tests.stores import VAULT
from tests.unit.evidence.test_submitting import MemoryFiles

MAILBOX, NUMBER = "new@x.example", "+8613912345678"


class PhoneHouse(SqlHouse):
    """A house on a database, whose person may bind a new phone."""

    form_: Form
    files: MemoryFiles

    async def arrive(self) -> None:
        """Let a review take effect, the new mailbox be proven and a password form be opened."""
        self.files = MemoryFiles()
        await opening.identify(self.parts, "here", (SUPER,))
        await requesting.request_review(self.parts, "here")
        ticket = await self.stored()
        async with self.parts.work() as work:
            await work.evidence.add(ticket.id, Claim("g", "u", MAILBOX), (), self.clock.now())
            await reviewing.submitted(work, self.parts, ticket.id)
            await work.commit()
        for reviewer in ("reviewer1", "reviewer2"):
            await voting.vote(self.parts, reviewer, ticket.id, True, None)  # noqa: FBT003
        self.clock.move(timedelta(days=1))
        await sweep(self.parts)
        await challenging.challenge(self.parts, "here", Method.MAIL)
        async with self.parts.work.reading() as work:
            asked = await work.challenges.latest((await self.now()).id)
        assert asked is not None
        await linking.press(self.parts, secrets.link_token(self.keyed, asked.id, MAILBOX), "here", None)
        await self.open()

    async def open(self) -> None:
        """Open a password form."""
        async with self.parts.work() as work:
            token = await forms.mint(work, self.parts, "here", FormPurpose.PASSWORD)
            assert token is not None
            found = await work.forms.get(forms.form_id_of(self.parts, token))
            await work.commit()
        assert found is not None
        self.form_ = found

    async def ask_for(self, number: str) -> Refusal | None:
        """Ask for a code to a number."""
        async with self.parts.work() as work:
            refusal = await phone.ask(work, self.parts, self.files, self.form_, number)
            await work.commit()
        return refusal

    async def confirm(self, code: str) -> Refusal | None:
        """Try a code."""
        async with self.parts.work() as work:
            refusal = await phone.confirm(work, self.parts, self.files, self.form_, code)
            await work.commit()
        return refusal

    async def sms(self) -> list[str]:
        """Return the codes that wait to go to the new phone."""
        now = self.clock.now()
        async with self.parts.work() as work:
            items = await work.outbox.lease(now, now, 100)
        bodies = [json.loads(VAULT.open(item.sealed, item.id)) for item in items]
        return [body["variables"]["code"] for body in bodies if body["template"] == "new_phone"]

    async def phones(self) -> list[str]:
        """Return the phones of the account."""
        async with self.parts.work.reading() as work:
            account = await work.accounts.by_address(SUPER)
        assert account is not None
        return [contact.value for contact in account.contacts if contact.kind is ContactKind.PHONE]


@pytest.fixture
async def house(work: SqlWork) -> PhoneHouse:
    """Return a house on each database."""
    built = PhoneHouse(work)
    await built.settle_in()
    await built.arrive()
    return built


async def test_of_parallel_requests_one_code_is_sent(house: PhoneHouse) -> None:
    """R4, R17: five presses at once send one code; another number at that moment gets none."""
    outcomes = await asyncio.gather(*(house.ask_for(NUMBER) for _ in range(5)))
    assert sorted(outcome.code if outcome else "" for outcome in outcomes) == ["", *["phone_wait"] * 4]
    assert await house.ask_for("+8613912345679") == Refusal("phone_other")
    assert len(await house.sms()) == 1


async def test_of_parallel_codes_one_binds(house: PhoneHouse) -> None:
    """R17: the right code five times at once adds one contact, and the grant goes on with it (R10)."""
    await house.ask_for(NUMBER)
    (code,) = await house.sms()
    outcomes = await asyncio.gather(*(house.confirm(code) for _ in range(5)), return_exceptions=True)

    assert outcomes.count(None) == 1
    assert all(outcome is None or isinstance(outcome, GoneError) for outcome in outcomes)
    assert await house.phones() == [NUMBER]
    async with house.parts.work.reading() as work:
        account, case = await work.accounts.by_address(SUPER), await house.now()
        proven = await work.audit.events(case.id, name=AuditName.PHONE_PROVEN)
    assert len(proven) == 1
    assert account is not None
    assert case.grant is not None
    assert case.grant.contacts_version == account.contacts_version


async def test_parallel_wrong_codes_cost_a_try_each(house: PhoneHouse) -> None:
    """R4: six at once are five tries and a dead code, never six guesses."""
    await house.ask_for(NUMBER)
    (code,) = await house.sms()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    outcomes = await asyncio.gather(*(house.confirm(wrong) for _ in range(6)))
    left = sorted(outcome.number for outcome in outcomes if outcome)
    assert left == [0, 0, 1, 2, 3, 4]
    assert await house.confirm(code) == Refusal("phone_code_over")
    assert await house.phones() == []
