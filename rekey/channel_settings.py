"""The settings of the messengers: one class for each platform, each field with the platform's prefix.

A secret is a pair of fields, ``X`` and ``X_file``; the file is read again whenever it changes. Fields called
``X_base_url`` and ``X_proxy`` exist for every platform that can stand in the company's own network.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr

from rekey.setting_groups import Names

SignIn = Literal["", "mailbox", "other"]
"""What people sign in to a messenger with; only *other* lets its accounts be proofs."""
_SIGN_IN = (
    "{}: what people can sign in with: mailbox (its password, a mail to it, or a single sign-on that rests "
    "on either) or other; empty means not stated."
)
DOMAINS = tuple(
    f"{name}_domains" for name in ("slack", "dingtalk", "mattermost", "matrix", "feishu", "wecom", "teams")
)
"""The settings that name mail domains."""
_DOMAINS = (
    "{}: mail domains whose people its directory may name (commas); empty means the only domain that rekey "
    "has, and nobody where it has several."
)


class Slack(BaseModel):
    """Slack."""

    slack_signing_secret: SecretStr | None = Field(None, description="Slack: signing secret of the app.")
    slack_signing_secret_file: Path | None = Field(None, description="Slack: file with the signing secret.")
    slack_bot_token: SecretStr | None = Field(None, description="Slack: bot token (xoxb-…).")
    slack_bot_token_file: Path | None = Field(None, description="Slack: file with the bot token.")
    slack_base_url: str = Field("https://slack.com/api", description="Slack: address of the Web API.")
    slack_proxy: str = Field("", description="Slack: HTTP proxy for what rekey sends; empty means none.")
    slack_team: str = Field(
        "",
        description="Slack: id of the only workspace (T…) or organisation (E…) that is listened to; "
        "empty means those that installed the app.",
    )
    slack_domains: Names = Field((), description=_DOMAINS.format("Slack"))
    slack_signs_in_with: SignIn = Field("", description=_SIGN_IN.format("Slack"))


class DingTalk(BaseModel):
    """DingTalk (Stream mode)."""

    dingtalk_client_id: str = Field("", description="DingTalk: Client ID (AppKey) of the internal app.")
    dingtalk_client_secret: SecretStr | None = Field(None, description="DingTalk: Client Secret (AppSecret).")
    dingtalk_client_secret_file: Path | None = Field(
        None, description="DingTalk: file with the Client Secret."
    )
    dingtalk_robot_code: str = Field(
        "", description="DingTalk: code of the robot; empty means the Client ID, as in internal apps."
    )
    dingtalk_corp_id: str = Field(
        "",
        description="DingTalk: id of the organisation; people of others get no answer. Empty takes them all.",
    )
    dingtalk_base_url: str = Field(
        "https://api.dingtalk.com", description="DingTalk: address of the open platform."
    )
    dingtalk_directory_url: str = Field(
        "https://oapi.dingtalk.com", description="DingTalk: address at which the directory is asked."
    )
    dingtalk_proxy: str = Field("", description="DingTalk: HTTP proxy for all connections; empty means none.")
    dingtalk_domains: Names = Field((), description=_DOMAINS.format("DingTalk"))
    dingtalk_signs_in_with: SignIn = Field("", description=_SIGN_IN.format("DingTalk"))


class Mattermost(BaseModel):
    """Mattermost."""

    mattermost_base_url: str = Field(
        "", description="Mattermost: address of the server, such as https://chat.example.com."
    )
    mattermost_token: SecretStr | None = Field(None, description="Mattermost: access token of the bot.")
    mattermost_token_file: Path | None = Field(None, description="Mattermost: file with the access token.")
    mattermost_callback_url: str = Field(
        "",
        description="Mattermost: address at which the server reaches /channels/mattermost of rekey; "
        "empty means numbered choices and no buttons.",
    )
    mattermost_proxy: str = Field(
        "", description="Mattermost: HTTP proxy for all connections; empty means none."
    )
    mattermost_domains: Names = Field((), description=_DOMAINS.format("Mattermost"))
    mattermost_signs_in_with: SignIn = Field("", description=_SIGN_IN.format("Mattermost"))


class Matrix(BaseModel):
    """Matrix (application service)."""

    matrix_base_url: str = Field(
        "", description="Matrix: address of the homeserver, such as https://matrix.example.com."
    )
    matrix_server_name: str = Field("", description="Matrix: the name behind the colon of user ids.")
    matrix_localpart: str = Field("rekey", description="Matrix: name of the bot (sender_localpart).")
    matrix_service_id: str = Field("rekey", description="Matrix: id in the registration file.")
    matrix_as_token: SecretStr | None = Field(None, description="Matrix: as_token of the registration file.")
    matrix_as_token_file: Path | None = Field(None, description="Matrix: file with the as_token.")
    matrix_hs_token: SecretStr | None = Field(None, description="Matrix: hs_token of the registration file.")
    matrix_hs_token_file: Path | None = Field(None, description="Matrix: file with the hs_token.")
    matrix_people: Literal["", "mail", "staff_number"] = Field(
        "",
        description="Matrix: what the name in a user id is: mail (before the @) or staff_number; "
        "empty means that nobody is known.",
    )
    matrix_mail_domain: str = Field("", description="Matrix: what follows the @ where matrix_people is mail.")
    matrix_support_room: str = Field(
        "", description="Matrix: id of the room in which waiting conversations are announced."
    )
    matrix_proxy: str = Field("", description="Matrix: HTTP proxy for what rekey sends; empty means none.")
    matrix_domains: Names = Field((), description=_DOMAINS.format("Matrix"))


class Feishu(BaseModel):
    """Feishu and Lark."""

    feishu_app_id: str = Field("", description="Feishu: App ID (cli_…).")
    feishu_app_secret: SecretStr | None = Field(None, description="Feishu: App Secret.")
    feishu_app_secret_file: Path | None = Field(None, description="Feishu: file with the App Secret.")
    feishu_encrypt_key: SecretStr | None = Field(None, description="Feishu: Encrypt Key of the events.")
    feishu_encrypt_key_file: Path | None = Field(None, description="Feishu: file with the Encrypt Key.")
    feishu_verification_token: SecretStr | None = Field(
        None, description="Feishu: Verification Token of the events."
    )
    feishu_verification_token_file: Path | None = Field(
        None, description="Feishu: file with the Verification Token."
    )
    feishu_tenant: str = Field(
        "",
        description="Feishu: tenant_key of the only organisation that is listened to; empty means those "
        "that installed the app.",
    )
    feishu_base_url: str = Field(
        "https://open.feishu.cn",
        description="Feishu: address of the open platform (Lark: https://open.larksuite.com).",
    )
    feishu_proxy: str = Field("", description="Feishu: HTTP proxy for what rekey sends; empty means none.")
    feishu_domains: Names = Field((), description=_DOMAINS.format("Feishu"))
    feishu_signs_in_with: SignIn = Field("", description=_SIGN_IN.format("Feishu"))


class Wecom(BaseModel):
    """WeCom."""

    wecom_corp_id: str = Field("", description="WeCom: id of the corporation (ww…).")
    wecom_agent_id: str = Field("", description="WeCom: AgentId of the app, a number.")
    wecom_secret: SecretStr | None = Field(None, description="WeCom: Secret of the app.")
    wecom_secret_file: Path | None = Field(None, description="WeCom: file with the Secret.")
    wecom_token: SecretStr | None = Field(None, description="WeCom: Token of the callback.")
    wecom_token_file: Path | None = Field(None, description="WeCom: file with the Token.")
    wecom_aes_key: SecretStr | None = Field(None, description="WeCom: EncodingAESKey of the callback.")
    wecom_aes_key_file: Path | None = Field(None, description="WeCom: file with the EncodingAESKey.")
    wecom_base_url: str = Field(
        "https://qyapi.weixin.qq.com", description="WeCom: address of the server API."
    )
    wecom_proxy: str = Field("", description="WeCom: HTTP proxy for what rekey sends; empty means none.")
    wecom_domains: Names = Field((), description=_DOMAINS.format("WeCom"))
    wecom_signs_in_with: SignIn = Field("", description=_SIGN_IN.format("WeCom"))


class Teams(BaseModel):
    """Microsoft Teams."""

    teams_app_id: str = Field("", description="Teams: application (client) id of the bot.")
    teams_tenant_id: str = Field("", description="Teams: directory (tenant) id of the organisation.")
    teams_client_secret: SecretStr | None = Field(None, description="Teams: client secret of the bot.")
    teams_client_secret_file: Path | None = Field(None, description="Teams: file with the client secret.")
    teams_services: str = Field(
        "",
        description="Teams: where connectors may be, such as https://smba.trafficmanager.net (commas; a host "
        "may begin with *.); empty means those of the public cloud.",
    )
    teams_openid_url: str = Field(
        "https://login.botframework.com/v1/.well-known/openidconfiguration",
        description="Teams: where the keys of the Bot Framework are named.",
    )
    teams_issuer: str = Field(
        "https://api.botframework.com", description="Teams: who issues the Bot Framework's tokens."
    )
    teams_login_url: str = Field(
        "https://login.microsoftonline.com", description="Teams: where the bot signs in."
    )
    teams_graph_url: str = Field(
        "https://graph.microsoft.com", description="Teams: where the directory is asked."
    )
    teams_proxy: str = Field("", description="Teams: HTTP proxy for what rekey sends; empty means none.")
    teams_domains: Names = Field((), description=_DOMAINS.format("Teams"))
    teams_signs_in_with: SignIn = Field("", description=_SIGN_IN.format("Teams"))


class Channels(Slack, Feishu, Wecom, Teams, DingTalk, Mattermost, Matrix):
    """Which messengers are on, and what they count for."""

    channels: Names = Field(
        (),
        description="Messengers that are on (commas): dingtalk, feishu, wecom, matrix, slack, teams, "
        "mattermost.",
    )
    channels_anonymous: Names = Field(
        (),
        description="Messengers whose accounts are not looked up in the company's directory (commas).",
    )
    channels_proof: Names = Field(
        (),
        description="Messengers whose accounts count as one proof, where the directory maps them to the "
        "mailbox (commas); each needs DOMAINS, and its SIGNS_IN_WITH to be other.",
    )
