"""A proof is asked for: what goes out, to whom, and what is only a decoy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recovery_core.cases import challenging, opening
from recovery_core.cases.flow import State
from recovery_core.messages import MessageId
from recovery_core.notices.delivery import Channel, Template
from recovery_core.numbers import Numbers, Profile
from recovery_core.proofs.challenge import ChallengeState
from recovery_core.proofs.methods import CHALLENGES, Method
from tests.unit.cases.company import ALICE, BOB, CAROL, DAVE, ERIN, FRED, GINA, NOBODY, POSTMASTER
from tests.unit.cases.house import HERE, MINUTE, House

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
SAID = {S: MessageId.CODE_SENT, M: MessageId.LINK_SENT, Q: MessageId.ANSWERS_FORM}


async def test_a_code_goes_to_the_bound_phone(house: House) -> None:
    """R4: six digits go to the phone, and only their keyed hash is stored."""
    challenge = await house.challenged(S)
    (sent,) = house.posted(Template.CODE)

    assert (sent.channel, sent.to, sent.decoy) == (Channel.SMS, ALICE.phone, False)
    assert (len(house.code()), house.code().isdecimal(), sent.variables["minutes"]) == (6, True, "5")
    assert house.code() not in repr(challenge)
    assert house.code() not in challenge.secret_hash
    assert (challenge.tries_left, challenge.expires_at) == (5, house.clock.now() + 5 * MINUTE)
    assert sent.expires_at == challenge.expires_at


async def test_a_link_goes_to_the_backup_mailbox(house: House) -> None:
    """R6: the link leads to the configured address and lives 30 minutes; no reference is mailed."""
    challenge = await house.challenged(M)
    (sent,) = house.posted(Template.LINK)

    assert (sent.channel, sent.to, sent.decoy) == (Channel.MAIL, ALICE.backup, False)
    assert sent.variables["link"] == f"https://rekey.example/link/{house.link()}"
    assert house.case().reference not in sent.packed().decode()
    assert challenge.expires_at == house.clock.now() + 30 * MINUTE


async def test_questions_send_nothing(house: House) -> None:
    """R7: for questions nothing leaves the house, and the registered pair is shown."""
    challenge = await house.challenged(Q)

    assert house.data.outbox == {}
    assert challenge.questions == ("first_pet", "birth_city")
    assert challenge.secret_hash == ""


@pytest.mark.parametrize("method", CHALLENGES)
async def test_each_method_says_its_own_sentence(house: House, method: Method) -> None:
    """R2: what is said depends on the method and on nothing else."""
    await house.identify()
    (said,) = await challenging.challenge(house.parts, HERE, method)
    reference = {"reference": house.case().reference}

    assert said.id is SAID[method]
    assert said.variables == {S: {"minutes": 5}, M: {"minutes": 30} | reference, Q: {}}[method]
    assert house.state() is State.CHALLENGED


DECOYS = {
    "an unknown address": (NOBODY, CHALLENGES),
    "nothing bound": (DAVE.address, CHALLENGES),
    "a phone only": (BOB.address, [M, Q]),
    "questions only": (ERIN.address, [S, M]),
    "a phone in another country": (FRED.address, [S, M, Q]),
    "a backup mailbox that is the lost one": (GINA.address, [S, M, Q]),
    "an administrator's questions": (POSTMASTER.address, [Q]),
}
ROWS = [(address, method) for address, methods in DECOYS.values() for method in methods]


@pytest.mark.parametrize(("address", "method"), ROWS)
async def test_what_an_account_lacks_is_a_decoy(house: House, address: str, method: Method) -> None:
    """R2, R6, R9: a challenge that cannot be real looks the same, goes nowhere and is marked a decoy."""
    challenge = await house.challenged(method, address)

    assert challenge.decoy
    assert [(row.delivery.to, row.delivery.decoy) for row in house.data.outbox.values()] == [
        ("", True) for _ in house.data.outbox
    ]
    assert house.state() is State.CHALLENGED


@pytest.mark.parametrize(
    ("address", "method"),
    [
        (ALICE.address, S),
        (ALICE.address, M),
        (ALICE.address, Q),
        (BOB.address, S),
        (CAROL.address, S),
        (CAROL.address, M),
        (CAROL.address, Q),
        (ERIN.address, Q),
        (POSTMASTER.address, S),
        (POSTMASTER.address, M),
    ],
)
async def test_what_an_account_has_is_real(house: House, address: str, method: Method) -> None:
    """R2, R10: registered methods are real, for a disabled account as well."""
    assert not (await house.challenged(method, address)).decoy


@pytest.mark.parametrize("profile", list(Profile))
async def test_strict_takes_no_questions(profile: Profile) -> None:
    """R9: in profile strict an employee's questions are a decoy too."""
    house = House(Numbers(profile=profile))

    assert (await house.challenged(Q)).decoy is (profile is Profile.STRICT)


