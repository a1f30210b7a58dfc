"""A crowd of requests hides nobody: what one client may open, and what may be open for one mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.messages import MessageId
from recovery_core.people import deciding, live, requesting
from recovery_core.people.tickets import Kind, Reason
from tests.unit.cases.company import ALICE, BOB, CAROL, DAVE, NOBODY
from tests.unit.people.house import HELPER_ID, SUPER, PeopleHouse, ids

TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)


async def crowd(house: PeopleHouse, address: str, count: int, client: str | None = None) -> list[MessageId]:
    """Ask above in *count* conversations; return the first thing said in each."""
    before = len(house.data.conversations)
    talks = [house.talk(f"crowd {before + n}", client) for n in range(count)]
    return [ids(await house.ask_above(address, where))[0] for where in talks]


@pytest.mark.parametrize("address", [DAVE.address, NOBODY, CAROL.address])
async def test_three_requests_are_open_for_one_mailbox(house: PeopleHouse, address: str) -> None:
    """R2, R14: the third is filed, the fourth is not, whether the mailbox exists or not."""
    said = await crowd(house, address, 5)

    assert said == [MessageId.REQUEST_FILED] * 3 + [MessageId.REQUESTS_STAND] * 2
    assert len(house.data.tickets) == 3


async def test_a_decided_request_makes_room(house: PeopleHouse) -> None:
    """The owner of the mailbox can ask as soon as one of three strangers' requests is refused."""
    await crowd(house, DAVE.address, 3)
    first, *_ = house.data.tickets
    await deciding.refuse(house.parts, HELPER_ID, first, Reason.NOT_MATCHED)

    assert await crowd(house, DAVE.address, 1) == [MessageId.REQUEST_FILED]


async def test_one_client_cannot_fill_the_places_of_a_mailbox(house: PeopleHouse) -> None:
    """Two of three places at most: whoever sits elsewhere can still ask for the mailbox."""
    assert (await crowd(house, DAVE.address, 3, "one"))[2] is MessageId.REQUESTS_STAND

    assert await crowd(house, DAVE.address, 1, "another") == [MessageId.REQUEST_FILED]


async def test_one_client_has_three_open_requests(house: PeopleHouse) -> None:
    """The fourth mailbox from one client waits, whichever it is; cancelling one makes room."""
    for address in (DAVE.address, BOB.address, NOBODY):
        assert await crowd(house, address, 1, "one") == [MessageId.REQUEST_FILED]
    assert await crowd(house, ALICE.address, 1, "one") == [MessageId.REQUESTS_FROM_HERE]

    await requesting.cancel(house.parts, house.data.tickets[next(iter(house.data.tickets))].conversation_id)

    assert await crowd(house, ALICE.address, 1, "one") == [MessageId.REQUEST_FILED]


async def test_a_companys_exit_is_no_single_client(house: PeopleHouse) -> None:
    """R4: behind a known exit many people ask, each for the own mailbox."""
    for n in range(6):
        assert await crowd(house, f"p{n}@example.com", 1, "office") == [MessageId.REQUEST_FILED]


async def test_a_proof_is_never_kept_waiting_by_strangers(house: PeopleHouse) -> None:
    """R10: who proved a disabled mailbox asks for its enabling, however many others asked for it."""
    await crowd(house, CAROL.address, 3)
    await house.proven(CAROL.address)

    said = await requesting.request_administrator(house.parts, "here")

    assert ids(said) == [MessageId.DISABLED_REQUEST_FILED]


async def test_three_reviews_are_opened_for_one_mailbox_in_a_day(house: PeopleHouse) -> None:
    """R17: each writes to all contacts; cancelling and asking again does not make more of them."""
    for n in range(4):
        where = house.talk(f"talk {n}")
        said = await house.ask_above(SUPER, where)
        assert ids(said) == [MessageId.REVIEW_OPENED if n < 3 else MessageId.REQUESTS_STAND]
        await requesting.cancel(house.parts, where)
    house.clock.move(DAY + TICK)

    assert ids(await house.ask_above(SUPER, house.talk("later"))) == [MessageId.REVIEW_OPENED]


async def test_documents_asked_for_directly_are_counted_too(house: PeopleHouse) -> None:
    """The other way to a review has the same places."""
    for n in range(3):
        await house.ask_above(SUPER, house.talk(f"talk {n}"))
    await house.identify(SUPER)

    assert ids(await requesting.request_review(house.parts, "here")) == [MessageId.REQUESTS_STAND]


async def test_one_client_has_five_open_talks(house: PeopleHouse) -> None:
    """The sixth chat from one client is told to wait, one from elsewhere gets its ticket."""
    for n in range(5):
        await live.talk_to_human(house.parts, house.talk(f"talk {n}", "one"))

    said = await live.talk_to_human(house.parts, house.talk("talk 5", "one"))
    assert ids(said) == [MessageId.TALKS_FROM_HERE]
    assert ids(await live.talk_to_human(house.parts, house.talk("mine", "two")))[0] is MessageId.TALK_TICKET
    assert len([t for t in house.data.tickets.values() if t.kind is Kind.TALK]) == 6


async def test_who_waits_already_is_not_turned_away(house: PeopleHouse) -> None:
    """Asking again for a person finds the own ticket, however many others wait beside it."""
    talks = [house.talk(f"talk {n}", "one") for n in range(5)]
    for where in talks:
        await live.talk_to_human(house.parts, where)

    assert ids(await live.talk_to_human(house.parts, talks[0]))[0] is MessageId.TALK_TICKET
