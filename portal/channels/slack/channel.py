"""The channel itself: proves Slack's requests, answers by the Web API, asks its directory."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

from portal.channels import checking, verify
from portal.channels.calls import Calls
from portal.channels.config import Config, Secret, Tools
from portal.channels.port import (
    Capabilities,
    ChannelAwayError,
    ChannelRefusedError,
    Finding,
    Incoming,
    Message,
    NotGenuineError,
    Person,
    Received,
    Target,
)
from portal.channels.reading import Json, optional
from portal.channels.slack import blocks
from portal.channels.slack.api import SlackApi
from portal.channels.slack.events import events, posted

BASE_URL = "https://slack.com/api"


@dataclass(frozen=True, slots=True)
class SlackConfig:
    """What an operator decides; ``docs/channels/slack.md`` explains each."""

    signing_secret: Secret
    bot_token: Secret
    base_url: str = BASE_URL
    team: str = ""
    """The only workspace or organisation that is listened to (T… or E…); empty: whoever installed the app."""


class SlackChannel:
    """One app in one workspace."""

    name = "slack"
    capabilities = Capabilities(max_text=blocks.MAX_TEXT, max_buttons=blocks.MAX_BUTTONS)

    def __init__(self, config: SlackConfig, tools: Tools) -> None:
        """Make the channel; nothing is called yet."""
        self._config, self._tools = config, tools
        self._api = SlackApi(config.base_url.rstrip("/"), config.bot_token, Calls(tools.http))

    async def receive(self, incoming: Incoming) -> Received:
        """Check the signature ``v0`` over time and body, and read the events.

        Source: docs.slack.dev, "Verifying requests from Slack".

        Raises:
            NotGenuineError: it is missing, wrong, older than five minutes, or of another workspace.
            NotReadableError: it is not what Slack documents.
        """
        verify.check_size(incoming.body)
        self._prove(incoming)
        return self._read(incoming)

    async def send(self, to: Target, message: Message) -> None:
        """Say *message* by ``chat.postMessage``; raises ChannelAwayError and ChannelRefusedError."""
        await self._api.ask("chat.postMessage", blocks.body(to.room, message))

    async def typing(self, to: Target) -> None:
        """Do nothing: Slack lets no app show that it writes."""

    async def who(self, tenant: str, account: str) -> Person | None:
        """Return the address that the workspace vouches for; None for guests, strangers, bots and who left.

        Raises:
            ChannelAwayError: Slack cannot be asked now.
        """
        try:
            found = await self._api.ask("users.info", query={"user": account})
        except ChannelRefusedError:
            return None
        except ChannelAwayError as away:
            if away.reason == "permission":
                return None
            raise
        user = found.get("user")
        return _person(user, tenant) if isinstance(user, dict) else None

    async def check(self) -> Sequence[Finding]:
        """Sign in, and look ourselves up for the scopes of the directory; never raises."""
        address = self._config.base_url
        try:
            known = await self._api.ask("auth.test")
        except (ChannelAwayError, ChannelRefusedError) as error:
            return checking.failed(address, error)
        team = str(known.get("team_id", ""))
        if self._config.team not in ("", team, known.get("enterprise_id")):
            return [Finding(good=False, key="channel.check.wrong_account", variables={"account": team})]
        clocks = await checking.clock(self._tools.http, address, self._tools.clock.now())
        return [*checking.signed_in(address), *clocks, await self._directory(str(known.get("user_id", "")))]

    async def close(self) -> None:
        """Do nothing: the session belongs to whoever made it."""

    def _prove(self, incoming: Incoming) -> None:
        stamp = verify.header(incoming.headers, "x-slack-request-timestamp")
        given = verify.header(incoming.headers, "x-slack-signature")
        sent = verify.sent_at(stamp)
        key = self._config.signing_secret().encode()
        proof = hmac.new(key, b"v0:" + stamp.encode() + b":" + incoming.body, hashlib.sha256).hexdigest()
        verify.check_same(f"v0={proof}" if key else "", given)
        verify.check_fresh(sent, incoming.at)

    def _read(self, incoming: Incoming) -> Received:
        data = posted(incoming.body, incoming.headers.get("content-type", ""))
        if data.get("type") == "url_verification":
            challenge = json.dumps({"challenge": str(data.get("challenge", ""))})
            return Received(body=challenge.encode(errors="replace"))
        found = events(data)
        if self._config.team and any(not self._is_ours(data, event.tenant) for event in found):
            raise NotGenuineError("tenant")
        return Received(found)

    def _is_ours(self, data: Json, tenant: str) -> bool:
        """Tell whether the workspace, or the organisation around it, is the one in the settings."""
        grid = data.get("enterprise")
        inner = optional(grid, "id") if isinstance(grid, dict) else None
        return self._config.team in (tenant, optional(data, "enterprise_id"), inner)

    async def _directory(self, account: str) -> Finding:
        try:
            await self._api.ask("users.info", query={"user": account})
        except (ChannelAwayError, ChannelRefusedError):
            return checking.NOT_DIRECTORY
        return checking.DIRECTORY


def build(config: Config, tools: Tools) -> SlackChannel:
    """Return the channel of *config*; raises ConfigError for a setting that lacks."""
    return SlackChannel(
        SlackConfig(
            signing_secret=config.secret("signing_secret"),
            bot_token=config.secret("bot_token"),
            base_url=config.optional("base_url") or BASE_URL,
            team=config.optional("team"),
        ),
        tools,
    )


def _person(user: Json, tenant: str) -> Person | None:
    outside = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
    if any(user.get(mark) for mark in outside) or tenant not in _tenants(user):
        return None
    profile = user.get("profile")
    confirmed = user.get("is_email_confirmed") is True and isinstance(profile, dict)
    return Person(mail=optional(profile, "email") if confirmed and isinstance(profile, dict) else None)


def _tenants(user: Json) -> set[str]:
    """Return the workspace of the person, and those of the organisation that the person belongs to."""
    grid = user.get("enterprise_user")
    teams = grid.get("teams") if isinstance(grid, dict) else None
    found = [user.get("team_id"), *(teams if isinstance(teams, list) else ())]
    return {team for team in found if isinstance(team, str)}