async def test_a_foreign_phone_is_real_where_it_is_paid_for() -> None:
    """R5: countries are a setting."""
    house = House(Numbers(sms_countries=("+86", "+1")))

    assert not (await house.challenged(S, FRED.address)).decoy


async def test_a_decoys_pair_is_always_the_same(house: House) -> None:
    """R7: an address without questions shows the same pair of its domain each time."""
    first = await house.challenged(Q, NOBODY)
    house.talk("there")
    second = await house.challenged(Q, NOBODY, "there")

    assert first.questions == second.questions
    assert first.questions in {("first_pet", "birth_city"), ("first_school", "first_trip")}


async def test_a_resent_code_kills_the_older_one(house: House) -> None:
    """R4: after 60 s a new code may be sent, and then only the newer one counts."""
    old = await house.challenged(S)
    old_code = house.code()
    house.clock.move(house.parts.numbers.resend_wait)
    (said,) = await challenging.resend(house.parts, HERE)

    assert said.id is MessageId.CODE_SENT
    assert house.data.challenges[old.id].state is ChallengeState.DEAD
    assert house.data.outbox[old.id].state == "dropped"
    assert (await house.try_code(old_code)).outcome.value == "wrong"
    assert (await house.try_code(house.code())).outcome.value == "right"


async def test_there_is_nothing_to_resend(house: House) -> None:
    """Without a challenge the person is told what comes first."""
    assert (await challenging.resend(house.parts, HERE))[0].id is MessageId.ASK_ADDRESS
    await house.identify()
    assert (await challenging.resend(house.parts, HERE))[0].id is MessageId.REMIND_METHOD


async def test_a_method_needs_an_address_first(house: House) -> None:
    """R1: no case, one without an address and an ended one ask for the address."""
    assert await house.ask(S) is MessageId.ASK_ADDRESS
    await opening.start(house.parts, HERE, ())
    assert await house.ask(S) is MessageId.ASK_ADDRESS
    await opening.cancel(house.parts, HERE)
    assert await house.ask(S) is MessageId.ASK_ADDRESS
    assert house.data.challenges == {}


async def test_a_proven_case_is_only_reminded(house: House) -> None:
    """R10: while the grant lives no further challenge starts."""
    await house.proven()

    assert await house.ask(M) is MessageId.REMIND_PASSWORD
    assert len(house.data.challenges) == 1


async def test_an_approved_case_asks_a_fresh_proof(house: House) -> None:
    """R1: after an approval one more proof leads on."""
    await house.identify()
    case = house.case()
    house.data.cases[case.id] = replace(case, state=State.APPROVED)

    assert await house.ask(S) is MessageId.CODE_SENT
    assert house.state() is State.CHALLENGED


async def test_the_second_proof_is_another_method(house: House) -> None:
    """R9: for an administrator the method proven first is not asked again."""
    await house.proven(POSTMASTER.address)

    assert house.state() is State.CHALLENGED
    assert await house.ask(S) is MessageId.OFFER_SECOND_METHOD
    assert len(house.data.challenges) == 1
    assert await house.ask(M) is MessageId.LINK_SENT
