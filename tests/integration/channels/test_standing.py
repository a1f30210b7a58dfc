"""Whether a messenger is connected is told by its connection, and not by the task that holds it."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from portal.channels import messengers
from portal.channels.config import Secret, Tools
from portal.channels.dingtalk import DingTalkChannel, DingTalkConfig
from tests.fakes import FakeClock, FakeEntropy
from tests.integration.channels.conftest import holds
from tests.peers.dingtalk import CLIENT, DingTalk
from tests.peers.heard import Pauses
from tests.portal_house import portal_house


async def test_a_platform_that_is_down_is_told_as_not_connected(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overview follows the connection: down, up, and down again, while the task runs all the time."""
    monkeypatch.setattr(messengers, "MEASURE_SECONDS", 0.01)
    async with DingTalk(trouble="no_stream").running() as platform, aiohttp.ClientSession() as http:
        config = DingTalkConfig(
            CLIENT, Secret(platform.secret), base_url=platform.url, directory_url=platform.url
        )
        channel = DingTalkChannel(config, Tools(http, FakeClock(), FakeEntropy()), Pauses())
        async with portal_house(folder, clock=FakeClock(), messengers={"dingtalk": channel}) as house:
            assert house.house.furnishing.messengers is not None
            standing = house.house.furnishing.messengers.figures.standings["dingtalk"]
            await holds(lambda: standing.connected is False)
            platform.trouble = ""
            await holds(lambda: standing.connected is True)
            platform.trouble = "no_stream"
            platform.cut()
            await holds(lambda: standing.connected is False)
