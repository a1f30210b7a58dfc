"""From settings to the four channels that are called: what they need, and what is named when it lacks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from portal.channels.feishu import FeishuChannel
from portal.channels.port import Listening
from portal.channels.slack import SlackChannel
from portal.channels.teams import TeamsChannel
from portal.channels.teams.channel import SERVICES
from portal.channels.wecom import WecomChannel
from recovery_core.entropy import SystemEntropy
from rekey.channels import open_channels
from rekey.settings import Settings, SettingsError
from tests.fakes import FakeClock

NEEDED: dict[str, dict[str, Any]] = {
    "slack": {"slack_signing_secret": "x", "slack_bot_token": "x"},
    "feishu": {
        "feishu_app_id": "x",
        "feishu_app_secret": "x",
        "feishu_encrypt_key": "x",
        "feishu_verification_token": "x",
    },
    "wecom": {
        "wecom_corp_id": "x",
        "wecom_agent_id": "1",
        "wecom_secret": "x",
        "wecom_token": "x",
        "wecom_aes_key": "A" * 43,
    },
    "teams": {"teams_app_id": "x", "teams_tenant_id": "x", "teams_client_secret": "x"},
}
KINDS = {"slack": SlackChannel, "feishu": FeishuChannel, "wecom": WecomChannel, "teams": TeamsChannel}


def settings(folder: Path, name: str, **changes: object) -> Settings:
    """Return settings with *name* on."""
    given: dict[str, Any] = {**NEEDED[name], **changes}
    return Settings(data_dir=folder, channels=(name,), **given)


@pytest.mark.parametrize("name", sorted(NEEDED))
async def test_a_handful_of_settings_is_enough(tmp_path: Path, name: str) -> None:
    """Each channel is built from what its page asks for, and can be called."""
    async with open_channels(settings(tmp_path, name), FakeClock(), SystemEntropy()) as channels:
        assert isinstance(channels[name], KINDS[name])
        assert isinstance(channels[name], Listening)
        assert channels[name].name == name


@pytest.mark.parametrize(("name", "lacks"), [(name, field) for name in NEEDED for field in NEEDED[name]])
async def test_what_lacks_is_named(tmp_path: Path, name: str, lacks: str) -> None:
    """The start stops at each missing setting, with its name and its page."""
    empty = "" if lacks in ("feishu_app_id", "teams_app_id", "teams_tenant_id") or "_id" in lacks else None
    given = settings(tmp_path, name, **{lacks: empty})
    with pytest.raises(SettingsError, match=f"REKEY_{lacks.upper()} is needed for {name}"):
        async with open_channels(given, FakeClock(), SystemEntropy()):
            pass


async def test_the_connectors_of_another_cloud_can_be_named(tmp_path: Path) -> None:
    """Empty means the public cloud's; a list replaces them."""
    for given, wanted in (("", SERVICES), ("https://a.example, https://*.b.example/", None)):
        config = settings(tmp_path, "teams", teams_services=given)
        async with open_channels(config, FakeClock(), SystemEntropy()) as channels:
            teams = channels["teams"]
            assert isinstance(teams, TeamsChannel)
            assert teams._config.services == (wanted or ("https://a.example", "https://*.b.example"))


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://SMBA.trafficmanager.net/", True),
        ("https://europe.botframework.com/x", True),
        ("https://smba.infra.gcc.teams.microsoft.com/", True),
        ("https://botframework.com/", False),
        ("https://evilbotframework.com/", False),
        ("https://x.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("http://smba.trafficmanager.net/", False),
        ("https://evil.example/#.botframework.com", False),
        ("https://evil.example\\.botframework.com/", False),
        ("https://smba.trafficmanager.net\\@evil.example/", False),
        ("https://smba.traffic\nmanager.net/", False),
        ("https://smba.trafficmanager.net/%2e%2e/?x", False),
        ("//smba.trafficmanager.net/", False),
        ("", False),
    ],
)
async def test_which_addresses_are_connectors_of_teams(tmp_path: Path, url: str, good: bool) -> None:  # noqa: FBT001
    """Our token goes to none that only looks like one."""
    async with open_channels(settings(tmp_path, "teams"), FakeClock(), SystemEntropy()) as channels:
        teams = channels["teams"]
        assert isinstance(teams, TeamsChannel)
        assert teams._is_service(url) is good
