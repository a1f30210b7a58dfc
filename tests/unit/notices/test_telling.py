"""Who learns of a changed password, by what, and when (R12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.accounts.account import ContactKind
from recovery_core.cases import linking
from recovery_core.notices import telling
from recovery_core.notices.delivery import PADDED, Channel, Delivery, Template
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, BOB, ERIN, POSTMASTER
from tests.unit.cases.house import DAY, HERE, HOUR, TICK, House

HELPER = "helper@example.com"


@pytest.fixture
def house() -> House:
    """Return a house with the default numbers."""
    return House()


def told(house: House) -> dict[Template, set[str]]:
    """Return who was told by which template."""
    found: dict[Template, set[str]] = {}
    for row in house.data.outbox.values():
        found.setdefault(row.delivery.template, set()).add(row.delivery.to)
    return found


async def test_everybody_learns_of_it(house: House) -> None:
    """R12: every contact and the mailbox itself at once, the administrators by the digest."""
    await house.completed()

    found = told(house)
    assert found[Template.PASSWORD_CHANGED] == {ALICE.phone, ALICE.backup}
    assert found[Template.PASSWORD_CHANGED_OWN] == {ALICE.address}
    assert found[Template.END_SESSIONS] == {ALICE.address}
    assert Template.ADMIN_CHANGED not in found
    assert len(house.data.digests["example.com"]) == 1


async def test_the_administrators_learn_at_once_when_nobody_else_would(house: House) -> None:
    """R12: if the only contact gave the proof, the administrators are told at once instead."""
    await house.completed(BOB.address)

    assert told(house)[Template.ADMIN_CHANGED] == {POSTMASTER.address, HELPER}
    assert house.data.digests == {}


async def test_without_contacts_the_administrators_learn_at_once(house: House) -> None:
    """R12: an account that proved by answers and has no contact is told of to the administrators."""
    await house.challenged(Method.QUESTIONS, ERIN.address)
    await house.answer(("Rex", "Paris"))
    await house.set()

    assert told(house)[Template.ADMIN_CHANGED] == {POSTMASTER.address, HELPER}
    assert house.data.vetoes == {}


async def test_an_administrator_is_not_told_of_the_own_recovery(house: House) -> None:
    """R12: of a postmaster's recovery by both contacts the other administrators learn."""
    await house.proven(POSTMASTER.address)
    await house.ask(Method.MAIL)
    await linking.press(house.parts, house.link(), HERE, None)
    await house.set()

    assert told(house)[Template.ADMIN_CHANGED] == {HELPER}


async def test_notices_say_time_and_method_and_no_secret(house: House) -> None:
    """R12: address, time, channel, method and reference; the veto differs by the kind of contact."""
    await house.completed()
    case = house.case()
    common = {
        "address": ALICE.address,
        "time": "2026-03-02T09:00+00:00",
        "channel": "chat",
        "method": "sms",
        "reference": case.reference,
    }
    by = {d.channel: d for d in house.posted(Template.PASSWORD_CHANGED)}

    assert {k: v for k, v in by[Channel.MAIL].variables.items() if k != "veto_link"} == common
    assert by[Channel.MAIL].variables["veto_link"].startswith("https://rekey.example/not-me/token-")
    assert by[Channel.SMS].variables["veto_page"] == "https://rekey.example/not-me"
    assert len(by[Channel.SMS].variables["veto_code"]) == telling.VETO_CODE_LENGTH == 8
    assert {d.language for d in by.values()} == {"zh"}


async def test_each_contact_has_its_own_veto(house: House) -> None:
    """R12: 72 hours, kept as a keyed hash, and marked where the contact gave the proof."""
    await house.completed()
    vetoes = {veto.contact_id: veto for veto in house.data.vetoes.values()}

    gave = {id_: veto.gave_proof for id_, veto in vetoes.items()}
    assert gave == {"alice.phone": True, "alice.mail": False}
    assert {veto.expires_at - veto.issued_at for veto in vetoes.values()} == {72 * HOUR}
    for delivery in house.posted(Template.PASSWORD_CHANGED):
        secret = delivery.variables.get("veto_code") or delivery.variables["veto_link"].rpartition("/")[2]
        assert secret not in repr(vetoes)
        assert delivery.expires_at == house.clock.now() + 72 * HOUR


async def test_two_secrets_of_one_kind_differ(house: House) -> None:
    """R12: a code and a link's token are hashed for different purposes."""
    assert telling.veto_hash(house.keyed, "x", by_sms=True) != telling.veto_hash(
        house.keyed, "x", by_sms=False
    )


@pytest.mark.parametrize(("after", "sent"), [(DAY, 0), (DAY + TICK, 2)])
async def test_a_digest_waits_a_day(house: House, after: timedelta, sent: int) -> None:
    """R12: a day after its first line, not at a day, each administrator gets the digest, once."""
    await house.completed()
    now = house.clock.now() + after
    async with house.work() as work:
        assert await telling.send_digests(work, now - DAY, now) == sent
        assert await telling.send_digests(work, now - DAY, now) == 0
        await work.commit()

    digests = house.posted(Template.ADMIN_DIGEST)
    assert [digest.variables["count"] for digest in digests] == ["1"] * sent
    assert {digest.language for digest in digests} == ({"zh", "en"} if sent else set())


async def test_all_contacts_are_told_of_a_revocation(house: House) -> None:
    """R12: phones by SMS, mailboxes by mail, no veto any more."""
    account = house.data.accounts["id-alice"]
    change = telling.Change("case", "RC-AAAA-BBBB", house.clock.now(), "sms", ())
    async with house.work() as work:
        await telling.tell_contacts(work, account, Template.RECOVERY_REVOKED, change)
        await work.commit()

    channels = {d.to: d.channel for d in house.posted(Template.RECOVERY_REVOKED)}
    assert channels == {ALICE.phone: Channel.SMS, ALICE.backup: Channel.MAIL}
    assert account.contact(ContactKind.PHONE) is not None


def delivery(text: str) -> Delivery:
    """Return a delivery that says *text*."""
    return Delivery("id", Channel.SMS, "to", Template.CODE, {"code": text}, "zh", "topic")


@pytest.mark.parametrize("length", [0, 6, 500])
def test_sizes_tell_nothing(length: int) -> None:
    """R2: what is sealed is always a multiple of the same size."""
    assert len(delivery("x" * length).packed()) == PADDED


def test_nothing_of_a_delivery_shows() -> None:
    """A delivery's repr shows neither recipient nor variables."""
    assert "832117" not in repr(delivery("832117"))
    assert "'to'" not in repr(delivery("832117"))
