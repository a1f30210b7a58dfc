"""Messengers from settings: what is missing is named, secrets are read again, the check speaks in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.channels.config import Config, ConfigError, Secret
from recovery_core.clock import SystemClock
from recovery_core.entropy import SystemEntropy
from rekey.channels import config_of, open_channels
from rekey.cli import main
from rekey.settings import SettingsError, load_settings
from tests.ports import free_port


def test_a_secret_in_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """A new secret counts at once; while the file is away the last one does."""
    file = tmp_path / "token"
    file.write_text("old\n")
    secret = Secret("", file)
    assert secret() == "old"
    replaced = tmp_path / "new"
    replaced.write_text("new\n")
    os.replace(replaced, file)  # noqa: PTH105  as secret stores do it
    assert secret() == "new"
    file.unlink()
    assert secret() == "new"
    assert "new" not in repr(secret)


def test_a_platform_sees_its_own_settings_without_the_prefix(tmp_path: Path) -> None:
    """Plain settings are texts, secrets are callables, other platforms' settings are not there."""
    file = tmp_path / "token"
    file.write_text("xoxb-1")
    settings = load_settings(slack_signing_secret="s", slack_bot_token_file=file)
    config = config_of(settings, "slack")
    assert config.text("base_url") == "https://slack.com/api"
    assert (config.secret("signing_secret")(), config.secret("bot_token")()) == ("s", "xoxb-1")
    assert not [name for name in (*config.texts, *config.secrets) if "slack" in name or "file" in name]


def test_what_is_not_given_is_named() -> None:
    """A missing setting or secret is a ConfigError with its name and no value."""
    config = Config("slack", {"base_url": ""}, {"bot_token": Secret("")})
    with pytest.raises(ConfigError, match="slack: base_url"):
        config.text("base_url")
    with pytest.raises(ConfigError, match="slack: bot_token"):
        config.secret("bot_token")
    assert config.optional("other") == ""
    assert config.optional_secret("bot_token") is None


@pytest.mark.parametrize(
    ("channels", "words"),
    [(("slack",), "REKEY_SLACK_SIGNING_SECRET is needed"), (("icq",), "REKEY_CHANNELS: icq is none of")],
)
async def test_the_start_stops_at_what_is_missing(channels: tuple[str, ...], words: str) -> None:
    """A messenger that is on without its settings stops the start with words that help."""
    with pytest.raises(SettingsError, match=words):
        async with open_channels(load_settings(channels=channels), SystemClock(), SystemEntropy()):
            pass


@pytest.mark.parametrize(("language", "words"), [("en", "cannot be reached"), ("zh", "无法连接")])
def test_the_check_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, language: str, words: str) -> None:
    """A platform that cannot be reached is said so in words, with exit code 1 and no secret."""
    monkeypatch.setenv("REKEY_SLACK_SIGNING_SECRET", "signing-secret-value")
    monkeypatch.setenv("REKEY_SLACK_BOT_TOKEN", "xoxb-token-value")
    monkeypatch.setenv("REKEY_SLACK_BASE_URL", f"http://127.0.0.1:{free_port()}/api")
    result = CliRunner().invoke(main, ["channels", "check", "slack", "--language", language])
    assert result.exit_code == 1
    assert words in result.output
    assert result.output.startswith("! ")
    assert "value" not in result.output


def test_the_check_names_a_missing_setting() -> None:
    """Without its settings a messenger cannot be tried; the variable and the page are named."""
    result = CliRunner().invoke(main, ["channels", "check", "slack"])
    assert result.exit_code == 78
    assert "REKEY_SLACK_SIGNING_SECRET" in result.output
    assert "docs/channels/slack.md" in result.output


def test_the_list_says_what_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every messenger is listed; those of REKEY_CHANNELS are on."""
    monkeypatch.setenv("REKEY_CHANNELS", "matrix, slack")
    lines = CliRunner().invoke(main, ["channels", "list"]).output.splitlines()
    assert [line.split()[0] for line in lines if line.endswith(" on")] == ["matrix", "slack"]
    assert len(lines) == 7
