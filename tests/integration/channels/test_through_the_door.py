"""Slack, Feishu, WeCom and Teams, simulated, before a whole portal: answered, forged, not stored."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from portal.channels.port import Event
from recovery_core.errors import UnavailableError
from tests.integration.channels.conftest import holds
from tests.integration.channels.door import Door
from tests.integration.channels.feishu_platform import feishu
from tests.integration.channels.shape import NOW, Act, What
from tests.integration.channels.slack_platform import slack
from tests.integration.channels.teams_platform import teams
from tests.integration.channels.wecom_platform import wecom
from tests.peers.simulated import hang_up, storm
from tests.portal_house import portal_house

START = {"slack": slack, "feishu": feishu, "wecom": wecom, "teams": teams}


class Full:
    """A store that takes nothing."""

    async def hear(self, platform: str, events: Sequence[Event]) -> None:
        """Refuse *events*."""
        raise UnavailableError(f"{platform} {len(events)}")


@pytest.fixture(params=sorted(START))
async def door(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Door]:
    """Start each platform before a portal with the demo company."""
    async with START[request.param]() as platform:
        on = {platform.name: platform.channel}
        speaks = {f"{platform.name}_domains": ("example.com",)}
        async with portal_house(folder, clock=platform.clock, messengers=on, **speaks) as portal:
            yield Door(platform, portal, await portal.client())


async def test_a_person_is_recognised_and_answered(door: Door) -> None:
    """The directory of the platform knows the mailbox, native buttons go out and come back."""
    asked = await door.tell(Act(text="I forgot my password"), 2)
    assert "alice@example.com" in asked.text
    offered = await door.tell(Act(What.BUTTON, id="event-2", button=asked.buttons[0]), 3)
    assert "alice@example.com" in offered.text


async def test_what_could_not_be_stored_is_taken_again(door: Door) -> None:
    """The same request, refused for our own failure, is taken when it comes again, and is answered once."""
    incoming = door.platform.request(Act())
    assert incoming is not None
    messengers, taking = door.messengers, door.messengers._intake
    messengers._intake = Full()  # type: ignore[assignment]
    assert await door.post(incoming) == 503
    messengers._intake = taking
    assert await door.post(incoming) == 200
    await holds(lambda: len(door.platform.told()) == 1)


async def test_a_retry_byte_for_byte_is_acknowledged_and_answered_once(door: Door) -> None:
    """Within the window the platform hears 200 again and nobody is answered twice; later it is refused."""
    incoming = door.platform.request(Act())
    assert incoming is not None
    assert [await door.post(incoming) for _ in range(3)] == [200] * 3
    await holds(lambda: len(door.platform.told()) == 1)
    await door.tell(Act(What.PICTURE, id="event-2", at=NOW + timedelta(seconds=30)), 0)
    assert len(door.platform.told()) == 2
    assert await door.stored() == 2
    door.platform.clock.move(timedelta(hours=1, minutes=6))
    assert await door.post(incoming) == 401
    assert await door.stored() == 2


async def test_a_stranger_hears_nothing(door: Door) -> None:
    """Forged requests get 401 without a word, however odd they are."""
    name = door.platform.name
    for body in (b"", b"{}", b"payload=%7B%7D", b"<xml/>", b"\xff" * 100):
        response = await door.http.post(f"/channels/{name}", data=body)
        assert (response.status, await response.read()) == (401, b"")
    assert not door.platform.told()


async def test_a_storm_of_redeliveries_is_answered_once(door: Door) -> None:
    """Eight deliveries of one event at once, one of which hangs up: one answer, and then that to the next."""
    deliveries = [incoming for _ in range(8) if (incoming := door.platform.request(Act())) is not None]
    await hang_up(door.url, deliveries.pop())
    assert await storm(door.url, deliveries) == [200] * 7
    await holds(lambda: len(door.platform.told()) == 1)
    later = Act(What.PICTURE, id="event-2", at=NOW + timedelta(seconds=30))
    answer = await door.tell(later, 0)
    assert answer.text.startswith("I can only read text")
    assert len(door.platform.told()) == 2
