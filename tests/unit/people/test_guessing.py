"""A stranger's guesses shut out no operator, and a hundred in a row are the most there are (R8, R15)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery_core.errors import MustWaitError, RecoveryError, WrongError
from recovery_core.people import guessing, signing_in
from recovery_core.people.guessing import DEVICE_LIFE, Browser, ClosedError
from recovery_core.people.operators import Console
from tests.unit.cases.company import OLD, POSTMASTER
from tests.unit.people.house import PeopleHouse

NAME = POSTMASTER.address
ADMIN = Console.ADMIN
WAIT = timedelta(hours=1, seconds=1)


async def guess(
    house: PeopleHouse, client: str, given: str = "wrong", name: str = NAME, device: str = ""
) -> str:
    """Give name and password; return the code of the refusal, empty when it was right."""
    try:
        await signing_in.sign_in(house.parts, ADMIN, name, given, Browser(client, device))
    except RecoveryError as refusal:
        return refusal.code
    return ""


async def judged(house: PeopleHouse, tries: int, clients: int = 1, name: str = NAME, device: str = "") -> int:
    """Guess from *clients* in turn, waiting as long as it takes; return how many guesses were judged."""
    count = 0
    for n in range(tries):
        house.clock.move(WAIT)
        count += await guess(house, f"client {n % clients}", name=name, device=device) == "sign_in"
    return count


async def test_a_strangers_guesses_leave_other_clients_alone(house: PeopleHouse) -> None:
    """Ten wrong guesses make the stranger wait and nobody else."""
    for _ in range(10):
        assert await guess(house, "stranger") == "sign_in"

    assert await guess(house, "stranger", OLD) == "too_many_killed_codes"
    assert await guess(house, "home", OLD) == ""


async def test_one_client_cannot_use_up_the_tries_of_a_name(house: PeopleHouse) -> None:
    """However patient: after 20 nothing from there is judged, and another client signs in."""
    assert await judged(house, 40) == 20
    assert await guess(house, "client 0", OLD) == "sign_in_closed"
    assert await guess(house, "home", OLD) == ""


@pytest.mark.parametrize("name", [NAME, "nobody@example.com"])
async def test_a_name_is_guessed_fifty_times_in_a_row(house: PeopleHouse, name: str) -> None:
    """NIST SP 800-63B-4 §3.2.2: many clients together have 50 guesses, known name or not."""
    assert await judged(house, 90, clients=30, name=name) == 50
    assert await guess(house, "home", OLD, name=name) == "sign_in_closed"


async def test_many_clients_wait_from_the_thirtieth_guess_on(house: PeopleHouse) -> None:
    """A crowd that guesses one name has no more time than one client would have."""
    assert [await guess(house, f"client {n}") for n in range(30)] == ["sign_in"] * 30

    with pytest.raises(MustWaitError):
        await signing_in.sign_in(house.parts, ADMIN, NAME, OLD, Browser("another"))


async def test_a_known_browser_is_not_shut_out(house: PeopleHouse) -> None:
    """Whoever has signed in before signs in, however many guesses strangers made, and opens it for others."""
    device = guessing.device_token(house.parts, ADMIN, NAME)
    await judged(house, 60, clients=30)

    assert await guess(house, "client 1", OLD) == "sign_in_closed"
    assert await guess(house, "client 1", OLD, device=device) == ""
    assert await guess(house, "new laptop", OLD) == ""


async def test_a_stolen_device_cookie_has_fifty_guesses_too(house: PeopleHouse) -> None:
    """Known and unknown browsers together: a hundred in a row, and then none is judged."""
    device = guessing.device_token(house.parts, ADMIN, NAME)
    total = await judged(house, 60, clients=30, device=device) + await judged(house, 60, clients=30)

    assert total == 100


async def test_a_device_counts_for_its_own_name_console_and_time(house: PeopleHouse) -> None:
    """Another name's, another console's, a forged, a broken or an old one is no known browser."""
    parts = house.parts
    token = guessing.device_token(parts, ADMIN, NAME)
    drawn, at, mac = token.split(".")

    assert guessing.is_known(parts, ADMIN, NAME, token)
    assert not guessing.is_known(parts, Console.DESK, NAME, token)
    assert not guessing.is_known(parts, ADMIN, "other@example.com", token)
    for forged in (
        "",
        ".",
        "..",
        f"{drawn}.{at}",
        f"{drawn}.{int(at) + 1}.{mac}",
        f"x{token}",
        "\udcff",
        "a.b.c",
    ):
        assert not guessing.is_known(parts, ADMIN, NAME, forged)
    house.clock.move(DEVICE_LIFE - timedelta(seconds=1))
    assert guessing.is_known(parts, ADMIN, NAME, token)
    house.clock.move(timedelta(seconds=2))
    assert not guessing.is_known(parts, ADMIN, NAME, token)


async def test_a_new_password_opens_the_sign_in(house: PeopleHouse) -> None:
    """R8: who recovers the mailbox is not kept out by guesses at the old password."""
    await judged(house, 60, clients=30)
    async with house.work() as work:
        encoded = await house.hasher.hash("Brand-New9!")
        await work.directory.set_password("id-postmaster", encoded, "op", house.clock.now())
        await work.commit()

    assert await guess(house, "home", "Brand-New9!") == ""


async def test_the_second_factor_is_guessed_a_hundred_times(house: PeopleHouse) -> None:
    """NIST SP 800-63B-4 §3.2.2: then no code is judged, not even the right one."""
    count = guessing.factor_count(house.parts, "id", b"seed")
    for _ in range(100):
        house.clock.move(WAIT)
        async with house.work() as work:
            await guessing.spend(work, house.parts, count)
            await work.commit()
    house.clock.move(WAIT)
    with pytest.raises(ClosedError):
        async with house.work() as work:
            await guessing.spend(work, house.parts, count)


async def test_waits_double_up_to_an_hour(house: PeopleHouse) -> None:
    """R8: half a minute at the tenth wrong one, twice as long at each fifth, an hour at most."""
    waits, count = [], guessing.factor_count(house.parts, "id", b"seed")
    for _ in range(60):
        async with house.work() as work:
            await guessing.spend(work, house.parts, count)
            budget = await work.budgets.get(count.key)
            await work.commit()
        if budget.wait_until is not None and budget.wait_until > house.clock.now():
            waits.append(int((budget.wait_until - house.clock.now()).total_seconds()))
            house.clock.move(budget.wait_until - house.clock.now())

    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]


async def test_a_wrong_pair_is_a_wrong_error(house: PeopleHouse) -> None:
    """The refusal of a guess that was judged is the one of the sign-in."""
    with pytest.raises(WrongError):
        await signing_in.sign_in(house.parts, ADMIN, NAME, "wrong", Browser("home"))


async def test_nine_wrong_passwords_are_forgiven_by_a_right_one(house: PeopleHouse) -> None:
    """R8: the last good value; the count begins anew."""
    for _ in range(2):
        assert [await guess(house, "home") for _ in range(9)] == ["sign_in"] * 9
        assert await guess(house, "home", OLD) == ""
