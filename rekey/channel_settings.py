"""The settings of the messengers: one class for each platform, each field with the platform's prefix.

A secret is a pair of fields, ``X`` and ``X_file``; the file is read again whenever it changes. Fields called
``X_base_url`` and ``X_proxy`` exist for every platform that can stand in the company's own network.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr

from rekey.setting_groups import Names


class Slack(BaseModel):
    """Slack."""

    slack_signing_secret: SecretStr | None = Field(None, description="Slack: signing secret of the app.")
    slack_signing_secret_file: Path | None = Field(None, description="Slack: file with the signing secret.")
    slack_bot_token: SecretStr | None = Field(None, description="Slack: bot token (xoxb-…).")
    slack_bot_token_file: Path | None = Field(None, description="Slack: file with the bot token.")
    slack_base_url: str = Field("https://slack.com/api", description="Slack: address of the Web API.")
    slack_proxy: str = Field("", description="Slack: HTTP proxy for what rekey sends; empty means none.")


class Channels(Slack):
    """Which messengers are on, and what they count for."""

    channels: Names = Field(
        (),
        description="Messengers that are on (commas): dingtalk, feishu, wecom, matrix, slack, teams, "
        "mattermost.",
    )
