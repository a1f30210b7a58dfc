"""A browser that has signed in before is not shut out by somebody else's guesses (R15)."""

from __future__ import annotations

from recovery_core.people.guessing import DEVICE_LIFE
from tests.fakes import FakeClock
from tests.integration.admin.browser import POSTMASTER, administrator
from tests.portal_house import PortalHouse

COOKIE = "rekey-admin-known"


async def test_guesses_of_a_stranger_shut_out_the_stranger_only(
    portal: PortalHouse, clock: FakeClock
) -> None:
    """Ten wrong passwords: the stranger is told to wait, the administrator's own browser goes in."""
    boss, stranger = await administrator(portal, clock), await administrator(portal, clock)
    await boss.sign_in_first()
    for _ in range(10):
        await stranger.give_password("Wr0ng-one")
        assert stranger.status == 422
    await stranger.give_password()
    assert stranger.status == 429
    boss.http.session.cookie_jar.clear(lambda cookie: cookie.key == "rekey-admin")
    await boss.sign_in()

    assert (boss.status, boss.path) == (200, "/admin")


async def test_the_mark_of_a_browser_is_out_of_reach_of_scripts_and_opens_nothing(
    portal: PortalHouse, clock: FakeClock
) -> None:
    """It comes with the second factor, not before, and signs nobody in by itself."""
    boss = await administrator(portal, clock)
    await boss.give_password()
    jar = boss.http.session.cookie_jar
    assert COOKIE not in {cookie.key for cookie in jar}
    await boss.sign_in_first()
    mark = next(cookie for cookie in jar if cookie.key == COOKIE)
    assert (mark["httponly"], mark["samesite"], mark["path"]) == (True, "Lax", "/")
    assert mark["max-age"] == str(int(DEVICE_LIFE.total_seconds()))
    assert POSTMASTER not in mark.value
    jar.clear(lambda cookie: cookie.key != COOKIE)
    await boss.get("/admin")

    assert boss.path == "/admin/sign-in"
