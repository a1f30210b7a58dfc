"""How often a proof may be asked for: by address, client, case, domain and money, last good and first bad."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.cases import challenging
from recovery_core.messages import MessageId
from recovery_core.numbers import Numbers
from recovery_core.proofs.methods import Method
from tests.unit.cases.company import ALICE, BOB, CAROL, NOBODY, Person
from tests.unit.cases.house import DAY, HERE, HOUR, MINUTE, TICK, House

S, M, Q = Method.SMS, Method.MAIL, Method.QUESTIONS
SECOND = timedelta(seconds=1)


async def asked(house: House, method: Method, address: str, where: str) -> MessageId:
    """Ask for a proof in a conversation, and a client, of its own."""
    house.talk(where)
    await house.identify(address, where)
    return await house.ask(method, where)


@pytest.mark.parametrize("method", [S, M])
@pytest.mark.parametrize("address", [ALICE.address, NOBODY])
async def test_a_code_is_resent_after_sixty_seconds(house: House, method: Method, address: str) -> None:
    """R4: one moment before 60 s must wait, at 60 s a new one goes out; for decoys too."""
    await house.challenged(method, address)
    house.clock.move(MINUTE - TICK)
    (said,) = await challenging.resend(house.parts, HERE)

    assert (said.id, said.variables) == (MessageId.WAIT_BEFORE_SENDING, {"seconds": 1})
    house.clock.move(TICK)
    assert (await challenging.resend(house.parts, HERE))[0].id is not MessageId.WAIT_BEFORE_SENDING
    assert house.audit().count("core:challenge:limited") == 1


async def test_the_wait_is_the_addresss_not_the_conversations(house: House) -> None:
    """R4: another conversation about the same address waits as well, another method does not."""
    await house.challenged(S)

    assert await asked(house, S, ALICE.address, "there") is MessageId.WAIT_BEFORE_SENDING
    assert await house.ask(M, "there") is MessageId.LINK_SENT


@pytest.mark.parametrize("address", [ALICE.address, NOBODY])
async def test_five_codes_an_hour(house: House, address: str) -> None:
    """R4: the fifth code within an hour goes out, the sixth does not until an hour after the first."""
    start = house.clock.now()
    for place in range(5):
        assert await asked(house, S, address, f"c{place}") is MessageId.CODE_SENT
        house.clock.move(MINUTE)

    assert await asked(house, S, address, "c5") is MessageId.SENDING_LIMIT
    house.clock.moment = start + HOUR
    assert await house.ask(S, "c5") is MessageId.SENDING_LIMIT
    house.clock.move(TICK)
    assert await house.ask(S, "c5") is MessageId.CODE_SENT


@pytest.mark.parametrize("address", [ALICE.address, NOBODY])
async def test_ten_codes_a_day(house: House, address: str) -> None:
    """R4: the tenth code of a day goes out, the eleventh does not until a day after the first."""
    start = house.clock.now()
    for place in range(10):
        assert await asked(house, S, address, f"c{place}") is MessageId.CODE_SENT
        house.clock.move(20 * MINUTE)

    assert await asked(house, S, address, "c10") is MessageId.SENDING_LIMIT
    house.clock.moment = start + DAY
    assert await house.ask(S, "c10") is MessageId.SENDING_LIMIT
    house.clock.move(TICK)
    assert await house.ask(S, "c10") is MessageId.CODE_SENT


async def test_three_mails_per_case(house: House) -> None:
    """R6: the third mail of a case goes out, the fourth does not; a code by SMS still does."""
    await house.identify()
    for _ in range(3):
        assert await house.ask(M) is MessageId.LINK_SENT
        house.clock.move(MINUTE)

    assert await house.ask(M) is MessageId.SENDING_LIMIT
    assert await house.ask(S) is MessageId.CODE_SENT
    assert await asked(house, M, ALICE.address, "another case") is MessageId.LINK_SENT


async def test_a_client_asks_for_five_addresses_an_hour(house: House) -> None:
    """R4: the fifth address of a client is served, the sixth is not; those it asked for before are."""
    for place in range(5):
        house.talk(f"c{place}", client="kiosk")
        await house.identify(f"user{place}@example.com", f"c{place}")
        assert await house.ask(Q, f"c{place}") is MessageId.ANSWERS_FORM
    house.talk("sixth", client="kiosk")
    await house.identify(ALICE.address, "sixth")
    (said,) = await challenging.challenge(house.parts, "sixth", Q)

    assert (said.id, said.variables) == (MessageId.ADDRESS_LIMIT, {"minutes": 60})
    assert await house.ask(Q, "c0") is MessageId.ANSWERS_FORM
    house.clock.move(HOUR + TICK)
    assert await house.ask(Q, "sixth") is MessageId.ANSWERS_FORM


async def test_a_company_exit_is_not_limited(house: House) -> None:
    """R4: behind an allowed client key any number of people may ask."""
    for place in range(7):
        house.talk(f"c{place}", client="office")
        await house.identify(f"user{place}@example.com", f"c{place}")
        assert await house.ask(Q, f"c{place}") is MessageId.ANSWERS_FORM


async def test_a_conversation_without_a_client_counts_for_itself(house: House) -> None:
    """R4: where no network address is known, the conversation stands for the client."""
    house.data.conversations.clear()
    await house.challenged(Q)

    ((client, _, _),) = house.data.starts
    assert client == f"conversation:{HERE}"


async def paid(house: House, domain: str, count: int) -> None:
    """Count so many paid messages in the domain."""
    key = house.keyed.of("domain", domain)
    async with house.work() as work:
        for _ in range(count):
            await work.sends.add("somebody else", key, house.clock.now(), paid=True)
        await work.commit()


@pytest.mark.parametrize(
    ("domain", "numbers", "cap"),
    [
        ("example.com", Numbers(), 50),
        ("elsewhere.example", Numbers(sms_daily_max=60), 60),
        ("elsewhere.example", Numbers(), 500),
        ("example.com", Numbers(sms_domain_floor=3, sms_domain_share=0.5), 4),
    ],
)
async def test_money_has_a_cap(domain: str, numbers: Numbers, cap: int) -> None:
    """R5: the last SMS under the cap of a domain or of all goes out; then everyone reads the same."""
    house = House(numbers)
    await paid(house, domain, cap - 1)

    assert await asked(house, S, ALICE.address, "last good") is MessageId.CODE_SENT
    assert house.alerts.codes == []
    said = [await asked(house, S, address, address) for address in (BOB.address, CAROL.address, NOBODY)]
    assert said == [MessageId.SENDING_LIMIT] * 3
    assert house.alerts.codes == ["sms_cap"] * 3
    assert await asked(house, M, CAROL.address, "mail") is MessageId.LINK_SENT
    house.clock.move(DAY + TICK)
    assert await house.ask(S, BOB.address) is MessageId.CODE_SENT


async def test_decoys_cost_no_money(house: House) -> None:
    """R5: what is never delivered does not count towards the cap of paid messages."""
    await house.challenged(S, NOBODY)

    assert [sent.paid for sent in house.data.sendings] == [False]


async def test_the_share_of_a_large_domain_counts() -> None:
    """R5: five per cent of the accounts count where that is more than the floor."""
    house = House(Numbers(sms_domain_floor=0, sms_domain_share=0.2))
    for place in range(11):
        person = Person(f"more{place}")
        house.data.accounts[f"id-more{place}"] = person.account()
    await paid(house, "example.com", 3)

    assert len(house.data.accounts) == 20
    assert await asked(house, S, ALICE.address, "fourth") is MessageId.CODE_SENT
    assert await asked(house, S, BOB.address, "fifth") is MessageId.SENDING_LIMIT
